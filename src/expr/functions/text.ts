/** Functions of strings. Positions and lengths count code points; the first character is 1. @module */

import { BOOL, INT32, STRING } from '../../core/types.ts';
import { badArgument } from '../row-error.ts';
import { sliceText, textLength } from '../scalar/text.ts';
import type { Value } from '../value.ts';
import type { FunctionSpec, ParameterKind } from './function-spec.ts';
import { always, MAX_TEXT } from './function-spec.ts';

type Texts = readonly string[];

/** The functions of this file. */
export const TEXT_FUNCTIONS: readonly FunctionSpec[] = [
  text('UPPER', 'UPPER(s)', 'Upper case, by Unicode.', 1, ([s]) => s!.toUpperCase()),
  text('LOWER', 'LOWER(s)', 'Lower case, by Unicode.', 1, ([s]) => s!.toLowerCase()),
  text('REVERSE', 'REVERSE(s)', 'The characters from last to first.', 1, ([s]) =>
    Array.from(s!).reverse().join(''),
  ),
  text('REPLACE', 'REPLACE(s, from, to)', 'Every occurrence of from replaced.', 3, ([s, a, b]) =>
    a === '' ? s! : s!.replaceAll(a!, () => b!),
  ),
  {
    names: ['CONCAT'],
    usage: 'CONCAT(s, …)',
    summary: 'The arguments one after the other, as ||.',
    parameters: ['string'],
    required: 1,
    isVariadic: true,
    result: always(STRING),
    apply: (args) => (args as Texts).join(''),
  },
  {
    names: ['CHAR_LENGTH', 'CHARACTER_LENGTH', 'LENGTH'],
    usage: 'CHAR_LENGTH(s)',
    summary: 'The number of characters.',
    parameters: ['string'],
    required: 1,
    result: always(INT32),
    apply: ([s]) => textLength(s as string),
  },
  {
    names: ['OCTET_LENGTH'],
    usage: 'OCTET_LENGTH(s)',
    summary: 'The number of bytes; of a string in UTF-8.',
    parameters: ['text'],
    required: 1,
    result: always(INT32),
    apply: ([s]) => (s instanceof Uint8Array ? s : new TextEncoder().encode(s as string)).length,
  },
  cut('LEFT', 'LEFT(s, n)', 'The first n characters.', (s, n) => sliceText(s, 0, n)),
  cut('RIGHT', 'RIGHT(s, n)', 'The last n characters.', (s, n) => {
    const length = textLength(s);
    return sliceText(s, Math.max(0, length - n), length);
  }),
  cut('REPEAT', 'REPEAT(s, n)', 's, n times.', (s, n) => {
    if (n <= 0) return '';
    if (s.length * n > MAX_TEXT) throw badArgument('REPEAT would make too long a string');
    return s.repeat(n);
  }),
  pad('LPAD', 'LPAD(s, n[, fill])', 'Fills up to n characters on the left, or cuts to n.'),
  pad('RPAD', 'RPAD(s, n[, fill])', 'Fills up to n characters on the right, or cuts to n.'),
  test('STARTS_WITH', 'Whether s begins with t.', (s, t) => s.startsWith(t)),
  test('ENDS_WITH', 'Whether s ends with t.', (s, t) => s.endsWith(t)),
  test('CONTAINS', 'Whether t occurs in s.', (s, t) => s.includes(t)),
  {
    names: ['SUBSTRING'],
    usage: 'SUBSTRING(s FROM start [FOR length])',
    summary: 'The characters from number start on; places before the first count, but are empty.',
    parameters: ['string', 'integer', 'integer'],
    required: 2,
    result: always(STRING),
    apply: ([s, start, length]) =>
      substring(s as string, Number(start), length === undefined ? Infinity : Number(length)),
  },
  {
    names: ['POSITION'],
    usage: 'POSITION(t IN s)',
    summary: 'Where t first occurs in s, or 0.',
    parameters: ['string', 'string'],
    required: 2,
    result: always(INT32),
    apply: ([t, s]) => {
      const offset = (s as string).indexOf(t as string);
      return offset < 0 ? 0 : textLength((s as string).slice(0, offset)) + 1;
    },
  },
  trim('TRIM', 'TRIM([BOTH] [characters FROM] s)', 'both ends', true, true),
  trim('LTRIM', 'TRIM(LEADING [characters] FROM s)', 'the beginning', true, false),
  trim('RTRIM', 'TRIM(TRAILING [characters] FROM s)', 'the end', false, true),
  {
    names: ['SPLIT_INDEX'],
    usage: 'SPLIT_INDEX(s, separator, index)',
    summary: 'Part number index, from 0, of s split at separator; null when there is none.',
    parameters: ['string', 'string', 'integer'],
    required: 3,
    result: always(STRING),
    apply: ([s, separator, index]) =>
      split(s as string, separator as string)[Number(index)] ?? null,
  },
  {
    names: ['SPLIT_PART'],
    usage: 'SPLIT_PART(s, separator, n)',
    summary:
      'Part n, from 1 or from -1 backwards, of s split at separator; empty when there is none.',
    parameters: ['string', 'string', 'integer'],
    required: 3,
    result: always(STRING),
    apply: ([s, separator, n]) => splitPart(split(s as string, separator as string), Number(n)),
  },
];

function text(
  name: string,
  usage: string,
  summary: string,
  arity: number,
  compute: (args: Texts) => string,
): FunctionSpec {
  return {
    names: [name],
    usage,
    summary,
    parameters: Array<ParameterKind>(arity).fill('string'),
    required: arity,
    result: always(STRING),
    apply: (args) => compute(args as Texts),
  };
}

function cut(
  name: string,
  usage: string,
  summary: string,
  compute: (s: string, n: number) => string,
): FunctionSpec {
  return {
    names: [name],
    usage,
    summary,
    parameters: ['string', 'integer'],
    required: 2,
    result: always(STRING),
    apply: ([s, n]) => compute(s as string, Number(n)),
  };
}

function test(
  name: string,
  summary: string,
  compute: (s: string, t: string) => boolean,
): FunctionSpec {
  return {
    names: [name],
    usage: `${name}(s, t)`,
    summary,
    parameters: ['string', 'string'],
    required: 2,
    result: always(BOOL),
    apply: ([s, t]) => compute(s as string, t as string),
  };
}

function pad(name: 'LPAD' | 'RPAD', usage: string, summary: string): FunctionSpec {
  return {
    names: [name],
    usage,
    summary,
    parameters: ['string', 'integer', 'string'],
    required: 2,
    result: always(STRING),
    apply: ([s, n, fill]) => padTo(name, s as string, Number(n), (fill ?? ' ') as string),
  };
}

function padTo(name: 'LPAD' | 'RPAD', s: string, length: number, fill: string): string {
  if (length > MAX_TEXT) throw badArgument(`${name} would make too long a string`);
  const missing = length - textLength(s);
  if (missing <= 0) return sliceText(s, 0, length);
  const fillLength = textLength(fill);
  if (fillLength === 0) return s;
  const filling = sliceText(fill.repeat(Math.ceil(missing / fillLength)), 0, missing);
  return name === 'LPAD' ? filling + s : s + filling;
}

/** Characters whose numbers lie in [start, start + length) and from 1 on. */
function substring(s: string, start: number, length: number): string {
  if (length < 0) throw badArgument('the length of SUBSTRING is negative');
  const end = start + length;
  return sliceText(s, Math.max(0, start - 1), Math.max(0, end - 1));
}

function trim(
  name: string,
  usage: string,
  where: string,
  atStart: boolean,
  atEnd: boolean,
): FunctionSpec {
  return {
    names: name === 'TRIM' ? [name, 'BTRIM'] : [name],
    usage,
    summary: `Removes characters, blanks unless others are given, from ${where}.`,
    parameters: ['string', 'string'],
    required: 1,
    result: always(STRING),
    apply: ([s, characters]) => trimmed(s as string, (characters ?? ' ') as string, atStart, atEnd),
  };
}

function trimmed(s: string, characters: string, atStart: boolean, atEnd: boolean): string {
  const removable = new Set(characters);
  const points = Array.from(s);
  let from = 0;
  let to = points.length;
  while (atStart && from < to && removable.has(points[from]!)) from++;
  while (atEnd && to > from && removable.has(points[to - 1]!)) to--;
  return points.slice(from, to).join('');
}

/** The parts between separators; all of `s` when the separator is empty. */
function split(s: string, separator: string): Texts {
  return separator === '' ? [s] : s.split(separator);
}

function splitPart(parts: Texts, n: number): Value {
  if (n === 0) throw badArgument('the parts of SPLIT_PART count from 1');
  return (n > 0 ? parts[n - 1] : parts[parts.length + n]) ?? '';
}
