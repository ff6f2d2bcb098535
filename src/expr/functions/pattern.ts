/** Functions that match patterns: `LIKE` and regular expressions (of JavaScript, Unicode mode). @module */

import { BOOL, INT32, JSON_TYPE, STRING } from '../../core/types.ts';
import { badArgument } from '../row-error.ts';
import { matchesLike, parseLike } from '../scalar/like.ts';
import { textLength } from '../scalar/text.ts';
import type { FunctionSpec } from './function-spec.ts';
import { always, remembering } from './function-spec.ts';

const likeWithoutEscape = remembering((pattern) => parseLike(pattern, undefined));
/** Most UTF-16 units of a regular expression. JavaScript's compiler ends the process on groups nested too deep. */
const MOST_PATTERN_LENGTH = 4000;

/** The regular expression of a pattern. @throws RowError `badArgument` */
export const regularExpression = remembering((pattern) => {
  if (pattern.length > MOST_PATTERN_LENGTH) {
    throw badArgument(
      `expected a pattern of up to ${MOST_PATTERN_LENGTH} characters, found ${pattern.length}`,
    );
  }
  try {
    return new RegExp(pattern, 'u');
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw badArgument(why);
  }
});

/** The functions of this file. `LIKE` is what the operator becomes. */
export const PATTERN_FUNCTIONS: readonly FunctionSpec[] = [
  {
    names: ['LIKE'],
    usage: "s LIKE pattern [ESCAPE 'c']",
    summary:
      'Whether all of s matches: % is any run, _ any one character. There is no escape unless given.',
    parameters: ['string', 'string', 'string'],
    required: 2,
    result: ([, pattern, escape]) => {
      if (pattern!.op === 'literal' && escape?.op === 'literal') {
        if (pattern.value !== null && escape.value !== null) {
          parseLike(pattern.value as string, escape.value as string);
        }
      }
      return BOOL;
    },
    apply: ([s, pattern, escape]) =>
      matchesLike(
        s as string,
        escape === undefined
          ? likeWithoutEscape(pattern as string)
          : parseLike(pattern as string, escape as string),
      ),
  },
  {
    names: ['REGEXP_LIKE', 'REGEXP'],
    usage: 'REGEXP_LIKE(s, pattern)',
    summary: 'Whether a regular expression matches somewhere in s.',
    parameters: ['string', 'string'],
    required: 2,
    result: always(BOOL),
    checkConstant: checkPattern,
    apply: ([s, pattern]) => regularExpression(pattern as string).test(s as string),
  },
  {
    names: ['REGEXP_EXTRACT', 'REGEXP_SUBSTR'],
    usage: 'REGEXP_EXTRACT(s, pattern[, group])',
    summary: 'What the pattern, or a group of it, matches first; null when it does not match.',
    parameters: ['string', 'string', 'integer'],
    required: 2,
    result: always(STRING),
    checkConstant: checkPattern,
    apply: ([s, pattern, group]) =>
      regularExpression(pattern as string).exec(s as string)?.[Number(group ?? 0)] ?? null,
  },
  {
    names: ['REGEXP_REPLACE'],
    usage: 'REGEXP_REPLACE(s, pattern, replacement)',
    summary: 'Every match replaced by a text; $1 is the first group, $$ a dollar sign.',
    parameters: ['string', 'string', 'string'],
    required: 3,
    result: always(STRING),
    checkConstant: checkPattern,
    apply: ([s, pattern, replacement]) =>
      (s as string)
        .replace(globalExpression(pattern as string), replacement as string)
        .toWellFormed(),
  },
  {
    names: ['REGEXP_FULL_MATCH'],
    usage: 'REGEXP_FULL_MATCH(s, pattern)',
    summary: 'Whether a regular expression matches all of s.',
    parameters: ['string', 'string'],
    required: 2,
    result: always(BOOL),
    checkConstant: checkPattern,
    apply: ([s, pattern]) => wholeExpression(pattern as string).test(s as string),
  },
  {
    names: ['REGEXP_COUNT'],
    usage: 'REGEXP_COUNT(s, pattern)',
    summary: 'How often the pattern matches in s, without overlaps.',
    parameters: ['string', 'string'],
    required: 2,
    result: always(INT32),
    checkConstant: checkPattern,
    apply: ([s, pattern]) => matchesOf(s as string, pattern as string).length,
  },
  {
    names: ['REGEXP_INSTR'],
    usage: 'REGEXP_INSTR(s, pattern[, n])',
    summary: 'Where the pattern matches for the n-th time, or 0.',
    parameters: ['string', 'string', 'integer'],
    required: 2,
    result: always(INT32),
    checkConstant: checkPattern,
    apply: ([s, pattern, n]) => {
      if (Number(n ?? 1) < 1) throw badArgument('the matches of REGEXP_INSTR count from 1');
      const match = matchesOf(s as string, pattern as string)[Number(n ?? 1) - 1];
      return match === undefined ? 0 : textLength((s as string).slice(0, match.index)) + 1;
    },
  },
  {
    names: ['REGEXP_EXTRACT_ALL'],
    usage: 'REGEXP_EXTRACT_ALL(s, pattern[, group])',
    summary: 'A list of what the pattern, or a group of it, matches each time.',
    parameters: ['string', 'string', 'integer'],
    required: 2,
    result: always(JSON_TYPE),
    checkConstant: checkPattern,
    apply: ([s, pattern, group]) =>
      matchesOf(s as string, pattern as string).map((match) => match[Number(group ?? 0)] ?? null),
  },
  {
    names: ['REGEXP_SPLIT'],
    usage: 'REGEXP_SPLIT(s, pattern)',
    summary: 'A list of what lies between the matches of the pattern.',
    parameters: ['string', 'string'],
    required: 2,
    result: always(JSON_TYPE),
    checkConstant: checkPattern,
    apply: ([s, pattern]) => splitAt(s as string, pattern as string),
  },
];

const globalExpression = remembering(
  (pattern) => new RegExp(regularExpression(pattern).source, 'gu'),
);

const wholeExpression = remembering((pattern) => {
  const { source } = regularExpression(pattern);
  return new RegExp(`^(?:${source})$`, 'u');
});

function matchesOf(s: string, pattern: string): readonly RegExpExecArray[] {
  return Array.from(s.matchAll(globalExpression(pattern)));
}

/** The texts between matches; groups of the pattern leave nothing among them. */
function splitAt(s: string, pattern: string): readonly string[] {
  const parts: string[] = [];
  let from = 0;
  for (const { 0: matched, index } of matchesOf(s, pattern)) {
    const isEmptyAtEdge = matched === '' && (index === 0 || index === s.length);
    if (isEmptyAtEdge) continue;
    parts.push(s.slice(from, index));
    from = index + matched.length;
  }
  parts.push(s.slice(from));
  return parts;
}

function checkPattern(position: number, text: string): void {
  if (position === 1) regularExpression(text);
}
