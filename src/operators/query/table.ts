/** A table in the memory of a worker: the one place where its rows are, for all operators that use it. @module */

import type { Column } from '../../core/column.ts';
import { MillraceError } from '../../core/errors.ts';
import { fieldIndex } from '../../core/schema.ts';
import type { StateIo, Steps } from '../../core/state-io.ts';
import { bytesOf, stateOfNumbers } from '../../core/state-io.ts';
import type { TableDefinition } from '../../core/topology/model.ts';
import type { Value } from '../../expr/index.ts';
import { KeyIndex } from './key-index.ts';
import { OrderedRows } from './ordered-rows.ts';
import { RowOrder } from './row-order.ts';
import { PAGE_ROWS } from './page-loops.ts';
import { pageOf, rowOf, TableColumn } from './table-column.ts';

/** What the slots of a page take beside their values. */
const SLOT_BYTES = 1 + 8 + 4 + 4;

/** Is told what becomes of rows, to keep it elsewhere. */
export interface TableJournal {
  /** A row is new, or has new values. */
  put(slot: number): void;
  /** A row, whose values are still there, is to be forgotten. */
  remove(slot: number): void;
  /** What was told so far belongs together: from here on it is to stay. */
  commit(): void;
}

/** What a page knows of its slots. */
interface Page {
  readonly isPresent: Uint8Array;
  readonly numbers: Float64Array;
  readonly hashes: Int32Array;
  readonly ranks: Int32Array;
}

function newPage(): Page {
  return {
    isPresent: new Uint8Array(PAGE_ROWS),
    numbers: new Float64Array(PAGE_ROWS),
    hashes: new Int32Array(PAGE_ROWS),
    ranks: new Int32Array(PAGE_ROWS),
  };
}

/**
 * Rows with a key, or without, and indexes in order. Values lie in columns; a row is known by its slot,
 * which goes to another one when it is deleted.
 */
export class Table {
  readonly definition: TableDefinition;
  readonly columns: readonly TableColumn[];
  /** Positions of the columns of the key. */
  readonly key: readonly number[];
  journal: TableJournal | undefined;
  readonly #keys = new KeyIndex();
  readonly #ordered: ReadonlyMap<number, OrderedRows>;
  readonly #pages: Page[] = [];
  #free: number[] = [];
  /** Slots of the last page that were never taken. */
  #untouched = 0;
  #size = 0;
  /** Rows are numbered as they are inserted. */
  #next = 0;
  #order: RowOrder | undefined;
  /** Keys of rows that are looked for. */
  #wanted: readonly Column[] = [];
  readonly #hashSaysAll: boolean;
  readonly #isWanted = (slot: number, row: number): boolean => this.#hasKey(slot, row);

  constructor(definition: TableDefinition) {
    const { schema, key, indexes } = definition;
    this.definition = definition;
    this.columns = schema.map(({ type }) => new TableColumn(type));
    this.key = key.map((name) => fieldIndex(schema, name));
    // The hash of an int32 is another int32.
    this.#hashSaysAll = this.key.length === 1 && this.columns[this.key[0]!]!.storage === 'i32';
    this.#ordered = new Map(
      indexes.map((name) => {
        const at = fieldIndex(schema, name);
        return [at, new OrderedRows(this.columns[at]!, (slot) => this.#numberOf(slot))];
      }),
    );
  }

  /** How many rows there are. */
  get size(): number {
    return this.#size;
  }

  /** Slots that were ever taken: each is below. */
  get slots(): number {
    return this.#pages.length * PAGE_ROWS - this.#untouched;
  }

  /** Bytes that it takes. */
  get bytes(): number {
    let bytes = this.#pages.length * PAGE_ROWS * SLOT_BYTES;
    if (this.key.length > 0) bytes += this.#keys.bytes;
    for (const column of this.columns) bytes += column.bytes;
    return bytes;
  }

  /** @throws MillraceError `ERR_LIMIT_EXCEEDED` */
  checkLimit(): void {
    const { name, limitBytes } = this.definition;
    const { bytes } = this;
    if (bytes <= limitBytes) return;
    const message = `table '${name}' with ${this.#size} rows takes ${bytes} bytes, its limit is ${limitBytes}`;
    throw new MillraceError('ERR_LIMIT_EXCEEDED', `${message}; raise /tables/${name}/limit`);
  }

  /** Slots of all rows, in the order in which they were inserted. */
  all(): Iterable<number> {
    if (this.#order === undefined) {
      this.#order = new RowOrder((slot) => (this.isPresent(slot) ? this.#numberOf(slot) : -1));
      for (let slot = 0; slot < this.slots; slot++) {
        if (this.isPresent(slot)) this.#order.add(slot, this.#numberOf(slot));
      }
      this.#order.sort();
    }
    return this.#order.all();
  }

  /** Slots of rows in the order of an index. */
  between(column: number, from: Value | undefined, to: Value | undefined): Iterable<number> {
    return this.#ordered.get(column)!.between(from, to);
  }

  /** Those of some slots whose rows are still there when it is their turn. */
  *still(slots: readonly number[]): Generator<number> {
    const numbers = slots.map((slot) => this.#numberOf(slot));
    for (let i = 0; i < slots.length; i++) {
      const slot = slots[i]!;
      if (this.isPresent(slot) && this.#numberOf(slot) === numbers[i]) yield slot;
    }
  }

  /** Indexes of some columns. */
  orderedBy(columns: readonly number[]): readonly OrderedRows[] {
    return [...this.#ordered].flatMap(([column, rows]) => (columns.includes(column) ? [rows] : []));
  }

  /** Whether a slot has a row, and is not merely taken for one. */
  isPresent(slot: number): boolean {
    return this.#pages[pageOf(slot)]!.isPresent[rowOf(slot)] === 1;
  }

  /** The values of a row. */
  values(slot: number): Value[] {
    return this.columns.map((column) => column.read(slot));
  }

  /**
   * Finds the slots of keys, none of which is null; -1 where there is none.
   *
   * @param hashes - by position
   * @param slots - by row
   */
  find(
    keys: readonly Column[],
    hashes: Int32Array,
    rows: Uint32Array,
    count: number,
    slots: Int32Array,
  ): void {
    if (this.#hashSaysAll) {
      this.#keys.findHashes(hashes, rows, count, slots);
      return;
    }
    this.#wanted = keys;
    for (let i = 0; i < count; i++) {
      slots[rows[i]!] = this.#keys.find(hashes[i]!, rows[i]!, this.#isWanted);
    }
  }

  /** The slot of one of the keys that {@link find} was called with last; -1: none. */
  findAgain(keys: readonly Column[], hash: number, row: number): number {
    this.#wanted = keys;
    return this.#keys.find(hash, row, this.#isWanted);
  }

  /**
   * Takes a slot for a row that is to come.
   *
   * @param hash - of its key, which has to be written next; anything where the table has none
   * @throws MillraceError `ERR_LIMIT_EXCEEDED`
   */
  take(hash: number): number {
    let slot = this.#free.pop();
    if (slot === undefined) {
      if (this.#untouched === 0) this.#addPage();
      slot = this.#pages.length * PAGE_ROWS - this.#untouched--;
    }
    this.#pages[pageOf(slot)]!.hashes[rowOf(slot)] = hash;
    if (this.key.length > 0) this.#keys.add(hash, slot);
    return slot;
  }

  /** The values of a slot that was taken are those of a row now. */
  admit(slot: number): void {
    const page = this.#pages[pageOf(slot)]!;
    const number = this.#next++;
    page.isPresent[rowOf(slot)] = 1;
    page.numbers[rowOf(slot)] = number;
    this.#size++;
    this.#order?.add(slot, number);
    this.enterOrder(slot);
    this.journal?.put(slot);
  }

  /** There is no such row any more; its slot stays taken. */
  dismiss(slot: number): void {
    this.journal?.remove(slot);
    this.leaveOrder(slot);
    this.#pages[pageOf(slot)]!.isPresent[rowOf(slot)] = 0;
    this.#size--;
    this.#order?.trim(this.#size);
  }

  /** Gives back a slot without a row. */
  release(slot: number): void {
    if (this.key.length > 0) {
      this.#keys.remove(this.#pages[pageOf(slot)]!.hashes[rowOf(slot)]!, slot);
    }
    for (const column of this.columns) column.clear(slot);
    this.#free.push(slot);
  }

  /** Takes a row out of the indexes, before it changes. */
  leaveOrder(slot: number): void {
    for (const rows of this.#ordered.values()) rows.remove(slot);
  }

  /** Puts it back. */
  enterOrder(slot: number): void {
    for (const rows of this.#ordered.values()) rows.add(slot);
  }

  /** Replaces the values of a row, of which those of the key are as they were. */
  update(slot: number, values: readonly Value[]): void {
    this.leaveOrder(slot);
    for (let c = 0; c < values.length; c++) this.columns[c]!.write(slot, values[c]!);
    this.enterOrder(slot);
    this.journal?.put(slot);
    this.checkLimit();
  }

  delete(slot: number): void {
    this.dismiss(slot);
    this.release(slot);
  }

  /**
   * Counts the rows of each slot: how many of `rows[0 .. count)` before it have the same. Call
   * {@link settle} afterwards.
   *
   * @param slots - by row; none is -1
   * @param ranks - gets them, by row
   */
  rank(slots: Int32Array, rows: Uint32Array, count: number, ranks: Int32Array): void {
    for (let i = 0; i < count; i++) {
      const row = rows[i]!;
      const slot = slots[row]!;
      ranks[row] = this.#pages[pageOf(slot)]!.ranks[rowOf(slot)]!++;
    }
  }

  /** Forgets the count of slots, and gives back those that have no row. */
  settle(slots: Int32Array, rows: Uint32Array, count: number): void {
    for (let i = 0; i < count; i++) {
      const slot = slots[rows[i]!]!;
      const page = this.#pages[pageOf(slot)]!;
      const at = rowOf(slot);
      if (page.ranks[at] === 0) continue;
      page.ranks[at] = 0;
      if (page.isPresent[at] === 0) this.release(slot);
    }
  }

  /** All rows, at their slots, between changes. One that has rows gives them up for those that are read. */
  *state(io: StateIo): Steps {
    io.section('table', 1);
    if (io.isReading) yield* this.#deleteAll();
    const pages = io.int(this.#pages.length);
    this.#untouched = io.int(this.#untouched);
    this.#size = io.int(this.#size);
    this.#next = io.float(this.#next);
    this.#free = yield* stateOfNumbers(io, this.#free);
    yield* this.#keys.state(io);
    for (const column of this.columns) yield* column.state(io, pages);
    if (io.isReading) this.#pages.length = 0;
    for (let page = 0; page < pages; page++) {
      if (io.isReading) this.#pages.push(newPage());
      const { isPresent, numbers, hashes } = this.#pages[page]!;
      yield* io.memory(isPresent);
      yield* io.memory(bytesOf(numbers));
      yield* io.memory(bytesOf(hashes));
    }
    if (io.isReading) yield* this.#enterAll();
  }

  *#deleteAll(): Steps {
    for (let slot = 0; slot < this.slots; slot++) {
      if (this.isPresent(slot)) this.delete(slot);
      if (slot % PAGE_ROWS !== 0) continue;
      this.journal?.commit();
      yield;
    }
    this.journal?.commit();
    this.#order = undefined;
  }

  /** What else is told of rows is told of those that were read. */
  *#enterAll(): Steps {
    for (const rows of this.#ordered.values()) rows.clear();
    for (let slot = 0; slot < this.slots; slot++) {
      if (this.isPresent(slot)) {
        this.enterOrder(slot);
        this.journal?.put(slot);
      }
      if (slot % PAGE_ROWS !== 0) continue;
      this.journal?.commit();
      yield;
    }
    this.journal?.commit();
  }

  #hasKey(slot: number, row: number): boolean {
    const wanted = this.#wanted;
    for (let k = 0; k < wanted.length; k++) {
      if (!this.columns[this.key[k]!]!.equals(slot, wanted[k]!, row)) return false;
    }
    return true;
  }

  #numberOf(slot: number): number {
    return this.#pages[pageOf(slot)]!.numbers[rowOf(slot)]!;
  }

  #addPage(): void {
    this.#pages.push(newPage());
    for (const column of this.columns) column.addPage();
    this.#untouched = PAGE_ROWS;
    this.checkLimit();
  }
}
