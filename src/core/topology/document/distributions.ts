/** How generated values are drawn, as a document writes it. @module */

import * as z from 'zod';
import type { JsonValue } from '../model.ts';
import { duration, expecting, listOf, number, object, text, timestamp, whole } from './parts.ts';

/** Exactly one of the first ten names; `weights` goes with `choice`, `of` with `null` and `template`. */
export interface DistributionDocument {
  sequence?: { start?: number | undefined; step?: number | undefined } | undefined;
  uniform?: [number, number] | undefined;
  normal?: { mean: number; stddev: number } | undefined;
  exponential?: { mean: number } | undefined;
  zipf?: { n: number; s: number } | undefined;
  choice?: JsonValue[] | undefined;
  weights?: number[] | undefined;
  constant?: JsonValue | undefined;
  bool?: number | undefined;
  null?: number | undefined;
  template?: string | undefined;
  of?: DistributionDocument | DistributionDocument[] | undefined;
  time?: { start: string; step: string; jitter?: string | undefined } | undefined;
}

/** The properties of which a distribution has exactly one. */
export const DISTRIBUTION_KINDS = [
  'sequence',
  'uniform',
  'normal',
  'exponential',
  'zipf',
  'choice',
  'constant',
  'bool',
  'null',
  'template',
  'time',
] as const satisfies readonly (keyof DistributionDocument)[];

/** Any JSON value; that it is one was seen to before. */
/** Any JSON value. */
export const anyValue = z.unknown() as z.ZodType<JsonValue, JsonValue>;

const EXAMPLE = 'a distribution such as {"uniform": [0, 10]}';
const RANGE = 'two numbers, low and high, such as [0, 10]';

function probability(): z.ZodNumber {
  const words = expecting('a probability from 0 to 1');
  return z.number(words).min(0, words).max(1, words);
}

function positive(expected: string): z.ZodNumber {
  return number(expected).positive(expecting(expected));
}

function nonNegative(expected: string): z.ZodNumber {
  return number(expected).nonnegative(expecting(expected));
}

const numeric = {
  sequence: object('{"start": 0, "step": 1}', {
    start: number('a number').describe('The first value; 0 by default.').optional(),
    step: number('a number').describe('Added for each row; 1 by default.').optional(),
  })
    .describe('Counts rows.')
    .optional(),
  uniform: z
    .tuple([number('a number'), number('a number')], expecting(RANGE))
    .describe('[low, high]: every value in between is equally likely. Whole columns include high.')
    .optional(),
  normal: object('{"mean": 0, "stddev": 1}', {
    mean: number('a number').describe('The middle.'),
    stddev: nonNegative('a number, 0 or more').describe('The standard deviation.'),
  })
    .describe('Bell-shaped.')
    .optional(),
  exponential: object('{"mean": 1}', {
    mean: positive('a number greater than 0').describe('The mean.'),
  })
    .describe('Small values are likely, large ones rare.')
    .optional(),
  zipf: object('{"n": 1000, "s": 1.1}', {
    n: whole('a whole number of ranks, 1 or more', 1, 0x7fff_ffff).describe(
      'How many ranks: 1 to n.',
    ),
    s: nonNegative('an exponent, 0 or more').describe(
      'How skewed: rank k is drawn in proportion to k^-s.',
    ),
  })
    .describe('A few ranks are drawn very often, most of them rarely.')
    .optional(),
};

/** How the values of one column are drawn. */
export const distribution: z.ZodType<DistributionDocument, DistributionDocument> = object(EXAMPLE, {
  ...numeric,
  choice: listOf('a list of values such as ["a", "b"]', anyValue)
    .describe('One of these values.')
    .optional(),
  weights: listOf('a list of numbers, 0 or more', nonNegative('a number, 0 or more'))
    .describe('How likely each choice is; all alike by default.')
    .optional(),
  constant: anyValue.describe('Always this value.').optional(),
  bool: probability().describe('True with this probability.').optional(),
  null: probability().describe('Null with this probability, else drawn from "of".').optional(),
  template: text('a text such as "user-{0}"')
    .describe('Text in which {0}, {1}, … are replaced by values drawn from "of".')
    .optional(),
  of: z
    .union(
      [
        z.lazy((): z.ZodType<DistributionDocument, DistributionDocument> => distribution),
        listOf(
          'a list of distributions',
          z.lazy((): z.ZodType<DistributionDocument, DistributionDocument> => distribution),
        ),
      ],
      expecting(`${EXAMPLE}, or a list of them`),
    )
    .describe('What "null" and "template" draw from; a template may draw from a list.')
    .optional(),
  time: object('{"start": "2026-01-01T00:00:00Z", "step": "10ms"}', {
    start: timestamp().describe('The time of the first row.'),
    step: duration('10ms').describe('Added for each row.'),
    jitter: duration('2s').describe('Each row is moved back by up to this, at random.').optional(),
  })
    .describe('Event time.')
    .optional(),
}).meta({ id: 'Distribution' });
