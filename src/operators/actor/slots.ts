/**
 * Slots for actors that keep a window of their own: the last so many slots of time, or of rows
 * (Yahoo! S4's windowing processing elements).
 *
 * @module
 */

/** A part of a window, filled row by row. */
export interface Slot {
  add(value: number): void;
}

/** First, greatest, least and last of the values in a slot. */
export class OhlcSlot implements Slot {
  open = Number.NaN;
  high = -Infinity;
  low = Infinity;
  close = Number.NaN;
  count = 0;

  add(value: number): void {
    if (this.count++ === 0) this.open = value;
    if (value > this.high) this.high = value;
    if (value < this.low) this.low = value;
    this.close = value;
  }
}

/** How a {@link TimeSlots} is made. */
export interface TimeSlotsOptions<Item> {
  /** Length of a slot in milliseconds, greater than 0; slots begin at multiples of it since 1970. */
  readonly slotMs: number;
  /** How many slots the window has, at least 1. */
  readonly slots: number;
  create(): Item;
}

/** The slots of the last `slots · slotMs` milliseconds; slots without rows are left out. */
export class TimeSlots<Item> {
  readonly #options: TimeSlotsOptions<Item>;
  /** By number of the slot. */
  readonly #slots = new Map<number, Item>();
  #latest = -Infinity;

  constructor(options: TimeSlotsOptions<Item>) {
    if (!(options.slotMs > 0)) throw new RangeError(`slotMs must be greater than 0`);
    if (!(options.slots >= 1)) throw new RangeError(`slots must be at least 1`);
    this.#options = options;
  }

  /**
   * The slot of a time, made if it is not there.
   *
   * @returns `undefined` when the window has moved past it
   */
  at(timeMs: number): Item | undefined {
    const { slotMs, slots, create } = this.#options;
    const number = Math.floor(timeMs / slotMs);
    if (number <= this.#latest - slots) return undefined;
    if (number > this.#latest) this.#moveTo(number);
    let slot = this.#slots.get(number);
    if (slot === undefined) {
      slot = create();
      this.#slots.set(number, slot);
    }
    return slot;
  }

  /** The slots of the window, oldest first, with the time at which each begins. */
  all(): readonly { readonly startMs: number; readonly slot: Item }[] {
    const numbers = [...this.#slots.keys()].toSorted((a, b) => a - b);
    return numbers.map((number) => ({
      startMs: number * this.#options.slotMs,
      slot: this.#slots.get(number)!,
    }));
  }

  #moveTo(number: number): void {
    this.#latest = number;
    for (const known of this.#slots.keys()) {
      if (known <= number - this.#options.slots) this.#slots.delete(known);
    }
  }
}

/** How a {@link CountSlots} is made. */
export interface CountSlotsOptions<Item> {
  /** Rows of a slot, at least 1. */
  readonly rows: number;
  /** How many slots the window has, at least 1. */
  readonly slots: number;
  create(): Item;
}

/** The last `slots` slots, each of so many rows; the newest may have fewer. */
export class CountSlots<Item> {
  readonly #options: CountSlotsOptions<Item>;
  readonly #slots: Item[] = [];
  #rows = 0;

  constructor(options: CountSlotsOptions<Item>) {
    if (!(options.rows >= 1)) throw new RangeError(`rows must be at least 1`);
    if (!(options.slots >= 1)) throw new RangeError(`slots must be at least 1`);
    this.#options = options;
  }

  /** The slot of the row that comes now. */
  next(): Item {
    const { rows, slots, create } = this.#options;
    if (this.#rows % rows === 0) {
      this.#slots.push(create());
      if (this.#slots.length > slots) this.#slots.shift();
    }
    this.#rows++;
    return this.#slots.at(-1)!;
  }

  /** The slots of the window, oldest first. */
  all(): readonly Item[] {
    return this.#slots;
  }
}
