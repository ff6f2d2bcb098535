/** Numbers and lengths of time. @module */

import { parseDurationUs } from '../../core/units.ts';
import type { Amount } from '../ast.ts';
import { mistake } from '../problems.ts';

/** A length of time, as a topology writes it; a number is seconds. */
export function durationOf({ text, isDuration, span }: Amount): string {
  const written = isDuration ? text : `${plainNumber(text)}s`;
  if (parseDurationUs(written) !== undefined) return written;
  throw mistake(
    span,
    `expected a number of seconds, or a duration such as '250ms', found '${text}'`,
  );
}

/** A length of time in whole microseconds, as a topology writes it. */
export function durationText(us: number): string {
  const units = {
    d: 86_400_000_000,
    h: 3_600_000_000,
    m: 60_000_000,
    s: 1_000_000,
    ms: 1000,
    us: 1,
  };
  const [unit, length] = Object.entries(units).find(([, size]) => us % size === 0) ?? ['us', 1];
  return us === 0 ? '0s' : `${us / length}${unit}`;
}

/** Microseconds of a length of time. */
export function microseconds(amount: Amount): number {
  return parseDurationUs(durationOf(amount))!;
}

/** A number; durations in quotes are none. */
export function numberOf({ text, isDuration, span }: Amount): number {
  if (isDuration) throw mistake(span, `expected a number, found '${text}'`);
  return Number(text);
}

/** A whole number. */
export function wholeOf(amount: Amount, what: string): number {
  const number = numberOf(amount);
  if (Number.isSafeInteger(number)) return number;
  throw mistake(amount.span, `expected a whole number of ${what}, found ${amount.text}`);
}

/** An amount of a column's value: a length of time where the column is one of time. */
export function amountOf(amount: Amount, type: string | undefined): number | string {
  const isTime = type === 'timestamp' || type === 'duration';
  return amount.isDuration || isTime ? durationOf(amount) : numberOf(amount);
}

/** Digits with a point at most: `1e3` is 1000, `.5` is 0.5. */
function plainNumber(text: string): string {
  const number = Number(text);
  return number < 1e15 && (number === 0 || number >= 1e-6) ? String(number) : text;
}
