import { expect, test } from 'vitest';
import { makeTrace } from '../../../bench/workloads/overload/trace.ts';
import { optimum } from '../../../bench/workloads/overload/oracle.ts';
import { simulate } from '../../../bench/workloads/overload/simulate.ts';
import { ValuePolicy } from '../../../bench/workloads/overload/value-policy.ts';
import { hardSet, step } from '../../../bench/workloads/overload/workloads.ts';

const SLO_MS = 50;

/** What a workload brings with the controller, over the best that is possible. */
function play(workload: Parameters<typeof makeTrace>[0]) {
  const trace = makeTrace(workload, 40, 11);
  const policy = new ValuePolicy(trace, SLO_MS);
  const outcome = simulate(trace, policy, SLO_MS);
  return { ...outcome, policy, utility: outcome.value / optimum(trace, SLO_MS).bounded };
}

test.each([
  step('uniform', 10, 750),
  step('pareto', 2, 750),
  step('lognormal', 5, 750),
  step('bimodal', 1.5, 750),
])('$name: nearly all the value that can be had, in time', (workload) => {
  const { utility, p99Ms, maxMs } = play(workload);
  expect(utility).toBeGreaterThan(0.95);
  expect(utility).toBeLessThanOrEqual(1.0001);
  expect(p99Ms).toBeLessThan(SLO_MS);
  expect(maxMs).toBeLessThan(1.2 * SLO_MS);
});

test('loads that change fast', () => {
  const utilities = hardSet(600)
    .slice(0, 4)
    .map((workload) => play(workload).utility);
  expect(Math.min(...utilities)).toBeGreaterThan(0.9);
});
