import { expect, test } from 'vitest';
import { CapacityMeter } from '../../../src/admission/index.ts';

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

test('what is sustained hardly changes in a moment, and does in a second', () => {
  const capacity = new CapacityMeter();
  const done = meter(capacity, 500, 1, true);
  const after = meter(capacity, 30, 0.3, true, 500, done);
  expect(capacity.capacity).toBeLessThan(0.7);
  expect(capacity.sustained).toBeGreaterThan(0.9);
  meter(capacity, 1500, 0.3, true, 530, after);
  expect(capacity.sustained).toBeLessThan(0.35);
});
