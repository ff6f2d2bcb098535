/** Joins with more rows than room. */

import { expect, test } from 'vitest';
import type { OperatorPlan } from '../../../../src/core/operator.ts';
import type { Schema } from '../../../../src/core/schema.ts';
import { INT32, INT64, STRING } from '../../../../src/core/types.ts';
import { createKernel } from '../../../../src/operators/kernels.ts';
import { describeKernel } from '../../../conformance/kernel.ts';
import { MemorySpill } from '../../../support/kernel/memory-spill.ts';
import { documentPlan } from '../../../support/kernel/operator-nodes.ts';
import type { RunOptions, Step } from '../../../support/kernel/run-kernel.ts';
import { nowAndThen, runKernel } from '../../../support/kernel/run-kernel.ts';

const SCHEMA: Schema = [
  { name: 'k', type: STRING },
  { name: 'id', type: INT32 },
  { name: 'v', type: INT64 },
];
const LONG = 'a text that does not fit its view';

function planOf(on: string): OperatorPlan {
  const node = { type: 'join', on, select: { l: 'l.id', r: 'r.id' }, onLimit: 'spill' };
  const input = (name: string) => ({ name, schema: SCHEMA, hasTime: true });
  return documentPlan(node, [input('l'), input('r')]);
}

/** Rows of both sides in turns; a few keys have many of them, null has some. */
function script(rows: number, keys: number, seed: number): Step[] {
  let state = seed;
  const random = (below: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  return Array.from({ length: rows }, (_, id): Step[] => {
    const key = random(8) === 0 ? random(3) : random(keys);
    const k = random(40) === 0 ? null : `${LONG} ${key}`;
    const row: Step = { port: random(2), row: { values: [k, id, BigInt(id % 7)], timeUs: id } };
    return id % 128 === 127 ? [row, { port: (id >> 7) % 2, watermarkUs: id - 10 }] : [row];
  }).flat();
}

/** Pairs as texts with their times, by an obvious way. */
function pairsOf(
  steps: readonly Step[],
  isNear: (left: number, right: number) => boolean,
): string[] {
  const sides = [0, 1].map((port) =>
    steps.flatMap((step) => ('row' in step && step.port === port ? [step.row] : [])),
  );
  const rights = Map.groupBy(sides[1]!, ({ values }) => values[0]);
  return sides[0]!
    .flatMap(({ values: [k, id] }) =>
      (k === null ? [] : (rights.get(k) ?? [])).flatMap(({ values: [, other] }) =>
        isNear(Number(id), Number(other))
          ? [`${String(id)} ${String(other)} ${Math.max(Number(id), Number(other))}`]
          : [],
      ),
    )
    .toSorted();
}

const CASES: readonly [string, string, (left: number, right: number) => boolean][] = [
  ['equal keys', 'l.k = r.k', () => true],
  ['a condition besides', 'l.k = r.k AND l.id < r.id + 300', (left, right) => left < right + 300],
];
const RUNS: readonly Partial<RunOptions>[] = [
  { rowCapacity: 64 },
  { rowCapacity: 64, refuses: true, gaps: true, renews: nowAndThen(true) },
];

test.each(CASES)('%s: pairs are those of a join in memory', async (_, on, isNear) => {
  const steps = script(3000, 700, 7);
  const expected = pairsOf(steps, isNear);
  expect(expected.length).toBeGreaterThan(3000);
  const plan = planOf(on);
  for (const options of RUNS) {
    const spills: MemorySpill[] = [];
    const given = { rowCapacity: 64, stateLimitBytes: 96 * 1024, spills, ...options };
    const { out, spilled, restored } = await runKernel(createKernel, plan, steps, given);
    const found = out
      .rows()
      .map(({ values: [l, r], timeUs }) => `${String(l)} ${String(r)} ${timeUs}`);
    expect(found.toSorted()).toEqual(expected);
    expect(spilled).toBeGreaterThan(1500);
    expect(restored).toBeGreaterThan(1000);
    expect(out.watermarkUs).toBe(Infinity);
    expect(spills.at(-1)!.pieces).toBe(0);
  }
});

test('no pair comes behind a watermark that was passed on', async () => {
  const options = { rowCapacity: 64, stateLimitBytes: 160 * 1024 };
  const { out, spilled } = await runKernel(
    createKernel,
    planOf('l.k = r.k'),
    script(3000, 500, 3),
    options,
  );
  let greatestUs = -Infinity;
  let passed = 0;
  const late = out.events.filter((event) => {
    if (event.kind === 'row') return event.row.timeUs! < greatestUs;
    greatestUs = Math.max(greatestUs, event.watermarkUs);
    if (greatestUs < Infinity) passed++;
    return false;
  });
  expect(late).toEqual([]);
  expect(passed).toBeGreaterThan(3);
  expect(spilled).toBeGreaterThan(0);
});

describeKernel('join on disk', {
  create: createKernel,
  plan: planOf('l.k = r.k'),
  script: script(360, 90, 5),
  keepsOrder: false,
  leastRows: 200,
  stateLimitBytes: 48 * 1024,
});
