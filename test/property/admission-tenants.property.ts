/** Shares of tenants in simulation; checked by tests of the same name, with few cases or many. @module */

import fc from 'fast-check';
import { expect } from 'vitest';
import { simulate } from '../../bench/workloads/overload/simulate.ts';
import { makeTrace, type Trace } from '../../bench/workloads/overload/trace.ts';
import { ValuePolicy } from '../../bench/workloads/overload/value-policy.ts';
import { uniformFrom, VALUE_LAWS } from '../../bench/workloads/overload/values.ts';
import { jainIndex } from '../../src/admission/index.ts';

const SLO_MS = 50;

/** A tenant: how much he has a claim to, how much he brings, and in which unit he counts value. */
const tenant = fc.record({
  weight: fc.double({ min: 0.5, max: 4, noNaN: true }),
  rows: fc.double({ min: 0.02, max: 1, noNaN: true }),
  scale: fc.double({ min: 0.1, max: 10, noNaN: true }),
});

const market = fc.record({
  tenants: fc.array(tenant, { minLength: 2, maxLength: 8 }),
  load: fc.double({ min: 1.3, max: 8, noNaN: true }),
  law: fc.constantFrom(...VALUE_LAWS, 'constant' as const),
  seed: fc.nat(),
});

type Market = typeof market extends fc.Arbitrary<infer Of> ? Of : never;

/** Rows that the worker can do in a millisecond. */
const ROWS_PER_MS = 40;
const DURATION_MS = 600;
/** Before, all that comes is let in for a while, and nothing is known of tenants. */
const FROM_MS = 150;

function traceOf({ tenants, load, law, seed }: Market): Trace {
  const costs = tenants.map(() => 1);
  const workload = { name: 'tenants', durationMs: DURATION_MS, law, load: () => load, costs };
  const trace = makeTrace(workload, ROWS_PER_MS, seed);
  const random = uniformFrom(seed + 1);
  const all = tenants.reduce((sum, { rows }) => sum + rows, 0);
  for (let row = 0; row < trace.values.length; row++) {
    let place = random() * all;
    const found = tenants.findIndex(({ rows }) => (place -= rows) < 0);
    trace.lanes[row] = Math.max(0, found);
    trace.values[row]! *= tenants[trace.lanes[row]!]!.scale;
  }
  return trace;
}

/** Weighted max-min, by halving. */
function sharesOf(demands: readonly number[], weights: readonly number[], all: number): number[] {
  let low = 0;
  let high = 1e9;
  const at = (level: number): number[] => demands.map((d, i) => Math.min(d, level * weights[i]!));
  for (let step = 0; step < 100; step++) {
    const middle = (low + high) / 2;
    if (at(middle).reduce((sum, share) => sum + share, 0) > all) high = middle;
    else low = middle;
  }
  return at(low);
}

/** How alike tenants fare, each compared with what his weight and his load entitle him to. */
function fairnessOf(drawn: Market): number {
  const { tenants } = drawn;
  const trace = traceOf(drawn);
  const weights = Float64Array.from(tenants, ({ weight }) => weight);
  const policy = new ValuePolicy(trace, SLO_MS, {
    tenants: Int32Array.from(tenants.keys()),
    fairness: { weights, fairness: 1 },
  });
  const { gate, late } = policy;
  const read = (): Float64Array[] => {
    const offered = gate.offered.counts.slice();
    const dropped = [gate.shed, gate.roomShed, late.shed, late.expired];
    const done = offered.map((rows, lane) =>
      dropped.reduce((left, { counts }) => left - counts[lane]!, rows),
    );
    return [offered, done];
  };
  let before: Float64Array[] | undefined;
  const watched = {
    offer: policy.offer.bind(policy),
    take: policy.take.bind(policy),
    look: (nowMs: number, waitingRows: number) => {
      policy.look(nowMs, waitingRows);
      if (nowMs >= FROM_MS) before ??= read();
    },
  };
  simulate(trace, watched, SLO_MS);
  const [offered, done] = read().map((now, of) =>
    [...now].map((rows, lane) => rows - before![of]![lane]!),
  ) as [number[], number[]];
  const all = done.reduce((sum, rows) => sum + rows, 0);
  const shares = sharesOf(offered, [...weights], all);
  return jainIndex(done.map((rows, i) => rows / shares[i]!));
}

/** Tenants get their shares of the work. */
export function checkShares(runs: number): void {
  fc.assert(
    fc.property(market, (drawn) => {
      expect(fairnessOf(drawn)).toBeGreaterThan(0.99);
    }),
    { numRuns: runs },
  );
}
