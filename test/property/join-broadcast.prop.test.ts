/**
 * A join by broadcast gives what one task gives: each task gets a share of one side's rows and all of
 * the other side's.
 */

import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { BoundedDisorder, WatermarkMerge } from '../../src/core/time.ts';
import { INT32 } from '../../src/core/types.ts';
import { createJoinKernel } from '../../src/operators/join/kernel.ts';
import { givesPairs, JOIN_KINDS, soundJoin } from '../support/kernel/join-model.ts';
import type { TestRow } from '../support/kernel/rows.ts';
import { rowKey } from '../support/kernel/rows.ts';
import type { Step } from '../support/kernel/run-kernel.ts';
import { runKernel } from '../support/kernel/run-kernel.ts';

const SCHEMA = [
  { name: 'k', type: INT32 },
  { name: 'v', type: INT32 },
];

const CASE = fc.record({
  rows: fc.array(
    fc.record({
      side: fc.nat({ max: 1 }),
      stepUs: fc.integer({ min: -25, max: 12 }),
      key: fc.option(fc.nat({ max: 3 }), { freq: 8 }),
      share: fc.nat({ max: 2 }),
    }),
    { maxLength: 90, size: 'max' },
  ),
  sizeUs: fc.integer({ min: 2, max: 20 }),
  slides: fc.integer({ min: 1, max: 3 }),
  isWindow: fc.boolean(),
  kind: fc.constantFrom(...JOIN_KINDS.filter((kind) => kind !== 'full')),
  broadcastsLeft: fc.boolean(),
});

test('tasks with all rows of one side give what one task gives', async () => {
  const seen = { rows: 0, late: 0, unmatched: 0 };
  await fc.assert(
    fc.asyncProperty(CASE, async ({ rows, sizeUs, slides, isWindow, kind, broadcastsLeft }) => {
      const mayBeLeft = kind === 'inner' || kind === 'right';
      const isLeft = kind === 'right' || (broadcastsLeft && mayBeLeft);
      const broadcast = isLeft ? 'left' : 'right';
      const slideUs = Math.max(1, Math.floor(sizeUs / slides));
      const plan = soundJoin({
        left: SCHEMA,
        right: SCHEMA,
        on: 'l.k = r.k',
        kind,
        broadcast,
        reach: isWindow
          ? { kind: 'window', window: { kind: 'hopping', sizeUs, slideUs, offsetUs: 0 } }
          : { kind: 'interval', beforeUs: slideUs, afterUs: sizeUs },
        select: { k: 'l.k', lv: 'l.v', ...(givesPairs(kind) ? { rv: 'r.v' } : {}) },
      });
      const sources = [new BoundedDisorder(3), new BoundedDisorder(6)];
      const latest = [0, 0];
      const merges = [new WatermarkMerge(1), new WatermarkMerge(1)];
      const common = broadcast === 'left' ? 0 : 1;
      const all: Step[] = [];
      const shares: Step[][] = [[], [], []];
      rows.forEach(({ side, stepUs, key, share }, i) => {
        const timeUs = latest[side]! + stepUs;
        latest[side] = Math.max(latest[side]!, timeUs);
        const lateByUs = sources[side]!.judge(timeUs);
        const step = { port: side, row: { values: [key, i], timeUs, lateByUs } };
        all.push(step);
        for (const [s, own] of shares.entries()) {
          if (side === common || s === share) own.push(step);
        }
        if (!merges[side]!.update(0, sources[side]!.watermarkUs)) return;
        for (const script of [all, ...shares]) {
          script.push({ port: side, watermarkUs: merges[side]!.mergedUs });
        }
      });
      const run = (script: readonly Step[], instance: number) =>
        runKernel(createJoinKernel, plan, script, { rowCapacity: 64, instance });
      const whole = await run(all, 0);
      const parts = await Promise.all(shares.map(run));
      const found = parts.flatMap(({ out }) => out.rows()).map(rowKey);
      expect(found.sort()).toEqual(whole.out.rows().map(rowKey).sort());
      expect(parts.reduce((sum, { late }) => sum + late, 0)).toBe(whole.late);
      seen.rows += found.length;
      seen.late += whole.late;
      const isAlone = ({ values }: TestRow): boolean =>
        kind === 'anti' || values.slice(-2).includes(null);
      seen.unmatched += whole.out.rows().filter(isAlone).length;
    }),
    { numRuns: 100 },
  );
  // The generator reaches what the test is about.
  expect(seen.rows).toBeGreaterThan(500);
  expect(seen.late).toBeGreaterThan(30);
  expect(seen.unmatched).toBeGreaterThan(100);
});
