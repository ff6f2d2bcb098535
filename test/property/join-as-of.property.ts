/**
 * As-of joins against a model that looks at all versions for each row: with disorder, late rows, several
 * sources per side, null keys, versions of the same time, in any interleaving of the inputs and any batches.
 */

import * as fc from 'fast-check';
import { expect } from 'vitest';
import type { Schema } from '../../src/core/schema.ts';
import { INT32, INT64, STRING } from '../../src/core/types.ts';
import { createJoinKernel } from '../../src/operators/join/kernel.ts';
import type { SideScript } from '../support/kernel/join-model.ts';
import { interleave, sideScripts, soundJoin } from '../support/kernel/join-model.ts';
import type { Cell, TestRow } from '../support/kernel/rows.ts';
import { rowKey } from '../support/kernel/rows.ts';
import { runKernel } from '../support/kernel/run-kernel.ts';

const schemaOf = (isLong: boolean): Schema => [
  { name: 'v', type: INT32 },
  { name: 'k', type: isLong ? STRING : INT64 },
  { name: 'note', type: STRING },
];
const NOTES = ['', 'a text that is too long to lie in the view itself', null];

const CASE = fc.record({
  rows: fc.integer({ min: 1, max: 4 }).chain((keys) =>
    fc.array(
      fc.record({
        side: fc.constantFrom(0 as const, 1 as const),
        source: fc.constantFrom(0 as const, 1 as const),
        stepUs: fc.integer({ min: -9, max: 5 }),
        key: fc.option(fc.nat({ max: keys - 1 }), { freq: 8 }),
        note: fc.constantFrom(...NOTES),
        announces: fc.boolean(),
      }),
      { maxLength: 150, size: 'max' },
    ),
  ),
  isLong: fc.boolean(),
  kind: fc.constantFrom('inner' as const, 'left' as const),
  toleranceUs: fc.option(fc.nat({ max: 12 })),
  latenessUs: fc.nat({ max: 8 }),
  computes: fc.boolean(),
  interleavings: fc.array(fc.array(fc.boolean(), { minLength: 1, maxLength: 40 }), {
    minLength: 3,
    maxLength: 3,
  }),
  batchRows: fc.integer({ min: 1, max: 64 }),
  gaps: fc.boolean(),
  refuses: fc.boolean(),
  inMemory: fc.boolean(),
});

const rowsOf = (script: SideScript): TestRow[] =>
  script.flatMap((step) => ('row' in step ? [step.row] : []));

/** The latest version for a row: of several at one time the last. */
function versionOf(
  left: TestRow,
  rights: readonly TestRow[],
  toleranceUs: number,
): TestRow | undefined {
  let latest: TestRow | undefined;
  for (const right of rights) {
    if (left.values[1] === null || left.values[1] !== right.values[1]) continue;
    if (right.timeUs! > left.timeUs! || right.timeUs! < left.timeUs! - toleranceUs) continue;
    if (right.timeUs! + right.lateByUs! > left.timeUs!) continue;
    if (latest === undefined || right.timeUs! >= latest.timeUs!) latest = right;
  }
  return latest;
}

/** Each row has the latest version of its key, for every interleaving. */
export async function checkAsOfJoins(numRuns: number): Promise<void> {
  const seen = { matched: 0, unmatched: 0, late: 0 };
  await fc.assert(
    fc.asyncProperty(CASE, async (drawn) => {
      const { kind, toleranceUs, isLong, computes } = drawn;
      const keyOf = (key: number): Cell =>
        isLong ? `a key that does not fit: ${key}` : BigInt(key) << 33n;
      const rows = drawn.rows.map(({ key, note, ...row }, i) => ({
        ...row,
        values: [i, key === null ? null : keyOf(key), note],
      }));
      const scripts = sideScripts(rows, drawn.latenessUs);
      const plan = soundJoin({
        left: schemaOf(isLong),
        right: schemaOf(isLong),
        on: 'l.k = r.k',
        kind,
        reach: { kind: 'asOf', beforeUs: toleranceUs ?? undefined },
        select: { lv: 'l.v', rv: computes ? 'r.v + 1' : 'r.v', ln: 'l.note', rn: 'r.note' },
      });
      const rights = rowsOf(scripts[1]);
      const wanted: string[] = [];
      let late = 0;
      for (const left of rowsOf(scripts[0])) {
        if (left.lateByUs! > 0) {
          late++;
          continue;
        }
        const right = versionOf(left, rights, toleranceUs ?? Infinity);
        seen[right === undefined ? 'unmatched' : 'matched']++;
        if (right === undefined && kind === 'inner') continue;
        const rv = right === undefined ? null : Number(right.values[0]) + (computes ? 1 : 0);
        const values = [left.values[0]!, rv, left.values[2]!, right?.values[2] ?? null];
        wanted.push(rowKey({ values, timeUs: left.timeUs!, lateByUs: 0 }));
      }
      for (const picks of drawn.interleavings) {
        const result = await runKernel(createJoinKernel, plan, interleave(scripts, picks), {
          rowCapacity: 64,
          batchRows: () => drawn.batchRows,
          gaps: drawn.gaps,
          refuses: drawn.refuses,
          inMemory: drawn.inMemory,
          outputHeapBytes: 1 << 16,
          stateLimitBytes: 300_000,
        });
        expect(result.out.rows().map(rowKey).sort()).toEqual(wanted.sort());
        expect(result.late).toBe(late);
        expect(result.out.watermarkUs).toBe(Infinity);
      }
      seen.late += late;
    }),
    { numRuns },
  );
  // The generator reaches what the test is about.
  expect(seen.matched).toBeGreaterThan(500);
  expect(seen.unmatched).toBeGreaterThan(200);
  expect(seen.late).toBeGreaterThan(50);
}
