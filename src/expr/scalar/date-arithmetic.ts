/** Counting in units of the calendar, in UTC. @module */

import { badArgument } from '../row-error.ts';
import { calendarFields, daysFromCivil, daysInMonth, instantUs } from './calendar.ts';
import { checkInt64 } from './integer.ts';

const DAY_US = 86_400_000_000n;

/** Units of a fixed length, in microseconds. */
const FIXED_UNITS: Readonly<Record<string, bigint>> = {
  MICROSECOND: 1n,
  MILLISECOND: 1_000n,
  SECOND: 1_000_000n,
  MINUTE: 60_000_000n,
  HOUR: 3_600_000_000n,
  DAY: DAY_US,
  WEEK: 7n * DAY_US,
};

/** Units of whole months. */
const MONTH_UNITS: Readonly<Record<string, bigint>> = {
  MONTH: 1n,
  QUARTER: 3n,
  YEAR: 12n,
  DECADE: 120n,
  CENTURY: 1200n,
};

/** The units that can be counted, from the shortest on. */
export const COUNTED_UNITS: readonly string[] = [
  ...Object.keys(FIXED_UNITS),
  ...Object.keys(MONTH_UNITS),
];

/** Month counts beyond this lead outside all timestamps. */
const MOST_MONTHS = 12_000_000n;

/** A unit by its name, in any case, also in the plural. */
export interface Unit {
  readonly us?: bigint;
  readonly months?: bigint;
}

/** The unit of a name. @throws RowError `badArgument` */
export function unitOf(name: string): Unit {
  const upper = name.toUpperCase().replace(/S$/, '');
  if (Object.hasOwn(FIXED_UNITS, upper)) return { us: FIXED_UNITS[upper]! };
  if (Object.hasOwn(MONTH_UNITS, upper)) return { months: MONTH_UNITS[upper]! };
  if (upper === 'CENTURIE') return { months: MONTH_UNITS['CENTURY']! };
  throw badArgument(`'${name}' is no unit of time; units are ${COUNTED_UNITS.join(', ')}`);
}

/** `us`, `count` units later. @throws RowError `overflow` */
export function addUnits(us: bigint, unit: Unit, count: bigint): bigint {
  if (unit.us !== undefined) return checkInt64(us + unit.us * count, 'timestamp');
  return addMonths(us, count * unit.months!);
}

/** The same day and time some months later; the last day of a month that has no such day. */
export function addMonths(us: bigint, count: bigint): bigint {
  if (count > MOST_MONTHS || count < -MOST_MONTHS) return checkInt64(1n << 64n, 'timestamp');
  const { year, month, day, epochDay } = calendarFields(us);
  const months = year * 12 + (month - 1) + Number(count);
  const [toYear, toMonth] = [Math.floor(months / 12), months - Math.floor(months / 12) * 12 + 1];
  const toDay = Math.min(day, daysInMonth(toYear, toMonth));
  const days = daysFromCivil(toYear, toMonth, toDay) - epochDay;
  return checkInt64(us + BigInt(days) * DAY_US, 'timestamp');
}

/** How many whole units lie between two instants; negative when `to` is earlier. */
export function unitsBetween(from: bigint, to: bigint, unit: Unit): bigint {
  if (unit.us !== undefined) return checkInt64((to - from) / unit.us);
  const a = calendarFields(from);
  const b = calendarFields(to);
  let months = BigInt((b.year - a.year) * 12 + b.month - a.month);
  const late = behindMonthUs(to) - behindMonthUs(from);
  if (months > 0n && late < 0n) months--;
  if (months < 0n && late > 0n) months++;
  return months / unit.months!;
}

/** How far an instant is into its month. */
function behindMonthUs(us: bigint): bigint {
  const { year, month } = calendarFields(us);
  return us - instantUs(daysFromCivil(year, month, 1), 0);
}
