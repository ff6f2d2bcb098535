/** What the benchmark of overload says of where value went. */
import { expect, test } from 'vitest';
import { lossesOf } from '../../../bench/workloads/overload/losses.ts';
import { optimum } from '../../../bench/workloads/overload/oracle.ts';
import { simulate } from '../../../bench/workloads/overload/simulate.ts';
import { makeTrace } from '../../../bench/workloads/overload/trace.ts';
import { ValuePolicy } from '../../../bench/workloads/overload/value-policy.ts';
import { step } from '../../../bench/workloads/overload/workloads.ts';

const SLO_MS = 50;
const trace = makeTrace(step('uniform', 5, 600), 40, 1);
const best = optimum(trace, SLO_MS);
const { doneMs, value } = simulate(trace, new ValuePolicy(trace, SLO_MS), SLO_MS);
const plain = lossesOf(trace, doneMs, best, SLO_MS);

/** Losses of the same run with some rows done at other times, or not at all. */
function changed(change: (ms: number, worth: number) => number) {
  return lossesOf(
    trace,
    doneMs.map((ms, row) => change(ms, trace.values[row]!)),
    best,
    SLO_MS,
  );
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
  expect(end).toBeCloseTo((best.plan.lastMs - 26) / 600, 1);
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
