/**
 * Joins that keep the last rows of a side, against buffers that are searched: rows come one after the
 * other, and each meets what is in the other side's buffer.
 */

import * as fc from 'fast-check';
import { expect } from 'vitest';
import type { Schema } from '../../src/core/schema.ts';
import { BoundedDisorder } from '../../src/core/time.ts';
import { INT32, STRING } from '../../src/core/types.ts';
import { createJoinKernel } from '../../src/operators/join/kernel.ts';
import { planJoin } from '../support/kernel/join-model.ts';
import type { TestRow } from '../support/kernel/rows.ts';
import { rowKey } from '../support/kernel/rows.ts';
import type { Step } from '../support/kernel/run-kernel.ts';
import { runKernel } from '../support/kernel/run-kernel.ts';

const SCHEMA: Schema = [
  { name: 'k', type: INT32 },
  { name: 'v', type: INT32 },
  { name: 'note', type: STRING },
];
const NOTES = ['short', 'a text that is too long to lie in the view itself', 'x'.repeat(3000)];

const CASE = fc.record({
  rows: fc.array(
    fc.record({
      side: fc.constantFrom(0 as const, 1 as const),
      stepUs: fc.integer({ min: -5, max: 9 }),
      key: fc.option(fc.nat({ max: 2 }), { freq: 8 }),
      note: fc.constantFrom(...NOTES),
    }),
    { maxLength: 200, size: 'max' },
  ),
  left: fc.option(fc.nat({ max: 20 })),
  right: fc.option(fc.nat({ max: 20 })),
  /** An equality, or a condition on all rows. */
  isKeyed: fc.boolean(),
  batchRows: fc.integer({ min: 1, max: 64 }),
  gaps: fc.boolean(),
  refuses: fc.boolean(),
});

/** Meet what is in the other buffer when they come. */
export async function checkBufferJoins(numRuns: number): Promise<void> {
  const seen = { pairs: 0, pushedOut: 0 };
  await fc.assert(
    fc.asyncProperty(CASE, async (drawn) => {
      const { left, right, isKeyed } = drawn;
      if (left === null && right === null) return;
      const buffer = { ...(left === null ? {} : { left }), ...(right === null ? {} : { right }) };
      const isBounded = left !== null && right !== null;
      const { plan, issues } = planJoin({
        left: SCHEMA,
        right: SCHEMA,
        on: isKeyed || !isBounded ? 'l.k = r.k' : 'l.k <= r.k',
        reach: { kind: 'unbounded' },
        buffer,
        select: { lv: 'l.v', rv: 'r.v', rn: 'r.note' },
      });
      expect(issues).toEqual([]);
      expect(plan!.distribution).toEqual({ kind: 'single' });
      const sources = [new BoundedDisorder(3), new BoundedDisorder(3)];
      const latest = [0, 0];
      const script: Step[] = [];
      const buffers: [TestRow[], TestRow[]] = [[], []];
      const sizes = [left ?? Infinity, right ?? Infinity];
      const wanted: string[] = [];
      drawn.rows.forEach(({ side, stepUs, key, note }, i) => {
        const timeUs = latest[side]! + stepUs;
        latest[side] = Math.max(latest[side]!, timeUs);
        const lateByUs = sources[side]!.judge(timeUs);
        const row = { values: [key, i, note], timeUs, lateByUs };
        script.push({ port: side, row }, { port: side, watermarkUs: sources[side]!.watermarkUs });
        for (const other of buffers[1 - side]!) {
          const [l, r] = side === 0 ? [row, other] : [other, row];
          const [lk, rk] = [l.values[0] as number | null, r.values[0] as number | null];
          if (lk === null || rk === null) continue;
          if (isKeyed || !isBounded ? lk !== rk : lk > rk) continue;
          const [lm, rm] = [l.timeUs! + l.lateByUs!, r.timeUs! + r.lateByUs!];
          const time = Math.max(l.timeUs!, r.timeUs!);
          const values = [l.values[1]!, r.values[1]!, r.values[2]!];
          wanted.push(rowKey({ values, timeUs: time, lateByUs: Math.max(lm, rm) - time }));
        }
        // A null key takes no place where it cannot match.
        if (key === null && (isKeyed || !isBounded)) return;
        buffers[side].push(row);
        if (buffers[side].length > sizes[side]!) {
          buffers[side].shift();
          seen.pushedOut++;
        }
      });
      const { out } = await runKernel(createJoinKernel, plan!, script, {
        rowCapacity: 64,
        batchRows: () => drawn.batchRows,
        gaps: drawn.gaps,
        refuses: drawn.refuses,
        outputHeapBytes: 1 << 18,
        stateLimitBytes: 1_000_000,
      });
      expect(out.rows().map(rowKey).sort()).toEqual(wanted.sort());
      seen.pairs += wanted.length;
    }),
    { numRuns },
  );
  // The generator reaches what the test is about.
  expect(seen.pairs).toBeGreaterThan(1500);
  expect(seen.pushedOut).toBeGreaterThan(500);
}
