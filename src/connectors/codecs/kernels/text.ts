/** Code that reads text, 16 bytes at a time. @module */

import { INLINE_BYTES } from '../../../core/column.ts';
import type { Local, V128 } from '../../../wasm/index.ts';
import { i32, i32x4, i64, i8x16, v128 } from '../../../wasm/index.ts';
import type { RowCode } from './row-code.ts';

/** Marks the bytes of 16 at which a text may end: all ones or all zeros each. */
export type Stops = (bytes: Local<'v128'>) => V128;

/** Marks the bytes that are one of some. */
export function anyOf(codes: readonly number[]): Stops {
  const [first, ...others] = [...new Set(codes)];
  const isCode = (bytes: V128, code: number): V128 => i8x16.eq(bytes, i8x16.splat(i32.const(code)));
  return (bytes) =>
    others.reduce((marks, code) => v128.or(marks, isCode(bytes, code)), isCode(bytes, first!));
}

/** Stops at a control character as well. */
export function orControl(stops: Stops): Stops {
  return (bytes) => v128.or(stops(bytes), i8x16.ltU(bytes, i8x16.splat(i32.const(0x20))));
}

/** Moves to the next stop. */
export function emitSkippedText(c: RowCode, stops: Stops): void {
  c.f.loop((again) => {
    c.f.set(c.vector, v128.load(c.at));
    c.f.set(c.stops, i8x16.bitmask(stops(c.vector)));
    c.f.if(i32.eqz(c.stops), () => {
      c.f.increase(c.at, 16);
      c.f.branch(again);
    });
  });
  c.advance(i32.ctz(c.stops));
}

/** Stops within the first 13 bytes: what is before them lies in the view. */
const INLINE_STOPS = (1 << (INLINE_BYTES + 1)) - 1;

/**
 * Reads the text up to the next stop into a view, and moves there.
 *
 * @param empty - for a text without a byte; by default an empty string
 */
export function emitText(c: RowCode, column: number, stops: Stops, empty?: () => void): void {
  const { f } = c;
  f.set(c.vector, v128.load(c.at));
  f.set(c.stops, i8x16.bitmask(stops(c.vector)));
  f.if(
    i32.and(c.stops, i32.const(INLINE_STOPS)),
    () => {
      f.set(c.length, i32.ctz(c.stops));
      if (empty === undefined) emitInline(c, column);
      else f.if(c.length, () => emitInline(c, column), empty);
      c.advance(c.length);
    },
    () => emitLong(c, column, stops),
  );
}

/** Positions that move the first 12 bytes behind the length; the first four give any byte. */
const BEHIND_LENGTH = [0, 0, 0, 0, ...Array.from({ length: INLINE_BYTES }, (_, i) => i)];
/** For each byte of a view: its number among the bytes of the text. */
const TEXT_POSITIONS = [255, 255, 255, 255, ...BEHIND_LENGTH.slice(4)];

function emitInline(c: RowCode, column: number): void {
  const moved = i8x16.shuffle(c.vector, c.vector, BEHIND_LENGTH);
  const isText = i8x16.ltU(v128.const(TEXT_POSITIONS), i8x16.splat(c.length));
  const view = i32x4.replaceLane(v128.and(moved, isText), 0, c.length);
  c.f.do(v128.store(c.cell(column), view));
}

/** Copies to the heap while it looks for the end; up to 15 bytes too many, into what is padding. */
function emitLong(c: RowCode, column: number, stops: Stops): void {
  const { f } = c;
  const from = f.let(c.at);
  f.set(c.target, c.heapAt);
  f.loop((again) => {
    c.slowIf(i32.geU(c.target, c.heapEnd));
    f.do(v128.store(c.target, c.vector));
    f.if(i32.eqz(c.stops), () => {
      f.increase(c.at, 16);
      f.increase(c.target, 16);
      f.set(c.vector, v128.load(c.at));
      f.set(c.stops, i8x16.bitmask(stops(c.vector)));
      f.branch(again);
    });
  });
  c.advance(i32.ctz(c.stops));
  f.set(c.length, i32.sub(c.at, from));
  const end = i32.add(c.heapAt, c.length);
  c.slowIf(i32.gtU(end, c.heapEnd));
  const cell = f.let(c.cell(column));
  const word = (value: typeof end) => i64.extendI32U(value);
  const prefix = i64.shl(i64.load32U(from), i64.const(32n));
  const offset = i64.shl(word(i32.sub(c.heapAt, c.heapStart)), i64.const(32n));
  f.do(i64.store(cell, i64.or(word(c.length), prefix)), i64.store(cell, offset, { offset: 8 }));
  f.set(c.heapAt, end);
}
