/** The times at which instances are to be called, the earliest first. @module */

import type { StateIo, Steps } from '../../core/state-io.ts';
import { stateOfItems } from '../../core/state-io.ts';
import type { TimeUs } from '../../core/units.ts';

/** Something that waits for one time at most. */
export interface Waiting {
  /** Infinity: it waits for none. */
  timerUs: TimeUs;
}

const FEW_STALE = 1024;

interface Entry<Item> {
  readonly timeUs: TimeUs;
  readonly item: Item;
}

/**
 * A binary heap. An item that asks for another time leaves its old entry behind, which is passed over
 * as it comes up: an entry counts only while its time is the one that its item waits for.
 */
export class Timers<Item extends Waiting> {
  #heap: Entry<Item>[] = [];
  /** Entries whose item waits for another time by now, at most. */
  #stale = 0;

  /** When the first is due; `Infinity`: there is none. */
  get dueUs(): TimeUs {
    this.#dropStale();
    return this.#heap[0]?.timeUs ?? Infinity;
  }

  add(item: Item, timeUs: TimeUs): void {
    if (item.timerUs !== Infinity) this.#stale++;
    item.timerUs = timeUs;
    if (this.#stale > FEW_STALE && 2 * this.#stale > this.#heap.length) this.#sweep();
    if (timeUs !== Infinity) this.#push({ timeUs, item });
  }

  #push(entry: Entry<Item>): void {
    const heap = this.#heap;
    let at = heap.length;
    heap.push(entry);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (heap[parent]!.timeUs <= entry.timeUs) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = entry;
  }

  /** Drops what is stale, so that the heap is bounded by the number of items. */
  #sweep(): void {
    const kept = this.#heap.filter(({ timeUs, item }) => item.timerUs === timeUs);
    this.#heap = [];
    this.#stale = 0;
    for (const entry of kept) this.#push(entry);
  }

  /** Takes the first; the item waits for no time any more. */
  take(): Item | undefined {
    this.#dropStale();
    const first = this.#pop();
    if (first === undefined) return undefined;
    first.item.timerUs = Infinity;
    return first.item;
  }

  /**
   * @param numberOf - of an item, from 0 on; -1: it is gone
   * @param itemOf - the other way round
   * @param none - an item that is gone
   */
  *state(
    io: StateIo,
    numberOf: (item: Item) => number,
    itemOf: (number: number) => Item,
    none: Item,
  ): Steps {
    this.#stale = io.int(this.#stale);
    this.#heap = yield* stateOfItems(io, this.#heap, (entry): Entry<Item> => {
      const timeUs = io.float(entry?.timeUs ?? 0);
      const number = io.int(entry === undefined ? 0 : numberOf(entry.item));
      return entry ?? { timeUs, item: number < 0 ? none : itemOf(number) };
    });
  }

  #dropStale(): void {
    while (this.#heap.length > 0 && this.#heap[0]!.item.timerUs !== this.#heap[0]!.timeUs) {
      this.#pop();
    }
  }

  #pop(): Entry<Item> | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined || heap.length === 0) return first;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && heap[child + 1]!.timeUs < heap[child]!.timeUs) child++;
      if (heap[child]!.timeUs >= last.timeUs) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = last;
    return first;
  }
}
