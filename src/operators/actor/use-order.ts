/** Instances in the order of their last rows. @module */

/** A place in the order. */
export interface Place<Item> {
  older: Item | undefined;
  newer: Item | undefined;
}

/** A list whose items know their neighbours; what has been without a row for longest comes first. */
export class UseOrder<Item extends Place<Item>> {
  #oldest: Item | undefined;
  #newest: Item | undefined;
  #size = 0;
  /** Those that go through the list now. */
  readonly #walks: Walk<Item>[] = [];

  get size(): number {
    return this.#size;
  }

  get oldest(): Item | undefined {
    return this.#oldest;
  }

  /** An item that is in no order becomes the newest. */
  add(item: Item): void {
    this.#append(item);
    this.#size++;
  }

  /** An item of the list becomes the newest. */
  touch(item: Item): void {
    if (item === this.#newest) return;
    this.#unlink(item);
    this.#append(item);
  }

  remove(item: Item): void {
    for (const walk of this.#walks) walk.leaveOut(item);
    this.#unlink(item);
    this.#size--;
  }

  /** Goes through what is in the list now, the oldest first; what is removed meanwhile is left out. */
  walk(): Walk<Item> {
    const walk = new Walk(this.#oldest, () => {
      const at = this.#walks.indexOf(walk);
      if (at >= 0) this.#walks.splice(at, 1);
    });
    this.#walks.push(walk);
    return walk;
  }

  #append(item: Item): void {
    item.older = this.#newest;
    if (this.#newest === undefined) this.#oldest = item;
    else this.#newest.newer = item;
    this.#newest = item;
  }

  #unlink(item: Item): void {
    const { older, newer } = item;
    if (older === undefined) this.#oldest = newer;
    else older.newer = newer;
    if (newer === undefined) this.#newest = older;
    else newer.older = older;
    item.older = undefined;
    item.newer = undefined;
  }
}

/** A way through an order, in which no item is touched until it has ended. */
export class Walk<Item extends Place<Item>> {
  #next: Item | undefined;
  readonly #onEnd: () => void;

  constructor(first: Item | undefined, onEnd: () => void) {
    this.#next = first;
    this.#onEnd = onEnd;
  }

  /** `undefined`: it has ended. */
  take(): Item | undefined {
    const item = this.#next;
    if (item === undefined) this.#onEnd();
    else this.#next = item.newer;
    return item;
  }

  /** An item is about to be removed. */
  leaveOut(item: Item): void {
    if (item === this.#next) this.#next = item.newer;
  }
}
