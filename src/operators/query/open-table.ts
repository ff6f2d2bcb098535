/** Opening a table, with what is kept of it on disk. @module */

import { Column } from '../../core/column.ts';
import type { FrameLog } from '../../core/frame-log.ts';
import { invariant } from '../../core/invariant.ts';
import type { KernelMemory } from '../../core/memory.ts';
import type { KernelContext } from '../../core/operator.ts';
import type { TableDefinition } from '../../core/topology/model.ts';
import { canonicalFloats, KeyHasher } from '../../state/index.ts';
import { sharedName } from './config.ts';
import { DiskJournal } from './disk-journal.ts';
import { Entry, EntryReader } from './row-codec.ts';
import { Table } from './table.ts';

/** A table, and what it is to who has opened it. */
export interface OpenedTable {
  readonly table: Table;
  /** Nobody has opened it before: who did writes down its rows for all. */
  readonly isFirst: boolean;
}

/** The table that the operators of a worker share; the first that asks has it read. */
export async function openTable(
  definition: TableDefinition,
  context: KernelContext,
): Promise<OpenedTable> {
  let isFirst = false;
  const opened = context.shared(sharedName(definition.name), async () => {
    isFirst = true;
    const table = new Table(definition);
    const { disk } = definition;
    if (disk === undefined) return table;
    const { openTableLog } = context;
    invariant(openTableLog !== undefined, 'tables on disk can be opened here');
    const log = await openTableLog(definition, disk);
    const sequence = new TableReader(table, context.memory, context.rowCapacity).read(log);
    table.journal = new DiskJournal(table, log, disk, sequence);
    return table;
  });
  return { table: await opened, isFirst };
}

/** Does what a log says to an empty table. */
export class TableReader {
  readonly #table: Table;
  readonly #rowCapacity: number;
  readonly #hasher: KeyHasher;
  /** By column of the table: values of entries, a row each. */
  readonly #columns: readonly Column[];
  readonly #keys: readonly Column[];
  readonly #hashed: readonly Column[];
  readonly #rows: Uint32Array;
  readonly #slots: Int32Array;
  readonly #kinds: Uint8Array;
  #count = 0;

  constructor(table: Table, memory: KernelMemory, rowCapacity: number) {
    this.#table = table;
    this.#rowCapacity = rowCapacity;
    this.#columns = table.columns.map(({ type }) => Column.allocate(type, rowCapacity));
    this.#keys = table.key.map((c) => this.#columns[c]!);
    this.#hashed = this.#keys.map((column) =>
      column.storage === 'f64' ? Column.allocate(column.type, rowCapacity) : column,
    );
    const storages = this.#keys.map(({ storage }) => storage);
    this.#hasher = new KeyHasher(memory, storages, rowCapacity, 'table');
    this.#rows = Uint32Array.from({ length: rowCapacity }, (_, row) => row);
    this.#slots = new Int32Array(rowCapacity);
    this.#kinds = new Uint8Array(rowCapacity);
  }

  /** Reads all frames; the number of the last one. */
  read(log: FrameLog): number {
    let sequence = 0;
    for (;;) {
      const frame = log.read();
      if (frame === undefined) break;
      sequence = frame.sequence;
      this.#readFrame(new EntryReader(frame.payload));
    }
    this.#table.checkLimit();
    return sequence;
  }

  #readFrame(entries: EntryReader): void {
    while (!entries.isAtEnd) {
      const kind = entries.readKind();
      const row = this.#count++;
      this.#kinds[row] = kind;
      entries.readValues(kind === Entry.PUT ? this.#columns : this.#keys, row);
      if (this.#count === this.#rowCapacity) this.#apply();
    }
    this.#apply();
  }

  #apply(): void {
    const [rows, count] = [this.#rows, this.#count];
    this.#keys.forEach((key, k) => {
      if (key.storage === 'f64') canonicalFloats(key, this.#hashed[k]!, rows, 0, count);
    });
    this.#hasher.hash(this.#hashed, rows, count);
    for (let row = 0; row < count; row++) {
      const hash = this.#hasher.hashes[row]!;
      const slot = this.#table.findAgain(this.#keys, hash, row);
      if (this.#kinds[row] === Entry.PUT) this.#put(row, slot, hash);
      else if (slot >= 0) this.#table.delete(slot);
    }
    this.#count = 0;
    for (const column of this.#columns) {
      column.clearNulls();
      column.heap.used = 0;
    }
  }

  #put(row: number, found: number, hash: number): void {
    const table = this.#table;
    const slot = found >= 0 ? found : table.take(hash);
    this.#slots[row] = slot;
    if (found >= 0) table.leaveOrder(slot);
    this.#columns.forEach((column, c) =>
      table.columns[c]!.scatter(column, this.#slots, this.#rows, row, row + 1),
    );
    if (found >= 0) table.enterOrder(slot);
    else table.admit(slot);
  }
}
