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
  isoYear,
} from '../scalar/calendar.ts';
import { dateReader, readDate } from '../scalar/date-parse.ts';
import type { DatePart } from '../scalar/date-pattern.ts';
import { formatDate, parseDatePattern } from '../scalar/date-pattern.ts';
import { checkInt64 } from '../scalar/integer.ts';
import { parseTimestamp } from '../scalar/time-text.ts';
import { toLocal } from '../scalar/time-zone.ts';
import type { TypedExpr } from '../typed.ts';
import type { Value } from '../value.ts';
import { zoneOf } from './calendar.ts';
import type { FunctionSpec } from './function-spec.ts';
import { always, remembering } from './function-spec.ts';

const datePattern = remembering(parseDatePattern);
const patternReader = remembering(dateReader);

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
  NANOSECOND: (fields) => fields.microsecond * 1000,
  ISOYEAR: isoYear,
  DECADE: (fields) => Math.floor(fields.year / 10),
  CENTURY: (fields) => ageOf(fields.year, 100),
  MILLENNIUM: (fields) => ageOf(fields.year, 1000),
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
  DECADE: ({ year }) => instantUs(daysFromCivil(Math.floor(year / 10) * 10, 1, 1), 0),
  CENTURY: ({ year }) => instantUs(daysFromCivil(Math.floor((year - 1) / 100) * 100 + 1, 1, 1), 0),
};

const FIELD_NAMES = [...Object.keys(FIELDS), 'EPOCH'].join(', ');
const UNIT_NAMES = Object.keys(TRUNCATIONS).join(', ');

/** The functions of this file. */
export const TIME_FUNCTIONS: readonly FunctionSpec[] = [
  {
    names: ['EXTRACT', 'DATE_PART'],
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
    names: ['DATE_FORMAT', 'FORMAT_TIMESTAMP'],
    usage: "DATE_FORMAT(t, 'yyyy-MM-dd HH:mm:ss'[, zone])",
    summary:
      'A timestamp as text, by a pattern in the style of Java; in UTC unless a zone is given.',
    parameters: ['timestamp', 'string', 'string'],
    required: 2,
    result: always(STRING),
    checkConstant: (position, text) => {
      if (position === 1) datePattern(text);
      if (position === 2) zoneOf(text);
    },
    apply: ([us, pattern, zone]) => {
      const parts = datePattern(pattern as string);
      return zone === undefined
        ? formatDate(us as bigint, parts)
        : formatInZone(us as bigint, parts, zone as string);
    },
  },
  {
    names: ['TO_TIMESTAMP'],
    usage: "TO_TIMESTAMP(s[, 'yyyy-MM-dd HH:mm:ss'])",
    summary:
      'A timestamp from text as in CAST(s AS TIMESTAMP), or by a pattern in the style of Java.',
    parameters: ['string', 'string'],
    required: 1,
    result: always(TIMESTAMP),
    checkConstant: (position, text) => void (position === 1 && patternReader(text)),
    apply: ([text, pattern]) => {
      const us = timestampOf(text as string, pattern);
      if (us === undefined) throw badCast(shownText(text as string), 'timestamp');
      return us;
    },
  },
  {
    names: ['TRY_TO_TIMESTAMP'],
    usage: "TRY_TO_TIMESTAMP(s[, 'yyyy-MM-dd HH:mm:ss'])",
    summary: 'The same; null for a text that does not fit.',
    parameters: ['string', 'string'],
    required: 1,
    result: always(TIMESTAMP),
    checkConstant: (position, text) => void (position === 1 && patternReader(text)),
    apply: ([text, pattern]) => timestampOf(text as string, pattern) ?? null,
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

function timestampOf(text: string, pattern: Value | undefined): bigint | undefined {
  return pattern === undefined
    ? parseTimestamp(text)
    : readDate(text, patternReader(pattern as string));
}

function formatInZone(us: bigint, parts: readonly DatePart[], name: string): string {
  const zone = zoneOf(name);
  const local = toLocal(us, zone);
  const offsetS = Number((local - us) / 1_000_000n);
  return formatDate(local, parts, { offsetS, zone: zone.name });
}

/** The number of a century or millennium: the first begins with the year 1, there is none 0. */
function ageOf(year: number, length: number): number {
  return year > 0 ? Math.ceil(year / length) : -Math.ceil((1 - year) / length);
}

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
