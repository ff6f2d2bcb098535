/** Finds the slots that rows mean by their keys. @module */

import type { Batch } from '../../core/batch.ts';
import { Column } from '../../core/column.ts';
import type { KernelContext } from '../../core/operator.ts';
import { canonicalFloats, KeyHasher } from '../../state/index.ts';
import type { CompiledExpr, RowEvaluator } from '../row-evaluator.ts';
import type { Table } from './table.ts';

/** Keys of the rows of a batch. */
export class KeyFinder {
  /** By row. */
  readonly slots: Int32Array;
  /** Rows with a key: `rows[0 .. count)`. */
  readonly rows: Uint32Array;
  count = 0;
  readonly #table: Table;
  readonly #expressions: readonly CompiledExpr[];
  readonly #hasher: KeyHasher;
  readonly #keys: Column[] = [];
  /** Of keys of float64: what is hashed. */
  readonly #canonical: readonly (Column | undefined)[];
  readonly #hashed: Column[] = [];

  /** @param expressions - the values of the table's key, in its order */
  constructor(table: Table, expressions: readonly CompiledExpr[], context: KernelContext) {
    const { rowCapacity, memory } = context;
    const columns = table.key.map((c) => table.columns[c]!);
    this.slots = new Int32Array(rowCapacity);
    this.rows = memory.rows(rowCapacity);
    this.#table = table;
    this.#expressions = expressions;
    const storages = columns.map(({ storage }) => storage);
    this.#hasher = new KeyHasher(memory, storages, rowCapacity, 'table');
    this.#canonical = columns.map(({ type, storage }) =>
      storage === 'f64' ? Column.allocate(type, rowCapacity, memory) : undefined,
    );
  }

  /**
   * Evaluates the keys of rows, and lists those that have one.
   *
   * @param missing - is told of rows in whose key there is a null
   */
  evaluate(
    evaluator: RowEvaluator,
    batch: Batch,
    rows: Uint32Array,
    count: number,
    missing: (row: number) => void,
  ): void {
    evaluator.begin(batch, rows, count);
    let hasNulls = false;
    for (let k = 0; k < this.#expressions.length; k++) {
      const column = evaluator.evaluate(this.#expressions[k]!);
      this.#keys[k] = column;
      if (column.nullCount !== 0) hasNulls = true;
    }
    this.count = 0;
    for (let i = 0; i < evaluator.count; i++) {
      const row = evaluator.rows[i]!;
      if (hasNulls && this.#keys.some((key) => key.isNull(row))) missing(row);
      else this.rows[this.count++] = row;
    }
  }

  /** Finds the slots of those rows; -1 where there is none. */
  find(): void {
    const { rows, count } = this;
    for (let k = 0; k < this.#keys.length; k++) {
      const canonical = this.#canonical[k];
      if (canonical !== undefined) canonicalFloats(this.#keys[k]!, canonical, rows, 0, count);
      this.#hashed[k] = canonical ?? this.#keys[k]!;
    }
    this.#hasher.hash(this.#hashed, rows, count);
    this.#table.find(this.#keys, this.#hasher.hashes, rows, count, this.slots);
  }

  /** Takes a slot for each key that has none. */
  takeMissing(): void {
    const { rows, count, slots } = this;
    const { hashes } = this.#hasher;
    for (let i = 0; i < count; i++) {
      const row = rows[i]!;
      if (slots[row]! >= 0) continue;
      const before = this.#table.findAgain(this.#keys, hashes[i]!, row);
      slots[row] = before >= 0 ? before : this.#table.take(hashes[i]!);
      if (before < 0) this.#writeKey(i);
    }
  }

  #writeKey(position: number): void {
    const { key, columns } = this.#table;
    for (let k = 0; k < key.length; k++) {
      columns[key[k]!]!.scatter(this.#keys[k]!, this.slots, this.rows, position, position + 1);
    }
  }

  /** Leaves out the rows that found no slot. */
  keepFound(missing: (row: number) => void): void {
    const { rows, slots } = this;
    let kept = 0;
    for (let i = 0; i < this.count; i++) {
      const row = rows[i]!;
      if (slots[row]! < 0) missing(row);
      else rows[kept++] = row;
    }
    this.count = kept;
  }
}
