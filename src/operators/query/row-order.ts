/** Rows of a table in the order of their numbers. @module */

/** Fewer are not worth moving. */
const LEAST_TRIMMED = 4096;

/** Slots as rows were inserted; those whose row is gone are passed over. */
export class RowOrder {
  readonly #numberOf: (slot: number) => number;
  #slots: number[] = [];
  #numbers: number[] = [];

  /** @param numberOf - the number of the row that a slot has now; -1: it has none */
  constructor(numberOf: (slot: number) => number) {
    this.#numberOf = numberOf;
  }

  add(slot: number, number: number): void {
    this.#slots.push(slot);
    this.#numbers.push(number);
  }

  /** Puts those that were added in any order into that of their numbers. */
  sort(): void {
    this.#slots.sort((a, b) => this.#numberOf(a) - this.#numberOf(b));
    this.#numbers = this.#slots.map((slot) => this.#numberOf(slot));
  }

  /** Forgets rows that are gone, when they are more than half. */
  trim(size: number): void {
    if (this.#slots.length < LEAST_TRIMMED || this.#slots.length < 2 * size) return;
    const [slots, numbers] = [this.#slots, this.#numbers];
    this.#slots = [];
    this.#numbers = [];
    for (let i = 0; i < slots.length; i++) {
      if (this.#numberOf(slots[i]!) === numbers[i]!) this.add(slots[i]!, numbers[i]!);
    }
  }

  /** What is there, also of what comes meanwhile. */
  *all(): Generator<number> {
    const [slots, numbers] = [this.#slots, this.#numbers];
    for (let i = 0; i < slots.length; i++) {
      if (this.#numberOf(slots[i]!) === numbers[i]!) yield slots[i]!;
    }
  }
}
