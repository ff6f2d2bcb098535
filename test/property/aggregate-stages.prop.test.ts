/**
 * An aggregate in two stages gives what it gives in one, which is compared with models elsewhere:
 * however rows are dealt out to local stages, and however their results meet.
 */

import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Emit, Window } from '../../src/core/topology/model.ts';
import type { KernelFactory } from '../../src/core/operator.ts';
import type { AggregatePlanConfig } from '../../src/operators/aggregate/config.ts';
import { createAggregateKernel } from '../../src/operators/aggregate/kernel.ts';
import { LocalKernel } from '../../src/operators/aggregate/local-kernel.ts';
import type { Cell, TestRow } from '../support/kernel/rows.ts';
import { rowKey } from '../support/kernel/rows.ts';
import { lateRowsScript } from '../support/kernel/late-rows.ts';
import type { RunOptions, Step } from '../support/kernel/run-kernel.ts';
import { runKernel } from '../support/kernel/run-kernel.ts';
import { runStages } from '../support/kernel/run-stages.ts';
import {
  cumulating,
  hopping,
  schemaOf,
  soundPlan,
  tumbling,
} from '../unit/operators/aggregate-nodes.ts';

const SCHEMA = schemaOf({
  b: 'bool',
  i: 'int32',
  l: 'int64',
  f: 'float64',
  d: 'decimal(10,2)',
  s: 'string',
});
const SELECT = {
  n: 'COUNT(*)',
  nf: 'COUNT(f) FILTER (WHERE b)',
  si: 'SUM(i)',
  sl: 'SUM(l)',
  sf: 'SUM(f)',
  al: 'AVG(l)',
  af: 'AVG(f) FILTER (WHERE i > 0)',
  ad: 'AVG(d)',
  mini: 'MIN(i)',
  maxl: 'MAX(l)',
  minf: 'MIN(f)',
  maxf: 'MAX(f)',
  minb: 'MIN(b)',
  mins: 'MIN(s)',
  maxs: 'MAX(s) FILTER (WHERE b)',
  ratio: '100 / SUM(i)',
};
const LONG = 'a string that does not fit its view';
const MAX = 2n ** 63n - 1n;

const nullable = <T extends Cell>(of: fc.Arbitrary<T>): fc.Arbitrary<T | null> =>
  fc.option(of, { freq: 6 });

const windows: fc.Arbitrary<Window | undefined> = fc.oneof(
  fc.constant(undefined),
  fc
    .tuple(fc.integer({ min: 1, max: 40 }), fc.nat({ max: 7 }))
    .map(([size, offset]) => tumbling(size, offset)),
  fc
    .tuple(fc.integer({ min: 1, max: 12 }), fc.nat({ max: 30 }), fc.integer({ min: -5, max: 5 }))
    .map(([slide, more, offset]) => hopping(slide + more, slide, offset)),
  fc
    .tuple(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 5 }))
    .map(([step, steps]) => cumulating(step * steps, step, 3)),
);

const CASE = fc.record({
  rows: fc.array(
    fc.record({
      source: fc.nat({ max: 1 }),
      stepUs: fc.integer({ min: -30, max: 15 }),
      values: fc.tuple(
        nullable(fc.boolean()),
        nullable(fc.integer({ min: -2, max: 2 })),
        nullable(fc.oneof(fc.bigInt(-5n, 5n), fc.constantFrom(MAX, -MAX - 1n))),
        nullable(fc.constantFrom(0, -0, NaN, 0.25, -1.5, 7)),
        nullable(fc.bigInt(-999n, 999n)),
        nullable(fc.constantFrom('', 'a', 'abcdefghijklm', LONG, `${LONG}!`)),
      ),
    }),
    { maxLength: 120, size: 'max' },
  ),
  window: windows,
  everyUs: fc.option(fc.integer({ min: 1, max: 30 })),
  groupBy: fc.constantFrom<Readonly<Record<string, string>>>(
    {},
    { s: 's' },
    { k: 'f', x: 'b' },
    { s: 's', two: 'i * 2', l: 'l' },
    { odd: 'i % 2' },
  ),
  latenessUs: fc.nat({ max: 12 }),
  refuses: fc.boolean(),
  gaps: fc.boolean(),
  mostBytes: fc.constantFrom(0, 32 * 1024, 2 ** 20),
  batchRows: fc.array(fc.integer({ min: 1, max: 64 }), { minLength: 1, maxLength: 8 }),
  deal: fc.record({
    locals: fc.integer({ min: 1, max: 3 }),
    turns: fc.array(fc.nat({ max: 5 }), { minLength: 1, maxLength: 40 }),
  }),
});
type Case = typeof CASE extends fc.Arbitrary<infer Value> ? Value : never;

const scriptOf = ({ rows, latenessUs }: Case): Step[] => lateRowsScript(rows, latenessUs);

function optionsOf({ batchRows, gaps, refuses }: Case): RunOptions {
  let turn = 0;
  return {
    rowCapacity: 64,
    batchRows: () => batchRows[turn++ % batchRows.length]!,
    gaps,
    refuses,
    stateLimitBytes: 64 << 20,
  };
}

/** Local stages that soon hand groups on, or rows. */
function createStage({ mostBytes }: Case): KernelFactory {
  const tuning = { mostBytes, sampleGroups: 8, singleRows: 20 };
  return (plan, context) =>
    (plan.config as AggregatePlanConfig).stage === 'local'
      ? new LocalKernel(plan, context, tuning)
      : createAggregateKernel(plan, context);
}

const sorted = (rows: readonly TestRow[]): string[] => rows.map(rowKey).sort();

test('two stages give what one gives', async () => {
  const seen = { rows: 0, late: 0, errors: 0, partial: 0 };
  await fc.assert(
    fc.asyncProperty(CASE, async (drawn) => {
      const { window, everyUs, groupBy } = drawn;
      const isEvery = window === undefined && everyUs !== null;
      const emit: Emit = isEvery ? { kind: 'every', everyUs } : { kind: 'end' };
      const plan = soundPlan(SCHEMA, {
        ...(window === undefined ? {} : { window }),
        emit,
        groupBy,
        select: SELECT,
        onError: 'skip',
      });
      const script = scriptOf(drawn);
      const whole = await runKernel(createAggregateKernel, plan, script, optionsOf(drawn));
      const both = await runStages(createStage(drawn), plan, script, drawn.deal, optionsOf(drawn));
      expect(sorted(both.rows)).toEqual(sorted(whole.out.rows()));
      expect(sorted(both.lateRows)).toEqual(sorted(whole.out.rows(1)));
      expect([both.late, both.errors]).toEqual([whole.late, whole.errors]);
      seen.rows += both.rows.length;
      seen.late += both.late;
      seen.errors += both.errors;
      seen.partial += script.filter((step) => 'row' in step && step.row.lateByUs! > 0).length;
    }),
    { numRuns: 120 },
  );
  // The generator reaches what the test is about.
  expect(seen.rows).toBeGreaterThan(1000);
  expect(seen.late).toBeGreaterThan(80);
  expect(seen.errors).toBeGreaterThan(50);
  expect(seen.partial).toBeGreaterThan(seen.late);
});
