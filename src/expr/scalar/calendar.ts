/** The proleptic Gregorian calendar, in UTC, for every int64 of microseconds. @module */

const DAY_US = 86_400_000_000;
const DAY_US_BIG = 86_400_000_000n;

/** Parts of an instant. */
export interface CalendarFields {
  /** Astronomical: year 0 is 1 BC. */
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  /** 1 to 31. */
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  /** 0 to 999,999. */
  readonly microsecond: number;
  /** Days since 1970-01-01. */
  readonly epochDay: number;
}

/** Days since 1970-01-01 of a date; `month` may lie outside 1 to 12 and carries over. */
export function daysFromCivil(year: number, month: number, day: number): number {
  const months = year * 12 + (month - 1);
  const m = months - Math.floor(months / 12) * 12;
  const y = Math.floor(months / 12) - (m < 2 ? 1 : 0);
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * ((m + 10) % 12) + 2) / 5) + day - 1;
  const dayOfEra =
    yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

/** The date of a day since 1970-01-01. */
export function civilFromDays(epochDay: number): { year: number; month: number; day: number } {
  const z = epochDay + 719_468;
  const era = Math.floor(z / 146_097);
  const dayOfEra = z - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  );
  const dayOfYear =
    dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const mp = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * mp + 2) / 5) + 1;
  const month = mp < 10 ? mp + 3 : mp - 9;
  return { year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day };
}

/** The parts of an instant in microseconds since 1970. */
export function calendarFields(us: bigint): CalendarFields {
  let epochDay = Number(us / DAY_US_BIG);
  let rest = Number(us % DAY_US_BIG);
  if (rest < 0) {
    rest += DAY_US;
    epochDay--;
  }
  const { year, month, day } = civilFromDays(epochDay);
  return {
    year,
    month,
    day,
    hour: Math.floor(rest / 3_600_000_000),
    minute: Math.floor(rest / 60_000_000) % 60,
    second: Math.floor(rest / 1_000_000) % 60,
    microsecond: rest % 1_000_000,
    epochDay,
  };
}

/** Microseconds since 1970 of a day and a time of day in microseconds. */
export function instantUs(epochDay: number, timeOfDayUs: number): bigint {
  return BigInt(epochDay) * DAY_US_BIG + BigInt(timeOfDayUs);
}

/** Days in a month, 1 to 12. */
export function daysInMonth(year: number, month: number): number {
  return daysFromCivil(year, month + 1, 1) - daysFromCivil(year, month, 1);
}

/** 1 (Monday) to 7 (Sunday). */
export function isoDayOfWeek(epochDay: number): number {
  const shifted = (epochDay + 3) % 7;
  return (shifted < 0 ? shifted + 7 : shifted) + 1;
}

/** 1 to 366. */
export function dayOfYear({ year, epochDay }: CalendarFields): number {
  return epochDay - daysFromCivil(year, 1, 1) + 1;
}

/** ISO 8601 week, 1 to 53: the week of the year's first Thursday is week 1. */
export function isoWeek({ epochDay }: CalendarFields): number {
  const thursday = epochDay - isoDayOfWeek(epochDay) + 4;
  const { year } = civilFromDays(thursday);
  return Math.floor((thursday - daysFromCivil(year, 1, 1)) / 7) + 1;
}

/** The year that the ISO week belongs to. */
export function isoYear({ epochDay }: CalendarFields): number {
  return civilFromDays(epochDay - isoDayOfWeek(epochDay) + 4).year;
}
