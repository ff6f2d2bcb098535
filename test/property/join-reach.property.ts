/**
 * Joins over windows and joins without a bound, against a model that compares all rows with all
 * rows: with disorder, late rows, several sources per side, null keys and duplicates, in any
 * interleaving of the inputs and any batches.
 */

import * as fc from 'fast-check';
import { expect } from 'vitest';
import type { OperatorPlan } from '../../src/core/operator.ts';
import type { Schema } from '../../src/core/schema.ts';
import type { JoinKind, JoinReach, JoinWindow } from '../../src/core/topology/model.ts';
import { INT32, STRING } from '../../src/core/types.ts';
import { createJoinKernel } from '../../src/operators/join/kernel.ts';
import type { SideScript, SourceRow } from '../support/kernel/join-model.ts';
import {
  givesPairs,
  interleave,
  JOIN_KINDS,
  planJoin,
  sideScripts,
} from '../support/kernel/join-model.ts';
import type { Cell, TestRow } from '../support/kernel/rows.ts';
import { rowKey } from '../support/kernel/rows.ts';
import { runKernel } from '../support/kernel/run-kernel.ts';
import { modelUnboundedJoin, modelWindowJoin } from '../support/kernel/window-join-model.ts';

const SCHEMA: Schema = [
  { name: 'k', type: INT32 },
  { name: 'value', type: INT32 },
  { name: 'note', type: STRING },
];
/** With or without something to compute: else pairs are gathered right into the output. */
const selectOf = (computes: boolean, kind: JoinKind) => ({
  ln: 'l.note',
  k: 'l.k',
  ...(givesPairs(kind) ? { rv: 'r.value', rn: 'r.note' } : {}),
  last: computes ? (givesPairs(kind) ? 'l.value + r.value' : 'l.value + 1') : 'l.note',
});
const NOTES = ['', 'short', 'a text that is too long to lie in the view itself'];

const rowOf = (keys: number) =>
  fc.record({
    side: fc.constantFrom(0 as const, 1 as const),
    source: fc.constantFrom(0 as const, 1 as const),
    stepUs: fc.integer({ min: -14, max: 6 }),
    values: fc.tuple(
      fc.option(fc.nat({ max: keys - 1 }), { freq: 8 }),
      fc.option(fc.nat({ max: 4 }), { freq: 6 }),
      fc.constantFrom(...NOTES),
    ),
    announces: fc.boolean(),
  });

const WINDOW: fc.Arbitrary<JoinWindow> = fc.oneof(
  fc.record({
    kind: fc.constant('tumbling' as const),
    sizeUs: fc.integer({ min: 1, max: 15 }),
    offsetUs: fc.nat({ max: 6 }),
  }),
  fc
    .tuple(fc.integer({ min: 1, max: 15 }), fc.integer({ min: 1, max: 15 }), fc.nat({ max: 6 }))
    .map(([sizeUs, slideUs, offsetUs]) => ({
      kind: 'hopping' as const,
      sizeUs,
      slideUs: Math.min(sizeUs, slideUs),
      offsetUs,
    })),
);

const CASE = fc.record({
  rows: fc
    .integer({ min: 1, max: 5 })
    .chain((keys) => fc.array(rowOf(keys), { maxLength: 90, size: 'max' })),
  latenessUs: fc.nat({ max: 8 }),
  kind: fc.constantFrom(...JOIN_KINDS),
  time: fc.constantFrom('left' as const, 'right' as const),
  hasFurther: fc.boolean(),
  window: WINDOW,
  hasTime: fc.tuple(fc.boolean(), fc.boolean()),
  interleavings: fc.array(fc.array(fc.boolean(), { minLength: 1, maxLength: 40 }), {
    minLength: 3,
    maxLength: 3,
  }),
  batchRows: fc.integer({ min: 1, max: 64 }),
  gaps: fc.boolean(),
  refuses: fc.boolean(),
  inMemory: fc.boolean(),
  computes: fc.boolean(),
});
type Case = typeof CASE extends fc.Arbitrary<infer Value> ? Value : never;

const sorted = (rows: readonly TestRow[]): string[] => rows.map(rowKey).sort();

const modelOf = ({ kind, time, hasFurther, computes }: Case) => ({
  kind,
  time,
  matches: (l: readonly Cell[], r: readonly Cell[]): boolean =>
    l[0] !== null &&
    l[0] === r[0] &&
    (!hasFurther || (l[1] !== null && r[1] !== null && l[1]! <= r[1]!)),
  select: (l: readonly Cell[] | undefined, r: readonly Cell[] | undefined): readonly Cell[] => {
    const lv = (l?.[1] ?? null) as number | null;
    const rv = (givesPairs(kind) ? (r?.[1] ?? null) : 1) as number | null;
    const sum = lv === null || rv === null ? null : lv + rv;
    const ofRight = givesPairs(kind) ? [rv, r?.[2] ?? null] : [];
    return [l?.[2] ?? null, l?.[0] ?? null, ...ofRight, computes ? sum : (l?.[2] ?? null)];
  },
});

function planOf(
  { hasFurther, computes }: Case,
  reach: JoinReach,
  kind: Case['kind'],
  time: Case['time'],
  hasTime: readonly [boolean, boolean],
): OperatorPlan {
  const on = hasFurther ? 'l.k = r.k AND l.value <= r.value' : 'l.k = r.k';
  const select = selectOf(computes, kind);
  const join = { left: SCHEMA, right: SCHEMA, on, reach, kind, time, select };
  const { plan, issues } = planJoin(join, hasTime);
  if (plan === undefined) throw new Error(issues.join('\n'));
  return plan;
}

async function runAll(
  drawn: Case,
  plan: OperatorPlan,
  scripts: readonly [SideScript, SideScript],
  check: (rows: string[], late: number) => void,
): Promise<void> {
  for (const picks of drawn.interleavings) {
    const { out, late } = await runKernel(createJoinKernel, plan, interleave(scripts, picks), {
      rowCapacity: 64,
      batchRows: () => drawn.batchRows,
      gaps: drawn.gaps,
      refuses: drawn.refuses,
      inMemory: drawn.inMemory,
      stateLimitBytes: 400_000,
    });
    check(sorted(out.rows()), late);
    expect(out.watermarkUs).toBe(Infinity);
  }
}

/** A join over windows gives what the model gives, for every interleaving. */
export async function checkWindowJoins(numRuns: number): Promise<void> {
  let joined = 0;
  let late = 0;
  let unmatched = 0;
  await fc.assert(
    fc.asyncProperty(CASE, async (drawn) => {
      const { window, kind, time } = drawn;
      const rows: readonly SourceRow[] = drawn.rows;
      const scripts = sideScripts(rows, drawn.latenessUs);
      const plan = planOf(drawn, { kind: 'window', window }, kind, time, [true, true]);
      const expected = modelWindowJoin(modelOf(drawn), window, scripts);
      const wanted = sorted(expected.rows);
      await runAll(drawn, plan, scripts, (found, foundLate) => {
        expect(found).toEqual(wanted);
        expect(foundLate).toBe(expected.late);
      });
      joined += expected.rows.length;
      late += expected.late;
      unmatched += expected.unmatched;
    }),
    { numRuns },
  );
  // The generator reaches what the test is about.
  expect(joined).toBeGreaterThan(1000);
  expect(late).toBeGreaterThan(100);
  expect(unmatched).toBeGreaterThan(100);
}

/** A join without a bound gives all pairs, for every interleaving. */
export async function checkUnboundedJoins(numRuns: number): Promise<void> {
  let joined = 0;
  let late = 0;
  await fc.assert(
    fc.asyncProperty(CASE, async (drawn) => {
      const { hasTime } = drawn;
      const timed = sideScripts(drawn.rows, drawn.latenessUs);
      const scripts = timed.map((script, side) =>
        hasTime[side] === true ? script : withoutTime(script),
      ) as unknown as readonly [SideScript, SideScript];
      const plan = planOf(drawn, { kind: 'unbounded' }, 'inner', 'left', hasTime);
      expect(plan.outputs[0]!.stream.hasTime).toBe(hasTime[0] && hasTime[1]);
      const expected = modelUnboundedJoin(modelOf({ ...drawn, kind: 'inner' }), scripts);
      const wanted = sorted(expected.rows);
      await runAll(drawn, plan, scripts, (found, foundLate) => {
        expect(found).toEqual(wanted);
        expect(foundLate).toBe(0);
      });
      joined += expected.rows.length;
      late += expected.rows.filter((row) => row.lateByUs! > 0).length;
    }),
    { numRuns },
  );
  expect(joined).toBeGreaterThan(1000);
  expect(late).toBeGreaterThan(50);
}

function withoutTime(script: SideScript): SideScript {
  return script.flatMap((step) =>
    'row' in step ? [{ port: step.port, row: { values: step.row.values } }] : [],
  );
}
