import { describe, expect, test } from 'vitest';
import { BASELINES, baseline } from '../../../bench/workloads/overload/baselines.ts';
import { optimum } from '../../../bench/workloads/overload/oracle.ts';
import { simulate } from '../../../bench/workloads/overload/simulate.ts';
import { type Workload, makeTrace } from '../../../bench/workloads/overload/trace.ts';
import {
  ValuePolicy,
  type ValuePolicyOptions,
} from '../../../bench/workloads/overload/value-policy.ts';
import { hardSet, step } from '../../../bench/workloads/overload/workloads.ts';
import {
  admissionLimits,
  jainIndex,
  QueueContents,
  WorkerPrice,
} from '../../../src/admission/index.ts';

const SLO_MS = 50;

/** What a workload brings with the controller, over the best that is possible. */
function play(workload: Workload, options: ValuePolicyOptions = {}, rowsPerMs = 20) {
  const trace = makeTrace(workload, rowsPerMs, 11);
  const policy = new ValuePolicy(trace, SLO_MS, options);
  const outcome = simulate(trace, policy, SLO_MS);
  return { ...outcome, trace, policy, utility: outcome.value / optimum(trace, SLO_MS).bounded };
}

describe('steady loads', () => {
  test.each([
    step('uniform', 10, 600),
    step('pareto', 2, 600),
    step('lognormal', 5, 600),
    step('bimodal', 1.5, 600),
  ])('$name: nearly all the value that can be had, in time', (workload) => {
    const { utility, maxMs, course, policy } = play(workload);
    expect(utility).toBeGreaterThan(0.95);
    expect(utility).toBeLessThanOrEqual(1.0001);
    expect(maxMs).toBeLessThan(SLO_MS);
    expect(policy.worker.opened).toBe(1);
    // The last third: what waits stands still, and so does the price.
    const delays = course.delayMs.subarray(400, 600);
    expect(deviation(delays)).toBeLessThan(2);
    const prices = course.price.subarray(400, 600);
    expect(deviation(prices) / mean(prices)).toBeLessThan(0.1);
    expect(course.idleMs.subarray(300, 600).reduce((sum, ms) => sum + ms, 0)).toBe(0);
  });

  test('a price settles within 100 ms after a step to ten times the load', () => {
    const { course, maxMs } = play(step('lognormal', 10, 900), {}, 40);
    const prices = course.price.subarray(400, 900);
    const end = mean(prices.subarray(200));
    for (const price of prices) expect(Math.abs(price / end - 1)).toBeLessThan(0.15);
    expect(maxMs).toBeLessThan(SLO_MS);
  });

  test('values of another unit change the price and nothing else', () => {
    const once = play(step('lognormal', 3, 450));
    const scaled = play({ ...step('lognormal', 3, 450), scale: () => 1024 });
    expect(scaled.utility).toBeCloseTo(once.utility, 2);
    for (const ms of [250, 350, 449]) {
      const ratio = scaled.course.price[ms]! / once.course.price[ms]! / 1024;
      expect(ratio).toBeGreaterThan(0.95);
      expect(ratio).toBeLessThan(1.05);
    }
  });

  test('costs that are estimated wrong by a third do not matter', () => {
    for (const costError of [0.7, 1.3]) {
      const { utility, maxMs } = play(step('lognormal', 3, 750), { costError });
      expect(utility).toBeGreaterThan(0.97);
      expect(maxMs).toBeLessThan(SLO_MS);
    }
  });

  test('rows that nobody looks at again are not taken for rows that may go', () => {
    const load = step('lognormal', 10, 500);
    const unaware = play(load, { lateShed: false });
    const aware = play(load, { lateShed: false, isSettled: true });
    expect(unaware.policy.late.expired.rows).toBeGreaterThan(0);
    expect(aware.policy.late.expired.rows).toBe(0);
    expect(aware.maxMs).toBeLessThan(0.9 * SLO_MS);
    expect(aware.utility).toBeGreaterThan(unaware.utility);
  });

  test('what no forecast sees coming is met by a choice among the rows that wait', () => {
    const { utility, policy, maxMs } = play(step('lognormal', 10, 500), {
      price: { memoryMs: 1e6 },
    });
    expect(utility).toBeGreaterThan(0.93);
    expect(policy.late.expired.rows).toBe(0);
    expect(maxMs).toBeLessThan(0.9 * SLO_MS);
  });

  test('rows that are all worth the same are chosen by chance, once', () => {
    const { utility, policy } = play({ ...step('constant', 5, 600) });
    expect(utility).toBeGreaterThan(0.95);
    expect(policy.late.shed.rows).toBeLessThan(0.05 * policy.gate.shed.rows);
  });
});

test('loads that change fast: more than any other policy, in time', () => {
  for (const workload of hardSet(600).slice(1, 4)) {
    const { utility, maxMs, trace, value } = play(workload);
    expect(utility).toBeGreaterThan(0.9);
    expect(maxMs).toBeLessThan(SLO_MS);
    for (const name of BASELINES) {
      const other = simulate(trace, baseline(name, trace, SLO_MS), SLO_MS);
      expect(value).toBeGreaterThan(other.value);
    }
  }
});

test('a share of rows is kept whatever they are worth', () => {
  const { policy, utility } = play(step('lognormal', 5, 600), { minShare: Float64Array.of(0.05) });
  const kept = 1 - (policy.gate.shed.rows + policy.late.shed.rows) / policy.gate.offered.rows;
  expect(kept).toBeGreaterThan(0.2);
  expect(utility).toBeGreaterThan(0.75);
  expect(utility).toBeLessThan(0.98);
});

describe('tenants', () => {
  /** Eight tenants, the values of each twice those of the one before. */
  const tenants = Int32Array.from({ length: 8 }, (_, lane) => lane);
  const scale = (lane: number) => 2 ** lane;
  const share = (fairness: number) => {
    const workload = { ...step('lognormal', 4, 750), costs: Array<number>(8).fill(1) };
    const trace = makeTrace(workload, 40, 5);
    trace.values.forEach((value, row) => (trace.values[row] = value * scale(trace.lanes[row]!)));
    const weights = new Float64Array(8).fill(1);
    const policy = new ValuePolicy(trace, SLO_MS, { tenants, fairness: { weights, fairness } });
    const { value } = simulate(trace, policy, SLO_MS);
    const { gate, late } = policy;
    const admitted = [...tenants].map(
      (lane) => (gate.admitted(lane).value - late.shed.value(lane)) / gate.offered.value(lane),
    );
    return { jain: jainIndex(admitted), value, opened: policy.worker.opened };
  };

  test('with equal claims each gets the same part of his value; without, the dear ones most', () => {
    const fair = share(1);
    const free = share(0);
    expect(fair.jain).toBeGreaterThan(0.98);
    expect(free.jain).toBeLessThan(0.95);
    expect(free.value).toBeGreaterThan(fair.value);
    const half = share(0.5);
    expect(half.value).toBeGreaterThan(fair.value);
    expect(half.jain).toBeGreaterThan(free.jain);
  });
});

describe('what more of a worker would bring', () => {
  test.each([0.1, 1])('%d of a core: within 10 % of what it does bring', (extra) => {
    const workload = (capacity: number): Workload => ({
      name: 'more',
      durationMs: 900,
      law: 'lognormal',
      load: () => 3,
      capacity: () => capacity,
    });
    const trace = makeTrace(workload(1), 20, 11);
    const policy = new ValuePolicy(trace, SLO_MS);
    let told = 0;
    let nextMs = 100;
    const watched = {
      offer: policy.offer.bind(policy),
      take: policy.take.bind(policy),
      look: (nowMs: number, waitingRows: number) => {
        policy.look(nowMs, waitingRows);
        // Once in a while, as a report would.
        if (nowMs >= nextMs && nowMs < 900) {
          told += policy.worker.valueOfMore(extra, 1) / 16;
          nextMs += 50;
        }
      },
    };
    const now = simulate(trace, watched, SLO_MS);
    const more = play(workload(1 + extra));
    const gained = (more.value - now.value) / 900;
    expect(told / gained).toBeGreaterThan(0.9);
    expect(told / gained).toBeLessThan(1.1);
  });
});

function mean(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function deviation(values: Float64Array): number {
  const middle = mean(values);
  return Math.sqrt(mean(values.map((value) => (value - middle) ** 2)));
}

test('with many classes there are few decisions, and what is kept is worth nearly as much', () => {
  const costs = Array.from({ length: 64 }, (_, i) => 1 + (i % 3));
  const { utility, maxMs, policy } = play({ ...step('lognormal', 5, 450), costs });
  // One in half a millisecond would be 900. There are more at first, while few values have been seen.
  expect(policy.worker.decisions).toBeLessThan(400);
  expect(utility).toBeGreaterThan(0.95);
  expect(maxMs).toBeLessThan(SLO_MS);
});

describe('the gate', () => {
  /** 20 ms of rows wait; the price after a look at them. */
  const look = (capacity: number, sustained: number, waitedMs: number): WorkerPrice => {
    const contents = new QueueContents(new Int32Array(QueueContents.wordsFor(1)), 1);
    const worker = new WorkerPrice({
      limits: admissionLimits(SLO_MS),
      sources: [{ contents, workMs: Float64Array.of(0.1) }],
    });
    worker.update(1, Float64Array.of(200), 0, capacity, sustained, waitedMs);
    return worker;
  };

  test('does not open for a moment in which the worker does less', () => {
    expect(look(1, 1, 20).isOn).toBe(false);
    expect(look(0.2, 1, 20).isOn).toBe(false);
    expect(look(0.2, 0.3, 20).isOn).toBe(true);
  });

  test('opens when rows have waited for that long', () => {
    expect(look(0.2, 1, 36).isOn).toBe(true);
  });

  test('does not open when they have, but what still waits is soon done', () => {
    expect(look(1, 1, 36).isOn).toBe(false);
  });
});
