/**
 * Floats that are not one exact division: with many digits or an exponent.
 *
 * The digits, a number below 2^64, are multiplied with 128 bits of a power of five. The upper bits of
 * the product are those of the nearest float, but for products so close to the middle between two
 * floats that more bits would be needed: those are given up. (Lemire, "Number parsing at a gigabyte
 * per second", 2021.)
 *
 * @module
 */

import type {
  FunctionBuilder,
  FunctionRef,
  I32,
  I64,
  Local,
  ModuleBuilder,
} from '../../../wasm/index.ts';
import { call, i32, i64 } from '../../../wasm/index.ts';
import type { DigitReader } from './digits.ts';
import { emitDigits, MOST_DIGITS, powerOfTen } from './digits.ts';
import { FIVES_AT, Word } from './layout.ts';
import { GREATEST_EXPONENT, LEAST_EXPONENT } from './powers-of-five.ts';

const ZERO = 0x30;
const MINUS = 0x2d;
const PLUS = 0x2b;
const POINT = 0x2e;
const LETTER_E = 0x65;

const MANTISSA_BITS = 52;
const BIAS = 1023;

/** Longer exponents than this many digits are not plain. */
const MOST_EXPONENT_DIGITS = 3;

/**
 * Adds `longFloat(at, block)`: reads a number with sign, decimal places and exponent, whose bits come
 * into `Word.VALUE`. Returns where it ends, or 0 where it is not plain.
 */
export function emitLongFloat(module: ModuleBuilder): FunctionRef<'i32'> {
  const upperProduct = emitUpperProduct(module);
  return module.function({ params: ['i32', 'i32'], result: 'i32' }, (f) => {
    const at = f.param(0, 'i32');
    const block = f.param(1, 'i32');
    const value = f.local('i64');
    const exponent = f.local('i32');
    f.block((slow) => {
      const reader: DigitReader = {
        f,
        at,
        block,
        word: f.local('i64'),
        marks: f.local('i64'),
        length: f.local('i32'),
        slowIf: (condition) => f.branchIf(slow, condition),
      };
      const isNegative = f.let(byteIs(at, MINUS));
      f.set(at, i32.add(at, isNegative));
      emitDecimal(reader, value, exponent);
      f.if(i32.eq(i32.or(i32.load8U(at), i32.const(0x20)), i32.const(LETTER_E)), () =>
        emitExponent(reader, exponent),
      );
      const isBelow = i32.ltS(exponent, i32.const(LEAST_EXPONENT));
      reader.slowIf(i32.or(isBelow, i32.gtS(exponent, i32.const(GREATEST_EXPONENT))));
      f.if(i64.ne(value, i64.const(0n)), () =>
        emitNearest(reader, { value, exponent, upperProduct }),
      );
      const sign = i64.shl(i64.extendI32U(isNegative), i64.const(63n));
      f.do(i64.store(block, i64.or(value, sign), { offset: 4 * Word.VALUE }));
      f.return(at);
    });
    f.return(i32.const(0));
  });
}

const byteIs = (at: I32, code: number): I32 => i32.eq(i32.load8U(at), i32.const(code));

/** Reads digits and decimal places: a whole number and a power of ten. */
function emitDecimal(r: DigitReader, value: Local<'i64'>, exponent: Local<'i32'>): void {
  const { f, at } = r;
  const fraction = f.local('i64');
  const count = f.local('i32');
  const places = f.local('i32');
  emitDigits(r, value, count);
  r.slowIf(i32.eqz(count));
  f.if(byteIs(at, POINT), () => {
    f.increase(at, 1);
    const from = f.let(at);
    // Zeros behind a zero are no digits of the number.
    f.while(i32.and(byteIs(at, ZERO), i64.eqz(value)), () => f.increase(at, 1));
    const zeros = f.let(i32.sub(at, from));
    emitDigits(r, fraction, places);
    r.slowIf(i32.eq(at, from));
    const isTooLong = i32.gtU(i32.add(count, places), i32.const(MOST_DIGITS));
    r.slowIf(i32.and(isTooLong, i64.ne(value, i64.const(0n))));
    f.set(value, i64.add(i64.mul(value, powerOfTen(r, places)), fraction));
    f.set(exponent, i32.sub(i32.const(0), i32.add(places, zeros)));
  });
}

/** Reads the exponent and adds it. */
function emitExponent(r: DigitReader, exponent: Local<'i32'>): void {
  const { f, at } = r;
  const digits = f.local('i64');
  const count = f.local('i32');
  f.increase(at, 1);
  const isNegative = f.let(byteIs(at, MINUS));
  f.set(at, i32.add(at, i32.or(isNegative, byteIs(at, PLUS))));
  emitDigits(r, digits, count);
  const isOdd = i32.gtU(i32.sub(count, i32.const(1)), i32.const(MOST_EXPONENT_DIGITS - 1));
  r.slowIf(isOdd);
  const sign = i32.sub(i32.const(0), isNegative);
  const signed = i32.sub(i32.xor(i32.wrapI64(digits), sign), sign);
  f.set(exponent, i32.add(exponent, signed));
}

/** Makes `value`, not 0, times ten to `exponent` the bits of the nearest float. */
function emitNearest(
  r: DigitReader,
  {
    value,
    exponent,
    upperProduct,
  }: {
    readonly value: Local<'i64'>;
    readonly exponent: Local<'i32'>;
    readonly upperProduct: FunctionRef<'i64'>;
  },
): void {
  const { f, block } = r;
  const index = i32.sub(exponent, i32.const(LEAST_EXPONENT));
  const entry = f.let(i32.add(block, i32.shl(index, i32.const(4))));
  const zeros = f.let(i64.clz(value));
  f.set(value, i64.shl(value, zeros));
  const power = f.let(i64.load(entry, { offset: FIVES_AT }));
  const upper = f.let(call(upperProduct, value, power));
  const lower = f.let(i64.mul(value, power));
  // Only where all bits below those of the float are ones do the lower bits of the power matter.
  f.if(i64.eq(i64.and(upper, i64.const(0x1ffn)), i64.const(0x1ffn)), () => {
    const more = f.let(call(upperProduct, value, i64.load(entry, { offset: FIVES_AT + 8 })));
    f.set(lower, i64.add(lower, more));
    f.set(upper, i64.add(upper, i64.extendI32U(i64.ltU(lower, more))));
  });
  r.slowIf(i64.eq(lower, i64.const(-1n)));
  const upperBit = f.let(i64.shrU(upper, i64.const(63n)));
  const shift = f.let(i64.add(upperBit, i64.const(BigInt(64 - MANTISSA_BITS - 3))));
  const mantissa = f.let(i64.shrU(upper, shift));
  // In the middle between two floats, which only such powers allow, the even one is nearest.
  const isExact = i32.leU(i32.add(exponent, i32.const(4)), i32.const(27));
  const isMiddle = i64.eq(i64.shl(mantissa, shift), upper);
  const isOdd = i64.eq(i64.and(mantissa, i64.const(3n)), i64.const(1n));
  f.if(i32.and(i32.and(i64.leU(lower, i64.const(1n)), isExact), i32.and(isMiddle, isOdd)), () =>
    f.set(mantissa, i64.sub(mantissa, i64.const(1n))),
  );
  f.set(mantissa, i64.add(mantissa, i64.and(mantissa, i64.const(1n))));
  f.set(mantissa, i64.shrU(mantissa, i64.const(1n)));
  // log2(10) times 2^16. Rounding up to the next power of two adds one to the exponent by itself.
  const log2 = i32.shrS(i32.mul(exponent, i32.const(217706)), i32.const(16));
  const place = i64.sub(i64.add(upperBit, i64.extendI32S(log2)), zeros);
  const biased = i64.add(place, i64.const(BigInt(63 + BIAS)));
  const implied = i64.const(1n << BigInt(MANTISSA_BITS));
  const bits: I64 = i64.shl(biased, i64.const(BigInt(MANTISSA_BITS)));
  f.set(value, i64.add(bits, i64.sub(mantissa, implied)));
}

/** Adds a function for the upper 64 bits of the product of two numbers of 64 bits. */
function emitUpperProduct(module: ModuleBuilder): FunctionRef<'i64'> {
  return module.function({ params: ['i64', 'i64'], result: 'i64' }, (f: FunctionBuilder) => {
    const low = (word: I64): I64 => i64.and(word, i64.const(0xffff_ffffn));
    const high = (word: I64): I64 => i64.shrU(word, i64.const(32n));
    const a = f.param(0, 'i64');
    const b = f.param(1, 'i64');
    const middle1 = f.let(i64.mul(high(a), low(b)));
    const middle2 = f.let(i64.mul(low(a), high(b)));
    const lowest = high(i64.mul(low(a), low(b)));
    const carried = f.let(i64.add(lowest, i64.add(low(middle1), low(middle2))));
    const top = i64.add(i64.mul(high(a), high(b)), i64.add(high(middle1), high(middle2)));
    f.return(i64.add(top, high(carried)));
  });
}
