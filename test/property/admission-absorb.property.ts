/** Loads that a queue absorbs; checked by tests of the same name, with few cases or many. @module */

import fc from 'fast-check';
import { expect } from 'vitest';
import { simulate } from '../../bench/workloads/overload/simulate.ts';
import { makeTrace } from '../../bench/workloads/overload/trace.ts';
import { ValuePolicy } from '../../bench/workloads/overload/value-policy.ts';
import { VALUE_LAWS } from '../../bench/workloads/overload/values.ts';

const SLO_MS = 50;
/** Work that waits before anything is dropped. */
const GATE_MS = 0.7 * SLO_MS;

/** Loads one after the other, some with the worker standing still. */
const schedule = fc.array(
  fc.record({
    ms: fc.integer({ min: 1, max: 40 }),
    load: fc.double({ min: 0, max: 12, noNaN: true }),
    isStalled: fc.boolean(),
  }),
  { minLength: 3, maxLength: 25 },
);

interface Segment {
  readonly ms: number;
  readonly load: number;
  readonly isStalled: boolean;
}

/** By millisecond: what is offered and what the worker can do. */
function spread(segments: readonly Segment[]) {
  const load: number[] = [];
  const capacity: number[] = [];
  for (const segment of segments) {
    for (let ms = 0; ms < segment.ms; ms++) {
      load.push(segment.load);
      // Stalls of at most 10 ms, so that they do not fill the queue on their own.
      capacity.push(segment.isStalled && ms < 10 ? 0 : 1);
    }
  }
  return { load, capacity };
}

/** The most that waits if nothing is dropped, with loads multiplied by a factor. */
function mostWaiting(load: readonly number[], capacity: readonly number[], factor: number): number {
  let waits = 0;
  let most = 0;
  load.forEach((each, ms) => {
    most = Math.max(most, waits + factor * each);
    waits = Math.max(0, waits + factor * each - capacity[ms]!);
    most = Math.max(most, waits);
  });
  return most;
}

/** Nothing is dropped if the work that waits stays below the gate, whatever comes when. */
export function checkAbsorbed(runs: number): void {
  fc.assert(
    fc.property(
      schedule,
      fc.double({ min: 0.2, max: 0.97, noNaN: true }),
      fc.constantFrom(...VALUE_LAWS),
      fc.nat(1000),
      (segments, part, law, seed) => {
        const { load, capacity } = spread(segments);
        // Loads are scaled so that the most that waits comes close to the gate.
        let low = 0;
        let high = 100;
        for (let step = 0; step < 40; step++) {
          const factor = (low + high) / 2;
          if (mostWaiting(load, capacity, factor) > part * GATE_MS) high = factor;
          else low = factor;
        }
        const trace = makeTrace(
          {
            name: 'random',
            durationMs: load.length,
            law,
            load: (ms) => low * load[ms]!,
            capacity: (ms) => capacity[ms] ?? 1,
          },
          40,
          seed,
        );
        const policy = new ValuePolicy(trace, SLO_MS);
        const outcome = simulate(trace, policy, SLO_MS);
        expect(outcome.droppedRows).toBe(0);
        expect(outcome.doneRows).toBe(outcome.offeredRows);
        expect(policy.worker.opened).toBe(0);
      },
    ),
    { numRuns: runs },
  );
}

/** Every row offered is done, dropped at one of the gates, or waits; and a trace replayed is the same. */
export function checkAccounts(runs: number): void {
  fc.assert(
    fc.property(schedule, fc.constantFrom(...VALUE_LAWS), fc.nat(1000), (segments, law, seed) => {
      const { load, capacity } = spread(segments);
      const workload = {
        name: 'random',
        durationMs: load.length,
        law,
        load: (ms: number) => load[ms]!,
        capacity: (ms: number) => capacity[ms] ?? 1,
        costs: [1, 3],
      };
      const trace = makeTrace(workload, 20, seed);
      const play = () => {
        const policy = new ValuePolicy(trace, SLO_MS, { ringRows: 2000 });
        return { policy, outcome: simulate(trace, policy, SLO_MS) };
      };
      const { policy, outcome } = play();
      const { gate, late } = policy;
      const dropped = gate.shed.rows + gate.roomShed.rows + late.shed.rows + late.expired.rows;
      expect(gate.offered.rows).toBe(outcome.offeredRows);
      expect(dropped).toBe(outcome.droppedRows);
      expect(outcome.doneRows + dropped).toBe(outcome.offeredRows);
      // A row is done within the goal, give or take a slice and a stall while it is worked on.
      expect(outcome.maxMs).toBeLessThan(SLO_MS + 2 + longestStall(capacity));
      const again = play();
      expect(again.outcome.value).toBe(outcome.value);
      expect(again.policy.late.shed.counts).toEqual(late.shed.counts);
      expect(again.policy.worker.price).toBe(policy.worker.price);
    }),
    { numRuns: runs },
  );
}

function longestStall(capacity: readonly number[]): number {
  let longest = 0;
  let current = 0;
  for (const each of capacity) {
    current = each === 0 ? current + 1 : 0;
    longest = Math.max(longest, current);
  }
  return longest;
}
