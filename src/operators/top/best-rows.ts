/** The best rows of one group so far. @module */

import type { Column } from '../../core/column.ts';
import type { OrderKey, TopConfig } from './config.ts';
import type { RowOrder } from './row-order.ts';
import type { RowStore } from './row-store.ts';
import { keepPromising } from './threshold.ts';

/** Keeps lists of rows in order, best first, as long as a group may have rows. */
export class BestRows {
  readonly #n: number;
  readonly #ties: boolean;
  readonly #order: RowOrder;
  readonly #store: RowStore;
  readonly #firstKey: OrderKey | undefined;

  constructor({ n, ties, orderBy }: TopConfig, order: RowOrder, store: RowStore) {
    this.#n = n;
    this.#firstKey = orderBy[0];
    this.#ties = ties;
    this.#order = order;
    this.#store = store;
  }

  /**
   * Adds those of `rows[from .. to)` to a list that are good enough.
   *
   * @param scratch - room for as many rows
   */
  addAll(
    list: number[],
    columns: readonly Column[],
    rows: Uint32Array,
    from: number,
    to: number,
    scratch: Uint32Array,
  ): void {
    let at = from;
    while (at < to && list.length < this.#n) this.add(list, columns, rows[at++]!);
    if (at === to) return;
    const last = list.at(-1)!;
    const worst = { columns: this.#store.columnsOf(last), position: this.#store.positionOf(last) };
    const key = this.#firstKey;
    const count =
      key === undefined ? -1 : keepPromising(key, columns, rows, at, to, worst, scratch);
    if (count < 0) for (; at < to; at++) this.add(list, columns, rows[at]!);
    else for (let i = 0; i < count; i++) this.add(list, columns, scratch[i]!);
  }

  /** Adds a row to a list, if it is good enough. */
  add(list: number[], columns: readonly Column[], at: number): void {
    if (list.length >= this.#n && !this.#isGoodEnough(list.at(-1)!, columns, at)) return;
    list.splice(this.#placeOf(list, columns, at), 0, this.#store.add(columns, at));
    while (
      list.length > this.#n &&
      !(this.#ties && this.#equal(list.at(-1)!, list[this.#n - 1]!))
    ) {
      list.pop();
      this.#store.drop(1);
    }
  }

  /**
   * The rank of a row of a list: with ties one more than the number of better rows.
   *
   * @param before - the rank of the row before it
   */
  rankOf(list: readonly number[], index: number, before: number): number {
    const isTie = this.#ties && index > 0 && this.#equal(list[index - 1]!, list[index]!);
    return isTie ? before : index + 1;
  }

  #isGoodEnough(last: number, columns: readonly Column[], at: number): boolean {
    const [others, position] = [this.#store.columnsOf(last), this.#store.positionOf(last)];
    return this.#ties
      ? this.#order.compareKeys(columns, at, others, position) <= 0
      : this.#order.compare(columns, at, others, position) < 0;
  }

  /** Where a row goes: before the first that is worse. */
  #placeOf(list: readonly number[], columns: readonly Column[], at: number): number {
    const store = this.#store;
    let low = 0;
    let high = list.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const row = list[middle]!;
      const result = this.#order.compare(columns, at, store.columnsOf(row), store.positionOf(row));
      if (result < 0) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  #equal(a: number, b: number): boolean {
    const store = this.#store;
    return (
      this.#order.compareKeys(
        store.columnsOf(a),
        store.positionOf(a),
        store.columnsOf(b),
        store.positionOf(b),
      ) === 0
    );
  }
}
