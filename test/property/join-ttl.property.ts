/** Joins by `ttl`, of every kind, for every interleaving: their results describe the pairs that are near. */

import * as fc from 'fast-check';
import { expect } from 'vitest';
import type { Schema } from '../../src/core/schema.ts';
import { INT32 } from '../../src/core/types.ts';
import { createJoinKernel } from '../../src/operators/join/kernel.ts';
import {
  ChangedTable,
  joinTables,
  resultKey,
  type TableRow,
} from '../support/kernel/change-join-model.ts';
import type { SideScript } from '../support/kernel/join-model.ts';
import {
  givesPairs,
  interleave,
  JOIN_KINDS,
  sideScripts,
  soundJoin,
} from '../support/kernel/join-model.ts';
import type { Cell } from '../support/kernel/rows.ts';
import { runKernel } from '../support/kernel/run-kernel.ts';

const SCHEMA: Schema = [
  { name: 'k', type: INT32 },
  { name: 'v', type: INT32 },
];

const CASE = fc.record({
  rows: fc.array(
    fc.record({
      side: fc.constantFrom(0 as const, 1 as const),
      source: fc.constantFrom(0 as const, 1 as const),
      stepUs: fc.integer({ min: -30, max: 8 }),
      values: fc.tuple(fc.option(fc.nat({ max: 2 }), { freq: 8 }), fc.nat({ max: 4 })),
      announces: fc.boolean(),
    }),
    { maxLength: 80, size: 'max' },
  ),
  kind: fc.constantFrom(...JOIN_KINDS),
  ttlUs: fc.integer({ min: 1, max: 15 }),
  latenessUs: fc.nat({ max: 8 }),
  picks: fc.array(fc.boolean(), { minLength: 1, maxLength: 40 }),
  batchRows: fc.integer({ min: 1, max: 64 }),
});

/** Rows of a side that anything could match: key, value, time and mark. */
function tableOf(script: SideScript, ttlUs: number): TableRow[] {
  return script.flatMap((step) => {
    if (!('row' in step)) return [];
    const { values, timeUs = 0, lateByUs = 0 } = step.row;
    return lateByUs > 2 * ttlUs ? [] : [[...values, timeUs, timeUs + lateByUs]];
  });
}

/** Pair rows of which neither came too long after the other. */
export async function checkJoinsByTtl(numRuns: number): Promise<void> {
  const seen = { rows: 0, late: 0, retractions: 0 };
  await fc.assert(
    fc.asyncProperty(CASE, async ({ rows, kind, ttlUs, latenessUs, picks, batchRows }) => {
      const scripts = sideScripts(rows, latenessUs);
      const tables = [tableOf(scripts[0], ttlUs), tableOf(scripts[1], ttlUs)] as const;
      const matches = ([lk, , lt, lm]: TableRow, [rk, , rt, rm]: TableRow): boolean =>
        lk !== null &&
        lk === rk &&
        Number(lm) <= Number(rt) + ttlUs &&
        Number(rm) <= Number(lt) + ttlUs;
      const select = (l: TableRow | undefined, r: TableRow | undefined): readonly Cell[] => [
        l?.[1] ?? null,
        ...(givesPairs(kind) ? [r?.[1] ?? null] : []),
      ];
      const wanted = joinTables({ kind, matches, select }, tables);
      const plan = soundJoin({
        left: SCHEMA,
        right: SCHEMA,
        on: 'l.k = r.k',
        kind,
        reach: { kind: 'unbounded', ttlUs },
        select: { lv: 'l.v', ...(givesPairs(kind) ? { rv: 'r.v' } : {}) },
      });
      const { out, late } = await runKernel(createJoinKernel, plan, interleave(scripts, picks), {
        rowCapacity: 64,
        batchRows: () => batchRows,
        stateLimitBytes: 300_000,
      });
      const found = out.rows().map(({ values }) => values);
      const table = new ChangedTable();
      if (plan.outputs[0]!.stream.change !== undefined) {
        for (const values of found) table.apply(values);
        expect(table.rows).toEqual(wanted);
      } else {
        expect(found.map(resultKey).sort()).toEqual(wanted);
      }
      seen.rows += wanted.length;
      seen.late += late;
      seen.retractions += table.retractions;
    }),
    { numRuns },
  );
  // The generator reaches what the test is about.
  expect(seen.rows).toBeGreaterThan(1000);
  expect(seen.late).toBeGreaterThan(20);
  expect(seen.retractions).toBeGreaterThan(100);
}
