/** Code that reads timestamps in ISO 8601. @module */

import { call, i32, i64, i8x16 } from '../../../wasm/index.ts';
import { isNoText, littleEndian, NO_TIME, pairAt, US_PER_SECOND } from './calendar.ts';
import { loadDigits, nonDigits, pairs } from './digit-words.ts';
import { countLeading, powerOfTen, setLeadingDigits } from './digits.ts';
import { columnAt } from './layout.ts';
import type { RowCode } from './row-code.ts';

/** XOR with it leaves digits and zeros. */
const SECONDS_PATTERN = littleEndian(':00.000Z');
/** Bytes of the pattern that are not digits. */
const SECONDS_MARKS = 0xff000000_ff0000ffn;
const MINUTE_BYTES = 16;

/**
 * Reads `YYYY-MM-DDTHH:MM:SS`, or with a blank for `T`, up to six decimal places and `Z` if need be.
 * Rows that follow each other mostly are of the same minute, or at least of the same date: when that
 * began is worked out once.
 */
export function emitIsoTimestamp(c: RowCode, column: number): void {
  const { f } = c;
  const { bytes, startUs } = c.lastMinute(column);
  f.set(c.vector, c.bytes16());
  f.if(i32.ne(i8x16.bitmask(i8x16.eq(c.vector, bytes)), i32.const(0xffff)), () => {
    f.set(bytes, c.vector);
    const words = i32.add(c.block, i32.const(columnAt(column)));
    f.set(startUs, call(c.helpers.startOfMinute, c.place(), words));
  });
  c.slowIf(i64.eq(startUs, i64.const(NO_TIME)));
  f.set(c.word, i64.xor(c.word64(MINUTE_BYTES), i64.const(SECONDS_PATTERN)));
  c.either(
    i32.eqz(isNoText(c.word, nonDigits(c.word), SECONDS_MARKS)),
    () => {
      f.set(c.word, pairs(c.word));
      addSeconds(c, startUs);
      // Tens of milliseconds, and ten times the last digit.
      const places = i32.add(i32.mul(pairAt(c.word, 4), i32.const(100)), pairAt(c.word, 6));
      const fractionUs = i64.mul(i64.extendI32U(places), i64.const(100n));
      f.set(c.value, i64.add(c.value, fractionUs));
      c.moveBy(MINUTE_BYTES + 8);
    },
    () => {
      f.set(c.word, i64.and(c.word, i64.const(0xff_ffffn)));
      c.slowIf(isNoText(c.word, nonDigits(c.word), SECONDS_MARKS));
      f.set(c.word, pairs(c.word));
      addSeconds(c, startUs);
      c.moveBy(MINUTE_BYTES + 3);
      c.settle();
      f.if(i32.eq(c.byte(), i32.const(0x2e)), () => emitFraction(c));
      c.advance(i32.eq(c.byte(), i32.const(0x5a)));
    },
  );
  f.do(i64.store(c.cell(column), c.value));
}

/** Makes `value` the start of a minute and the seconds in a word of pairs. */
function addSeconds(c: RowCode, startUs: typeof c.value): void {
  const seconds = pairAt(c.word, 1);
  c.slowIf(i32.gtU(seconds, i32.const(59)));
  const us = i64.mul(i64.extendI32U(seconds), i64.const(US_PER_SECOND));
  c.f.set(c.value, i64.add(startUs, us));
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
