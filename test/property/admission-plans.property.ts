/** Drop plans against linear programs; checked by tests of the same name, with few cases or many. @module */

import fc from 'fast-check';
import { expect } from 'vitest';
import { type DropLocation, DropPlan } from '../../bench/workloads/overload/plans/drop-plan.ts';
import {
  FeasibleInputs,
  NODE_CAPACITY,
  keepByLinearProgram,
} from '../../bench/workloads/overload/plans/feasible-inputs.ts';
import { solveLinearProgram } from '../../bench/workloads/overload/plans/linear-program.ts';

/** A tree of places where rows may be dropped, with load and quality each. */
const network = fc
  .array(
    fc.record({
      above: fc.nat(1000),
      load: fc.integer({ min: 1, max: 100 }),
      quality: fc.integer({ min: 0, max: 100 }),
    }),
    { minLength: 1, maxLength: 9 },
  )
  .map((places) =>
    places.map(({ above, load, quality }, at): DropLocation => ({
      parent: above % (at + 1) === 0 ? -1 : (above % (at + 1)) - 1,
      load,
      quality,
    })),
  );

/** What of each place is delivered: what neither it nor a place above drops. */
function delivered(locations: readonly DropLocation[], drops: readonly number[]): number[] {
  const flow: number[] = [];
  locations.forEach(({ parent }, at) => {
    flow.push((parent < 0 ? 1 : flow[parent]!) * (1 - drops[at]!));
  });
  return flow;
}

/** A plan saves what is asked for, and loses at most 5 % more than the best plan. */
export function checkDropPlans(runs: number): void {
  fc.assert(
    fc.property(network, fc.double({ min: 0.01, max: 0.99, noNaN: true }), (places, part) => {
      const total = places.reduce((sum, { load }) => sum + load, 0);
      const quality = places.reduce((sum, place) => sum + place.quality, 0);
      const excess = part * total;
      const flow = delivered(places, new DropPlan(places).dropsFor(excess));
      const load = places.reduce((sum, place, at) => sum + place.load * flow[at]!, 0);
      const kept = places.reduce((sum, place, at) => sum + place.quality * flow[at]!, 0);
      expect(load).toBeLessThanOrEqual(total - excess + 1e-6);

      const best = solveLinearProgram({
        objective: places.map((place) => place.quality),
        rows: [
          places.map((place) => place.load),
          ...places.flatMap(({ parent }, at) =>
            parent < 0 ? [] : [places.map((_, i) => (i === at ? 1 : i === parent ? -1 : 0))],
          ),
        ],
        bounds: [total - excess, ...places.flatMap(({ parent }) => (parent < 0 ? [] : [0]))],
      });
      expect(kept).toBeLessThanOrEqual(best.value + 1e-6);
      expect(quality - kept).toBeLessThanOrEqual(1.05 * (quality - best.value) + 1e-6);
    }),
    { numRuns: runs },
  );
}

/** A linear program's optimum is feasible, and no higher than what its prices promise. */
export function checkLinearPrograms(runs: number): void {
  const amount = fc.integer({ min: 0, max: 20 });
  const program = fc
    .tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 5 }))
    .chain(([variables, rows]) =>
      fc.record({
        objective: fc.array(amount, { minLength: variables, maxLength: variables }),
        rows: fc.array(fc.array(amount, { minLength: variables, maxLength: variables }), {
          minLength: rows,
          maxLength: rows,
        }),
        bounds: fc.array(amount, { minLength: rows, maxLength: rows }),
      }),
    );
  fc.assert(
    fc.property(program, ({ objective, rows, bounds }) => {
      const { value, x, prices } = solveLinearProgram({ objective, rows, bounds });
      const dot = (a: readonly number[], b: readonly number[]) =>
        a.reduce((sum, each, i) => sum + each * b[i]!, 0);
      rows.forEach((row, i) => expect(dot(row, x)).toBeLessThanOrEqual(bounds[i]! + 1e-6));
      for (const each of x) expect(each).toBeGreaterThanOrEqual(-1e-9);
      for (const each of x) expect(each).toBeLessThanOrEqual(1 + 1e-9);
      expect(dot(objective, x)).toBeCloseTo(value, 6);
      // Weak duality: at these prices nobody can do better, so the optimum is one.
      const surplus = objective.map((worth, j) =>
        Math.max(0, worth - rows.reduce((sum, row, i) => sum + row[j]! * prices[i]!, 0)),
      );
      expect(dot(bounds, prices) + surplus.reduce((a, b) => a + b, 0)).toBeCloseTo(value, 6);
    }),
    { numRuns: runs },
  );
}

/** The chain that Borealis ships: delays of 10, 20, 30 and 10 ms, on two nodes and on four. */
export const CHAINS: readonly (readonly (readonly number[])[])[] = [
  [
    [0.01, 0.02],
    [0.03, 0.01],
  ],
  [
    [0.01, 0.01],
    [0.02, 0.01],
    [0.03, 0.02],
    [0.01, 0.03],
  ],
];

/** Both methods keep every node below its capacity, and most of what is possible. */
export function checkChains(runs: number): void {
  const rate = fc.integer({ min: 1, max: 300 });
  fc.assert(
    fc.property(fc.constantFrom(...CHAINS), fc.tuple(rate, rate), (loads, rates) => {
      const best = keepByLinearProgram({ loads, rates });
      let node: FeasibleInputs | undefined;
      for (const row of loads.toReversed()) node = new FeasibleInputs(row, node);
      const kept = node!.keep(rates);
      const through = (keep: readonly number[]) =>
        keep.reduce((sum, part, i) => sum + part * rates[i]!, 0);
      for (const keep of [best, kept]) {
        for (const row of loads) {
          const busy = row.reduce((sum, load, i) => sum + load * rates[i]! * keep[i]!, 0);
          expect(busy).toBeLessThanOrEqual(NODE_CAPACITY + 1e-6);
        }
      }
      expect(through(kept)).toBeGreaterThanOrEqual(0.95 * through(best));
    }),
    { numRuns: runs },
  );
}
