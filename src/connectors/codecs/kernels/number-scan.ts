/**
 * Code that reads a number of up to 15 bytes, all of them at once: neither its length nor the place
 * of its point costs a branch.
 *
 * @module
 */

import type { V128 } from '../../../wasm/index.ts';
import { call, i16x8, i32, i32x4, i64, i64x2, i8x16, select, v128 } from '../../../wasm/index.ts';
import {
  BEFORE_AT,
  EIGHT_WEIGHTS_AT,
  PAIR_WEIGHTS_AT,
  POSITIONS_AT,
  QUAD_WEIGHTS_AT,
  Word,
} from './layout.ts';
import type { RowCode } from './row-code.ts';
import type { Stops } from './text.ts';

const ZERO = 0x30;
const MINUS = 0x2d;
const POINT = 0x2e;

/**
 * Finds digits at hand, behind a minus sign if one is there: sets `isNegative`, `digits`, `isDigit`,
 * `count` to the bytes of the number with its sign, at most 16, and `end` to where something stands
 * that may follow: the sooner that is known, the sooner the next value is read.
 *
 * @param hasPoint - the number may have a point; sets `point` to its bit, or to one behind the number
 */
export function emitNumberScan(c: RowCode, hasPoint: boolean, followers: Stops): void {
  const { f } = c;
  f.set(c.vector, c.bytes16());
  f.set(c.end, i32.ctz(i8x16.bitmask(followers(c, c.vector))));
  f.set(c.digits, i8x16.sub(c.vector, c.splat(ZERO)));
  f.set(c.isDigit, i8x16.eq(i8x16.minU(c.digits, c.splat(9)), c.digits));
  f.set(c.isNegative, i32.eq(c.byte(), i32.const(MINUS)));
  let bytes = i32.or(i8x16.bitmask(c.isDigit), c.isNegative);
  if (hasPoint) {
    f.set(c.point, i8x16.bitmask(i8x16.eq(c.vector, c.splat(POINT))));
    f.set(c.point, i32.and(c.point, i32.sub(i32.const(0), c.point)));
    bytes = i32.or(bytes, c.point);
  }
  f.set(c.count, i32.ctz(i32.xor(bytes, i32.const(-1))));
}

/**
 * Reads the number that was found: a short one into `value` and `places`, and moves behind it.
 *
 * @param long - reads one that is longer, or has something else in it, and moves behind it
 */
export function emitFoundNumber(
  c: RowCode,
  hasPoint: boolean,
  { short, long }: { short?: () => void; long: () => void },
): void {
  c.either(
    i32.eq(c.end, c.count),
    () => {
      setDigits(c, hasPoint ? emitPoint(c) : c.table(POSITIONS_AT, c.count));
      short?.();
      c.advance(c.end);
    },
    () => {
      long();
      c.slowIf(i32.eqz(c.at));
    },
  );
}

/** Reads a long number into `value` and `places`. */
export function emitLongDigits(c: RowCode, hasPoint: boolean): void {
  const isAllowed = i32.const(hasPoint ? 1 : 0);
  c.moveTo(call(c.helpers.longNumber, c.place(), c.block, isAllowed));
  c.f.set(c.value, i64.load(c.block, { offset: 4 * Word.VALUE }));
  if (hasPoint) c.f.set(c.places, i32.load(c.block, { offset: 4 * Word.PLACES }));
}

/** Reads a long float's bits into `value`. */
export function emitLongBits(c: RowCode): void {
  c.moveTo(call(c.helpers.longFloat, c.place(), c.block));
  c.f.set(c.value, i64.load(c.block, { offset: 4 * Word.VALUE }));
}

/**
 * Sets `places`.
 *
 * @returns which byte of the number goes where so that the digits stand at the end, without the point
 */
function emitPoint(c: RowCode): V128 {
  const { f } = c;
  c.slowIf(i32.leU(i32.ctz(c.point), c.isNegative));
  const isThere = f.let(i32.ltU(i32.ctz(c.point), c.count));
  /** Bytes from the point on; 17 without one, for which the table has no byte to move. */
  const rest = f.let(select(isThere, i32.sub(c.count, i32.ctz(c.point)), i32.const(17)));
  c.slowIf(i32.eq(rest, i32.const(1)));
  f.set(c.places, select(isThere, i32.sub(rest, i32.const(1)), i32.const(0)));
  // What stands before the point, and the point's place, takes the byte before.
  return i8x16.add(c.table(POSITIONS_AT, c.count), c.table(BEFORE_AT - 1, rest));
}

/** Sets `value` to the number of the digits, moved to the places given. */
function setDigits(c: RowCode, positions: V128): void {
  const { f } = c;
  const digits = i8x16.swizzle(v128.and(c.digits, c.isDigit), positions);
  const pairs = i16x8.shrU(i16x8.mul(digits, c.table(PAIR_WEIGHTS_AT)), i32.const(8));
  f.set(c.digits, i32x4.dotI16x8S(pairs, c.table(QUAD_WEIGHTS_AT)));
  const quads = i16x8.narrowI32x4S(c.digits, c.digits);
  f.set(c.value, i64x2.extractLane(i32x4.dotI16x8S(quads, c.table(EIGHT_WEIGHTS_AT)), 0));
  const upper = i64.and(c.value, i64.const(0xffff_ffffn));
  const lower = i64.shrU(c.value, i64.const(32n));
  f.set(c.value, i64.add(i64.mul(upper, i64.const(100_000_000n)), lower));
}
