/** Instances in the order of their last rows. @module */

/** No instance. */
export const NOBODY = -1;

const LEAST_CAPACITY = 64;

/**
 * A list of numbers that know their neighbours; what has been without a row for longest comes first. The
 * links are numbers too: as references between objects they would keep a collector busy.
 */
export class UseOrder {
  /** By number. */
  #older = new Int32Array(LEAST_CAPACITY);
  #newer = new Int32Array(LEAST_CAPACITY);
  #oldest = NOBODY;
  #newest = NOBODY;
  #size = 0;
  /** Those that go through the list now. */
  readonly #walks: Walk[] = [];

  get size(): number {
    return this.#size;
  }

  /** {@link NOBODY}: there is none. */
  get oldest(): number {
    return this.#oldest;
  }

  /** A number that is not in the order becomes the newest. */
  add(number: number): void {
    if (number >= this.#older.length) {
      this.#older = grown(this.#older, number + 1);
      this.#newer = grown(this.#newer, number + 1);
    }
    this.#append(number);
    this.#size++;
  }

  /** A number of the list becomes the newest. @hot */
  touch(number: number): void {
    if (number === this.#newest) return;
    this.#unlink(number);
    this.#append(number);
  }

  remove(number: number): void {
    for (const walk of this.#walks) walk.leaveOut(number, this.#newer[number]!);
    this.#unlink(number);
    this.#size--;
  }

  /** Goes through what is in the list now, the oldest first; what is removed meanwhile is left out. */
  walk(): Walk {
    const behind = (number: number): number => this.#newer[number]!;
    const walk = new Walk(this.#oldest, behind, () => {
      const at = this.#walks.indexOf(walk);
      if (at >= 0) this.#walks.splice(at, 1);
    });
    this.#walks.push(walk);
    return walk;
  }

  /** @hot */
  #append(number: number): void {
    this.#older[number] = this.#newest;
    this.#newer[number] = NOBODY;
    if (this.#newest === NOBODY) this.#oldest = number;
    else this.#newer[this.#newest] = number;
    this.#newest = number;
  }

  /** @hot */
  #unlink(number: number): void {
    const older = this.#older[number]!;
    const newer = this.#newer[number]!;
    if (older === NOBODY) this.#oldest = newer;
    else this.#newer[older] = newer;
    if (newer === NOBODY) this.#newest = older;
    else this.#older[newer] = older;
  }
}

/** A way through an order, in which no number is touched until it has ended. */
export class Walk {
  #next: number;
  readonly #behind: (number: number) => number;
  readonly #onEnd: () => void;

  /** @param behind - the next newer number */
  constructor(first: number, behind: (number: number) => number, onEnd: () => void) {
    this.#next = first;
    this.#behind = behind;
    this.#onEnd = onEnd;
  }

  /** {@link NOBODY}: it has ended. */
  take(): number {
    const number = this.#next;
    if (number === NOBODY) this.#onEnd();
    else this.#next = this.#behind(number);
    return number;
  }

  /** A number is about to be removed; `newer` is behind it. */
  leaveOut(number: number, newer: number): void {
    if (number === this.#next) this.#next = newer;
  }
}

/** The same words with room for `least` of them, twice as much as before at least. */
export function grown(words: Int32Array, least: number): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(Math.max(least, 2 * words.length));
  larger.set(words);
  return larger;
}
