/** What happens next: items by time, of those at one time by rank, and then in the order of arrival. @module */

import type { TimeUs } from '../../../core/units.ts';

/** Something that is due at a time. */
export interface Due<Item> {
  readonly timeUs: TimeUs;
  readonly rank: number;
  readonly item: Item;
}

interface Entry<Item> extends Due<Item> {
  readonly number: number;
}

/** A binary heap. */
export class TimeHeap<Item> {
  readonly #entries: Entry<Item>[] = [];
  #pushed = 0;

  /** The next one; `undefined`: there is none. */
  get next(): Due<Item> | undefined {
    return this.#entries[0];
  }

  push(timeUs: TimeUs, rank: number, item: Item): void {
    const entries = this.#entries;
    const entry: Entry<Item> = { timeUs, rank, item, number: this.#pushed++ };
    let at = entries.push(entry) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!isBefore(entry, entries[parent]!)) break;
      entries[at] = entries[parent]!;
      at = parent;
    }
    entries[at] = entry;
  }

  /** Takes the next one away. */
  pop(): void {
    const entries = this.#entries;
    const last = entries.pop();
    if (last === undefined || entries.length === 0) return;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= entries.length) break;
      if (child + 1 < entries.length && isBefore(entries[child + 1]!, entries[child]!)) child++;
      if (!isBefore(entries[child]!, last)) break;
      entries[at] = entries[child]!;
      at = child;
    }
    entries[at] = last;
  }
}

function isBefore<Item>(a: Entry<Item>, b: Entry<Item>): boolean {
  if (a.timeUs !== b.timeUs) return a.timeUs < b.timeUs;
  return a.rank === b.rank ? a.number < b.number : a.rank < b.rank;
}
