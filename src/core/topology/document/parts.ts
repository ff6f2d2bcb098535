/**
 * The pieces that document schemas are made of: zod schemas that carry a {@link Hint} and a
 * description for editors.
 *
 * They check and never change what they check: no defaults, no transformations. `../normalize.ts`
 * does that, from the document itself.
 *
 * @module
 */

import * as z from 'zod';
import { TYPE_NAMES, parseTypeName } from '../../types.ts';
import { parseDurationUs, parseSizeBytes } from '../../units.ts';
import { parseTimestampUs } from '../timestamp-text.ts';
import { type Hint, encodeHint } from './hints.ts';

/** zod options that give every failure of a schema the same expectation. */
export function expecting(expected: string): { error: () => string } {
  return withHint({ kind: 'value', expected });
}

function withHint(hint: Hint): { error: () => string } {
  const message = encodeHint(hint);
  return { error: () => message };
}

/** An object with these properties and no others; `planned` ones get an answer of their own. */
export function object<Shape extends z.ZodRawShape>(
  expected: string,
  shape: Shape,
  planned: readonly string[] = [],
): z.ZodObject<Shape, z.core.$strict> {
  const keys = encodeHint({ kind: 'keys', known: Object.keys(shape), planned });
  const value = encodeHint({ kind: 'value', expected });
  return z.strictObject(shape, {
    error: (issue) => (issue.code === 'unrecognized_keys' ? keys : value),
  });
}

/** Any names with values of one kind. */
export function namesTo<Value extends z.ZodType>(
  expected: string,
  value: Value,
): z.ZodRecord<z.ZodString, Value> {
  return z.record(z.string(), value, expecting(expected));
}

/** A list of values of one kind. */
export function listOf<Value extends z.ZodType>(expected: string, value: Value): z.ZodArray<Value> {
  return z.array(value, expecting(expected)).min(1, expecting(expected));
}

/** One of several names. */
export function option<const Names extends readonly [string, ...string[]]>(
  noun: string,
  names: Names,
  planned: readonly string[] = [],
): z.ZodEnum<{ [Name in Names[number]]: Name }> {
  return z.enum(names, withHint({ kind: 'option', noun, planned }));
}

/** Objects told apart by the name in one property. */
export function tagged<
  Tag extends string,
  const Options extends readonly [z.core.$ZodTypeDiscriminable, ...z.core.$ZodTypeDiscriminable[]],
>(
  tag: Tag,
  words: { noun: string; expected: string; planned?: readonly string[] },
  options: Options,
): z.ZodDiscriminatedUnion<Options, Tag> {
  const { noun, expected, planned = [] } = words;
  const unknown = encodeHint({ kind: 'option', noun, planned });
  const value = encodeHint({ kind: 'value', expected });
  return z.discriminatedUnion(tag, options, {
    error: (issue) => (issue.code === 'invalid_union' ? unknown : value),
  });
}

/** Text that is not empty. */
export function text(expected: string): z.ZodString {
  return z.string(expecting(expected)).min(1, expecting(expected));
}

/** `true` or `false`. */
export function flag(): z.ZodBoolean {
  return z.boolean(expecting('true or false'));
}

/** A whole number within bounds. */
export function whole(expected: string, low: number, high = Number.MAX_SAFE_INTEGER): z.ZodNumber {
  const words = expecting(expected);
  return z.number(words).int(words).min(low, words).max(high, words);
}

/** Any number. */
export function number(expected: string): z.ZodNumber {
  return z.number(expecting(expected));
}

/** Lets a pattern for editors accept a variable anywhere in the text. */
const OR_VARIABLE = String.raw`|.*\$\{.*`;
const DURATION_PATTERN = String.raw`^(?:\d+(?:\.\d+)?\s*(?:us|ms|s|m|min|h|d)|P.+${OR_VARIABLE})$`;
const SIZE_PATTERN = String.raw`^(?:\d+(?:\.\d+)?\s*(?:B|[KMG]iB|kB|[KMG]B)${OR_VARIABLE})$`;

/** A duration of zero or more. */
export function duration(example: string): z.ZodString {
  return durationAbove(-1, `a duration such as "${example}"`);
}

/** A duration greater than zero. */
export function positiveDuration(example: string): z.ZodString {
  return durationAbove(0, `a duration such as "${example}"`);
}

function durationAbove(boundUs: number, expected: string): z.ZodString {
  return z
    .string(expecting(expected))
    .refine(
      (value) => {
        const us = parseDurationUs(value);
        return us !== undefined && us > boundUs && Number.isSafeInteger(us);
      },
      expecting(boundUs < 0 ? expected : `${expected}, greater than zero`),
    )
    .meta({ pattern: DURATION_PATTERN });
}

/** A size in bytes. */
export function size(example: string): z.ZodString {
  const words = expecting(`a size such as "${example}"`);
  return z
    .string(words)
    .refine((value) => {
      const bytes = parseSizeBytes(value);
      return bytes !== undefined && Number.isSafeInteger(bytes);
    }, words)
    .meta({ pattern: SIZE_PATTERN });
}

/** A point in time. */
export function timestamp(): z.ZodString {
  const words = expecting('a timestamp such as "2026-01-01T00:00:00Z"');
  return z.string(words).refine((value) => parseTimestampUs(value) !== undefined, words);
}

const typeWords = withHint({ kind: 'type' });

/** The name of a data type. What has an `id` stands once in the JSON Schema. */
export const typeName = z
  .string(typeWords)
  .refine((value) => parseTypeName(value) !== undefined, typeWords)
  .meta({
    id: 'dataType',
    anyOf: [
      { enum: TYPE_NAMES.filter((name) => !name.includes('(')) },
      { pattern: String.raw`^decimal\(\s*\d{1,2}\s*,\s*\d{1,2}\s*\)$` },
      { pattern: String.raw`\$\{` },
    ],
  });

/** Column name → type, in column order. */
export function columns(): z.ZodRecord<z.ZodString, z.ZodString> {
  return namesTo('columns such as {"id": "int64", "name": "string"}', typeName);
}

/** The text of an expression. */
export function expression(example: string): z.ZodString {
  return text(`an expression such as "${example}"`);
}

/** The name of a stream. */
export function streamName(): z.ZodString {
  return text('the name of a stream such as "orders" or "split.big"');
}

/** What happens to a row in error. */
export const errorPolicy = option('error policy', ['stop', 'skip', 'deadLetter'])
  .meta({ id: 'errorPolicy' })
  .describe(
    'What a row that cannot be decoded, or on which an expression fails, does: stop the run ' +
      '(default), be skipped and counted, or go with its reason to the stream NODE.errors.',
  )
  .optional();

/** One column of an order. */
export const sortKey = z
  .union(
    [
      text('the name of a column, or "-name" for descending order'),
      object('a sort key such as {"column": "price", "order": "desc"}', {
        column: text('the name of a column').describe('The column.'),
        order: option('order', ['asc', 'desc']).describe('"asc" by default.').optional(),
      }),
    ],
    expecting('the name of a column, "-name", or {"column": "name", "order": "desc"}'),
  )
  .meta({ id: 'sortKey' });

/** A file format. */
export function fileFormat(): z.ZodEnum<{ csv: 'csv'; jsonl: 'jsonl' }> {
  return option('format', ['csv', 'jsonl']);
}

/** Properties of the CSV format. */
export const csvProperties = {
  delimiter: z
    .string(expecting('one ASCII character such as "," or ";"'))
    .regex(/^[\t\x20-\x21\x23-\x7e]$/, expecting('one ASCII character such as "," or ";"'))
    .describe('CSV: what separates fields; "," by default.')
    .optional(),
  nullText: z
    .string(expecting('a text such as "NULL"'))
    .describe('CSV: an unquoted field with this text is null; the empty field by default.')
    .optional(),
  header: flag().describe('CSV: the first line names the columns; true by default.').optional(),
};
