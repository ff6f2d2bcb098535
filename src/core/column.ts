/**
 * A column of a batch: typed views of bytes that lie in a ring slot, in operator state or in a
 * scratch buffer; the code that uses it cannot tell which.
 *
 * All memory is little-endian, as is every platform that Node runs on.
 *
 * ## Views (string, bytes, json)
 *
 * 16 bytes a row, Arrow's view layout, four 32-bit words:
 *
 * ```
 *   length ≤ 12   │ length │ bytes 0–3 │ bytes 4–7      │ bytes 8–11 │   (rest is zero)
 *   length > 12   │ length │ bytes 0–3 │ buffer index 0 │ offset     │   (offset into the heap)
 * ```
 *
 * ## Nulls
 *
 * `validity` has one bit a row, 1 = present, and means something only while `nullCount > 0`; so a
 * column without nulls costs nothing. The value of a null row is garbage.
 *
 * @module
 */

import type { ColumnMemory } from './memory.ts';
import { ownMemory } from './memory.ts';
import type { DataType, Storage } from './types.ts';
import { storageOf } from './types.ts';

/** Longest value that lies inside its view. */
export const INLINE_BYTES = 12;

/** Bytes for values longer than {@link INLINE_BYTES}, filled from the front. */
export class Heap {
  bytes: Uint8Array;
  /** Bytes taken so far. */
  used = 0;
  readonly #maxBytes: number;
  readonly #memory: ColumnMemory;

  /**
   * @param bytes - memory to fill; replaced by a larger one while `maxBytes` allows
   * @param maxBytes - bound; equal to `bytes.length` for memory that cannot grow (a slot)
   * @param memory - where the larger one is to lie
   */
  constructor(
    bytes: Uint8Array,
    maxBytes: number = bytes.length,
    memory: ColumnMemory = ownMemory,
  ) {
    this.bytes = bytes;
    this.#maxBytes = maxBytes;
    this.#memory = memory;
  }

  /** The most this heap can ever hold. */
  get capacityBytes(): number {
    return this.#maxBytes;
  }

  /** Room left. */
  get freeBytes(): number {
    return this.#maxBytes - this.used;
  }

  /** Takes `length` bytes and returns their offset, or -1 when they don't fit. */
  reserve(length: number): number {
    const offset = this.used;
    const end = offset + length;
    if (end > this.bytes.length) {
      if (end > this.#maxBytes) return -1;
      this.#grow(end);
    }
    this.used = end;
    return offset;
  }

  #grow(neededBytes: number): void {
    const doubled = Math.max(neededBytes, this.bytes.length * 2, FIRST_HEAP_BYTES);
    const size = Math.min(doubled, this.#maxBytes);
    const { buffer, byteOffset } = this.#memory.allocate(size);
    const larger = new Uint8Array(buffer, byteOffset, size);
    larger.set(this.bytes.subarray(0, this.used));
    this.bytes = larger;
  }
}

/** Least size of a heap that grows. */
const FIRST_HEAP_BYTES = 16384;

const NO_BYTES = new Uint8Array(0);
const NO_F64 = new Float64Array(0);
const NO_I64 = new BigInt64Array(0);

/** Bytes that `values` takes for `rows` rows of a storage class, without padding. */
export function valueBytes(storage: Storage, rows: number): number {
  switch (storage) {
    case 'bits':
      return ((rows + 31) >>> 5) << 2;
    case 'i32':
      return rows * 4;
    case 'view':
      return rows * 16;
    default:
      return rows * 8;
  }
}

/** Bytes of a validity bitmap for `rows` rows: whole 32-bit words. */
export function validityBytes(rows: number): number {
  return ((rows + 31) >>> 5) << 2;
}

/** The views of one column. `capacity` rows can be stored. */
export class Column {
  readonly type: DataType;
  readonly storage: Storage;
  readonly capacity: number;
  /** The values as bytes: bits of a bool, inline bytes of a view. */
  readonly bytes: Uint8Array;
  /** The values as 32-bit words: an int32 column, the low/high halves of an int64, a view's words. */
  readonly words: Int32Array;
  /** The values of an `i64` column; empty for others. */
  readonly i64: BigInt64Array;
  /** The values of an `f64` column; empty for others. */
  readonly f64: Float64Array;
  /** One bit a row, 1 = present; meaningless while `nullCount` is 0. */
  readonly validity: Uint8Array;
  /** Null rows among those written. */
  nullCount = 0;
  /** Where long values lie; shared by the columns of a slot, and by views of parts of their values. */
  heap: Heap;
  /** What the views are views of. */
  readonly buffer: ArrayBufferLike;
  /** Byte offset of the values in {@link buffer}. */
  readonly valuesAt: number;
  /** Byte offset of the validity bitmap in {@link buffer}. */
  readonly validityAt: number;

  constructor(
    type: DataType,
    capacity: number,
    buffer: ArrayBufferLike,
    valuesOffset: number,
    validityOffset: number,
    heap: Heap,
  ) {
    const storage = storageOf(type);
    const size = valueBytes(storage, capacity);
    this.type = type;
    this.storage = storage;
    this.capacity = capacity;
    this.buffer = buffer;
    this.valuesAt = valuesOffset;
    this.validityAt = validityOffset;
    this.bytes = new Uint8Array(buffer, valuesOffset, size);
    this.words = new Int32Array(buffer, valuesOffset, size >>> 2);
    this.i64 = storage === 'i64' ? new BigInt64Array(buffer, valuesOffset, capacity) : NO_I64;
    this.f64 = storage === 'f64' ? new Float64Array(buffer, valuesOffset, capacity) : NO_F64;
    this.validity = new Uint8Array(buffer, validityOffset, validityBytes(capacity));
    this.heap = heap;
  }

  /** A column of its own, for scratch and state; its heap grows up to `maxHeapBytes`. */
  static allocate(
    type: DataType,
    capacity: number,
    memory: ColumnMemory = ownMemory,
    maxHeapBytes = 0x7fff_ffff,
  ): Column {
    const size = (valueBytes(storageOf(type), capacity) + 63) & ~63;
    const { buffer, byteOffset } = memory.allocate(size + validityBytes(capacity));
    const heap = new Heap(NO_BYTES, maxHeapBytes, memory);
    return new Column(type, capacity, buffer, byteOffset, byteOffset + size, heap);
  }

  /** Forgets the nulls. The heap is the owner's to reset. */
  clearNulls(): void {
    this.nullCount = 0;
  }

  isNull(row: number): boolean {
    return this.nullCount !== 0 && (this.validity[row >> 3]! & (1 << (row & 7))) === 0;
  }

  /** Marks a row null. */
  setNull(row: number): void {
    if (this.nullCount === 0) this.validity.fill(0xff);
    const bit = 1 << (row & 7);
    const byte = this.validity[row >> 3]!;
    if ((byte & bit) === 0) return;
    this.validity[row >> 3] = byte & ~bit;
    this.nullCount++;
  }

  /** Takes a row's null mark back, where a row is written again after a failed attempt. */
  setPresent(row: number): void {
    if (this.nullCount === 0) return;
    const bit = 1 << (row & 7);
    const byte = this.validity[row >> 3]!;
    if ((byte & bit) !== 0) return;
    this.validity[row >> 3] = byte | bit;
    this.nullCount--;
  }

  getBool(row: number): boolean {
    return (this.bytes[row >> 3]! & (1 << (row & 7))) !== 0;
  }

  setBool(row: number, value: boolean): void {
    const bit = 1 << (row & 7);
    const byte = this.bytes[row >> 3]!;
    this.bytes[row >> 3] = value ? byte | bit : byte & ~bit;
  }

  /** An int64 as a number; exact within ±2^53. */
  getI64AsNumber(row: number): number {
    return this.words[2 * row + 1]! * 4294967296 + (this.words[2 * row]! >>> 0);
  }

  /** Writes an integral number within ±2^53 into an int64 row, without a bigint. */
  setI64FromNumber(row: number, value: number): void {
    this.words[2 * row] = value | 0;
    this.words[2 * row + 1] = Math.floor(value / 4294967296);
  }

  /** Length in bytes of a view row. */
  viewLength(row: number): number {
    return this.words[4 * row]!;
  }

  /** The array that holds the bytes of a view row: `bytes` or the heap's. */
  viewSource(row: number): Uint8Array {
    return this.words[4 * row]! <= INLINE_BYTES ? this.bytes : this.heap.bytes;
  }

  /** Where in {@link viewSource} the bytes of a view row begin. */
  viewStart(row: number): number {
    return this.words[4 * row]! <= INLINE_BYTES ? 16 * row + 4 : this.words[4 * row + 3]!;
  }

  /**
   * Writes `source[start, start + length)` as the value of a view row.
   *
   * @returns false when the heap has no room; the row is then unchanged
   */
  setView(row: number, source: Uint8Array, start: number, length: number): boolean {
    const words = this.words;
    const at = 4 * row;
    if (length <= INLINE_BYTES) {
      words[at] = length;
      words[at + 1] = 0;
      words[at + 2] = 0;
      words[at + 3] = 0;
      copyBytes(source, start, this.bytes, 16 * row + 4, length);
      return true;
    }
    const offset = this.heap.reserve(length);
    if (offset < 0) return false;
    copyBytes(source, start, this.heap.bytes, offset, length);
    words[at] = length;
    copyBytes(source, start, this.bytes, 16 * row + 4, 4);
    words[at + 2] = 0;
    words[at + 3] = offset;
    return true;
  }
}

/** Copies bytes: short runs by a loop, since `set` first has to make a view. */
export function copyBytes(
  source: Uint8Array,
  sourceStart: number,
  target: Uint8Array,
  targetStart: number,
  length: number,
): void {
  if (length > 24) {
    target.set(source.subarray(sourceStart, sourceStart + length), targetStart);
    return;
  }
  for (let i = 0; i < length; i++) target[targetStart + i] = source[sourceStart + i]!;
}
