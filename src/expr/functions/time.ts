/** Functions of timestamps and durations. All calendars are UTC. @module */

import type { DataType } from '../../core/types.ts';
import { INT32, INT64, STRING, TIMESTAMP } from '../../core/types.ts';
import { badArgument, badCast, shownText } from '../row-error.ts';
import type { CalendarFields } from '../scalar/calendar.ts';
import {
  calendarFields,
  dayOfYear,
  daysFromCivil,
  instantUs,
  isoDayOfWeek,
  isoWeek,
} from '../scalar/calendar.ts';
import { formatDate, parseDatePattern } from '../scalar/date-pattern.ts';
import { checkInt64 } from '../scalar/integer.ts';
import { parseTimestamp } from '../scalar/time-text.ts';
import type { TypedExpr } from '../typed.ts';
import type { FunctionSpec } from './function-spec.ts';
import { always, remembering } from './function-spec.ts';

const datePattern = remembering(parseDatePattern);

const FIELDS: Readonly<Record<string, (fields: CalendarFields) => number>> = {
  YEAR: (fields) => fields.year,
  QUARTER: (fields) => Math.ceil(fields.month / 3),
  MONTH: (fields) => fields.month,
  WEEK: isoWeek,
  DAY: (fields) => fields.day,
  DOY: dayOfYear,
  DOW: (fields) => isoDayOfWeek(fields.epochDay) % 7,
  ISODOW: (fields) => isoDayOfWeek(fields.epochDay),
  HOUR: (fields) => fields.hour,
  MINUTE: (fields) => fields.minute,
  SECOND: (fields) => fields.second,
  MILLISECOND: (fields) => Math.floor(fields.microsecond / 1000),
  MICROSECOND: (fields) => fields.microsecond,
};

/** Length of a unit in microseconds and how many make the next larger one. */
const DURATION_FIELDS: Readonly<Record<string, readonly [bigint, bigint]>> = {
  DAY: [86_400_000_000n, 1n << 62n],
  HOUR: [3_600_000_000n, 24n],
  MINUTE: [60_000_000n, 60n],
  SECOND: [1_000_000n, 60n],
  MILLISECOND: [1_000n, 1_000n],
  MICROSECOND: [1n, 1_000_000n],
};

const TRUNCATIONS: Readonly<Record<string, (fields: CalendarFields, us: bigint) => bigint>> = {
  MICROSECOND: (_fields, us) => us,
  MILLISECOND: (_fields, us) => floorTo(us, 1_000n),
  SECOND: (_fields, us) => floorTo(us, 1_000_000n),
  MINUTE: (_fields, us) => floorTo(us, 60_000_000n),
  HOUR: (_fields, us) => floorTo(us, 3_600_000_000n),
  DAY: ({ epochDay }) => instantUs(epochDay, 0),
  WEEK: ({ epochDay }) => instantUs(epochDay - isoDayOfWeek(epochDay) + 1, 0),
  MONTH: ({ year, month }) => instantUs(daysFromCivil(year, month, 1), 0),
  QUARTER: ({ year, month }) => instantUs(daysFromCivil(year, month - ((month - 1) % 3), 1), 0),
  YEAR: ({ year }) => instantUs(daysFromCivil(year, 1, 1), 0),
};

const FIELD_NAMES = [...Object.keys(FIELDS), 'EPOCH'].join(', ');
const UNIT_NAMES = Object.keys(TRUNCATIONS).join(', ');

/** The functions of this file. */
export const TIME_FUNCTIONS: readonly FunctionSpec[] = [
  {
    names: ['EXTRACT'],
    usage: 'EXTRACT(field FROM t)',
    summary: `A part of a timestamp (${FIELD_NAMES}) or a duration; EPOCH is whole seconds, an int64.`,
    parameters: ['string', 'instant'],
    required: 2,
    result: extractType,
    apply: ([field, us], { args }) =>
      args[1]!.type.kind === 'duration'
        ? durationField(us as bigint, field as string)
        : timestampField(us as bigint, field as string),
  },
  {
    names: ['DATE_TRUNC'],
    usage: "DATE_TRUNC('hour', t)",
    summary: `The beginning of the unit (${UNIT_NAMES}) that t lies in; weeks begin on Monday.`,
    parameters: ['string', 'timestamp'],
    required: 2,
    result: always(TIMESTAMP),
    checkConstant: (position, text) => void (position === 0 && truncation(text)),
    apply: ([unit, us]) =>
      checkInt64(
        truncation(unit as string)(calendarFields(us as bigint), us as bigint),
        'timestamp',
      ),
  },
  {
    names: ['DATE_FORMAT'],
    usage: "DATE_FORMAT(t, 'yyyy-MM-dd HH:mm:ss')",
    summary: 'A timestamp as text, by a pattern in the style of Java.',
    parameters: ['timestamp', 'string'],
    required: 2,
    result: always(STRING),
    checkConstant: (position, text) => void (position === 1 && datePattern(text)),
    apply: ([us, pattern]) => formatDate(us as bigint, datePattern(pattern as string)),
  },
  {
    names: ['TO_TIMESTAMP'],
    usage: 'TO_TIMESTAMP(s)',
    summary: 'A timestamp from text as in CAST(s AS TIMESTAMP).',
    parameters: ['string'],
    required: 1,
    result: always(TIMESTAMP),
    apply: ([text]) => {
      const us = parseTimestamp(text as string);
      if (us === undefined) throw badCast(shownText(text as string), 'timestamp');
      return us;
    },
  },
  {
    names: ['TO_TIMESTAMP_LTZ'],
    usage: 'TO_TIMESTAMP_LTZ(n[, precision])',
    summary:
      'A timestamp from seconds (precision 0), milliseconds (3, the default) or microseconds (6).',
    parameters: ['integer', 'integer'],
    required: 1,
    result: always(TIMESTAMP),
    apply: ([n, precision]) =>
      checkInt64(BigInt(n as number) * unitOfPrecision(Number(precision ?? 3)), 'timestamp'),
  },
  {
    names: ['FROM_UNIXTIME'],
    usage: "FROM_UNIXTIME(seconds[, 'yyyy-MM-dd HH:mm:ss'])",
    summary: 'Seconds since 1970 as text, by a pattern in the style of Java.',
    parameters: ['integer', 'string'],
    required: 1,
    result: always(STRING),
    checkConstant: (position, text) => void (position === 1 && datePattern(text)),
    apply: ([seconds, pattern]) =>
      formatDate(
        checkInt64(BigInt(seconds as number) * 1_000_000n, 'timestamp'),
        datePattern((pattern ?? 'yyyy-MM-dd HH:mm:ss') as string),
      ),
  },
];

/** Functions that are short for an `EXTRACT`: `HOUR(t)`. */
export const FIELD_FUNCTIONS: ReadonlyMap<string, string> = new Map([
  ['YEAR', 'YEAR'],
  ['QUARTER', 'QUARTER'],
  ['MONTH', 'MONTH'],
  ['WEEK', 'WEEK'],
  ['DAYOFYEAR', 'DOY'],
  ['DAYOFMONTH', 'DAY'],
  ['DAYOFWEEK', 'DOW'],
  ['HOUR', 'HOUR'],
  ['MINUTE', 'MINUTE'],
  ['SECOND', 'SECOND'],
]);

function extractType([field, operand]: readonly TypedExpr[]): DataType {
  if (field!.op !== 'literal' || typeof field.value !== 'string') {
    throw badArgument('the field of EXTRACT must be a constant');
  }
  const name = field.value.toUpperCase();
  if (name === 'EPOCH') return INT64;
  const isDuration = operand!.type.kind === 'duration';
  const known = isDuration ? DURATION_FIELDS : FIELDS;
  if (!Object.hasOwn(known, name)) {
    const list = [...Object.keys(known), 'EPOCH'].join(', ');
    throw badArgument(
      `${isDuration ? 'a duration' : 'a timestamp'} has no field ${name}; it has ${list}`,
    );
  }
  return isDuration && name === 'DAY' ? INT64 : INT32;
}

function timestampField(us: bigint, field: string): number | bigint {
  const name = field.toUpperCase();
  return name === 'EPOCH'
    ? floorTo(us, 1_000_000n) / 1_000_000n
    : FIELDS[name]!(calendarFields(us));
}

function durationField(us: bigint, field: string): number | bigint {
  const name = field.toUpperCase();
  if (name === 'EPOCH') return us / 1_000_000n;
  const [unit, modulus] = DURATION_FIELDS[name]!;
  const part = (us / unit) % modulus;
  return name === 'DAY' ? part : Number(part);
}

function truncation(unit: string): (fields: CalendarFields, us: bigint) => bigint {
  const name = unit.toUpperCase();
  const truncate = Object.hasOwn(TRUNCATIONS, name) ? TRUNCATIONS[name] : undefined;
  if (truncate === undefined) {
    const list = Object.keys(TRUNCATIONS).join(', ');
    throw badArgument(`a timestamp cannot be truncated to '${unit}'; units are ${list}`);
  }
  return truncate;
}

function floorTo(us: bigint, unit: bigint): bigint {
  const rest = us % unit;
  return rest < 0n ? us - rest - unit : us - rest;
}

function unitOfPrecision(precision: number): bigint {
  const unit = { 0: 1_000_000n, 3: 1_000n, 6: 1n }[precision];
  if (unit === undefined) throw badArgument('the precision of TO_TIMESTAMP_LTZ is 0, 3 or 6');
  return unit;
}
