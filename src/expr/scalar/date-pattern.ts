/** Date patterns in the style of Java: `yyyy-MM-dd HH:mm:ss.SSS`, always UTC and English. @module */

import { badArgument } from '../row-error.ts';
import type { CalendarFields } from './calendar.ts';
import { calendarFields, dayOfYear, isoDayOfWeek, isoWeek } from './calendar.ts';
import { formatYear } from './time-text.ts';

/** A part of a pattern: literal text, or a letter and how often it is repeated. */
export type DatePart =
  | { readonly text: string }
  | { readonly letter: string; readonly width: number };

const MONTHS = [
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
const WEEKDAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];

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

/** The instant in microseconds as text. */
export function formatDate(us: bigint, parts: readonly DatePart[]): string {
  const fields = calendarFields(us);
  let text = '';
  for (const part of parts)
    text += 'text' in part ? part.text : field(fields, part.letter, part.width);
  return text;
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
    case 'X':
    case 'z':
      return letter === 'X' ? 'Z' : 'UTC';
    case 'x':
    case 'Z':
      return letter === 'Z' || width < 3
        ? width === 1 && letter === 'x'
          ? '+00'
          : '+0000'
        : '+00:00';
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
