/** The best rows of groups against a model that sorts all of them. */

import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Window } from '../../src/core/topology/model.ts';
import { createTopKernel } from '../../src/operators/top/kernel.ts';
import type { Cell, TestRow } from '../support/kernel/rows.ts';
import { rowKey } from '../support/kernel/rows.ts';
import { lateRowsScript } from '../support/kernel/late-rows.ts';
import type { RunOptions, Step } from '../support/kernel/run-kernel.ts';
import { nowAndThen, runKernel } from '../support/kernel/run-kernel.ts';
import { runStages } from '../support/kernel/run-stages.ts';
import { modelTop, soundTop } from '../support/kernel/top-model.ts';
import { schemaOf } from '../unit/operators/aggregate-nodes.ts';

const SCHEMA = schemaOf({ k: 'string', i: 'int32', l: 'int64', f: 'float64', b: 'bool' });
const LONG = 'a string that does not fit its view';

const nullable = <T extends Cell>(of: fc.Arbitrary<T>): fc.Arbitrary<T | null> =>
  fc.option(of, { freq: 6 });

const WINDOW: fc.Arbitrary<Window | 'input' | undefined> = fc.oneof(
  fc.constantFrom('input' as const, undefined),
  fc.record({
    kind: fc.constant('tumbling' as const),
    sizeUs: fc.integer({ min: 1, max: 40 }),
    offsetUs: fc.nat({ max: 7 }),
  }),
  fc
    .tuple(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 20 }))
    .map(([sizeUs, slideUs]) => ({
      kind: 'hopping' as const,
      sizeUs,
      slideUs: Math.min(sizeUs, slideUs),
      offsetUs: 3,
    })),
  fc
    .tuple(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 5 }))
    .map(([stepUs, steps]) => ({
      kind: 'cumulating' as const,
      sizeUs: steps * stepUs,
      stepUs,
      offsetUs: -4,
    })),
);

const CASE = fc.record({
  rows: fc.array(
    fc.record({
      source: fc.integer({ min: 0, max: 1 }),
      stepUs: fc.integer({ min: -25, max: 12 }),
      values: fc.tuple(
        nullable(fc.constantFrom('', 'a', 'abcdefghijklm', LONG, `${LONG}!`)),
        nullable(fc.integer({ min: -2, max: 2 })),
        nullable(fc.constantFrom(-(2n ** 63n), -(2n ** 40n), -1n, 0n, 1n, 2n ** 63n - 1n)),
        nullable(fc.integer({ min: -2, max: 2 }).map((n) => n / 2)),
        nullable(fc.boolean()),
      ),
    }),
    { maxLength: 100, size: 'max' },
  ),
  // Lists of more than 16 rows are searched by halves.
  n: fc.constantFrom(1, 2, 3, 4, 17),
  ties: fc.boolean(),
  rank: fc.constantFrom(undefined, 'rank'),
  orderBy: fc.constantFrom(['-l'], ['i'], ['f', '-k'], ['-b', 'i'], ['k'], ['-k', '-f']),
  groupBy: fc.constantFrom([], ['k'], ['i', 'f']),
  window: WINDOW,
  latenessUs: fc.nat({ max: 12 }),
  refuses: fc.boolean(),
  inMemory: fc.boolean(),
  gaps: fc.boolean(),
  batchRows: fc.array(fc.integer({ min: 1, max: 64 }), { minLength: 1, maxLength: 8 }),
  deal: fc.record({
    locals: fc.integer({ min: 1, max: 3 }),
    turns: fc.array(fc.nat({ max: 5 }), { minLength: 1, maxLength: 40 }),
  }),
});
type Case = typeof CASE extends fc.Arbitrary<infer Value> ? Value : never;

/** Zeros of either sign are the same to the model. */
function scriptOf({ rows, latenessUs }: Case): Step[] {
  const plain = rows.map((row) => ({
    ...row,
    values: row.values.map((cell) => (cell === 0 ? 0 : cell)),
  }));
  return lateRowsScript(plain, latenessUs);
}

function optionsOf({ batchRows, gaps, refuses, inMemory }: Case): RunOptions {
  let turn = 0;
  return {
    rowCapacity: 64,
    batchRows: () => batchRows[turn++ % batchRows.length]!,
    gaps,
    refuses,
    inMemory,
    stateLimitBytes: 64 << 20,
    renews: nowAndThen(gaps && refuses),
  };
}

const sorted = (rows: readonly TestRow[]): string[] => rows.map(rowKey).sort();

test('gives what the model gives, for any batches, in one stage or two', async () => {
  let kept = 0;
  let late = 0;
  let inTwoSteps = 0;
  await fc.assert(
    fc.asyncProperty(CASE, async (drawn) => {
      const script = scriptOf(drawn);
      const plan = soundTop(SCHEMA, drawn);
      const rows = script.flatMap((step) => ('row' in step ? [step.row] : []));
      const expected = modelTop(SCHEMA, drawn, rows);
      const options = optionsOf(drawn);
      const { out, late: foundLate } = await runKernel(createTopKernel, plan, script, options);
      expect(sorted(out.rows())).toEqual(sorted(expected.rows));
      expect(foundLate).toBe(expected.late);
      expect(out.rows(1)).toHaveLength(expected.late);
      expect(plan.stages !== undefined).toBe(drawn.groupBy.length === 0);
      if (plan.stages !== undefined) {
        const both = await runStages(createTopKernel, plan, script, drawn.deal, options);
        expect(sorted(both.rows)).toEqual(sorted(expected.rows));
        expect(both.late).toBe(expected.late);
        expect(sorted(both.lateRows)).toEqual(sorted(out.rows(1)));
        inTwoSteps += expected.rows.length;
      }
      kept += expected.rows.length;
      late += expected.late;
    }),
    { numRuns: 250 },
  );
  // The generator reaches what the test is about.
  expect(kept).toBeGreaterThan(3000);
  expect(late).toBeGreaterThan(200);
  expect(inTwoSteps).toBeGreaterThan(500);
});
