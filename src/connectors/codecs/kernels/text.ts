/** Code that reads text, 16 bytes at a time. @module */

import { INLINE_BYTES } from '../../../core/column.ts';
import type { Local, V128 } from '../../../wasm/index.ts';
import { call, i32, i32x4, i64, i8x16, v128 } from '../../../wasm/index.ts';
import { TEXT_AT, VIEWS_AT, Word } from './layout.ts';
import type { RowCode } from './row-code.ts';

/** Marks the bytes of 16 at which a text may end: all ones or all zeros each. */
export type Stops = (c: RowCode, bytes: Local<'v128'>) => V128;

/** Marks the bytes that are one of some. */
export function anyOf(codes: readonly number[]): Stops {
  const [first, ...others] = [...new Set(codes)];
  return (c, bytes) =>
    others.reduce(
      (marks, code) => v128.or(marks, i8x16.eq(bytes, c.splat(code))),
      i8x16.eq(bytes, c.splat(first!)),
    );
}

/** Marks the bytes that `one` or `other` marks. */
export function eitherOf(one: Stops, other: Stops): Stops {
  return (c, bytes) => v128.or(one(c, bytes), other(c, bytes));
}

/** Marks control characters. */
export const controls: Stops = (c, bytes) => i8x16.eq(i8x16.minU(bytes, c.splat(0x1f)), bytes);

/** How texts end. */
export interface TextEnds {
  /** What ends a text: the fewer there are, the sooner its end is known. */
  readonly ends: Stops;
  /** What is not to be in a plain text. A line feed is one or the other. */
  readonly refused: Stops;
}

/** Moves to the end of the text at hand, or to what is not to be in it. */
export function emitSkippedText(c: RowCode, { ends, refused }: TextEnds): void {
  const { f } = c;
  const stops = eitherOf(ends, refused);
  c.settle();
  f.loop((again) => {
    f.set(c.vector, c.bytes16());
    f.set(c.stops, i8x16.bitmask(stops(c, c.vector)));
    f.if(i32.eqz(c.stops), () => {
      f.increase(c.at, 16);
      f.branch(again);
    });
  });
  c.advance(i32.ctz(c.stops));
}

/** Stops within the first 13 bytes: what is before them lies in the view. */
const INLINE_STOPS = (1 << (INLINE_BYTES + 1)) - 1;

/**
 * Reads the text at hand into a view, and moves to its end, or to what is not to be in it.
 *
 * @param empty - for a text without a byte; by default an empty string
 */
export function emitText(
  c: RowCode,
  column: number,
  { ends, refused }: TextEnds,
  empty?: () => void,
): void {
  const { f } = c;
  f.set(c.vector, c.bytes16());
  f.set(c.stops, i8x16.bitmask(ends(c, c.vector)));
  f.set(c.seen, v128.or(c.seen, c.vector));
  const others = f.let(i8x16.bitmask(refused(c, c.vector)));
  const upToEnd = i32.xor(c.stops, i32.sub(c.stops, i32.const(1)));
  const isShort = i32.ne(i32.and(c.stops, i32.const(INLINE_STOPS)), i32.const(0));
  c.either(
    i32.and(isShort, i32.eqz(i32.and(others, upToEnd))),
    () => {
      f.set(c.length, i32.ctz(c.stops));
      if (empty === undefined) emitInline(c, column);
      else f.if(c.length, () => emitInline(c, column), empty);
      c.advance(c.length);
    },
    () => {
      f.set(c.stops, i32.or(c.stops, others));
      emitLong(c, column, eitherOf(ends, refused));
    },
  );
}

function emitInline(c: RowCode, column: number): void {
  const places = c.table(VIEWS_AT, i32.shl(c.length, i32.const(4)));
  const view = i32x4.replaceLane(i8x16.swizzle(c.vector, places), 0, c.length);
  c.f.do(v128.store(c.cell(column), view));
}

/** Copies to the heap while it looks for the end; up to 15 bytes too many, into what is padding. */
function emitLong(c: RowCode, column: number, stops: Stops): void {
  const { f } = c;
  c.settle();
  const from = f.let(c.at);
  f.set(c.target, c.heapAt);
  f.loop((again) => {
    c.slowIf(i32.geU(c.target, c.heapEnd));
    f.do(v128.store(c.target, c.vector));
    f.if(i32.eqz(c.stops), () => {
      f.increase(c.at, 16);
      f.increase(c.target, 16);
      f.set(c.vector, c.bytes16());
      f.set(c.stops, i8x16.bitmask(stops(c, c.vector)));
      f.set(c.seen, v128.or(c.seen, c.vector));
      f.branch(again);
    });
  });
  c.advance(i32.ctz(c.stops));
  f.set(c.length, i32.sub(c.at, from));
  c.slowIf(i32.gtU(i32.add(c.heapAt, c.length), c.heapEnd));
  emitView(c, column);
}

/** Writes the view of a long text, `length` bytes that lie at `heapAt`, and keeps them there. */
function emitView(c: RowCode, column: number): void {
  const { f } = c;
  const end = i32.add(c.heapAt, c.length);
  const cell = f.let(c.cell(column));
  const word = (value: typeof end) => i64.extendI32U(value);
  const prefix = i64.shl(i64.load32U(c.heapAt), i64.const(32n));
  const offset = i64.shl(word(i32.sub(c.heapAt, c.heapStart)), i64.const(32n));
  f.do(i64.store(cell, i64.or(word(c.length), prefix)), i64.store(cell, offset, { offset: 8 }));
  f.set(c.heapAt, end);
}

/** Where a text begins, so that it can be read again. */
export interface TextStart {
  readonly from: Local<'i32'>;
  readonly heapAt: Local<'i32'>;
}

/** Remembers the text at hand. */
export function textStart(c: RowCode): TextStart {
  return { from: c.f.let(c.place()), heapAt: c.f.let(c.heapAt) };
}

/** Reads a text again that turned out to have escapes, and moves to its closing quote. */
export function emitEscapedText(c: RowCode, column: number, { from, heapAt }: TextStart): void {
  const { f } = c;
  f.set(c.heapAt, heapAt);
  c.moveTo(call(c.helpers.unescape, from, heapAt, c.heapEnd, c.block));
  c.slowIf(i32.eqz(c.at));
  f.set(c.seen, v128.or(c.seen, c.table(TEXT_AT)));
  f.set(c.length, i32.load(c.block, { offset: 4 * Word.LENGTH }));
  f.if(
    i32.gtU(c.length, i32.const(INLINE_BYTES)),
    () => emitView(c, column),
    () => {
      f.set(c.vector, v128.load(heapAt));
      emitInline(c, column);
    },
  );
}
