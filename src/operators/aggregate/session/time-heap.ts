/** What happens next: items by time, of those at one time by rank, and then in the order of arrival. @module */

import type { TimeUs } from '../../../core/units.ts';

const SHIFT = 12;
const PAGE = 1 << SHIFT;
const MASK = PAGE - 1;

/** Entries that lie together: a heap that grows copies none. */
class Page {
  readonly timesUs = new Float64Array(PAGE);
  readonly numbers = new Float64Array(PAGE);
  readonly ranks = new Int32Array(PAGE);
  readonly items = new Int32Array(PAGE);
  readonly generations = new Int32Array(PAGE);
}

/** A binary heap of numbers of items. */
export class TimeHeap {
  readonly #pages: Page[] = [];
  #count = 0;
  #pushed = 0;

  get isEmpty(): boolean {
    return this.#count === 0;
  }

  /** Of the next one; `Infinity`: there is none. */
  get timeUs(): TimeUs {
    return this.#count === 0 ? Infinity : this.#pages[0]!.timesUs[0]!;
  }

  /** Of the next one, if there is one. */
  get rank(): number {
    return this.#pages[0]!.ranks[0]!;
  }

  get item(): number {
    return this.#pages[0]!.items[0]!;
  }

  /** The item's generation when it was pushed. */
  get generation(): number {
    return this.#pages[0]!.generations[0]!;
  }

  push(timeUs: TimeUs, rank: number, item: number, generation: number): void {
    const number = this.#pushed++;
    let at = this.#count++;
    if (at >> SHIFT === this.#pages.length) this.#pages.push(new Page());
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.#isBehind(parent, timeUs, rank, number)) break;
      this.#move(parent, at);
      at = parent;
    }
    const page = this.#pages[at >> SHIFT]!;
    page.timesUs[at & MASK] = timeUs;
    page.numbers[at & MASK] = number;
    page.ranks[at & MASK] = rank;
    page.items[at & MASK] = item;
    page.generations[at & MASK] = generation;
  }

  /** Takes the next one away. @hot */
  pop(): void {
    const last = --this.#count;
    if (last <= 0) return;
    const { timesUs, ranks, numbers } = this.#pages[last >> SHIFT]!;
    const timeUs = timesUs[last & MASK]!;
    const rank = ranks[last & MASK]!;
    const number = numbers[last & MASK]!;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= last) break;
      if (child + 1 < last && this.#isBefore(child + 1, child)) child++;
      if (this.#isBehind(child, timeUs, rank, number)) break;
      this.#move(child, at);
      at = child;
    }
    this.#move(last, at);
  }

  /** @hot */
  #move(from: number, to: number): void {
    if (from === to) return;
    const source = this.#pages[from >> SHIFT]!;
    const target = this.#pages[to >> SHIFT]!;
    target.timesUs[to & MASK] = source.timesUs[from & MASK]!;
    target.numbers[to & MASK] = source.numbers[from & MASK]!;
    target.ranks[to & MASK] = source.ranks[from & MASK]!;
    target.items[to & MASK] = source.items[from & MASK]!;
    target.generations[to & MASK] = source.generations[from & MASK]!;
  }

  /** @hot */
  #isBefore(a: number, b: number): boolean {
    const { timesUs, ranks, numbers } = this.#pages[a >> SHIFT]!;
    return this.#isBehind(b, timesUs[a & MASK]!, ranks[a & MASK]!, numbers[a & MASK]!);
  }

  /** Whether what is at a place comes behind a time, rank and number. @hot */
  #isBehind(place: number, timeUs: TimeUs, rank: number, number: number): boolean {
    const page = this.#pages[place >> SHIFT]!;
    const at = place & MASK;
    if (page.timesUs[at]! !== timeUs) return page.timesUs[at]! > timeUs;
    if (page.ranks[at]! !== rank) return page.ranks[at]! > rank;
    return page.numbers[at]! > number;
  }
}
