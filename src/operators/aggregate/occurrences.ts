/** How often groups come in a batch. @module */

/** Counts how often each record was there before, in a table of its own that is never emptied. */
export class Occurrences {
  readonly #mask: number;
  /** Three words a slot: the record, the call, how often. */
  readonly #slots: Int32Array;
  #call = 0;

  constructor(rowCapacity: number) {
    const slots = 2 ** (33 - Math.clz32(rowCapacity));
    this.#mask = slots - 1;
    this.#slots = new Int32Array(3 * slots);
  }

  /**
   * @param before - gets, by position, how many equal records come before
   * @returns the most of these, and one more; 0 for no records
   * @hot
   */
  count(records: Int32Array, count: number, before: Int32Array): number {
    const slots = this.#slots;
    const call = (this.#call = (this.#call + 1) | 0);
    let most = 0;
    for (let i = 0; i < count; i++) {
      const record = records[i]!;
      let slot = (Math.imul(record, 0x9e37_79b1) >>> 7) & this.#mask;
      while (slots[3 * slot + 1] === call && slots[3 * slot] !== record) {
        slot = (slot + 1) & this.#mask;
      }
      const at = 3 * slot;
      const seen = slots[at + 1] === call ? slots[at + 2]! : 0;
      slots[at] = record;
      slots[at + 1] = call;
      slots[at + 2] = seen + 1;
      before[i] = seen;
      if (seen >= most) most = seen + 1;
    }
    return most;
  }
}
