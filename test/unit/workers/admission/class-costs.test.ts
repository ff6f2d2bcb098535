import { expect, test } from 'vitest';
import { ClassCosts } from '../../../../src/workers/thread/admission/class-costs.ts';
import { Random } from '../../../support/oracle/random.ts';

/** Slices of a few rows of those classes that have a cost, timed with noise. */
function learn(costs: ClassCosts, costMs: readonly number[], slices: number, random: Random): void {
  const counts = new Float64Array(4);
  for (let s = 0; s < slices; s++) {
    let ms = 0;
    counts.fill(0);
    for (let i = 0; i < 1 + random.below(10); i++) {
      const c = random.below(costMs.length);
      counts[c]! += 1;
      ms += costMs[c]! * (0.5 + random.below(1000) / 1000);
    }
    costs.learn(counts, counts.length, ms);
  }
}

test('classes of rows that come mixed are told apart', () => {
  const costMs = [0.1, 0.1, 0.8, 0.2];
  const costs = new ClassCosts(64);
  learn(costs, costMs, 3000, new Random(1));
  costMs.forEach((ms, c) => expect(costs.rowMs(c) / ms, `class ${c}`).toBeCloseTo(1, 0));
});

test('slices of a hundred rows are enough, some of which were interrupted', () => {
  const costMs = [0.01, 0.02, 0.002, 0.01];
  const random = new Random(4);
  const costs = new ClassCosts(64);
  const counts = new Float64Array(64);
  for (let s = 0; s < 500; s++) {
    counts.fill(0);
    for (let i = 0; i < 100; i++) counts[random.below(4)]! += 1;
    const ms = costMs.reduce((sum, each, c) => sum + each * counts[c]!, 0);
    costs.learn(counts, 4, ms * (s % 50 === 49 ? 3 : 0.98 + random.below(40) / 1000));
  }
  const mean = costMs.reduce((sum, each) => sum + each, 0) / 4;
  costMs.forEach((ms, c) =>
    expect(Math.abs(costs.rowMs(c) - ms), `class ${c}`).toBeLessThan(0.15 * mean),
  );
});

test('as many classes as there can be', () => {
  const random = new Random(5);
  const costs = new ClassCosts(64);
  const costMs = Array.from({ length: 64 }, () => 0.002 + random.below(1000) / 30_000);
  const counts = new Float64Array(64);
  for (let s = 0; s < 3000; s++) {
    counts.fill(0);
    for (let i = 0; i < 100; i++) counts[random.below(64)]! += 1;
    const ms = costMs.reduce((sum, each, c) => sum + each * counts[c]!, 0);
    costs.learn(counts, 64, ms);
  }
  const mean = costMs.reduce((sum, each) => sum + each, 0) / 64;
  const off = (cost: (c: number) => number): number =>
    costMs.reduce((sum, ms, c) => sum + Math.abs(cost(c) - ms), 0);
  expect(off((c) => costs.rowMs(c))).toBeLessThan(0.35 * off(() => mean));
});

test('a class that does not come any more costs what others do', () => {
  const costs = new ClassCosts(64);
  learn(costs, [0.1, 3], 1000, new Random(2));
  expect(costs.rowMs(1)).toBeGreaterThan(2);
  learn(costs, [0.1], 20_000, new Random(3));
  expect(costs.rowMs(1)).toBeLessThan(0.2);
  expect(costs.rowMs(7)).toBeCloseTo(0.1, 1);
});
