/** Records by key without aggregates: cells for the user's own. @module */

import type { Column } from '../core/column.ts';
import type { KernelMemory } from '../core/memory.ts';
import type { StateIo, Steps } from '../core/state-io.ts';
import type { DataType } from '../core/types.ts';
import { storageOf } from '../core/types.ts';
import type { Arena } from './arena.ts';
import { GroupTable } from './group-table.ts';
import { GroupKernel } from './kernel/group-kernel.ts';
import { RecordLayout } from './record-layout.ts';

/** One record for each key that was seen; they never move. */
export class KeyedRecords {
  /** The first of the user's cells within a record. */
  readonly ownCell: number;
  readonly #kernel: GroupKernel;
  readonly #table: GroupTable;
  readonly #hasKeys: boolean;

  /**
   * @param keys - types of the key columns
   * @param template - words of the user's cells in a new record, two a cell
   * @param rowCapacity - most rows of a batch
   */
  constructor(
    memory: KernelMemory,
    arena: Arena,
    keys: readonly DataType[],
    template: readonly number[],
    rowCapacity: number,
  ) {
    const layout = new RecordLayout(keys.map(storageOf));
    this.ownCell = layout.reserve(template.length / 2, template);
    this.#kernel = new GroupKernel(memory, arena, layout, [], rowCapacity);
    this.#table = new GroupTable(this.#kernel);
    this.#hasKeys = keys.length > 0;
  }

  /** Cells of a record with so many of the user's. Pure. */
  static cells(keys: readonly DataType[], ownCells: number): number {
    const layout = new RecordLayout(keys.map(storageOf));
    layout.reserve(ownCells);
    return layout.cells;
  }

  /** How many records there are. */
  get count(): number {
    return this.#table.count;
  }

  /**
   * Finds or makes the records of `rows[0 .. count)`.
   *
   * @param keys - the key columns; floats are canonical
   * @returns the first cell of each, by position; valid until the next call
   */
  assign(keys: readonly Column[], rows: Uint32Array, count: number): Int32Array {
    const kernel = this.#kernel;
    kernel.bindKeys(keys, rows, 0, count);
    if (this.#hasKeys) {
      kernel.hash(0, count);
      this.#table.assign(0, count);
    } else if (count > 0) {
      kernel.hashes[0] = 0;
      this.#table.assign(0, 1);
      kernel.records.fill(kernel.records[0]!, 0, count);
    }
    return kernel.records;
  }

  *state(io: StateIo): Steps {
    yield* this.#kernel.headers.state(io);
    yield* this.#table.state(io);
  }

  /** Whether records can be removed: there are keys. */
  get canForget(): boolean {
    return this.#hasKeys;
  }

  /** Removes a record; the others stay where they are, but can not be listed any more. */
  remove(record: number): void {
    this.#table.remove(record);
  }

  /** Lists records `from .. from + count`, in the order in which they were made. */
  list(from: number, count: number, records: Int32Array): void {
    this.#table.listRecords(from, count, records);
  }

  /** Copies the `key`-th key of `records[0 .. count)` to rows `0 .. count` of `target`. */
  readKey(key: number, records: Int32Array, count: number, target: Column): void {
    this.#table.readKey(key, records, count, target);
  }
}
