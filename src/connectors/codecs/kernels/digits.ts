/** Code that reads digits one word after another; see `digit-words.ts`. @module */

import type { F64, FunctionBuilder, I32, Local } from '../../../wasm/index.ts';
import { f64, i32, i64 } from '../../../wasm/index.ts';
import type { I64 } from '../../../wasm/index.ts';
import { eightDigits, loadDigits, nonDigits } from './digit-words.ts';
import { FLOAT_POWERS_AT, POWERS_AT } from './layout.ts';

/** Most digits that {@link emitDigits} reads: as many fit in 64 bits whatever they are. */
export const MOST_DIGITS = 19;

/** Variables of the code that reads digits. */
export interface DigitReader {
  readonly f: FunctionBuilder;
  readonly at: Local<'i32'>;
  readonly block: I32;
  readonly word: Local<'i64'>;
  readonly marks: Local<'i64'>;
  readonly length: Local<'i32'>;
  /** Gives up if the condition holds. */
  slowIf(condition: I32): void;
}

/**
 * The number of the digits in front of the first mark: they are shifted to the end of the word, so
 * that zeros stand in front of them. No digit is 0.
 */
export function setLeadingDigits(r: DigitReader, target: Local<'i64'>): void {
  const shift = i64.sub(i64.const(63n), i64.ctz(r.marks));
  r.f.set(r.word, i64.shl(i64.shl(r.word, shift), i64.const(8n)));
  r.f.set(target, eightDigits(r.word));
}

/** How many digits stand in front of the first mark. */
export function countLeading({ marks }: DigitReader): I32 {
  return i32.wrapI64(i64.shrU(i64.ctz(marks), i64.const(3n)));
}

/** 10^power, for a power of at most 19, without sign. */
export function powerOfTen({ block }: { readonly block: I32 }, power: I32): I64 {
  const address = i32.add(block, i32.shl(power, i32.const(3)));
  return i64.load(address, { offset: POWERS_AT });
}

export function floatPowerOfTen({ block }: { readonly block: I32 }, power: I32): F64 {
  const address = i32.add(block, i32.shl(power, i32.const(3)));
  return f64.load(address, { offset: FLOAT_POWERS_AT });
}

/**
 * Reads the digits at `at` into `value`, their number into `count`, and moves behind them. There may
 * be none; at more than {@link MOST_DIGITS} it gives up.
 */
export function emitDigits(r: DigitReader, value: Local<'i64'>, count: Local<'i32'>): void {
  const { f } = r;
  const next = f.local('i64');
  const append = (): void => {
    f.set(r.length, countLeading(r));
    setLeadingDigits(r, next);
    f.set(value, i64.add(i64.mul(value, powerOfTen(r, r.length)), next));
    f.set(count, i32.add(count, r.length));
  };
  f.set(value, i64.const(0n));
  f.set(count, i32.const(0));
  f.block((end) => {
    for (let words = 0; words < 2; words++) {
      f.set(r.word, loadDigits(r.at, 8 * words));
      f.set(r.marks, nonDigits(r.word));
      f.if(i64.ne(r.marks, i64.const(0n)), () => {
        append();
        f.branch(end);
      });
      f.set(next, eightDigits(r.word));
      f.set(value, i64.add(i64.mul(value, i64.const(100_000_000n)), next));
      f.increase(count, 8);
    }
    f.set(r.word, loadDigits(r.at, 16));
    f.set(r.marks, nonDigits(r.word));
    r.slowIf(i64.eqz(r.marks));
    append();
    r.slowIf(i32.gtU(count, i32.const(MOST_DIGITS)));
  });
  f.set(r.at, i32.add(r.at, count));
}
