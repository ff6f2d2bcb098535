/** Reading dates by the patterns of `date-pattern.ts`. @module */

import { badArgument } from '../row-error.ts';
import { daysFromCivil, daysInMonth, instantUs } from './calendar.ts';
import type { DatePart } from './date-pattern.ts';
import { MONTHS, parseDatePattern, WEEKDAYS } from './date-pattern.ts';
import { fitsInt64 } from './integer.ts';

/** What a pattern has been compiled to: a regular expression, and what its groups are. */
export interface DateReader {
  readonly expression: RegExp;
  readonly letters: readonly string[];
}

/** Letters that can be read. */
const READABLE = 'yuMLdEHhkKmsSnaXxZ';

/**
 * The reader of a pattern. A letter that is repeated takes so many digits; a single one takes as many
 * as there are, up to what it may need.
 *
 * @throws RowError `badArgument` for a letter that cannot be read
 */
export function dateReader(pattern: string): DateReader {
  const letters: string[] = [];
  const source = parseDatePattern(pattern)
    .map((part) => {
      if ('text' in part) return part.text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
      if (!READABLE.includes(part.letter)) {
        throw badArgument(`'${part.letter}' in the date pattern '${pattern}' cannot be read back`);
      }
      letters.push(part.letter === 'y' && part.width === 2 ? 'yy' : part.letter);
      return `(${groupOf(part)})`;
    })
    .join('');
  return { expression: new RegExp(`^${source}$`, 'iu'), letters };
}

function groupOf(part: Exclude<DatePart, { text: string }>): string {
  const { letter, width } = part;
  const digits = (most: number): string => (width === 1 ? `\\d{1,${most}}` : `\\d{${width}}`);
  switch (letter) {
    case 'y':
    case 'u':
      return width === 4 || width === 1 ? '[+-]\\d{4,6}|\\d{4}' : `\\d{${width}}`;
    case 'M':
    case 'L':
      return width < 3 ? digits(2) : namesOf(MONTHS, width);
    case 'E':
      return namesOf(WEEKDAYS, width);
    case 'a':
      return 'AM|PM';
    case 'S':
    case 'n':
      return digits(9);
    case 'X':
    case 'x':
    case 'Z':
      return 'Z|[+-]\\d{2}(?::?\\d{2})?';
    default:
      return digits(2);
  }
}

function namesOf(names: readonly string[], width: number): string {
  return names.map((name) => (width < 4 ? name.slice(0, 3) : name)).join('|');
}

/** The instant that a text writes, in microseconds; `undefined` when it does not fit the pattern. */
export function readDate(text: string, { expression, letters }: DateReader): bigint | undefined {
  const match = expression.exec(text.trim());
  if (match === null) return undefined;
  const parts = new Map(letters.map((letter, i) => [letter, match[i + 1]!]));
  const year = yearOf(parts);
  const month = monthOf(parts.get('M') ?? parts.get('L') ?? '1');
  const day = Number(parts.get('d') ?? 1);
  if (month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) return undefined;
  const hour = hourOf(parts);
  const [minute, second] = [Number(parts.get('m') ?? 0), Number(parts.get('s') ?? 0)];
  if (hour === undefined || minute > 59 || second > 59) return undefined;
  const clock = ((hour * 60 + minute) * 60 + second) * 1_000_000 + microsecondOf(parts);
  const offset = offsetUs(parts.get('X') ?? parts.get('x') ?? parts.get('Z') ?? 'Z');
  const us = instantUs(daysFromCivil(year, month, day), clock) - offset;
  return fitsInt64(us) ? us : undefined;
}

type Parts = ReadonlyMap<string, string>;

function yearOf(parts: Parts): number {
  const short = parts.get('yy');
  if (short !== undefined) return 2000 + Number(short);
  return Number(parts.get('y') ?? parts.get('u') ?? 1970);
}

function monthOf(text: string): number {
  if (/^\d/.test(text)) return Number(text);
  const begin = text.slice(0, 3).toLowerCase();
  return MONTHS.findIndex((name) => name.toLowerCase().startsWith(begin)) + 1;
}

/** From 0 to 23; `undefined` when it is out of its range. */
function hourOf(parts: Parts): number | undefined {
  const whole = parts.get('H') ?? parts.get('k');
  if (whole !== undefined) {
    const hour = parts.has('H') || whole !== '24' ? Number(whole) : 0;
    return hour > 23 ? undefined : hour;
  }
  const half = Number(parts.get('h') ?? parts.get('K') ?? 0) % (parts.has('h') ? 12 : 24);
  const written = Number(parts.get('h') ?? parts.get('K') ?? 0);
  if (written > (parts.has('h') ? 12 : 11)) return undefined;
  return half + (/^p/i.test(parts.get('a') ?? '') ? 12 : 0);
}

function microsecondOf(parts: Parts): number {
  const fraction = parts.get('S');
  if (fraction !== undefined) return Number(fraction.padEnd(6, '0').slice(0, 6));
  return Math.floor(Number(parts.get('n') ?? 0) / 1000);
}

function offsetUs(text: string): bigint {
  if (/^z$/i.test(text)) return 0n;
  const digits = text.slice(1).replace(':', '').padEnd(4, '0');
  const minutes = Number(digits.slice(0, 2)) * 60 + Number(digits.slice(2));
  return BigInt(text.startsWith('-') ? -minutes : minutes) * 60_000_000n;
}
