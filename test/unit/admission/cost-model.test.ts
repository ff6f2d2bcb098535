import { expect, test } from 'vitest';
import { CapacityMeter, CostModel } from '../../../src/admission/index.ts';
import { uniformFrom } from '../../../bench/workloads/overload/values.ts';

/** Slices of mixed rows that take what they cost, give or take a tenth. */
function learn(model: CostModel, costs: number[], slices: number, seed: number, stallEach = 0) {
  const random = uniformFrom(seed);
  for (let slice = 0; slice < slices; slice++) {
    const rows = Float64Array.from(costs, (cost) =>
      cost > 0 ? Math.floor(60 * random() ** 2) : 0,
    );
    const exact = 0.01 + costs.reduce((sum, cost, lane) => sum + cost * rows[lane]!, 0);
    const noise = 0.9 + 0.2 * random();
    const stall = stallEach > 0 && slice % stallEach === stallEach - 1 ? 30 : 0;
    model.learn(rows, exact * noise + stall);
  }
}

test('costs of mixed rows are told apart, from 1 to 8', () => {
  const costs = [0.002, 0.004, 0.008, 0.016];
  const model = new CostModel(4, 0.001);
  learn(model, costs, 300, 1);
  for (const [lane, cost] of costs.entries()) {
    expect(model.rowMs[lane]! / cost).toBeGreaterThan(0.9);
    expect(model.rowMs[lane]! / cost).toBeLessThan(1.1);
  }
});

test('a cost that changes is followed within a hundred slices', () => {
  const model = new CostModel(2, 0.001);
  learn(model, [0.003, 0.006], 200, 2);
  learn(model, [0.005, 0.006], 150, 3);
  expect(model.rowMs[0]! / 0.005).toBeGreaterThan(0.9);
  expect(model.rowMs[1]! / 0.006).toBeLessThan(1.1);
});

test('a cost that jumps tenfold is no standstill', () => {
  const model = new CostModel(1, 0.001);
  learn(model, [0.002], 100, 6);
  learn(model, [0.02], 100, 7);
  expect(model.rowMs[0]! / 0.02).toBeGreaterThan(0.8);
});

test('standstills are counted apart and do not raise costs', () => {
  const model = new CostModel(2, 0.003);
  learn(model, [0.003, 0.006], 400, 4, 100);
  expect(model.rowMs[0]! + model.rowMs[1]!).toBeLessThan(0.009 * 1.25);
  expect(model.stalledMs).toBeGreaterThan(4 * 28);
  expect(model.stalledMs).toBeLessThan(4 * 31);
});

test('a lane that was never seen costs what the others do on average', () => {
  const model = new CostModel(3, 0.001);
  learn(model, [0.01, 0.02, 0], 200, 5);
  model.learn(Float64Array.of(0, 0, 10), 0.15);
  expect(model.rowMs[2]! / 0.015).toBeGreaterThan(0.6);
  expect(model.rowMs[2]! / 0.015).toBeLessThan(1.5);
});

/** Calls each quarter of a millisecond; a share of the time does not go into work. */
function meter(
  capacity: CapacityMeter,
  ms: number,
  share: number,
  busy: boolean,
  from = 0,
  before = 0,
) {
  let done = before;
  for (let now = from; now < from + ms; now += 0.25) {
    capacity.update(now, busy, done);
    if (busy) done += 0.25 * share;
  }
  return done;
}

test('capacity is work over time while busy; idle time says nothing', () => {
  const capacity = new CapacityMeter();
  const done = meter(capacity, 100, 0.6, true);
  expect(capacity.capacity).toBeCloseTo(0.6, 1);
  meter(capacity, 100, 0, false, 100, done);
  expect(capacity.capacity).toBeCloseTo(0.6, 1);
});

test('a stall is no lack of capacity', () => {
  const capacity = new CapacityMeter();
  const done = meter(capacity, 60, 1, true);
  capacity.update(90, true, done);
  expect(capacity.capacity).toBeGreaterThan(0.9);
  expect(capacity.stalledMs).toBeGreaterThan(29);
  expect(capacity.stallMs).toBeGreaterThan(29);
});
