/** What the benchmark of overload says of where value went. */
import { expect, test } from 'vitest';
import { judge } from '../../../bench/workloads/overload/engine/judge.ts';
import { dueMs } from '../../../bench/workloads/overload/engine/named-trace.ts';
import type { EngineOutcome } from '../../../bench/workloads/overload/engine/run-engine.ts';
import { lossesOf } from '../../../bench/workloads/overload/losses.ts';
import { optimum } from '../../../bench/workloads/overload/oracle.ts';
import { simulate } from '../../../bench/workloads/overload/simulate.ts';
import { makeTrace, type Trace } from '../../../bench/workloads/overload/trace.ts';
import { ValuePolicy } from '../../../bench/workloads/overload/value-policy.ts';
import { step, twoWorkerSet } from '../../../bench/workloads/overload/workloads.ts';

const SLO_MS = 50;
const trace = makeTrace(step('uniform', 5, 600), 40, 1);
const best = optimum(trace, SLO_MS);
const { doneMs, value } = simulate(trace, new ValuePolicy(trace, SLO_MS), SLO_MS);
const plain = losses(doneMs);

function losses(times: Float64Array, preemptedMs = new Float64Array(times.length)) {
  return lossesOf({ trace, logs: [{ doneMs: times, preemptedMs }], sloMs: SLO_MS }, best);
}

/** Losses of the same run with some rows done at other times, or not at all. */
function changed(change: (ms: number, worth: number) => number) {
  return losses(doneMs.map((ms, row) => change(ms, trace.values[row]!)));
}

test('the parts together are what utility is short of 1', () => {
  const sum = Object.values(plain).reduce((all, part) => all + part, 0);
  expect(sum).toBeCloseTo(1 - value / best.bounded, 9);
});

test('without noise nothing is lost but at the beginning, at the end and by the width of bins', () => {
  const { beginning, near, end, ...others } = plain;
  for (const part of Object.values(others)) expect(Math.abs(part)).toBeLessThan(0.003);
  expect(beginning).toBeLessThan(0.02);
  expect(near).toBeLessThan(0.005);
  // About half a goal of work more could have been done after the last row.
  expect(end).toBeCloseTo((best.plan.lastMs[0]! - 26) / 600, 1);
});

test('each cause is seen', () => {
  const isLast = (ms: number) => ms > 500 && ms < 600;
  expect(changed((ms) => (isLast(ms) ? ms + 100 : ms)).late).toBeGreaterThan(0.1);
  const left = changed((ms, worth) => (isLast(ms) && worth > 98 ? Number.NaN : ms));
  expect(left.above).toBeGreaterThan(plain.above + 0.002);
  expect(left.overhead).toBeGreaterThan(plain.overhead + 0.01);
  // Twice as slow, and then 40 ms in which nothing happens.
  const slow = changed((ms) => (ms > 500 ? 2 * ms - 500 : ms));
  expect(slow.overhead).toBeGreaterThan(plain.overhead + 0.02);
  const stood = changed((ms) => (ms > 500 ? ms + 40 : ms));
  expect(stood.standstill).toBeCloseTo(plain.standstill + 40 / 600, 1);
  expect(stood.overhead).toBeCloseTo(plain.overhead, 2);
});

test('a standstill is told from waiting for a core', () => {
  const stood = doneMs.map((ms) => (ms > 500 ? ms + 40 : ms));
  const first = stood.findIndex((ms) => ms > 500);
  const waits = (ms: number) =>
    losses(stood, new Float64Array(stood.length).fill(ms, first, first + 1));
  const [none, some, all] = [waits(0), waits(30), waits(1000)];
  expect(none.preempted).toBe(0);
  expect(some.preempted).toBeCloseTo((none.standstill * 30) / 40, 3);
  expect(some.preempted + some.standstill).toBeCloseTo(none.standstill, 9);
  // No more is believed than that it stood still.
  expect(all.standstill).toBeCloseTo(0, 9);
  expect(all.preempted).toBeCloseTo(none.standstill, 9);
});

test('of two workers each has its price, and the parts are what is short of the linear program', () => {
  const [, workload] = twoWorkerSet(400);
  const rows = makeTrace(workload!, 20, 1);
  const two = judge(rows, ranThrough(rows, 30), SLO_MS, [1, 1]);
  const sum = Object.values(two.losses).reduce((all, part) => all + part, 0);
  expect(sum).toBeCloseTo(1 - two.utility, 9);
  expect(two.losses.preempted).toBeGreaterThan(0.003);
  expect(two.losses.idle).toBeLessThan(0.05);
  expect(Math.abs(two.losses.timing)).toBeLessThan(0.02);
  // The second worker waits for a core for as long again.
  const slower = judge(rows, ranThrough(rows, 60), SLO_MS, [1, 1]);
  const more = slower.losses.preempted - two.losses.preempted;
  expect(more).toBeCloseTo(two.losses.preempted, 6);
});

/** Rows above a price, done by two workers in order; the second one stands still for a while for want of a core. */
function ranThrough(rows: Trace, waitsMs: number): EngineOutcome {
  const count = rows.values.length;
  const logs = [rows.workMs, rows.secondMs!].map(() => ({
    doneMs: new Float64Array(count).fill(Number.NaN),
    preemptedMs: new Float64Array(count),
  }));
  const free = [0, 0];
  let hasWaited = false;
  for (let row = 0; row < count; row++) {
    const lane = rows.lanes[row]!;
    let at = dueMs(rows, row);
    const work = [rows.workMs[lane]!, rows.secondMs![lane]!];
    if (Math.max(...free) - at > 25) continue;
    work.forEach((ms, n) => {
      const isStanding = n === 1 && !hasWaited && at > 200;
      if (isStanding) logs[n]!.preemptedMs[row] = waitsMs;
      hasWaited ||= isStanding;
      at = Math.max(at, free[n]!) + ms + (isStanding ? waitsMs : 0);
      free[n] = at;
      logs[n]!.doneMs[row] = at;
    });
  }
  const counts = { offered: 0, admitted: 0, shed: 0, rejected: 0, expired: 0, spilled: 0 };
  const { doneMs: times } = logs[1]!;
  const doneRows = times.filter((ms) => !Number.isNaN(ms)).length;
  const rest = { samples: [], warmUpDoneMs: 0, hasCompleted: false, rowsPerMs: 0 };
  return {
    doneMs: times,
    logs,
    counts,
    offeredRows: 0,
    doneRows,
    deliveredRows: 0,
    ...rest,
  };
}
