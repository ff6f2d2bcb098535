/** Functions that find strings in strings, and compare them roughly. @module */

import { FLOAT64, INT32, STRING } from '../../core/types.ts';
import { badArgument } from '../row-error.ts';
import { textLength, unitOffset } from '../scalar/text.ts';
import { jaroWinkler, levenshtein, soundex } from '../scalar/text-distance.ts';
import type { FunctionSpec } from './function-spec.ts';
import { always } from './function-spec.ts';

/** The functions of this file. */
export const TEXT_FIND_FUNCTIONS: readonly FunctionSpec[] = [
  {
    names: ['INSTR', 'STRPOS'],
    usage: 'INSTR(s, t[, from[, n]])',
    summary:
      'Where t occurs for the n-th time, from character number from on, or 0; a negative from counts from the end and searches backwards.',
    parameters: ['string', 'string', 'integer', 'integer'],
    required: 2,
    result: always(INT32),
    apply: ([s, t, from, n]) => instr(s as string, t as string, Number(from ?? 1), Number(n ?? 1)),
  },
  {
    names: ['LOCATE'],
    usage: 'LOCATE(t, s[, from])',
    summary: 'Where t first occurs in s, from character number from on, or 0.',
    parameters: ['string', 'string', 'integer'],
    required: 2,
    result: always(INT32),
    apply: ([t, s, from]) => instr(s as string, t as string, Math.max(1, Number(from ?? 1)), 1),
  },
  {
    names: ['COUNT_SUBSTRING'],
    usage: 'COUNT_SUBSTRING(s, t)',
    summary: 'How often t occurs in s, without overlaps; 0 of an empty t.',
    parameters: ['string', 'string'],
    required: 2,
    isTotal: true,
    result: always(INT32),
    apply: ([s, t]) => (t === '' ? 0 : (s as string).split(t as string).length - 1),
  },
  {
    names: ['LEVENSHTEIN'],
    usage: 'LEVENSHTEIN(s, t)',
    summary: 'How many characters must be put in, taken out or replaced to make t of s.',
    parameters: ['string', 'string'],
    required: 2,
    result: always(INT32),
    apply: ([s, t]) => levenshtein(s as string, t as string),
  },
  {
    names: ['JARO_WINKLER'],
    usage: 'JARO_WINKLER(s, t)',
    summary: 'How alike two strings are, from 0 to 1, beginnings counting more.',
    parameters: ['string', 'string'],
    required: 2,
    result: always(FLOAT64),
    apply: ([s, t]) => jaroWinkler(s as string, t as string),
  },
  {
    names: ['SOUNDEX'],
    usage: 'SOUNDEX(s)',
    summary:
      'A letter and three digits for how an English word sounds; empty without a letter A-Z.',
    parameters: ['string'],
    required: 1,
    isTotal: true,
    result: always(STRING),
    apply: ([s]) => soundex(s as string),
  },
];

function instr(s: string, t: string, from: number, n: number): number {
  if (n < 1) throw badArgument('the occurrences of INSTR count from 1');
  if (from === 0) throw badArgument('the characters of INSTR count from 1, or from -1 backwards');
  const length = textLength(s);
  if (from > 0) {
    if (from > length + 1) return 0;
    let at = s.indexOf(t, unitOffset(s, from - 1));
    for (let found = 1; found < n && at >= 0; found++) at = next(s, t, at);
    return placeOf(s, at);
  }
  if (length + from < 0) return 0;
  let at = s.lastIndexOf(t, unitOffset(s, length + from));
  for (let found = 1; found < n && at >= 0; found++) at = at === 0 ? -1 : s.lastIndexOf(t, at - 1);
  return placeOf(s, at);
}

/** The next occurrence, which may overlap; an empty string occurs once. */
function next(s: string, t: string, at: number): number {
  return t === '' ? -1 : s.indexOf(t, at + 1);
}

function placeOf(s: string, offset: number): number {
  return offset < 0 ? 0 : textLength(s.slice(0, offset)) + 1;
}
