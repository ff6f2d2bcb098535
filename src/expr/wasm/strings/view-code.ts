/**
 * Code that reads strings of one row, by the address of a view and that of its column's heap.
 *
 * Loads may reach up to 15 bytes behind a string: there are as many behind every column and heap.
 *
 * @module
 */

import { INLINE_BYTES } from '../../../core/column.ts';
import type { FunctionBuilder, I32, I64, Local, V128 } from '../../../wasm/index.ts';
import { i32, i64, select, v128 } from '../../../wasm/index.ts';
import type { ColumnPlace } from '../lanes.ts';

/** Offset of a view's bytes, if they lie in it. */
export const VIEW_BYTES_AT = 4;
/** Offset, in a view, of that of the bytes in the heap. */
export const HEAP_OFFSET_AT = 12;

/** Where a string lies. */
export interface TextPlace {
  readonly at: Local<'i32'>;
  readonly length: Local<'i32'>;
}

/** Address of a row's view. */
export function viewAt(column: ColumnPlace, row: I32): I32 {
  return i32.add(column.values, i32.shl(row, i32.const(4)));
}

/** Address of the bytes of a string that does not lie in its view. */
export function heapBytesAt(view: I32, heap: I32): I32 {
  return i32.add(heap, i32.load(view, { offset: HEAP_OFFSET_AT }));
}

/** Finds a string. The view must not be garbage. */
export function openText(f: FunctionBuilder, view: Local<'i32'>, heap: I32): TextPlace {
  const length = f.let(i32.load(view));
  const inView = i32.add(view, i32.const(VIEW_BYTES_AT));
  const isInView = i32.leU(length, i32.const(INLINE_BYTES));
  return { length, at: f.let(select(isInView, inView, heapBytesAt(view, heap))) };
}

/** 1 when the bytes at an address are a constant: all of them are loaded and none further. */
export function isConstantAt(at: Local<'i32'>, bytes: Uint8Array, offset = 0): I32 {
  const { length } = bytes;
  const data = new DataView(bytes.buffer, bytes.byteOffset, length);
  if (length === 0) return i32.const(1);
  if (length >= 16) {
    const differences = steps(length, 16).map((from) =>
      v128.xor(
        v128.load(at, { offset: offset + from }),
        v128.const(bytes.subarray(from, from + 16)),
      ),
    );
    const any: V128 = differences.reduce((a, b) => v128.or(a, b));
    return i32.eqz(v128.anyTrue(any));
  }
  if (length >= 8) {
    const differences = steps(length, 8).map((from) =>
      i64.xor(i64.load(at, { offset: offset + from }), i64.const(data.getBigInt64(from, true))),
    );
    const any: I64 = differences.reduce((a, b) => i64.or(a, b));
    return i64.eqz(any);
  }
  return i32.eqz(smallDifference(at, data, offset));
}

/** 0 when the bytes at an address are a constant of one to seven bytes. */
function smallDifference(at: Local<'i32'>, data: DataView, offset: number): I32 {
  const length = data.byteLength;
  if (length >= 4) {
    const differences = steps(length, 4).map((from) =>
      i32.xor(i32.load(at, { offset: offset + from }), i32.const(data.getInt32(from, true))),
    );
    return differences.reduce((a, b) => i32.or(a, b));
  }
  const last = i32.xor(
    i32.load8U(at, { offset: offset + length - 1 }),
    i32.const(data.getUint8(length - 1)),
  );
  if (length === 1) return last;
  const first = i32.xor(i32.load16U(at, { offset }), i32.const(data.getUint16(0, true)));
  return i32.or(first, last);
}

/** Offsets of pieces of `width` bytes that cover `length`, the last one not reaching further. */
function steps(length: number, width: number): readonly number[] {
  const count = Math.ceil(length / width);
  return Array.from({ length: count }, (_, i) => Math.min(i * width, length - width));
}

/** 1 when the byte at an address is within a character: 10xxxxxx. */
export function isLaterByte(at: I32): I32 {
  return i32.eq(i32.and(i32.load8U(at), i32.const(0xc0)), i32.const(0x80));
}

/** Moves an address to the next character. */
export function skipCharacter(f: FunctionBuilder, at: Local<'i32'>, end: Local<'i32'>): void {
  f.increase(at, 1);
  f.while(i32.and(i32.ltU(at, end), isLaterByte(at)), () => f.increase(at, 1));
}
