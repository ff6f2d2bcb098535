/** Code that reads numbers and truth values. @module */

import { MAX_TIME_US } from '../../../core/time.ts';
import type { I64 } from '../../../wasm/index.ts';
import { f64, i32, i64, select } from '../../../wasm/index.ts';
import { floatPowerOfTen, powerOfTen } from './digits.ts';
import { emitFoundNumber, emitLongBits, emitLongDigits, emitNumberScan } from './number-scan.ts';
import type { RowCode } from './row-code.ts';
import type { Stops } from './text.ts';

/** How a format writes values; what the formats differ in. */
export interface Notation {
  /** A number may begin with zeros that say nothing. */
  readonly allowsLeadingZeros: boolean;
  /** What may follow the value. A number behind which something else stands is not plain. */
  readonly followers: Stops;
  /** Writes code for the text at `at` that is no value of the column's type: null, or slow. */
  emitOther(code: RowCode, column: number): void;
}

/** Later times are no event times. */
const MOST_MILLISECONDS = BigInt(MAX_TIME_US) / 1000n;

/** How a number is read, beside what is the same for all. */
interface NumberCode {
  readonly column: number;
  readonly hasPoint: boolean;
  /** What is done with a number in `value`, `isNegative` and `places`, if it is short. */
  short?(): void;
  /** Reads a number that is not short; by default into the same variables. */
  long?(): void;
  /** What is done with either. */
  use(): void;
}

/** Reads a number. Where none is, the notation decides. */
function emitNumber(c: RowCode, notation: Notation, number: NumberCode): void {
  const { column, hasPoint } = number;
  emitNumberScan(c, hasPoint, notation.followers);
  c.either(
    i32.gtU(c.count, c.isNegative),
    () => {
      if (!notation.allowsLeadingZeros) {
        const [zeroAndDigit, mask] = [0x3030, 0xf0ff];
        const first = i32.load16U(i32.add(c.at, c.isNegative), { offset: c.ahead });
        c.slowIf(i32.eq(i32.and(first, i32.const(mask)), i32.const(zeroAndDigit)));
      }
      const long = number.long ?? (() => emitLongDigits(c, hasPoint));
      emitFoundNumber(c, hasPoint, { short: () => number.short?.(), long });
      number.use();
    },
    () => {
      c.slowIf(c.isNegative);
      notation.emitOther(c, column);
    },
  );
}

/** `value`, negated if `isNegative`. */
function signedValue(c: RowCode): I64 {
  const sign = i64.extendI32U(c.isNegative);
  return i64.add(i64.xor(c.value, i64.sub(i64.const(0n), sign)), sign);
}

function emitWhole(c: RowCode, notation: Notation, column: number, use: () => void): void {
  emitNumber(c, notation, { column, hasPoint: false, use });
}

/** Refuses a number above `limit`; below zero one more is allowed. */
function refuseAbove(c: RowCode, limit: bigint): void {
  const isBelow = i64.extendI32U(c.isNegative);
  c.slowIf(i64.gtU(c.value, i64.add(i64.const(limit), isBelow)));
}

export function emitInt32(c: RowCode, notation: Notation, column: number): void {
  emitWhole(c, notation, column, () => {
    refuseAbove(c, 2n ** 31n - 1n);
    c.f.do(i32.store(c.cell(column), i32.wrapI64(signedValue(c))));
  });
}

export function emitInt64(c: RowCode, notation: Notation, column: number): void {
  emitWhole(c, notation, column, () => {
    refuseAbove(c, 2n ** 63n - 1n);
    c.f.do(i64.store(c.cell(column), signedValue(c)));
  });
}

/** Whole milliseconds that are not negative, into a timestamp. */
export function emitMilliseconds(c: RowCode, notation: Notation, column: number): void {
  emitWhole(c, notation, column, () => {
    c.slowIf(i32.or(c.isNegative, i64.gtU(c.value, i64.const(MOST_MILLISECONDS))));
    c.f.do(i64.store(c.cell(column), i64.mul(c.value, i64.const(1000n))));
  });
}

/**
 * A short number's digits make a number below 2^53: that and the power of ten are exact, so their
 * quotient is rounded once, as it has to be.
 */
export function emitFloat64(c: RowCode, notation: Notation, column: number): void {
  emitNumber(c, notation, {
    column,
    hasPoint: true,
    short() {
      const quotient = f64.div(f64.convertI64S(c.value), floatPowerOfTen(c, c.places));
      const sign = i64.shl(i64.extendI32U(c.isNegative), i64.const(63n));
      c.f.set(c.value, i64.or(i64.reinterpretF64(quotient), sign));
    },
    long: () => emitLongBits(c),
    use: () => c.f.do(i64.store(c.cell(column), c.value)),
  });
}

export function emitDecimal(
  c: RowCode,
  notation: Notation,
  column: number,
  { scale, precision }: { readonly scale: number; readonly precision: number },
): void {
  const use = (): void => {
    c.slowIf(i32.gtU(c.places, i32.const(scale)));
    const missing = i32.sub(i32.const(scale), c.places);
    // Below this the number of units is below 10^precision.
    const limit = powerOfTen(c, i32.add(c.places, i32.const(precision - scale)));
    c.slowIf(i64.geU(c.value, limit));
    c.f.set(c.value, i64.mul(c.value, powerOfTen(c, missing)));
    c.f.do(i64.store(c.cell(column), signedValue(c)));
  };
  emitNumber(c, notation, { column, hasPoint: true, use });
}

/** A number that no column wants, of those that a float64 is read from. */
export function emitSkippedNumber(c: RowCode, notation: Notation): void {
  const long = (): void => emitLongBits(c);
  emitNumber(c, notation, { column: -1, hasPoint: true, long, use: () => undefined });
}

const TRUE = 0x65757274;
const FALSE_HEAD = 0x736c6166;

export function emitBool(c: RowCode, notation: Notation, column: number): void {
  const { f } = c;
  const byteAt = i32.add(c.values(column), i32.shrU(c.row, i32.const(3)));
  const bit = i32.shl(i32.const(1), i32.and(c.row, i32.const(7)));
  const isTrue = i32.eq(c.word32(), i32.const(TRUE));
  const isFalse = i32.and(
    i32.eq(c.word32(), i32.const(FALSE_HEAD)),
    i32.eq(c.byte(4), i32.const(0x65)),
  );
  f.set(c.count, isTrue);
  c.either(
    i32.or(c.count, isFalse),
    () => {
      const others = i32.and(i32.load8U(byteAt), i32.xor(bit, i32.const(-1)));
      const own = select(c.count, bit, i32.const(0));
      f.do(i32.store8(byteAt, i32.or(others, own)));
      c.advance(i32.sub(i32.const(5), c.count));
    },
    () => notation.emitOther(c, column),
  );
}
