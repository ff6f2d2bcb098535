/** What the benchmark of overload says of a run: what would have waited, and how soon a price stays. */

import { expect, test } from 'vitest';
import { losslessBacklog } from '../../../bench/workloads/overload/engine/lossless.ts';
import { steadinessOf } from '../../../bench/workloads/overload/engine/steadiness.ts';
import type { EngineOutcome } from '../../../bench/workloads/overload/engine/run-engine.ts';
import { dueMs } from '../../../bench/workloads/overload/engine/named-trace.ts';
import { makeTrace, type Trace } from '../../../bench/workloads/overload/trace.ts';

const GATE_MS = 35;
const CALM = { freeMs: -Infinity, isShedding: false };

function traceOf(load: (ms: number) => number): Trace {
  return makeTrace({ name: 'x', durationMs: 400, law: 'uniform', load }, 10, 1);
}

/** Rows done in order, none before it is due; the worker stands still from 100 ms on; some rows are dropped. */
function play(trace: Trace, stallMs: number, isDropped: (due: number) => boolean): Float64Array {
  let free = 0;
  return trace.values.map((_, row) => {
    const due = dueMs(trace, row);
    if (isDropped(due)) return Number.NaN;
    const begin = Math.max(free, due);
    free = begin + 0.1 + (begin >= 100 && free < 100 + stallMs ? stallMs : 0);
    return free;
  });
}

test('what would have waited is what waits while nothing is dropped', () => {
  const trace = traceOf((ms) => (ms < 20 ? 2 : 0.5));
  const { mostMs, needlesslyShed } = losslessBacklog(
    trace,
    play(trace, 0, () => false),
    GATE_MS,
    CALM,
  );
  expect(mostMs).toBeGreaterThan(19);
  expect(mostMs).toBeLessThan(21);
  expect(needlesslyShed).toBe(0);
});

test('rows that a queue could have absorbed are dropped needlessly; others are not', () => {
  const trace = traceOf(() => 0.9);
  const shed = (stallMs: number, from: number): number => {
    const doneMs = play(trace, stallMs, (due) => due >= from && due < from + 10);
    return losslessBacklog(trace, doneMs, GATE_MS, CALM).needlesslyShed;
  };
  expect(shed(0, 150)).toBe(90);
  // The worker stood still for as long as a queue has to absorb: from then on rows may be dropped.
  expect(shed(40, 150)).toBe(0);
  // Not so what would have been done by then.
  expect(shed(40, 80)).toBe(90);
  expect(shed(20, 150)).toBe(90);
});

test('rows dropped since a warm-up that had passed the gate are not dropped needlessly', () => {
  const trace = traceOf(() => 0.9);
  const doneMs = play(trace, 0, (due) => due < 10);
  const shed = (isShedding: boolean): number =>
    losslessBacklog(trace, doneMs, GATE_MS, { freeMs: 5, isShedding }).needlesslyShed;
  expect([shed(false), shed(true)]).toEqual([90, 0]);
});

test('a price has settled when it stays close to its mean', () => {
  const run = (priceAt: (ms: number) => number) => {
    const samples = Array.from({ length: 100 }, (_, i) => {
      const price = { worker: 1, price: priceAt(10 * i), keptMs: i % 2 === 0 ? 24 : 26 };
      return { ms: 10 * i, stats: { prices: [price] } };
    });
    return steadinessOf({ samples } as unknown as EngineOutcome, 1, 200, 1000);
  };
  expect(run(() => 0)).toBeUndefined();
  const quick = run((ms) => (ms < 250 ? 0 : ms < 300 ? 5 : 10))!;
  expect(quick.settledMs).toBe(70);
  expect(quick.backlogSdMs).toBeCloseTo(1, 2);
  expect(run((ms) => (ms < 250 ? 0 : ms < 450 ? 5 : 10))!.settledMs).toBe(220);
  expect(run((ms) => (ms % 100 === 0 ? 1000 : 10))!.settledMs).toBeUndefined();
});
