/** Keys by rank: a heap that forgets older ranks of a key as it meets them. @module */

interface Entry {
  readonly key: string;
  readonly rank: number;
  readonly arrival: number;
}

/** Entries of older ranks that there may be beside those that count. */
const MOST_OLDER = 64;

/** The key with the least rank is the first; of one rank, the one that came first. */
export class KeyRanks {
  readonly #latest = new Map<string, Entry>();
  #heap: Entry[] = [];

  /** Ranks a key, anew if it has one. */
  set(key: string, rank: number, arrival: number): void {
    const entry = { key, rank, arrival };
    this.#latest.set(key, entry);
    this.#push(entry);
    if (this.#heap.length <= 2 * this.#latest.size + MOST_OLDER) return;
    const entries = [...this.#latest.values()];
    this.#heap = entries.toSorted((a, b) => (isBefore(a, b) ? -1 : 1));
  }

  /** The first key; `undefined`: there is none. */
  first(): string | undefined {
    for (;;) {
      const entry = this.#heap[0];
      if (entry === undefined || this.#latest.get(entry.key) === entry) return entry?.key;
      this.#pop();
    }
  }

  delete(key: string): void {
    this.#latest.delete(key);
  }

  #push(entry: Entry): void {
    const heap = this.#heap;
    let at = heap.length;
    heap.push(entry);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!isBefore(entry, heap[parent]!)) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = entry;
  }

  /** Takes the first entry out of a heap that is not empty. */
  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop()!;
    if (heap.length === 0) return;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child++;
      if (!isBefore(heap[child]!, last)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = last;
  }
}

function isBefore(a: Entry, b: Entry): boolean {
  return a.rank === b.rank ? a.arrival < b.arrival : a.rank < b.rank;
}
