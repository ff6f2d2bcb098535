/**
 * Kernels against the interpreter, on rows that do not fail: those that may have are given to it, which
 * would hide a kernel's mistakes.
 *
 * `MILLRACE_EXPR_RUNS` sets the number of expressions.
 */

import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Column } from '../../src/core/column.ts';
import type { KernelMemory } from '../../src/core/memory.ts';
import { InterpretedRows } from '../../src/expr/batch/nodes/interpreted.ts';
import { RowErrors } from '../../src/expr/batch/row-errors.ts';
import type { TypedExpr, Value } from '../../src/expr/index.ts';
import { formatTyped } from '../../src/expr/index.ts';
import { inputsOf } from '../../src/expr/kernel/build-node.ts';
import { CoverageMap } from '../../src/expr/wasm/coverage.ts';
import { KernelNode } from '../../src/expr/kernel/kernel-node.ts';
import { testMemory } from '../support/memory.ts';
import { outcomeOf, typedOrRefused } from './expr-agreement.ts';
import { toColumns, valueAt } from './expr-columns.ts';
import {
  EDGES,
  expressionArbitrary,
  filledOperations,
  rowArbitrary,
  SCHEMA,
} from './expr-grammar.ts';

type Row = readonly Value[];

class LeftToInterpreter extends Error {}

/** What became of a kernel. */
const seen = { kernels: 0, notCovered: 0, left: 0 };

/** The kernel of an expression that is one as a whole; anything else is tested elsewhere. */
function kernelOf(
  expr: TypedExpr,
  rowCapacity: number,
  memory: KernelMemory,
): KernelNode | undefined {
  const coverage = new CoverageMap();
  const inputs = coverage.of(expr).isCovered ? inputsOf(expr, coverage) : undefined;
  if (inputs === undefined || inputs.some(({ op }) => op !== 'column')) return undefined;
  return new KernelNode(
    expr,
    { inputs, nodes: inputs.map(() => undefined) },
    { rowCapacity, memory },
  );
}

beforeEach(() => {
  vi.spyOn(InterpretedRows.prototype, 'compute').mockImplementation(() => {
    throw new LeftToInterpreter();
  });
});

afterEach(() => vi.restoreAllMocks());

/** A row and what the interpreter makes of it. */
interface Case {
  readonly row: Row;
  readonly wanted: Value;
}

/** Checks a kernel on all rows that do not fail, and on those of them without nulls. */
function check(text: string, data: readonly Row[]): void {
  const typed = typedOrRefused(text);
  if (typed === undefined) return;
  if (kernelOf(typed, data.length, testMemory(1 << 18)) === undefined) {
    seen.notCovered++;
    return;
  }
  const cases: Case[] = [];
  for (const row of data) {
    const outcome = outcomeOf(typed, row);
    if ('value' in outcome) cases.push({ row, wanted: outcome.value });
  }
  checkCases(typed, cases);
  checkCases(
    typed,
    cases.filter(({ row }) => !row.includes(null)),
  );
}

/** Every row, one in three, and the others. */
function checkCases(typed: TypedExpr, cases: readonly Case[]): void {
  if (cases.length === 0) return;
  const memory = testMemory(1 << 20);
  const kernel = kernelOf(typed, cases.length, memory)!;
  const all = Uint32Array.from(cases, (_, row) => row);
  const some = all.filter((row) => row % 3 === 1);
  const most = all.filter((row) => row % 3 !== 1);
  const rows = cases.map(({ row }) => row);
  seen.kernels++;
  const columns = toColumns(SCHEMA, rows, rows.length, memory);
  for (const selection of [all, some, most]) {
    if (selection.length === 0) continue;
    try {
      compare(typed, kernel, columns, cases, selection);
    } catch (error) {
      if (!(error instanceof LeftToInterpreter)) throw error;
      seen.left++;
    }
  }
}

function compare(
  typed: TypedExpr,
  kernel: KernelNode,
  columns: readonly Column[],
  cases: readonly Case[],
  selection: Uint32Array,
): void {
  const frame = { columns, errors: new RowErrors(0) };
  const wanted = Array.from(selection, (row) => cases[row]!.wanted);
  const column = kernel.evaluate(frame, selection, selection.length);
  const found = Array.from(selection, (row) => valueAt(column, row));
  const isSame = found.every((value, i) => Object.is(value, wanted[i]));
  if (!isSame) expect(found, formatTyped(typed)).toEqual(wanted);
  expect(isSame).toBe(true);
  if (typed.type.kind !== 'bool') return;
  const kept = Array.from(selection).filter((_, i) => wanted[i] === true);
  for (const out of [new Uint32Array(cases.length), selection.slice()]) {
    const source = out.some((row) => row !== 0) ? out : selection;
    const count = kernel.select(frame, source, selection.length, out);
    expect(String(out.subarray(0, count)), formatTyped(typed)).toBe(String(kept));
    if (wanted.includes(null)) expect(kernel.hadNulls).toBe(true);
  }
}

const MOST = Math.max(...Object.values(EDGES).map((edges) => edges.length));

/** Every pair of edge values of each type, in the two columns of the type. */
function edgeRows(): readonly Row[] {
  const kinds = new Set<string>();
  const isSecond = SCHEMA.map(({ type }) => kinds.size === kinds.add(type.kind).size);
  return Array.from({ length: MOST * MOST }, (_, i) =>
    SCHEMA.map(({ type }, c) => {
      const edges = EDGES[type.kind];
      return edges[(isSecond[c] ? i % MOST : Math.floor(i / MOST)) % edges.length]!;
    }),
  );
}

describe('kernels', () => {
  test('of every operation on edge values', () => {
    const data = edgeRows();
    // A third of the pairs for each text; an operation has texts for all of them.
    for (const [n, text] of filledOperations().entries()) {
      check(
        text,
        data.filter((_, row) => row % 3 === n % 3),
      );
    }
    expect(seen.kernels).toBeGreaterThan(500);
  }, 120_000);

  test('of random expressions', () => {
    const rows = fc.array(rowArbitrary, { minLength: 1, maxLength: 40 });
    const property = fc.property(expressionArbitrary(4).any, rows, check);
    fc.assert(property, { numRuns: Number(process.env['MILLRACE_EXPR_RUNS'] ?? 500) });
    // Few batches without failures are left to the interpreter all the same.
    expect(seen.left).toBeLessThan(seen.kernels / 20);
  }, 120_000);
});
