/** Dates as text. @module */

import type { FunctionBuilder, FunctionRef, I32, I64, ModuleBuilder } from '../../../wasm/index.ts';
import { call, i32, i64, select } from '../../../wasm/index.ts';
import { nonDigits, pairs } from './digit-words.ts';
import { ColumnWord } from './layout.ts';

/** XOR with it leaves digits and zeros. */
const DATE_PATTERN = littleEndian('0000-00-');
/** Bytes of the pattern that are not digits. */
const DATE_MARKS = 0xff0000ff_00000000n;

/** XOR with it leaves digits and zeros, the day and what follows it aside. */
const CLOCK_PATTERN = littleEndian('00T00:00');
const CLOCK_BYTES = 0xffffffff_ff000000n;
const CLOCK_MARKS = 0x0000ff00_00000000n;
/** What XOR with the pattern makes of a blank for the `T`. */
const BLANK = 0x54 ^ 0x20;

/** Years whose times are event times, and exact in every way of computing them. */
const FIRST_YEAR = 1700;
const LAST_YEAR = 2199;

export const US_PER_SECOND = 1_000_000n;
const US_PER_DAY = 86_400n * US_PER_SECOND;
/** What {@link emitStartOfMinute} returns for what is no time. */
export const NO_TIME = -(2n ** 63n);

/** Eight letters as an int64 is loaded. */
export function littleEndian(text: string): bigint {
  return text
    .split('')
    .reduceRight((value, letter) => value * 256n + BigInt(letter.charCodeAt(0)), 0n);
}

/** The pair of digits at a byte of a word of {@link pairs}. */
export function pairAt(word: I64, byte: number): I32 {
  const shifted = byte === 0 ? word : i64.shrU(word, i64.const(BigInt(8 * byte)));
  return i32.and(i32.wrapI64(shifted), i32.const(0xff));
}

/**
 * Adds `startOfMinute(at, column)`: microseconds since 1970 of the sixteen bytes `YYYY-MM-DDTHH:MM`, or
 * with a blank for `T`; {@link NO_TIME} where they are no time, or none of the years 1700 to 2199.
 * `column` is the address of the column's words, which remember the date that came last.
 */
export function emitStartOfMinute(module: ModuleBuilder): FunctionRef<'i64'> {
  const startOfDay = emitStartOfDay(module);
  return module.function({ params: ['i32', 'i32'], result: 'i64' }, (f) => {
    const at = f.param(0, 'i32');
    const column = f.param(1, 'i32');
    const date = f.let(i64.load(at));
    const day = f.let(i32.load16U(at, { offset: 8 }));
    const isOtherDate = i64.ne(date, i64.load(column, { offset: ColumnWord.DATE }));
    const isOtherDay = i32.ne(day, i32.load(column, { offset: ColumnWord.DAY }));
    f.if(i32.or(isOtherDate, isOtherDay), () => {
      f.do(
        i64.store(column, date, { offset: ColumnWord.DATE }),
        i32.store(column, day, { offset: ColumnWord.DAY }),
        i64.store(column, call(startOfDay, date, day), { offset: ColumnWord.DAY_START_US }),
      );
    });
    const startUs = f.let(i64.load(column, { offset: ColumnWord.DAY_START_US }));
    const refuseIf = (condition: I32): void => f.if(condition, () => f.return(i64.const(NO_TIME)));
    refuseIf(i64.eq(startUs, i64.const(NO_TIME)));
    const word = f.let(i64.xor(i64.load(at, { offset: 8 }), i64.const(CLOCK_PATTERN)));
    const separator = f.let(i32.and(i32.wrapI64(i64.shrU(word, i64.const(16n))), i32.const(0xff)));
    refuseIf(i32.and(i32.ne(separator, i32.const(0)), i32.ne(separator, i32.const(BLANK))));
    f.set(word, i64.and(word, i64.const(CLOCK_BYTES)));
    refuseIf(isNoText(word, nonDigits(word), CLOCK_MARKS));
    f.set(word, pairs(word));
    const hour = f.let(pairAt(word, 3));
    const minute = f.let(pairAt(word, 6));
    refuseIf(i32.or(i32.gtU(hour, i32.const(23)), i32.gtU(minute, i32.const(59))));
    const minutes = i64.extendI32U(i32.add(i32.mul(hour, i32.const(60)), minute));
    f.return(i64.add(startUs, i64.mul(minutes, i64.const(60n * US_PER_SECOND))));
  });
}

/**
 * Adds `startOfDay(date, day)`: microseconds since 1970 of a date given as the eight bytes `YYYY-MM-`
 * and the two of the day; {@link NO_TIME} where that is no date, or one outside 1700 to 2199.
 */
function emitStartOfDay(module: ModuleBuilder): FunctionRef<'i64'> {
  return module.function({ params: ['i64', 'i32'], result: 'i64' }, (f) => {
    const word = f.let(i64.xor(f.param(0, 'i64'), i64.const(DATE_PATTERN)));
    const day = f.let(i32.xor(f.param(1, 'i32'), i32.const(0x3030)));
    const refuseIf = (condition: I32): void => f.if(condition, () => f.return(i64.const(NO_TIME)));
    refuseIf(isNoText(word, nonDigits(word), DATE_MARKS));
    const tens = i32.and(day, i32.const(0xff));
    const ones = i32.shrU(day, i32.const(8));
    refuseIf(i32.or(i32.gtU(tens, i32.const(9)), i32.gtU(ones, i32.const(9))));
    f.set(day, i32.add(i32.mul(tens, i32.const(10)), ones));
    f.set(word, pairs(word));
    const year = f.let(i32.add(i32.mul(pairAt(word, 0), i32.const(100)), pairAt(word, 2)));
    const month = f.let(pairAt(word, 5));
    const isBetween = (value: I32, from: number, to: number): I32 =>
      i32.leU(i32.sub(value, i32.const(from)), i32.const(to - from));
    refuseIf(i32.eqz(isBetween(year, FIRST_YEAR, LAST_YEAR)));
    refuseIf(i32.eqz(isBetween(month, 1, 12)));
    refuseIf(i32.gtU(i32.sub(day, i32.const(1)), i32.sub(daysInMonth(year, month), i32.const(1))));
    f.return(i64.mul(i64.extendI32S(daysSince1970(f, year, month, day)), i64.const(US_PER_DAY)));
  });
}

/** Whether a word has a non-digit, or something in a place of the pattern where nothing may be. */
export function isNoText(word: I64, marks: I64, patternBytes: bigint): I32 {
  return i64.ne(i64.or(marks, i64.and(word, i64.const(patternBytes))), i64.const(0n));
}

function daysInMonth(year: I32, month: I32): I32 {
  const isDivisible = (by: number): I32 => i32.eqz(i32.remU(year, i32.const(by)));
  const isLeap = i32.and(isDivisible(4), i32.or(i32.eqz(isDivisible(100)), isDivisible(400)));
  // 31 for the odd months up to July and the even ones from August on.
  const usual = i32.add(
    i32.const(30),
    i32.and(i32.add(month, i32.shrU(month, i32.const(3))), i32.const(1)),
  );
  return select(i32.eq(month, i32.const(2)), i32.add(i32.const(28), isLeap), usual);
}

/** As `daysFromCivil`, for positive years. */
function daysSince1970(f: FunctionBuilder, year: I32, month: I32, day: I32): I32 {
  const isEarly = f.let(i32.leU(month, i32.const(2)));
  const shifted = f.let(i32.sub(year, isEarly));
  const fromMarch = i32.add(i32.sub(month, i32.const(3)), i32.mul(isEarly, i32.const(12)));
  const beforeMonth = i32.divU(
    i32.add(i32.mul(i32.const(153), fromMarch), i32.const(2)),
    i32.const(5),
  );
  const years = i32.add(
    i32.add(i32.mul(shifted, i32.const(365)), i32.divU(shifted, i32.const(4))),
    i32.sub(i32.divU(shifted, i32.const(400)), i32.divU(shifted, i32.const(100))),
  );
  return i32.sub(i32.add(i32.add(years, beforeMonth), day), i32.const(719_469));
}
