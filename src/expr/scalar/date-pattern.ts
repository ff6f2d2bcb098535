/** Date patterns in the style of Java: `yyyy-MM-dd HH:mm:ss.SSS`, always English. @module */

import { badArgument } from '../row-error.ts';
import type { CalendarFields } from './calendar.ts';
import { calendarFields, dayOfYear, isoDayOfWeek, isoWeek } from './calendar.ts';
import { formatYear } from './time-text.ts';

/** A part of a pattern: literal text, or a letter and how often it is repeated. */
export type DatePart =
  | { readonly text: string }
  | { readonly letter: string; readonly width: number };

/** The months in English. */
export const MONTHS: readonly string[] = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];
/** The days of the week in English, from Monday on. */
export const WEEKDAYS: readonly string[] = [
  'Monday',
  'Tuesday',
  'Wednesday',
  'Thursday',
  'Friday',
  'Saturday',
  'Sunday',
];

/** The letters a pattern may use, for messages. */
const LETTERS = 'yuMLdDEeHhKkmsSnaQwXxZz';

/**
 * Splits a pattern. Text between apostrophes is literal, two apostrophes are one.
 *
 * @throws RowError `badArgument` at a letter without meaning or an unclosed apostrophe
 */
export function parseDatePattern(pattern: string): readonly DatePart[] {
  const parts: DatePart[] = [];
  const token = /'((?:[^']|'')*)'|([A-Za-z])\2*|[^A-Za-z']+|'/gu;
  for (const match of pattern.matchAll(token)) {
    const [whole, quoted, letter] = match;
    if (whole === "'")
      throw badArgument(`an apostrophe in the date pattern '${pattern}' is not closed`);
    if (letter === undefined) {
      parts.push({ text: quoted === undefined ? whole : quoted.replaceAll("''", "'") || "'" });
      continue;
    }
    if (!LETTERS.includes(letter)) {
      throw badArgument(`'${letter}' has no meaning in the date pattern '${pattern}'`);
    }
    parts.push({ letter, width: whole.length });
  }
  return parts;
}

/** How clocks are set: seconds ahead of UTC, and the name of their zone. */
export interface Clocks {
  readonly offsetS: number;
  readonly zone: string;
}

const UTC: Clocks = { offsetS: 0, zone: 'UTC' };

/** What clocks show, in microseconds since 1970, as text. */
export function formatDate(us: bigint, parts: readonly DatePart[], clocks: Clocks = UTC): string {
  const fields = calendarFields(us);
  let text = '';
  for (const part of parts) {
    if ('text' in part) text += part.text;
    else if (/[XxZz]/.test(part.letter)) text += zoneText(clocks, part.letter, part.width);
    else text += field(fields, part.letter, part.width);
  }
  return text;
}

/** `z` is the name; `X` and `x` are `+05`, `+0530` or `+05:30`, `X` with `Z` for UTC; `Z` is `+0530`. */
function zoneText({ offsetS, zone }: Clocks, letter: string, width: number): string {
  if (letter === 'z') return zone;
  if (letter === 'X' && offsetS === 0) return 'Z';
  const minutes = Math.floor(Math.abs(offsetS) / 60);
  const sign = offsetS < 0 ? '-' : '+';
  const hour = pad(Math.floor(minutes / 60), 2);
  const minute = pad(minutes % 60, 2);
  if (letter === 'Z') return `${sign}${hour}${minute}`;
  if (width === 1) return minutes % 60 === 0 ? `${sign}${hour}` : `${sign}${hour}${minute}`;
  return width === 2 ? `${sign}${hour}${minute}` : `${sign}${hour}:${minute}`;
}

function field(fields: CalendarFields, letter: string, width: number): string {
  switch (letter) {
    case 'y':
    case 'u':
      return yearText(fields.year, width);
    case 'M':
    case 'L':
      return nameOrNumber(fields.month, MONTHS[fields.month - 1]!, width);
    case 'E':
      return weekday(fields, width < 4 ? 3 : 9);
    case 'e':
      return nameOrNumber(isoDayOfWeek(fields.epochDay), weekday(fields, 9), width);
    case 'S':
      return pad(fields.microsecond, 6).padEnd(width, '0').slice(0, width);
    case 'a':
      return fields.hour < 12 ? 'AM' : 'PM';
    default:
      return pad(numberOf(fields, letter), width);
  }
}

function numberOf(fields: CalendarFields, letter: string): number {
  switch (letter) {
    case 'd':
      return fields.day;
    case 'D':
      return dayOfYear(fields);
    case 'H':
      return fields.hour;
    case 'k':
      return fields.hour === 0 ? 24 : fields.hour;
    case 'K':
      return fields.hour % 12;
    case 'h':
      return fields.hour % 12 === 0 ? 12 : fields.hour % 12;
    case 'm':
      return fields.minute;
    case 's':
      return fields.second;
    case 'n':
      return fields.microsecond * 1000;
    case 'Q':
      return Math.ceil(fields.month / 3);
    default:
      return isoWeek(fields);
  }
}

function yearText(year: number, width: number): string {
  if (width === 2) return pad(((year % 100) + 100) % 100, 2);
  return width === 4 ? formatYear(year) : `${year < 0 ? '-' : ''}${pad(Math.abs(year), width)}`;
}

function nameOrNumber(value: number, name: string, width: number): string {
  if (width < 3) return pad(value, width);
  return width === 3 ? name.slice(0, 3) : name;
}

function weekday({ epochDay }: CalendarFields, letters: number): string {
  return WEEKDAYS[isoDayOfWeek(epochDay) - 1]!.slice(0, letters);
}

function pad(value: number, width: number): string {
  return String(value).padStart(width, '0');
}
