import { expect, test } from 'vitest';
import { CoreValue } from '../../../src/admission/index.ts';

test('samples of a second are a mean, and all of them a sum over time', () => {
  const value = new CoreValue(3);
  expect(value.isDue(0)).toBe(true);
  value.add(0, 5);
  expect([value.total, value.isDue(99), value.isDue(100)]).toEqual([0, false, true]);
  for (let ms = 100; ms <= 1000; ms += 100) value.add(ms, 2);
  expect([value.perSecond, value.total]).toEqual([2000, 2000]);
  for (let ms = 1100; ms <= 1500; ms += 100) value.add(ms, 0);
  expect([value.perSecond, value.total]).toEqual([1000, 2000]);
  // Nobody looked for long: what it was before is not of the last second any more.
  value.add(10_000, 0);
  expect([value.perSecond, value.total]).toEqual([0, 2000]);
});

test('of many classes and tenants it is worked out less often', () => {
  const value = new CoreValue(1024);
  value.add(0, 1);
  expect([value.isDue(1599), value.isDue(1600)]).toEqual([false, true]);
  value.add(1600, 3);
  expect([value.perSecond, value.total]).toEqual([3000, 4800]);
});
