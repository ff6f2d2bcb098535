/** A column of a table, in pages. @module */

import { Column, copyBytes, Heap, INLINE_BYTES } from '../../core/column.ts';
import type { StateIo, Steps } from '../../core/state-io.ts';
import type { DataType, Storage } from '../../core/types.ts';
import { storageOf } from '../../core/types.ts';
import type { Value } from '../../expr/index.ts';
import { compareBytes, readValue, ValueWriter } from '../../expr/index.ts';
import {
  gatherFloats,
  gatherPairs,
  gatherWords,
  IN_PAGE,
  PAGE_BITS,
  PAGE_ROWS,
  scatterFloats,
  scatterPairs,
  scatterWords,
} from './page-loops.ts';

/** A page's long values are moved together when more than half of so many bytes are of none. */
const LEAST_HEAP_BYTES = 8192;

const writer = new ValueWriter();

/** The page of a slot. */
export function pageOf(slot: number): number {
  return slot >>> PAGE_BITS;
}

/** The row of a slot in its page. */
export function rowOf(slot: number): number {
  return slot & IN_PAGE;
}

/**
 * Values by slot. What a slot holds that was never written, or was cleared, is garbage without long
 * bytes.
 */
export class TableColumn {
  readonly type: DataType;
  readonly storage: Storage;
  /** Bytes that it takes. */
  bytes = 0;
  readonly #pages: Column[] = [];
  /** By page: the values, for loops that should see one type of array. */
  readonly #words: Int32Array[] = [];
  readonly #floats: Float64Array[] = [];
  /** By page: bytes of long values that were replaced. */
  readonly #garbage: number[] = [];
  /** Whether any page ever had a null. */
  #hasNulls = false;

  constructor(type: DataType) {
    this.type = type;
    this.storage = storageOf(type);
  }

  addPage(): void {
    const column = Column.allocate(this.type, PAGE_ROWS);
    this.#pages.push(column);
    this.#words.push(column.words);
    this.#floats.push(column.f64);
    this.#garbage.push(0);
    this.bytes += column.bytes.length + column.validity.length;
  }

  isNull(slot: number): boolean {
    return this.#hasNulls && this.#pages[slot >>> PAGE_BITS]!.isNull(slot & IN_PAGE);
  }

  /** The page where the value of a slot lies, see {@link rowOf}. */
  page(slot: number): Column {
    return this.#pages[slot >>> PAGE_BITS]!;
  }

  read(slot: number): Value {
    return readValue(this.#pages[slot >>> PAGE_BITS]!, slot & IN_PAGE);
  }

  /** Writes a value to a slot. */
  write(slot: number, value: Value): void {
    const page = slot >>> PAGE_BITS;
    const column = this.#pages[page]!;
    const row = slot & IN_PAGE;
    const before = this.#beginView(column, page, row);
    column.setPresent(row);
    writer.write(column, row, value);
    if (value === null) this.#hasNulls = true;
    this.#endView(column, page, before);
  }

  /** Forgets the long bytes of a slot. */
  clear(slot: number): void {
    if (this.storage !== 'view') return;
    const page = slot >>> PAGE_BITS;
    this.#beginView(this.#pages[page]!, page, slot & IN_PAGE);
  }

  /** @param pages - how many there are */
  *state(io: StateIo, pages: number): Steps {
    if (io.isReading) this.#clearPages();
    this.#hasNulls = io.flag(this.#hasNulls);
    for (let page = 0; page < pages; page++) {
      if (io.isReading) this.addPage();
      const column = this.#pages[page]!;
      const { heap } = column;
      const used = io.int(heap.used);
      if (io.isReading && heap.reserve(used) !== 0) io.fail(`long values of ${used} bytes`);
      if (io.isReading) this.bytes += heap.bytes.length;
      yield* io.memory(heap.bytes.subarray(0, used));
      this.#garbage[page] = io.int(this.#garbage[page]!);
      column.nullCount = io.int(column.nullCount);
      yield* io.memory(column.bytes);
      if (column.nullCount > 0) yield* io.memory(column.validity);
    }
  }

  #clearPages(): void {
    this.#pages.length = this.#words.length = this.#floats.length = this.#garbage.length = 0;
    this.bytes = 0;
  }

  /**
   * Copies the values of `slots[rows[from .. to)]` to the same rows, plus `shift`, of a column, whose
   * heap grows.
   */
  gather(
    slots: Int32Array,
    rows: Uint32Array,
    from: number,
    to: number,
    target: Column,
    shift: number,
  ): void {
    switch (this.storage) {
      case 'i32':
        gatherWords(this.#words, slots, rows, from, to, target.words, shift);
        break;
      case 'i64':
        gatherPairs(this.#words, slots, rows, from, to, target.words, shift);
        break;
      case 'f64':
        gatherFloats(this.#floats, slots, rows, from, to, target.f64, shift);
        break;
      default:
        this.#gatherOthers(slots, rows, from, to, target, shift);
    }
    if (!this.#hasNulls && target.nullCount === 0) return;
    for (let i = from; i < to; i++) {
      const row = rows[i]!;
      if (this.isNull(slots[row]!)) target.setNull(row + shift);
      else target.setPresent(row + shift);
    }
  }

  #gatherOthers(
    slots: Int32Array,
    rows: Uint32Array,
    from: number,
    to: number,
    target: Column,
    shift: number,
  ): void {
    const isView = this.storage === 'view';
    for (let i = from; i < to; i++) {
      const row = rows[i]!;
      const slot = slots[row]!;
      const page = this.#pages[slot >>> PAGE_BITS]!;
      if (isView) copyView(page, slot & IN_PAGE, target, row + shift);
      else target.setBool(row + shift, page.getBool(slot & IN_PAGE));
    }
  }

  /** Writes values `rows[from .. to)` of a column to `slots` of those rows, in turn. */
  scatter(source: Column, slots: Int32Array, rows: Uint32Array, from: number, to: number): void {
    switch (this.storage) {
      case 'i32':
        scatterWords(source.words, slots, rows, from, to, this.#words);
        break;
      case 'i64':
        scatterPairs(source.words, slots, rows, from, to, this.#words);
        break;
      case 'f64':
        scatterFloats(source.f64, slots, rows, from, to, this.#floats);
        break;
      default:
        this.#scatterOthers(source, slots, rows, from, to);
        return;
    }
    if (!this.#hasNulls && source.nullCount === 0) return;
    this.#hasNulls = true;
    for (let i = from; i < to; i++) {
      const row = rows[i]!;
      const slot = slots[row]!;
      const page = this.#pages[slot >>> PAGE_BITS]!;
      if (source.isNull(row)) page.setNull(slot & IN_PAGE);
      else page.setPresent(slot & IN_PAGE);
    }
  }

  #scatterOthers(
    source: Column,
    slots: Int32Array,
    rows: Uint32Array,
    from: number,
    to: number,
  ): void {
    for (let i = from; i < to; i++) {
      const row = rows[i]!;
      const slot = slots[row]!;
      const page = slot >>> PAGE_BITS;
      const column = this.#pages[page]!;
      const at = slot & IN_PAGE;
      const before = this.#beginView(column, page, at);
      if (source.isNull(row)) {
        this.#hasNulls = true;
        column.setNull(at);
        continue;
      }
      column.setPresent(at);
      if (this.storage === 'view') copyView(source, row, column, at);
      else column.setBool(at, source.getBool(row));
      this.#endView(column, page, before);
    }
  }

  /** Whether a slot has the value of a row of a column; null equals nothing. */
  equals(slot: number, source: Column, row: number): boolean {
    const page = this.#pages[slot >>> PAGE_BITS]!;
    const at = slot & IN_PAGE;
    if (page.isNull(at) || source.isNull(row)) return false;
    switch (this.storage) {
      case 'i32':
        return page.words[at] === source.words[row];
      case 'i64':
        return (
          page.words[2 * at] === source.words[2 * row] &&
          page.words[2 * at + 1] === source.words[2 * row + 1]
        );
      case 'f64':
        return Object.is(page.f64[at]! + 0, source.f64[row]! + 0);
      case 'bits':
        return page.getBool(at) === source.getBool(row);
      case 'view':
        return sameView(page, at, source, row);
    }
  }

  /** The order of two slots that are not null. */
  compare(a: number, b: number): number {
    const [one, other] = [this.#pages[a >>> PAGE_BITS]!, this.#pages[b >>> PAGE_BITS]!];
    const [x, y] = [a & IN_PAGE, b & IN_PAGE];
    switch (this.storage) {
      case 'i32':
        return one.words[x]! - other.words[y]!;
      case 'i64':
        return (
          one.words[2 * x + 1]! - other.words[2 * y + 1]! ||
          (one.words[2 * x]! >>> 0) - (other.words[2 * y]! >>> 0)
        );
      case 'f64':
        return compareFloats(one.f64[x]!, other.f64[y]!);
      case 'bits':
        return Number(one.getBool(x)) - Number(other.getBool(y));
      case 'view':
        return compareBytes(bytesOf(one, x), bytesOf(other, y));
    }
  }

  /** Takes the long bytes of a row for garbage; how long its heap was. */
  #beginView(column: Column, page: number, row: number): number {
    if (this.storage !== 'view') return 0;
    const length = column.words[4 * row]!;
    if (length > INLINE_BYTES) this.#garbage[page]! += length;
    column.words[4 * row] = 0;
    return column.heap.bytes.length;
  }

  #endView(column: Column, page: number, heapBytes: number): void {
    if (this.storage !== 'view') return;
    const { heap } = column;
    if (heap.used > LEAST_HEAP_BYTES && 2 * this.#garbage[page]! > heap.used) {
      this.#compact(column, page);
    }
    this.bytes += column.heap.bytes.length - heapBytes;
  }

  #compact(column: Column, page: number): void {
    const { words } = column;
    const old = column.heap.bytes;
    const used = column.heap.used - this.#garbage[page]!;
    const bytes = new Uint8Array(Math.max(LEAST_HEAP_BYTES, 2 * used));
    const heap = new Heap(bytes, 0x7fff_ffff);
    for (let row = 0; row < PAGE_ROWS; row++) {
      const length = words[4 * row]!;
      if (length <= INLINE_BYTES) continue;
      const at = heap.reserve(length);
      copyBytes(old, words[4 * row + 3]!, heap.bytes, at, length);
      words[4 * row + 3] = at;
    }
    column.heap = heap;
    this.#garbage[page] = 0;
  }
}

/** NaN is greater than all numbers. */
export function compareFloats(a: number, b: number): number {
  if (a < b) return -1;
  if (a > b) return 1;
  return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
}

function bytesOf(column: Column, row: number): Uint8Array {
  const start = column.viewStart(row);
  return column.viewSource(row).subarray(start, start + column.viewLength(row));
}

/** Copies a value; a null one is empty. */
function copyView(source: Column, from: number, target: Column, to: number): void {
  const words = source.words;
  const at = 4 * from;
  const length = words[at]!;
  const isNull = source.isNull(from);
  if (length > INLINE_BYTES && !isNull) {
    target.setView(to, source.heap.bytes, words[at + 3]!, length);
    return;
  }
  const own = target.words;
  own[4 * to] = isNull ? 0 : length;
  own[4 * to + 1] = words[at + 1]!;
  own[4 * to + 2] = words[at + 2]!;
  own[4 * to + 3] = words[at + 3]!;
}

/** @hot */
function sameView(a: Column, x: number, b: Column, y: number): boolean {
  const own = a.words;
  const words = b.words;
  const length = own[4 * x]!;
  if (length !== words[4 * y] || own[4 * x + 1] !== words[4 * y + 1]) return false;
  if (length <= INLINE_BYTES) {
    return own[4 * x + 2] === words[4 * y + 2] && own[4 * x + 3] === words[4 * y + 3];
  }
  const bytes = a.heap.bytes;
  const others = b.heap.bytes;
  const from = own[4 * x + 3]!;
  const start = words[4 * y + 3]!;
  for (let i = 4; i < length; i++) if (bytes[from + i] !== others[start + i]) return false;
  return true;
}
