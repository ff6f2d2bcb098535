/** Code that reads timestamps in ISO 8601. @module */

import type { I32 } from '../../../wasm/index.ts';
import { call, i32, i64 } from '../../../wasm/index.ts';
import { isNoText, littleEndian, NO_DATE, pairAt, US_PER_SECOND } from './calendar.ts';
import { loadDigits, nonDigits, pairs } from './digit-words.ts';
import { countLeading, powerOfTen, setLeadingDigits } from './digits.ts';
import type { RowCode } from './row-code.ts';

/** XOR with it leaves digits and zeros. */
const CLOCK_PATTERN = littleEndian('00:00:00');
/** Bytes of the pattern that are not digits. */
const CLOCK_MARKS = 0x0000ff00_00ff0000n;

/**
 * Reads `YYYY-MM-DDTHH:MM:SS`, or with a blank for `T`, up to six decimal places and `Z` if need be.
 * Rows that follow each other mostly have the same date: its days are worked out once.
 */
export function emitIsoTimestamp(c: RowCode, column: number): void {
  const { f } = c;
  const { date, day, startUs } = c.lastDate(column);
  const dateHere = i64.load(c.at);
  const dayHere = i32.load16U(c.at, { offset: 8 });
  f.if(i32.or(i64.ne(dateHere, date), i32.ne(dayHere, day)), () => {
    f.set(date, dateHere);
    f.set(day, dayHere);
    f.set(startUs, call(c.helpers.startOfDay, date, day));
  });
  c.slowIf(i64.eq(startUs, i64.const(NO_DATE)));
  const separator = c.byte(10);
  c.slowIf(i32.and(i32.ne(separator, i32.const(0x54)), i32.ne(separator, i32.const(0x20))));
  f.set(c.word, loadDigits(c.at, 11, CLOCK_PATTERN));
  c.slowIf(isNoText(c.word, nonDigits(c.word), CLOCK_MARKS));
  f.set(c.word, pairs(c.word));
  const isAbove = (byte: number, limit: number): I32 =>
    i32.gtU(pairAt(c.word, byte), i32.const(limit));
  c.slowIf(i32.or(isAbove(0, 23), i32.or(isAbove(3, 59), isAbove(6, 59))));
  const minutes = i32.add(i32.mul(pairAt(c.word, 0), i32.const(60)), pairAt(c.word, 3));
  const seconds = i32.add(i32.mul(minutes, i32.const(60)), pairAt(c.word, 6));
  f.set(c.value, i64.add(startUs, i64.mul(i64.extendI32U(seconds), i64.const(US_PER_SECOND))));
  f.increase(c.at, 19);
  f.if(i32.eq(c.byte(), i32.const(0x2e)), () => emitFraction(c));
  c.advance(i32.eq(c.byte(), i32.const(0x5a)));
  f.do(i64.store(c.cell(column), c.value));
}

const MICROSECOND_PLACES = 6;

/** Reads a point and the decimal places of a second behind it, and adds the microseconds to `value`. */
function emitFraction(c: RowCode): void {
  const { f } = c;
  f.set(c.word, loadDigits(c.at, 1));
  f.set(c.marks, nonDigits(c.word));
  c.slowIf(i64.eqz(c.marks));
  f.set(c.places, countLeading(c));
  c.slowIf(i32.gtU(i32.sub(c.places, i32.const(1)), i32.const(MICROSECOND_PLACES - 1)));
  setLeadingDigits(c, c.fraction);
  const missing = i32.sub(i32.const(MICROSECOND_PLACES), c.places);
  f.set(c.value, i64.add(c.value, i64.mul(c.fraction, powerOfTen(c, missing))));
  c.advance(i32.add(c.places, i32.const(1)));
}
