/** Functions that make strings of strings, and of characters. @module */

import { INT32, STRING } from '../../core/types.ts';
import { badArgument } from '../row-error.ts';
import { sliceText, textLength } from '../scalar/text.ts';
import type { Value } from '../value.ts';
import type { FunctionSpec } from './function-spec.ts';
import { always, MAX_TEXT } from './function-spec.ts';

const WORD = /[\p{L}\p{N}\p{M}]+/gu;

/** The functions of this file. */
export const TEXT_EDIT_FUNCTIONS: readonly FunctionSpec[] = [
  {
    names: ['CONCAT_WS'],
    usage: 'CONCAT_WS(separator, s, …)',
    summary: 'The arguments that are not null, with a separator between them.',
    parameters: ['string', 'string'],
    required: 2,
    isVariadic: true,
    takesNulls: true,
    result: always(STRING),
    apply: ([separator, ...parts]) =>
      separator === null ? null : parts.filter((part) => part !== null).join(separator as string),
  },
  {
    names: ['INITCAP'],
    usage: 'INITCAP(s)',
    summary: 'Words with the first letter in upper case and the others in lower case.',
    parameters: ['string'],
    required: 1,
    isTotal: true,
    result: always(STRING),
    apply: ([s]) => (s as string).replace(WORD, capitalised),
  },
  {
    names: ['TRANSLATE'],
    usage: 'TRANSLATE(s, from, to)',
    summary:
      'Every character of from replaced by the one at its place in to, or removed when to is shorter.',
    parameters: ['string', 'string', 'string'],
    required: 3,
    isTotal: true,
    result: always(STRING),
    apply: ([s, from, to]) => translate(s as string, from as string, to as string),
  },
  {
    names: ['OVERLAY'],
    usage: 'OVERLAY(s PLACING t FROM start [FOR length])',
    summary: 'length characters from start on replaced by t; as many as t has unless given.',
    parameters: ['string', 'string', 'integer', 'integer'],
    required: 3,
    result: always(STRING),
    apply: ([s, t, start, length]) =>
      overlay(
        s as string,
        t as string,
        Number(start),
        length === undefined ? textLength(t as string) : Number(length),
      ),
  },
  {
    names: ['SPACE'],
    usage: 'SPACE(n)',
    summary: 'n blanks.',
    parameters: ['integer'],
    required: 1,
    result: always(STRING),
    apply: ([n]) => {
      if (Number(n) > MAX_TEXT) throw badArgument('SPACE would make too long a string');
      return ' '.repeat(Math.max(0, Number(n)));
    },
  },
  {
    names: ['CHR', 'CHAR'],
    usage: 'CHR(n)',
    summary: 'The character with a code point.',
    parameters: ['integer'],
    required: 1,
    result: always(STRING),
    apply: ([n]) => {
      const point = Number(n);
      if (!(point >= 0 && point <= 0x10_ffff) || (point >= 0xd800 && point <= 0xdfff)) {
        throw badArgument(`${point} is no code point of a character`);
      }
      return String.fromCodePoint(point);
    },
  },
  {
    names: ['ASCII', 'UNICODE'],
    usage: 'ASCII(s)',
    summary: 'The code point of the first character; 0 of an empty string.',
    parameters: ['string'],
    required: 1,
    isTotal: true,
    result: always(INT32),
    apply: ([s]) => (s as string).codePointAt(0) ?? 0,
  },
  {
    names: ['NORMALIZE'],
    usage: "NORMALIZE(s[, 'NFC'])",
    summary: 'A Unicode normal form: NFC, NFD, NFKC or NFKD.',
    parameters: ['string', 'string'],
    required: 1,
    result: always(STRING),
    checkConstant: (position, text) => void (position === 1 && normalForm(text)),
    apply: ([s, form]) => (s as string).normalize(normalForm((form ?? 'NFC') as string)),
  },
  {
    names: ['SUBSTRING_INDEX'],
    usage: 'SUBSTRING_INDEX(s, separator, n)',
    summary:
      'What stands before separator number n; for a negative n behind that number counted from the end.',
    parameters: ['string', 'string', 'integer'],
    required: 3,
    isTotal: true,
    result: always(STRING),
    apply: ([s, separator, n]) => substringIndex(s as string, separator as string, Number(n)),
  },
];

function capitalised(word: string): string {
  const first = String.fromCodePoint(word.codePointAt(0)!);
  return first.toUpperCase() + word.slice(first.length).toLowerCase();
}

function translate(s: string, from: string, to: string): string {
  const targets = Array.from(to);
  const table = new Map<string, string>();
  for (const [place, character] of Array.from(from).entries()) {
    if (!table.has(character)) table.set(character, targets[place] ?? '');
  }
  return Array.from(s, (character) => table.get(character) ?? character).join('');
}

function overlay(s: string, t: string, start: number, length: number): Value {
  if (start < 1) throw badArgument('the start of OVERLAY counts from 1');
  if (length < 0) throw badArgument('the length of OVERLAY is negative');
  const behind = start - 1 + length;
  return sliceText(s, 0, start - 1) + t + sliceText(s, behind, Infinity);
}

function normalForm(name: string): 'NFC' | 'NFD' | 'NFKC' | 'NFKD' {
  const form = name.toUpperCase();
  if (form === 'NFC' || form === 'NFD' || form === 'NFKC' || form === 'NFKD') return form;
  throw badArgument(`'${name}' is no normal form; it is NFC, NFD, NFKC or NFKD`);
}

function substringIndex(s: string, separator: string, n: number): string {
  if (n === 0 || separator === '') return '';
  const parts = s.split(separator);
  return (n > 0 ? parts.slice(0, n) : parts.slice(n)).join(separator);
}
