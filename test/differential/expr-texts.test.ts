/**
 * Kernels of strings against the interpreter: strings that begin alike, at the borders of what lies in a view,
 * with bytes beyond ASCII and zeros, in heaps whose offsets are the same and mean something else.
 */

import * as fc from 'fast-check';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Column } from '../../src/core/column.ts';
import { STRING } from '../../src/core/types.ts';
import { InterpretedRows } from '../../src/expr/batch/nodes/interpreted.ts';
import { RowErrors } from '../../src/expr/batch/row-errors.ts';
import type { TypedExpr } from '../../src/expr/index.ts';
import { inferExpression, interpret, parseExpression, scopeOf } from '../../src/expr/index.ts';
import { inputsOf } from '../../src/expr/kernel/build-node.ts';
import { CoverageMap } from '../../src/expr/wasm/coverage.ts';
import { KernelNode } from '../../src/expr/kernel/kernel-node.ts';
import { testMemory } from '../support/memory.ts';
import { toColumns, valueAt } from './expr-columns.ts';

const SCHEMA = [
  { name: 's', type: STRING },
  { name: 't', type: STRING },
];
const SCOPE = scopeOf(SCHEMA);
type Row = readonly [string | null, string | null];

const LONG = 'abcdefghijklmnopqrstuvwxyz'.repeat(4);
/** Every length from 0 to 40, and some beyond; each also with another last, fifth or twelfth byte. */
const NEAR = [...Array(41).keys(), 63, 64, 65, 100].flatMap((length) => {
  const text = LONG.slice(0, length);
  const changed = [4, 11, 12, length - 1].map((at) =>
    at >= 0 && at < length ? `${text.slice(0, at)}~${text.slice(at + 1)}` : text,
  );
  return [text, ...changed];
});
const ODD = [
  '\0',
  'a\0',
  'abcd\0',
  'abc\0',
  'é',
  'éa',
  'ééééééé',
  '😀',
  'a😀b',
  '%',
  '_',
  'a%b',
  '\uffff',
  'abab',
];
const TEXTS = [...new Set([...NEAR, ...ODD])];

const text = fc.oneof(
  fc.constantFrom(...TEXTS),
  fc.string({ unit: fc.constantFrom('a', 'b', 'é', '😀', '\0'), maxLength: 24 }),
);
const quoted = (value: string): string => `'${value.replaceAll("'", "''")}'`;

/** Tests of two columns and of a column and a constant. */
const TEMPLATES = [
  '@ = @',
  '@ <> @',
  '@ IS DISTINCT FROM @',
  '@ IS NULL AND @ IS NOT NULL',
  '@ < @',
  '@ <= @',
  '@ > @',
  '@ >= @',
  's BETWEEN @ AND @c',
  'STARTS_WITH(s, @)',
  'ENDS_WITH(s, @)',
  'CONTAINS(s, @)',
  'POSITION(@ IN s)',
  ...[
    '@p',
    '@p%',
    '%@p',
    '%@p%',
    '@p%@p',
    '@p%@p%@p',
    '%@p%@p%',
    '%@p%@p',
    '_',
    '_%',
    '%_',
    '@p_%',
    '%_@p',
    '%@p_@p%',
    '@p_@p',
    '_@p%_@p',
  ].map((pattern) => `s LIKE '${pattern}'`),
  's IN (@c, @c, @c, @c, @c, @c, @c, @c, @c, @c, @c, @c)',
  "CHAR_LENGTH(s) - CHAR_LENGTH(REPLACE(s, '@p', ''))",
  'CHAR_LENGTH(s) > 3 AND CONTAINS(s, @c) AND t > @c',
  's IN (@c, @c, @c)',
  's NOT IN (@c, NULL)',
  'CHAR_LENGTH(s)',
  'OCTET_LENGTH(t)',
  'CHAR_LENGTH(s) > OCTET_LENGTH(t) OR s = @c',
];

/** A part of a longer string. */
const part = fc.oneof(
  fc
    .tuple(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 1, max: 20 }))
    .map(([from, length]) => LONG.slice(from, from + length)),
  fc.string({ unit: fc.constantFrom('a', 'b', 'é', '😀'), minLength: 1, maxLength: 3 }),
);

/** `@` is a column, or in one place a constant; `@c` a constant, `@p` a part without its quotes. */
const expression = fc
  .tuple(
    fc.constantFrom(...TEMPLATES),
    fc.infiniteStream(text),
    fc.infiniteStream(part),
    fc.integer({ min: 0, max: 2 }),
  )
  .map(([template, constants, parts, place]) => {
    let occurrence = 0;
    return template.replaceAll(/@[cp]?/g, (hole) => {
      if (hole === '@p') return parts.next().value;
      const isConstant = hole === '@c' || occurrence === place;
      const name = occurrence++ % 2 === 0 ? 's' : 't';
      return isConstant ? quoted(constants.next().value) : name;
    });
  });

/** The second string is the first one, in half of the rows, or near to it. */
const row: fc.Arbitrary<Row> = fc
  .tuple(fc.option(text, { freq: 8 }), fc.option(text, { freq: 8 }), fc.boolean())
  .map(([s, t, isSame]) => [s, isSame ? s : t]);

function kernelOf(expr: TypedExpr, rowCapacity: number, memory = testMemory(1 << 18)): KernelNode {
  const coverage = new CoverageMap();
  expect(coverage.of(expr).isCovered).toBe(true);
  const inputs = inputsOf(expr, coverage);
  return new KernelNode(
    expr,
    { inputs, nodes: inputs.map(() => undefined) },
    { rowCapacity, memory },
  );
}

beforeEach(() => {
  vi.spyOn(InterpretedRows.prototype, 'compute').mockImplementation(() =>
    expect.unreachable('left to the interpreter'),
  );
});

afterEach(() => vi.restoreAllMocks());

function check(source: string, rows: readonly Row[], memoryBytes = 1 << 18): void {
  const typed = inferExpression(parseExpression(source), SCOPE);
  const memory = testMemory(memoryBytes);
  const kernel = kernelOf(typed, rows.length, memory);
  const wanted = rows.map((values) => interpret(typed, values));
  const all = Uint32Array.from(rows, (_, i) => i);
  for (const selection of [all, all.filter((i) => i % 3 !== 1), all.slice(-1)]) {
    const columns = toColumns(SCHEMA, rows, rows.length, memory);
    for (const column of columns) spoilOthers(column, selection, rows.length);
    if (selection.length > 0) compare(kernel, columns, selection, wanted);
  }
}

/** What is in rows that are not selected may not even be a string. */
function spoilOthers(column: Column, selection: Uint32Array, rows: number): void {
  for (let i = 0; i < rows; i++) {
    if (selection.includes(i)) continue;
    column.words[4 * i] = 1000;
    column.words[4 * i + 3] = 0x7fff_0000;
  }
}

function compare(
  kernel: KernelNode,
  columns: readonly Column[],
  selection: Uint32Array,
  wanted: readonly unknown[],
): void {
  const frame = { columns, errors: new RowErrors(0) };
  const column = kernel.evaluate(frame, selection, selection.length);
  const found = Array.from(selection, (i) => valueAt(column, i));
  const expected = Array.from(selection, (i) => wanted[i]);
  expect(found).toEqual(expected);
  if (kernel.type.kind !== 'bool') return;
  const out = new Uint32Array(selection.length);
  const kept = kernel.select(frame, selection, selection.length, out);
  expect(Array.from(out.subarray(0, kept))).toEqual(
    Array.from(selection).filter((i) => wanted[i] === true),
  );
}

test('kernels of strings agree with the interpreter', () => {
  const rows = fc.array(row, { minLength: 1, maxLength: 24 });
  const property = fc.property(expression, rows, (source, data) => check(source, data));
  fc.assert(property, { numRuns: Number(process.env['MILLRACE_EXPR_RUNS'] ?? 400) });
}, 120_000);

test('kernels of strings agree with the interpreter on very long strings', () => {
  const long = 'a text that goes on and on, '.repeat(1000);
  const texts = [
    long,
    `${long}!`,
    `!${long}`,
    `${long.slice(0, -1)}é`,
    `${long.slice(0, 20_000)}!`,
    'a te',
  ];
  const rows = texts.flatMap((s) => texts.map((t): Row => [s, t]));
  const sources = [
    's = t',
    's < t',
    's >= t',
    'STARTS_WITH(s, t)',
    'ENDS_WITH(s, t)',
    'CONTAINS(s, t)',
    'POSITION(t IN s)',
    'CHAR_LENGTH(s)',
    "s LIKE '%!'",
    "s LIKE '%on!%on%é'",
    "s LIKE 'a%_on, a%!%'",
    "POSITION('!' IN s)",
    "CHAR_LENGTH(s) - CHAR_LENGTH(REPLACE(s, 'on', ''))",
    "REGEXP_LIKE(s, 'on(!| é)$')",
  ];
  for (const source of sources) check(source, rows, 1 << 25);
});
