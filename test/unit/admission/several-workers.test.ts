import { expect, test } from 'vitest';
import { Market } from '../../../bench/workloads/overload/market.ts';
import { TwoWorkers } from '../../../bench/workloads/overload/two-workers.ts';

test.each([
  [8, 2, 5],
  [16, 4, 5],
  [64, 8, 1.5],
  [64, 8, 5],
])(
  '%i classes, %i workers, %d times the load: prices lead to the optimum',
  (classes, workers, load) => {
    const market = new Market(classes, workers, load, 3, 100);
    for (let sweep = 0; sweep < 12; sweep++) market.sweep();
    expect(market.kept() / market.bound()).toBeGreaterThan(0.98);
    expect(market.kept() / market.bound()).toBeLessThanOrEqual(1);
    // From the prices that were, one sweep each follows loads that move by 2 %.
    let worst = 1;
    for (let time = 0; time < 10; time++) {
      market.drift(0.02);
      market.sweep();
      worst = Math.min(worst, market.kept() / market.bound());
    }
    expect(worst).toBeGreaterThan(0.95);
  },
);

test.each([
  [1.5, [1, 1, 2, 0.2], [1, 2, 0.2, 1]],
  [3, [1, 0, 1, 1], [0, 1, 1, 1]],
  [8, [2, 1], [0.5, 1]],
])('two workers in a row, %d times the load: 0.95 of the linear program, in time', (load, a, b) => {
  const workMs = [a, b].map((costs) => {
    const mean = costs.reduce((sum, cost) => sum + cost, 0) / costs.length;
    return Float64Array.from(costs, (cost) => cost / mean / 40);
  });
  const run = new TwoWorkers({ durationMs: 800, sloMs: 50, rowsPerMs: 40 * load, workMs, seed: 5 });
  const { value, bound, maxMs, lateRows } = run.run();
  expect(value / bound).toBeGreaterThan(0.95);
  expect(value / bound).toBeLessThanOrEqual(1);
  expect(maxMs).toBeLessThan(50);
  expect(lateRows).toBe(0);
});
