/** Whole groups are shed; checked by tests of the same name, with few cases or many. @module */

import fc from 'fast-check';
import { expect } from 'vitest';
import { GroupPolicy } from '../../bench/workloads/overload/group-policy.ts';
import { simulate } from '../../bench/workloads/overload/simulate.ts';
import { makeTrace } from '../../bench/workloads/overload/trace.ts';

const SLO_MS = 50;
const ROWS_PER_MS = 20;

/** Loads one after the other, some with the worker standing still. */
const schedule = fc.array(
  fc.record({
    ms: fc.integer({ min: 5, max: 60 }),
    load: fc.double({ min: 0, max: 12, noNaN: true }),
    isStalled: fc.boolean(),
  }),
  { minLength: 3, maxLength: 12 },
);

const grouping = fc.record({
  groups: fc.integer({ min: 1, max: 60 }),
  slideMs: fc.integer({ min: 4, max: 80 }),
  overlap: fc.integer({ min: 1, max: 3 }),
  isEven: fc.boolean(),
  costs: fc.constantFrom([1], [1, 3]),
  ringRows: fc.constantFrom(Infinity, 300),
  seed: fc.nat(1000),
});

/**
 * Whatever the load: every unit that passes for a whole one has all of its rows, every row is done or counted as
 * dropped, and where nothing is dropped all units are whole.
 */
export function checkSubsets(runs: number): void {
  let whole = 0;
  let shed = 0;
  fc.assert(
    fc.property(schedule, grouping, (segments, { slideMs, overlap, ...options }) => {
      const load = segments.flatMap(({ ms, load: each }) => Array<number>(ms).fill(each));
      const capacity = segments.flatMap(({ ms, isStalled }) =>
        Array.from({ length: ms }, (_, at) => (isStalled && at < 10 ? 0 : 1)),
      );
      const workload = {
        name: 'random',
        durationMs: load.length,
        law: 'uniform' as const,
        load: (ms: number) => load[ms]!,
        capacity: (ms: number) => capacity[ms] ?? 1,
        costs: options.costs,
      };
      const trace = makeTrace(workload, ROWS_PER_MS, options.seed);
      const windowMs = overlap * slideMs;
      const worthOf = options.isEven ? undefined : (group: number) => 1 + (group % 7);
      const groups = { groups: options.groups, windowMs, slideMs, ...(worthOf && { worthOf }) };
      const { ringRows } = options;
      const policy = new GroupPolicy(trace, SLO_MS, groups, { ringRows });
      const outcome = simulate(trace, policy, SLO_MS, { costNoise: 0.5 });
      const { gate, late } = policy.values;
      const dropped = gate.shed.rows + gate.roomShed.rows + late.shed.rows + late.expired.rows;
      expect(outcome.doneRows + dropped).toBe(outcome.offeredRows);
      const found = policy.outcome(-Infinity, Infinity);
      expect(found.wrong).toBe(0);
      if (dropped === 0) expect(found.whole).toBe(found.units);
      whole += found.whole;
      shed += found.units - found.whole;
    }),
    { numRuns: runs },
  );
  // Both happen, or nothing was tried.
  expect(whole).toBeGreaterThan(0);
  expect(shed).toBeGreaterThan(0);
}
