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

test('a class that does not come any more costs what others do', () => {
  const costs = new ClassCosts(64);
  learn(costs, [0.1, 3], 1000, new Random(2));
  expect(costs.rowMs(1)).toBeGreaterThan(2);
  learn(costs, [0.1], 20_000, new Random(3));
  expect(costs.rowMs(1)).toBeLessThan(0.2);
  expect(costs.rowMs(7)).toBeCloseTo(0.1, 1);
});
