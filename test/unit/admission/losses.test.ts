import { expect, test } from 'vitest';
import { simulate } from '../../../bench/workloads/overload/simulate.ts';
import { makeTrace, type Trace } from '../../../bench/workloads/overload/trace.ts';
import { ValuePolicy } from '../../../bench/workloads/overload/value-policy.ts';
import { type GraphPoints, QosGraph } from '../../../src/admission/index.ts';

const SLO_MS = 50;
const STRAIGHT: GraphPoints = [
  [0, 1],
  [1, 0],
];
const TOLERANT: GraphPoints = [
  [0, 1],
  [0.5, 0.9],
  [1, 0],
];
const STRICT: GraphPoints = [
  [0, 1],
  [0.1, 0],
];

/** The parts of the value of two classes that are lost, from 0.7 s on. */
function lossesOf(trace: Trace, loss?: readonly GraphPoints[]): number[] {
  const policy = new ValuePolicy(trace, SLO_MS, loss === undefined ? {} : { loss });
  const { gate, late } = policy;
  const read = (): number[][] =>
    [0, 1].map((lane) => {
      const lost = [gate.shed, gate.roomShed, late.shed, late.expired];
      const value = lost.reduce((sum, tally) => sum + tally.value(lane), 0);
      return [gate.offered.value(lane), value];
    });
  let before: number[][] | undefined;
  simulate(
    trace,
    {
      offer: policy.offer.bind(policy),
      take: policy.take.bind(policy),
      look: (nowMs, waitingRows) => {
        policy.look(nowMs, waitingRows);
        if (nowMs >= 700) before ??= read();
      },
    },
    SLO_MS,
  );
  const after = read();
  return [0, 1].map(
    (lane) => (after[lane]![1]! - before![lane]![1]!) / (after[lane]![0]! - before![lane]![0]!),
  );
}

/** The most utility of two classes, trying what parts of their rows are kept, the best of each. */
function bestOf({ values, lanes }: Trace, load: number, graphs: readonly QosGraph[]): number {
  const STEPS = 200;
  const lost = [0, 1].map((lane) => {
    const sorted = values
      .filter((_, row) => lanes[row] === lane)
      .sort()
      .reverse();
    const all = sorted.reduce((sum, value) => sum + value, 0);
    let kept = 0;
    let next = 0;
    return Array.from({ length: STEPS + 1 }, (_, step) => {
      for (; next < (sorted.length * step) / STEPS; next++) kept += sorted[next]!;
      return 1 - kept / all;
    });
  });
  let best = 0;
  for (let step = 0; step <= STEPS; step++) {
    const other = Math.min(STEPS, Math.ceil((2 * STEPS) / load) - step);
    if (other < 0) continue;
    const utility = graphs[0]!.at(lost[0]![step]!) + graphs[1]!.at(lost[1]![other]!);
    best = Math.max(best, utility);
  }
  return best;
}

test.each([
  ['constant', 1.2, [STRICT, STRAIGHT]],
  ['constant', 1.2, [TOLERANT, STRAIGHT]],
  ['uniform', 2, [TOLERANT, STRAIGHT]],
  ['lognormal', 2, [STRICT, STRAIGHT]],
] as const)(
  '%s values at %d times the load: classes lose what hurts least',
  (law, load, points) => {
    const workload = { name: 'two', durationMs: 1200, law, load: () => load, costs: [1, 1] };
    const trace = makeTrace(workload, 10, 3);
    const graphs = points.map((graph) => new QosGraph(graph));
    const utilityOf = (losses: readonly number[]): number =>
      losses.reduce((sum, lost, lane) => sum + graphs[lane]!.at(lost), 0);
    const best = bestOf(trace, load, graphs);
    const ours = utilityOf(lossesOf(trace, points)) / best;
    expect(ours).toBeGreaterThan(0.95);
    expect(ours).toBeLessThan(1.02);
    expect(ours).toBeGreaterThan(utilityOf(lossesOf(trace)) / best + 0.03);
  },
);
