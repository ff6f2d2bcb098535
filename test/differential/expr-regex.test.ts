/**
 * Regular expressions that become code against those of JavaScript.
 *
 * `MILLRACE_EXPR_RUNS` sets the number of patterns.
 */

import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { STRING } from '../../src/core/types.ts';
import {
  compileBatch,
  inferExpression,
  interpret,
  parseExpression,
  RowErrors,
  scopeOf,
} from '../../src/expr/index.ts';
import { parseRegex } from '../../src/expr/wasm/regex/parse-regex.ts';
import { testMemory } from '../support/memory.ts';
import { toColumns, valueAt } from './expr-columns.ts';

const SCHEMA = [{ name: 's', type: STRING }];
const SCOPE = scopeOf(SCHEMA);

const atom = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom('a', 'b', 'ab', 'é', '😀', '&', '/', '1') },
  fc.constantFrom('.', '\\d', '\\D', '\\w', '\\W', '\\.', '\\n', '[^]'),
  fc.constantFrom('[ab]', '[^a]', '[^ab&]', '[a-c1-]', '[^\\w]', '[\\d&]', '[^\\W1]'),
);
const times = fc.oneof(
  { weight: 3, arbitrary: fc.constant('') },
  fc.constantFrom('*', '+', '?', '*?', '+?', '??', '{2}', '{1,2}', '{1,}?', '{0,2}?'),
);
const repeated = fc
  .tuple(atom, times)
  // Only one character may be repeated, and that in one byte.
  .map(([one, count]) => (['ab', 'é', '😀'].includes(one) ? one : one + count));

const { choices } = fc.letrec<{ part: string; sequence: string; choices: string }>((tie) => ({
  part: fc.oneof(
    { maxDepth: 2, depthIdentifier: 'regex' },
    repeated,
    fc.constantFrom('^', '$', '(&|^)', '(a|)'),
    tie('choices').map((inner) => `(${inner})`),
    tie('choices').map((inner) => `(?:${inner})`),
  ),
  sequence: fc.array(tie('part'), { maxLength: 4 }).map((parts) => parts.join('')),
  choices: fc
    .array(tie('sequence'), { minLength: 1, maxLength: 3 })
    .map((sequences) => sequences.join('|')),
}));

const text = fc.option(
  fc.string({
    unit: fc.constantFrom('a', 'b', 'c', '1', '&', '.', '/', 'é', '😀', '\n', '\u2028', '☃'),
    maxLength: 30,
  }),
  { freq: 10 },
);

function check(source: string, rows: readonly (string | null)[], isElsewhere = false): void {
  const typed = inferExpression(parseExpression(source), SCOPE);
  const memory = testMemory(1 << 18);
  const compiled = compileBatch(typed, { rowCapacity: rows.length, memory });
  const data = rows.map((value) => [value]);
  const columns = toColumns(SCHEMA, data, rows.length, isElsewhere ? undefined : memory);
  const errors = new RowErrors(rows.length);
  const all = Uint32Array.from(rows, (_, row) => row);
  for (const selection of [all, all.filter((row) => row % 3 !== 1)]) {
    if (selection.length === 0) continue;
    const column = compiled.evaluate({ columns }, selection, selection.length, errors);
    const found = Array.from(selection, (row) => valueAt(column, row));
    expect(found, source).toEqual(Array.from(selection, (row) => interpret(typed, data[row]!)));
  }
  expect(errors.count).toBe(0);
}

test('patterns of the kind that becomes code', () => {
  let parsed = 0;
  let patterns = 0;
  const rows = fc.array(text, { minLength: 1, maxLength: 16 });
  const property = fc.property(
    choices,
    rows,
    fc.integer({ min: 0, max: 3 }),
    (pattern, data, group) => {
      patterns++;
      if (parseRegex(pattern) !== undefined) parsed++;
      check(`REGEXP_EXTRACT(s, '${pattern}', ${group})`, data, patterns % 8 === 0);
      check(`REGEXP_LIKE(s, '${pattern}')`, data, patterns % 8 === 1);
    },
  );
  fc.assert(property, { numRuns: Number(process.env['MILLRACE_EXPR_RUNS'] ?? 250) });
  expect(parsed / patterns).toBeGreaterThan(0.9);
}, 120_000);

test('parts of long texts, and texts as long as a vector', () => {
  const url = 'https://www.example.org/some/path/item.htm?query=1&channel_id=';
  const urls = Array.from({ length: 40 }, (_, i) => `${url}${'7'.repeat(i)}${i % 2 ? '&x=1' : ''}`);
  const rows = [...urls, 'channel_id=9', '', null, 'no channel', `&channel_id=${'é'.repeat(9)}`];
  for (const group of [0, 1, 2]) {
    check(`REGEXP_EXTRACT(s, '(&|^)channel_id=([^&]*)', ${group})`, rows);
  }
  check(`REGEXP_EXTRACT(s, '^https?://([^/]+)/(.*)$', 2)`, rows);
  check(`REGEXP_EXTRACT(s, '.{2,5}$')`, rows);
});

describe('what is left to JavaScript', () => {
  test.each([
    '(ab)*',
    '(a|b)+',
    '\\s',
    '\\bab',
    '(?=a)',
    '(?<n>a)',
    '(a)\\1',
    '[é]',
    'é*',
    'a{101}',
    '\\u{61}',
  ])('%s', (pattern) => {
    expect(parseRegex(pattern)).toBeUndefined();
    check(`REGEXP_EXTRACT(s, '${pattern}')`, ['ab', 'aé aa', null, '']);
  });
});
