/**
 * Functions of texts against the interpreter: constants and texts that meet the edges of vectors of 16
 * bytes, of views of 12, and of characters of several bytes.
 *
 * `MILLRACE_EXPR_RUNS` sets the number of expressions.
 */

import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { Column } from '../../src/core/column.ts';
import type { KernelMemory } from '../../src/core/memory.ts';
import { INT32, INT64, STRING } from '../../src/core/types.ts';
import {
  compileBatch,
  inferExpression,
  interpret,
  parseExpression,
  RowErrors,
  scopeOf,
} from '../../src/expr/index.ts';
import type { Value } from '../../src/expr/index.ts';
import { testMemory } from '../support/memory.ts';
import { toColumns, valueAt } from './expr-columns.ts';

const SCHEMA = [
  { name: 's', type: STRING },
  { name: 't', type: STRING },
  { name: 'i', type: INT32 },
  { name: 'b', type: INT64 },
];
const SCOPE = scopeOf(SCHEMA);
const CAPACITY = 24;
const RUNS = Number(process.env['MILLRACE_EXPR_RUNS'] ?? 600);

const UNITS = [
  'a',
  'a',
  'b',
  'B',
  'z',
  'Z',
  '@',
  '[',
  '`',
  '{',
  '/',
  '/',
  ' ',
  ' ',
  'é',
  '漢',
  '😀',
];
const texts = (maxLength: number) =>
  fc.oneof(
    fc.string({ unit: fc.constantFrom(...UNITS.slice(0, 14)), maxLength }),
    fc.string({ unit: fc.constantFrom(...UNITS), maxLength }),
    fc.string({ unit: fc.constantFrom('a', '/'), maxLength }),
    fc.constantFrom('', 'twelve bytes', 'thirteen byte', 'sixteen bytes ad', 'a'.repeat(64)),
  );
const int64 = fc
  .oneof(
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    // Numbers of any length.
    fc
      .tuple(fc.nat(18), fc.integer({ min: -99, max: 99 }))
      .map(([zeros, n]) => BigInt(n) * 10n ** BigInt(zeros)),
    fc.constantFrom(2n ** 32n, 2n ** 32n - 1n, 2n ** 63n - 1n, -(2n ** 63n)),
  )
  .map((value) => BigInt.asIntN(64, value));
const digits = fc.oneof(
  int64.map(String),
  fc.integer().map(String),
  fc.string({ unit: fc.constantFrom('0', '1', '9', '-', '+', ' ', 'é'), maxLength: 21 }),
);
const row = fc.tuple(
  fc.option(texts(70), { freq: 8, nil: null }),
  fc.option(fc.oneof(texts(20), digits), { freq: 8, nil: null }),
  fc.option(fc.oneof(fc.integer(), fc.integer({ min: -12, max: 12 })), { freq: 8, nil: null }),
  fc.option(fc.oneof(int64, fc.bigInt({ min: -12n, max: 12n })), { freq: 8, nil: null }),
);
const rows = fc.array(row, { minLength: 1, maxLength: CAPACITY });
const chosen = fc.array(fc.boolean(), { minLength: CAPACITY, maxLength: CAPACITY });

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;
const needle = fc
  .oneof(
    fc.constantFrom('/', 'a', 'aa', 'é', '😀', 'aB', '//', 'a/a/a', ''),
    texts(20),
    fc.constant('a'.repeat(18)),
  )
  .map(quoted);
const pattern = fc.constantFrom(
  "'a+'",
  "'(a+)(b?)/'",
  "'([^/]*)/([^/]*)$'",
  "'^(.)(.)'",
  "'(?<=(.)/)a'",
  "'/(?=(.*))'",
  "'漢|é(.)'",
  "'(x)|/'",
);
const place = fc.integer({ min: -2, max: 40 });
const integer = fc.constantFrom(
  'i',
  'b',
  '3',
  '(-1)',
  "POSITION('/' IN s)",
  'CHAR_LENGTH(t)',
  '9007199254740993',
);
const set = fc.constantFrom("' '", "'a'", "'a/ '", "'é'", "''", "'aB/@[`{ '");
const column = fc.constantFrom('s', 't');
const template = (
  strings: readonly string[],
  ...holes: readonly fc.Arbitrary<string | number>[]
): fc.Arbitrary<string> =>
  fc
    .tuple(...holes)
    .map((values) => strings.reduce((text, part, i) => text + String(values[i - 1]) + part));

/** Calls of a column, or of another call. */
const { call } = fc.letrec<{ call: string; operand: string }>((tie) => ({
  operand: fc.oneof({ depthSize: 'small', withCrossShrink: true }, column, tie('call')),
  call: fc.oneof(
    template`SUBSTRING(${tie('operand')}, ${place})`,
    template`SUBSTRING(${tie('operand')}, ${place}, ${fc.nat(40)})`,
    template`LEFT(${tie('operand')}, ${place})`,
    template`SUBSTRING(${tie('operand')}, ${integer})`,
    template`SUBSTRING(${tie('operand')}, ${integer}, ${integer})`,
    template`RIGHT(${tie('operand')}, ${place})`,
    template`UPPER(${tie('operand')})`,
    template`LOWER(${tie('operand')})`,
    template`TRIM(${tie('operand')})`,
    template`TRIM(BOTH ${set} FROM ${tie('operand')})`,
    template`TRIM(LEADING ${set} FROM ${tie('operand')})`,
    template`TRIM(TRAILING ${set} FROM ${tie('operand')})`,
    template`SPLIT_INDEX(${tie('operand')}, ${needle}, ${fc.nat(6)})`,
    template`REPLACE(${tie('operand')}, ${needle}, ${needle})`,
    template`(${tie('operand')} || ${tie('operand')})`,
    template`CONCAT(${tie('operand')}, ${needle}, ${tie('operand')}, ${column})`,
    template`CASE WHEN s < ${needle} THEN ${tie('operand')} WHEN t = ${needle} THEN ${needle} ELSE ${tie('operand')} END`,
    template`CASE WHEN i > ${fc.integer({ min: -3, max: 3 })} THEN ${tie('operand')} WHEN b > i THEN ${column} ELSE ${needle} END`,
    template`CASE WHEN s = ${needle} THEN s WHEN i > b THEN ${tie('operand')} END`,
    template`CASE WHEN i > 0 THEN UPPER(s) WHEN i < -1 THEN 'a constant of some bytes' ELSE LOWER(s) END`,
    template`CASE WHEN i > 0 THEN ${needle} WHEN i < -1 THEN ${needle} ELSE ${needle} END`,
    template`CASE WHEN i / (b - 1) > 0 THEN ${tie('operand')} ELSE ${column} END`,
    template`COALESCE(${tie('operand')}, ${tie('operand')}, ${needle})`,
    template`NULLIF(${tie('operand')}, ${column})`,
    template`REGEXP_EXTRACT(${tie('operand')}, ${pattern})`,
    template`REGEXP_EXTRACT(${tie('operand')}, ${pattern}, ${fc.nat(3)})`,
    template`CASE WHEN REGEXP_LIKE(${tie('operand')}, ${pattern}) THEN s ELSE t END`,
    template`CAST(${fc.constantFrom('i', 'b')} AS string)`,
    template`CAST(CAST(${column} AS ${fc.constantFrom('int', 'bigint')}) AS string)`,
    template`CAST(TRY_CAST(${tie('operand')} AS ${fc.constantFrom('int', 'bigint')}) AS string)`,
    template`SPLIT_PART(${tie('operand')}, ${needle}, ${fc.integer({ min: -2, max: 6 })})`,
  ),
}));

type Row = readonly Value[];

function outcome(compute: () => Value): Value | { readonly error: string } {
  try {
    return compute();
  } catch (error) {
    return { error: (error as Error).message };
  }
}

/** Evaluates a text twice, for all rows and for some, and compares with the interpreter. */
function check(text: string, data: readonly Row[], isChosen: readonly boolean[]): void {
  const typed = inferExpression(parseExpression(text), SCOPE);
  const memory = testMemory(1 << 20);
  const compiled = compileBatch(typed, { rowCapacity: CAPACITY, memory });
  const columns = toColumns(SCHEMA, data, CAPACITY, memory);
  const used = columns.map(({ heap }) => heap.used);
  const wanted = data.map((values) => outcome(() => interpret(typed, values)));
  const all = Uint32Array.from(data, (_, r) => r);
  for (const selection of [all, all.filter((r) => isChosen[r]), all]) {
    const errors = new RowErrors(CAPACITY);
    const result = compiled.evaluate({ columns }, selection, selection.length, errors);
    const failed = new Map(
      Array.from({ length: errors.count }, (_, i) => [errors.rows[i]!, errors.message(i)]),
    );
    for (const r of selection) {
      const error = failed.get(r);
      const found = error === undefined ? valueAt(result, r) : { error };
      expect(found, `${text} of ${JSON.stringify(data[r]!.map(String))}`).toEqual(wanted[r]);
    }
    expect(columns.map(({ heap }) => heap.used)).toEqual(used);
  }
}

test('texts are those of the interpreter', () => {
  fc.assert(fc.property(call, rows, chosen, check), { numRuns: RUNS });
});

test('constants of a CASE share a heap', () => {
  const memory = testMemory(1 << 18);
  const text =
    "CASE WHEN s < 'b' THEN 'less than it is' WHEN s < 'c' THEN 'x' ELSE 'more than it is' END";
  const compiled = compileBatch(inferExpression(parseExpression(text), SCOPE), {
    rowCapacity: 3,
    memory,
  });
  const columns = [longTexts(memory, ['a', 'b', 'c'])];
  const selection = Uint32Array.of(0, 1, 2);
  const before = memory.usedBytes;
  const result = compiled.evaluate({ columns }, selection, 3, new RowErrors(3));
  const values = Array.from(selection, (r) => valueAt(result, r));
  expect(values).toEqual(['less than it is', 'x', 'more than it is']);
  // No heap was made to copy them into.
  expect(memory.usedBytes).toBe(before);
});

/** A column with long texts, in the memory of kernels. */
function longTexts(memory: KernelMemory, values: readonly string[]): Column {
  const [column] = toColumns(
    SCHEMA.slice(0, 1),
    values.map((value) => [value]),
    values.length,
    memory,
  );
  return column!;
}

test.each([
  'SUBSTRING(s, 2)',
  'LEFT(s, 20)',
  "SUBSTRING(s, POSITION('e' IN s))",
  "TRIM(BOTH 'a' FROM s)",
  "SPLIT_INDEX(s, '/', 0)",
  "SPLIT_PART(s, '//', 1)",
  "CASE WHEN s < 'b' THEN SUBSTRING(s, 2) WHEN s < 'p' THEN 'short' ELSE s END",
  "COALESCE(SPLIT_INDEX(s, '/', 1), s)",
  "CASE WHEN s < 'b' THEN CASE WHEN s < 'a' THEN 'short' ELSE TRIM(s) END ELSE s END",
])('%s copies no bytes', (text) => {
  const memory = testMemory(1 << 18);
  const values = ['one of more than twelve bytes', 'and another/one', 'a short one'];
  const source = longTexts(memory, values);
  const compiled = compileBatch(inferExpression(parseExpression(text), SCOPE), {
    rowCapacity: 3,
    memory,
  });
  const selection = Uint32Array.of(0, 1, 2);
  const result = compiled.evaluate({ columns: [source] }, selection, 3, new RowErrors(3));
  expect(result.heap).toBe(source.heap);
});

test('a heap grows as texts need it', () => {
  const memory = testMemory(1 << 22);
  const values = Array.from({ length: 100 }, (_, i) => `${'long '.repeat(i * 5)}${i}`);
  const source = longTexts(memory, values);
  const compiled = compileBatch(inferExpression(parseExpression('UPPER(s)'), SCOPE), {
    rowCapacity: 100,
    memory,
  });
  const selection = Uint32Array.from(values, (_, r) => r);
  for (const rows of [selection.subarray(0, 10), selection]) {
    const errors = new RowErrors(100);
    const result = compiled.evaluate({ columns: [source] }, rows, rows.length, errors);
    expect(errors.count).toBe(0);
    for (const r of rows) expect(valueAt(result, r)).toBe(values[r]!.toUpperCase());
  }
});

test('a memory that is full says so', () => {
  const memory = testMemory(1 << 17);
  const source = longTexts(memory, ['x'.repeat(60_000)]);
  const compiled = compileBatch(inferExpression(parseExpression('UPPER(s)'), SCOPE), {
    rowCapacity: 1,
    memory,
  });
  Column.allocate(STRING, 1, memory).heap.reserve(20_000);
  expect(() =>
    compiled.evaluate({ columns: [source] }, Uint32Array.of(0), 1, new RowErrors(1)),
  ).toThrowError(expect.objectContaining({ code: 'ERR_LIMIT_EXCEEDED' }));
});
