/** Functions that count in the calendar and convert between zones. Zones apart, all is UTC. @module */

import type { DataType } from '../../core/types.ts';
import { DURATION, INT32, INT64, STRING, TIMESTAMP } from '../../core/types.ts';
import { badArgument, overflow } from '../row-error.ts';
import {
  calendarFields,
  daysFromCivil,
  daysInMonth,
  instantUs,
  isoDayOfWeek,
} from '../scalar/calendar.ts';
import { addMonths, addUnits, unitOf, unitsBetween } from '../scalar/date-arithmetic.ts';
import { MONTHS, WEEKDAYS } from '../scalar/date-pattern.ts';
import { checkInt64 } from '../scalar/integer.ts';
import { fromLocal, timeZone, toLocal } from '../scalar/time-zone.ts';
import type { Value } from '../value.ts';
import type { FunctionSpec, ParameterKind } from './function-spec.ts';
import { always, remembering } from './function-spec.ts';

/** The zone of a name, with what is known of its offsets. */
export const zoneOf = remembering(timeZone);

/** The functions of this file. */
export const CALENDAR_FUNCTIONS: readonly FunctionSpec[] = [
  {
    names: ['TIMESTAMPADD', 'DATE_ADD'],
    usage: 'TIMESTAMPADD(unit, n, t)',
    summary:
      't some units later: MICROSECOND to WEEK, MONTH, QUARTER, YEAR, DECADE or CENTURY; a day that a month does not have becomes its last.',
    parameters: ['string', 'integer', 'timestamp'],
    required: 3,
    result: always(TIMESTAMP),
    checkConstant: checkUnit,
    apply: ([unit, n, us]) => addUnits(us as bigint, unitOf(unit as string), BigInt(n as number)),
  },
  {
    names: ['TIMESTAMPDIFF', 'DATE_DIFF'],
    usage: 'TIMESTAMPDIFF(unit, from, to)',
    summary: 'How many whole units lie between two timestamps; negative when to is earlier.',
    parameters: ['string', 'timestamp', 'timestamp'],
    required: 3,
    result: always(INT64),
    checkConstant: checkUnit,
    apply: ([unit, from, to]) => unitsBetween(from as bigint, to as bigint, unitOf(unit as string)),
  },
  calendar(
    'ADD_MONTHS(t, n)',
    't some months later, as TIMESTAMPADD.',
    TIMESTAMP,
    ['integer'],
    ([us, n]) => addMonths(us as bigint, BigInt(n as number)),
  ),
  calendar(
    'MONTHS_BETWEEN(from, to)',
    'How many whole months lie between two timestamps.',
    INT64,
    ['timestamp'],
    ([from, to]) => unitsBetween(from as bigint, to as bigint, { months: 1n }),
  ),
  calendar('LAST_DAY(t)', 'The beginning of the last day of the month.', TIMESTAMP, [], ([us]) => {
    const { year, month } = calendarFields(us as bigint);
    return checkInt64(instantUs(daysFromCivil(year, month + 1, 1) - 1, 0), 'timestamp');
  }),
  calendar('DAYS_IN_MONTH(t)', 'How many days the month has.', INT32, [], ([us]) => {
    const { year, month } = calendarFields(us as bigint);
    return daysInMonth(year, month);
  }),
  calendar(
    'DAYNAME(t)',
    'The day of the week in English: Monday.',
    STRING,
    [],
    ([us]) => WEEKDAYS[isoDayOfWeek(calendarFields(us as bigint).epochDay) - 1]!,
  ),
  calendar(
    'MONTHNAME(t)',
    'The month in English: January.',
    STRING,
    [],
    ([us]) => MONTHS[calendarFields(us as bigint).month - 1]!,
  ),
  {
    names: ['MAKE_TIMESTAMP'],
    usage: 'MAKE_TIMESTAMP(year, month, day[, hour, minute, second])',
    summary: 'The timestamp of a date and a time; seconds may have a fraction.',
    parameters: ['integer', 'integer', 'integer', 'integer', 'integer', 'float64'],
    required: 3,
    result: always(TIMESTAMP),
    apply: (args) => makeTimestamp(args.map(Number)),
  },
  {
    names: ['MAKE_INTERVAL'],
    usage: 'MAKE_INTERVAL(days[, hours[, minutes[, seconds]]])',
    summary: 'A duration; seconds may have a fraction.',
    parameters: ['integer', 'integer', 'integer', 'float64'],
    required: 1,
    result: always(DURATION),
    apply: ([days, hours, minutes, seconds]) => {
      const whole =
        (BigInt(days as number) * 24n + BigInt((hours ?? 0) as number)) * 60n +
        BigInt((minutes ?? 0) as number);
      const us = Math.round(Number(seconds ?? 0) * 1e6);
      if (!Number.isFinite(us)) throw overflow('duration');
      return checkInt64(whole * 60_000_000n + BigInt(us), 'duration');
    },
  },
  {
    names: ['DATE_BIN', 'TIME_BUCKET'],
    usage: 'DATE_BIN(width, t[, origin])',
    summary:
      'The beginning of the interval of a width that t lies in; intervals begin at the origin, 1970 unless given.',
    parameters: ['duration', 'timestamp', 'timestamp'],
    required: 2,
    result: always(TIMESTAMP),
    apply: ([width, us, origin]) =>
      dateBin(width as bigint, us as bigint, (origin ?? 0n) as bigint),
  },
  ...epoch('EPOCH_MS', 'milliseconds', 1_000n),
  ...epoch('EPOCH_US', 'microseconds', 1n),
  ...epoch('UNIX_TIMESTAMP', 'seconds', 1_000_000n),
  ...zoned(),
];

function checkUnit(position: number, text: string): void {
  if (position === 0) unitOf(text);
}

/** A function of a timestamp and perhaps more, named by its usage. */
function calendar(
  usage: string,
  summary: string,
  type: DataType,
  more: readonly ParameterKind[],
  apply: (args: readonly Value[]) => Value,
): FunctionSpec {
  return {
    names: [usage.slice(0, usage.indexOf('('))],
    usage,
    summary,
    parameters: ['timestamp', ...more],
    required: 1 + more.length,
    isTotal: type.kind === 'int32' || type.kind === 'string',
    result: always(type),
    apply,
  };
}

function epoch(name: string, unit: string, us: bigint): readonly FunctionSpec[] {
  return [
    {
      names: [name],
      usage: `${name}(t)`,
      summary: `The ${unit} since 1970, rounded down, as an int64.`,
      parameters: ['timestamp'],
      required: 1,
      isTotal: true,
      result: always(INT64),
      apply: ([t]) => floorQuotient(t as bigint, us),
    },
  ];
}

function floorQuotient(a: bigint, b: bigint): bigint {
  const quotient = a / b;
  return a < quotient * b ? quotient - 1n : quotient;
}

function makeTimestamp(parts: readonly number[]): bigint {
  const [year, month, day, hour = 0, minute = 0, second = 0] = parts as [number, number, number];
  const isDate =
    Math.abs(year) < 400_000 &&
    month >= 1 &&
    month <= 12 &&
    day >= 1 &&
    day <= daysInMonth(year, month);
  const us = Math.round(second * 1e6);
  const isTime = hour >= 0 && hour < 24 && minute >= 0 && minute < 60 && us >= 0 && us < 60_000_000;
  if (!isDate || !isTime) throw badArgument('MAKE_TIMESTAMP found no date or time of these parts');
  const clock = (hour * 60 + minute) * 60_000_000 + us;
  return checkInt64(instantUs(daysFromCivil(year, month, day), clock), 'timestamp');
}

function dateBin(width: bigint, us: bigint, origin: bigint): bigint {
  if (width <= 0n) throw badArgument('the width of DATE_BIN must be above zero');
  return checkInt64(origin + floorQuotient(us - origin, width) * width, 'timestamp');
}

/** Functions of a timestamp and a zone. */
function zoned(): readonly FunctionSpec[] {
  const inZone = (
    usage: string,
    summary: string,
    type: DataType,
    compute: (us: bigint, zone: string) => bigint,
  ): FunctionSpec => ({
    names: [usage.slice(0, usage.indexOf('('))],
    usage,
    summary,
    parameters: ['timestamp', 'string'],
    required: 2,
    result: always(type),
    checkConstant: (position, text) => void (position === 1 && zoneOf(text)),
    apply: ([us, zone]) => checkInt64(compute(us as bigint, zone as string), type.kind),
  });
  return [
    inZone(
      "AT_TIME_ZONE(t, 'Europe/Berlin')",
      'What the clocks of a zone show at an instant, as a timestamp; also `t AT TIME ZONE zone`.',
      TIMESTAMP,
      (us, zone) => toLocal(us, zoneOf(zone)),
    ),
    inZone(
      "FROM_TIME_ZONE(t, 'Europe/Berlin')",
      'The instant at which the clocks of a zone show t: the earlier one of two, and for a time that they skip, by the offset before the gap.',
      TIMESTAMP,
      (us, zone) => fromLocal(us, zoneOf(zone)),
    ),
    inZone(
      "ZONE_OFFSET(t, 'Europe/Berlin')",
      'How far the clocks of a zone are ahead of UTC at an instant, as a duration.',
      DURATION,
      (us, zone) => toLocal(us, zoneOf(zone)) - us,
    ),
    {
      names: ['CONVERT_TZ'],
      usage: 'CONVERT_TZ(t, from, to)',
      summary: 'What the clocks of one zone show when those of another show t.',
      parameters: ['timestamp', 'string', 'string'],
      required: 3,
      result: always(TIMESTAMP),
      checkConstant: (position, text) => void (position > 0 && zoneOf(text)),
      apply: ([us, from, to]) =>
        checkInt64(
          toLocal(fromLocal(us as bigint, zoneOf(from as string)), zoneOf(to as string)),
          'timestamp',
        ),
    },
  ];
}
