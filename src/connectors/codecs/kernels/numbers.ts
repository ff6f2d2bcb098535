/** Code that reads numbers and truth values. @module */

import { MAX_TIME_US } from '../../../core/time.ts';
import type { I32 } from '../../../wasm/index.ts';
import { f64, i32, i64 } from '../../../wasm/index.ts';
import {
  emitDigits,
  emitSign,
  floatPowerOfTen,
  MOST_DIGITS,
  powerOfTen,
  signedValue,
} from './digits.ts';
import type { RowCode } from './row-code.ts';

/** How a format writes values; what the formats differ in. */
export interface Notation {
  /** A number may begin with zeros that say nothing. */
  readonly allowsLeadingZeros: boolean;
  /** Writes code for the text at `at` that is no value of the column's type: null, or slow. */
  emitOther(code: RowCode, column: number): void;
}

/** Later times are no event times. */
const MOST_MILLISECONDS = BigInt(MAX_TIME_US) / 1000n;

/** Reads sign and digits; `then` is for a number, otherwise the notation decides. */
function emitWhole(c: RowCode, notation: Notation, column: number, then: () => void): void {
  emitSign(c);
  emitDigits(c, c.value, c.count);
  c.f.if(
    i32.eqz(c.count),
    () => {
      c.slowIf(c.isNegative);
      notation.emitOther(c, column);
    },
    () => {
      if (!notation.allowsLeadingZeros) {
        const first = i32.load8U(i32.sub(c.at, c.count));
        const isZero = i32.eq(first, i32.const(0x30));
        c.slowIf(i32.and(isZero, i32.gtU(c.count, i32.const(1))));
      }
      then();
    },
  );
}

export function emitInt32(c: RowCode, notation: Notation, column: number): void {
  emitWhole(c, notation, column, () => {
    const limit = i64.add(i64.const(0x7fff_ffffn), i64.extendI32U(c.isNegative));
    c.slowIf(i64.gtU(c.value, limit));
    c.f.do(i32.store(c.cell(column), i32.wrapI64(signedValue(c))));
  });
}

export function emitInt64(c: RowCode, notation: Notation, column: number): void {
  emitWhole(c, notation, column, () => c.f.do(i64.store(c.cell(column), signedValue(c))));
}

/** Whole milliseconds that are not negative, into a timestamp. */
export function emitMilliseconds(c: RowCode, notation: Notation, column: number): void {
  emitWhole(c, notation, column, () => {
    c.slowIf(i32.or(c.isNegative, i64.gtU(c.value, i64.const(MOST_MILLISECONDS))));
    c.f.do(i64.store(c.cell(column), i64.mul(c.value, i64.const(1000n))));
  });
}

/** Reads decimal places, if there are any, into `places` and appends them to `value`. */
function emitPlaces(c: RowCode): void {
  const { f } = c;
  f.set(c.places, i32.const(0));
  f.if(i32.eq(c.byte(), i32.const(0x2e)), () => {
    f.increase(c.at, 1);
    emitDigits(c, c.fraction, c.places);
    c.slowIf(i32.eqz(c.places));
    c.slowIf(i32.gtU(i32.add(c.count, c.places), i32.const(MOST_DIGITS)));
    f.set(c.value, i64.add(i64.mul(c.value, powerOfTen(c, c.places)), c.fraction));
  });
}

/**
 * A number without exponent whose digits make a number below 2^53: that and the power of ten are
 * exact, so their quotient is rounded once, as it has to be.
 */
export function emitFloat64(c: RowCode, notation: Notation, column: number): void {
  emitWhole(c, notation, column, () => {
    emitPlaces(c);
    c.slowIf(i64.gtU(c.value, i64.const(2n ** 53n)));
    const quotient = f64.div(f64.convertI64S(c.value), floatPowerOfTen(c, c.places));
    const sign = i64.shl(i64.extendI32U(c.isNegative), i64.const(63n));
    c.f.do(i64.store(c.cell(column), i64.or(i64.reinterpretF64(quotient), sign)));
  });
}

export function emitDecimal(
  c: RowCode,
  notation: Notation,
  column: number,
  { scale, precision }: { readonly scale: number; readonly precision: number },
): void {
  emitWhole(c, notation, column, () => {
    emitPlaces(c);
    c.slowIf(i32.gtU(c.places, i32.const(scale)));
    const missing: I32 = i32.sub(i32.const(scale), c.places);
    c.slowIf(i32.gtU(i32.add(c.count, i32.const(scale)), i32.const(MOST_DIGITS)));
    c.f.set(c.value, i64.mul(c.value, powerOfTen(c, missing)));
    c.slowIf(i64.geU(c.value, i64.const(10n ** BigInt(precision))));
    c.f.do(i64.store(c.cell(column), signedValue(c)));
  });
}

/** A number that no column wants, of those that a float64 is read from. */
export function emitSkippedNumber(c: RowCode, notation: Notation): void {
  emitWhole(c, notation, -1, () => emitPlaces(c));
}

const TRUE = 0x65757274;
const FALSE_HEAD = 0x736c6166;

export function emitBool(c: RowCode, notation: Notation, column: number): void {
  const { f } = c;
  const head = i32.load(c.at);
  const byteAt = i32.add(c.values(column), i32.shrU(c.row, i32.const(3)));
  const bit = i32.shl(i32.const(1), i32.and(c.row, i32.const(7)));
  f.if(
    i32.eq(head, i32.const(TRUE)),
    () => {
      f.do(i32.store8(byteAt, i32.or(i32.load8U(byteAt), bit)));
      f.increase(c.at, 4);
    },
    () =>
      f.if(
        i32.and(i32.eq(head, i32.const(FALSE_HEAD)), i32.eq(c.byte(4), i32.const(0x65))),
        () => {
          const others = i32.xor(bit, i32.const(-1));
          f.do(i32.store8(byteAt, i32.and(i32.load8U(byteAt), others)));
          f.increase(c.at, 5);
        },
        () => notation.emitOther(c, column),
      ),
  );
}
