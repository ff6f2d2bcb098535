/**
 * Joins whose results are taken back: after each batch, the table that the results describe is the join
 * of the tables that the inputs describe, and nothing is ever taken back that is not there.
 */

import * as fc from 'fast-check';
import { expect } from 'vitest';
import type { Schema } from '../../src/core/schema.ts';
import { INT32, STRING } from '../../src/core/types.ts';
import type { ChangeModel, TableRow } from '../support/kernel/change-join-model.ts';
import { playChanges } from '../support/kernel/change-join-model.ts';
import { givesPairs, JOIN_KINDS, planJoin } from '../support/kernel/join-model.ts';
import type { Cell } from '../support/kernel/rows.ts';

const ROW: Schema = [
  { name: 'k', type: STRING },
  { name: 'v', type: INT32 },
];
const CHANGES: Schema = [...ROW, { name: 'op', type: STRING }];
const KEYS = [null, 'a', 'b', 'a key that is too long to lie in the view itself'];

const STEP = fc.record({
  side: fc.constantFrom(0 as const, 1 as const),
  stepUs: fc.integer({ min: -8, max: 6 }),
  values: fc.tuple(fc.constantFrom(...KEYS), fc.option(fc.nat({ max: 3 }), { freq: 6 })),
  retracts: fc.boolean(),
  pick: fc.nat({ max: 1000 }),
  isUpdate: fc.boolean(),
  ends: fc.boolean(),
});

const CASE = fc.record({
  steps: fc.array(STEP, { maxLength: 60, size: 'max' }),
  kind: fc.constantFrom(...JOIN_KINDS),
  changing: fc.tuple(fc.boolean(), fc.boolean()),
  hasTime: fc.tuple(fc.boolean(), fc.boolean()),
  hasFurther: fc.boolean(),
  computes: fc.boolean(),
  latenessUs: fc.nat({ max: 5 }),
  refuses: fc.boolean(),
});

const modelOf = ({
  kind,
  hasFurther,
  computes,
}: typeof CASE extends fc.Arbitrary<infer T> ? T : never): ChangeModel => ({
  kind,
  matches: ([lk, lv]: TableRow, [rk, rv]: TableRow): boolean =>
    lk !== null && lk === rk && (!hasFurther || (lv !== null && rv !== null && lv! <= rv!)),
  select: (l, r): readonly Cell[] => {
    const lv = l?.[1] ?? null;
    const last = computes && lv !== null ? Number(lv) + 1 : lv;
    return [l?.[0] ?? null, last, ...(givesPairs(kind) ? [r?.[0] ?? null, r?.[1] ?? null] : [])];
  },
});

/** Describe the join of what the inputs describe. */
export function checkChangingJoins(numRuns: number): void {
  const seen = { unknown: 0, retractions: 0 };
  fc.assert(
    fc.property(CASE, (drawn) => {
      const { kind, changing, hasTime, hasFurther, computes, latenessUs, refuses } = drawn;
      const { plan, issues } = planJoin(
        {
          left: changing[0] ? CHANGES : ROW,
          right: changing[1] ? CHANGES : ROW,
          changes: [changing[0] ? 2 : undefined, changing[1] ? 2 : undefined],
          on: hasFurther ? 'l.k = r.k AND l.v <= r.v' : 'l.k = r.k',
          kind,
          reach: { kind: 'unbounded' },
          select: {
            lk: 'l.k',
            lv: computes ? 'l.v + 1' : 'l.v',
            ...(givesPairs(kind) ? { rk: 'r.k', rv: 'r.v' } : {}),
          },
        },
        hasTime,
      );
      expect(issues).toEqual([]);
      if (plan!.outputs[0]!.stream.change === undefined) return;
      const play = { plan: plan!, changing, latenessUs, refuses, stateLimitBytes: 300_000 };
      const { late, unknown, retractions } = playChanges(
        play,
        modelOf(drawn),
        drawn.steps,
        (found, wanted) => expect(found).toEqual(wanted),
      );
      expect(late).toBe(unknown);
      seen.unknown += unknown;
      seen.retractions += retractions;
    }),
    { numRuns },
  );
  // The generator reaches what the test is about.
  expect(seen.unknown).toBeGreaterThan(20);
  expect(seen.retractions).toBeGreaterThan(500);
}
