/** Functions that match patterns: `LIKE` and regular expressions (of JavaScript, Unicode mode). @module */

import { BOOL, STRING } from '../../core/types.ts';
import { badArgument } from '../row-error.ts';
import { matchesLike, parseLike } from '../scalar/like.ts';
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
    names: ['REGEXP_EXTRACT'],
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
];

const globalExpression = remembering(
  (pattern) => new RegExp(regularExpression(pattern).source, 'gu'),
);

function checkPattern(position: number, text: string): void {
  if (position === 1) regularExpression(text);
}
