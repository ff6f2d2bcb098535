/** Windows that go by a clock which the test sets. */

import { describe, expect, test } from 'vitest';
import { SimulatedClock } from '../../../src/core/clock.ts';
import { tellEnd, tellWatermark } from '../../../src/core/kernel-calls.ts';
import type { Kernel, OperatorPlan } from '../../../src/core/operator.ts';
import type { Window } from '../../../src/core/topology/model.ts';
import { createAggregateKernel } from '../../../src/operators/aggregate/kernel.ts';
import { createTopKernel } from '../../../src/operators/top/kernel.ts';
import type { ThreadControl } from '../../../src/ringbuf/index.ts';
import { TaskLoop } from '../../../src/workers/thread/task-loop.ts';
import { ProcessingTime } from '../../../src/workers/thread/tasks/processing-time.ts';
import type { TestRow } from '../../support/kernel/rows.ts';
import { allocateBatch, fillBatch, poisonBatch } from '../../support/kernel/rows.ts';
import { complete, testContext } from '../../support/kernel/run-kernel.ts';
import { TestOutbox } from '../../support/kernel/test-outbox.ts';
import { soundTop } from '../../support/kernel/top-model.ts';
import { hopping, schemaOf, soundPlan, tumbling } from '../operators/aggregate-nodes.ts';

const SCHEMA = schemaOf({ k: 'int32', v: 'int32' });
const START_US = 1_767_225_600_000_000;
const MS = 1000;
const byClock = (window: Window): Window => ({ ...window, time: 'processing' });
const PLAN = soundPlan(
  SCHEMA,
  { groupBy: ['k'], window: byClock(tumbling(10 * MS)), select: { n: 'COUNT(*)' } },
  false,
);

/** A kernel on a clock of its own, fed by hand; times are in milliseconds from the start. */
function open(plan: OperatorPlan = PLAN, create = createAggregateKernel, hasTime = false) {
  const clock = new SimulatedClock(START_US);
  const { context } = testContext({ rowCapacity: 64 });
  const kernel: Kernel = create(plan, context);
  const timed = new ProcessingTime(kernel, clock, 64);
  const out = new TestOutbox(plan.outputs, { rowCapacity: 64, refuses: true });
  const batch = allocateBatch({ schema: SCHEMA, hasTime }, 64, 1024);
  let seen = 0;
  return {
    clock,
    timed,
    out,
    push(...rows: readonly TestRow[]): void {
      fillBatch(batch, rows);
      complete(timed, out, () => timed.onBatch(0, batch, out));
      poisonBatch(batch);
    },
    tick: () => complete(timed, out, () => timed.tick(out)),
    watermark: (us: number) => complete(timed, out, () => tellWatermark(timed, 0, us, out)),
    end: () => complete(timed, out, () => tellEnd(timed, 0, out)),
    /** What came since the last call: cells, and event time. */
    found(): (number | string)[][] {
      const rows = out.rows();
      const fresh = rows.slice(seen);
      seen = rows.length;
      return fresh
        .map(({ values, timeUs }) => [
          ...values.map((cell) =>
            typeof cell === 'bigint' && cell > 1000n
              ? (Number(cell) - START_US) / MS
              : Number(cell),
          ),
          (timeUs! - START_US) / MS,
        ])
        .toSorted((a, b) => a[2]! - b[2]!);
    },
  };
}

const row = (k: number, v = 0): TestRow => ({ values: [k, v] });

describe('windows of processing time', () => {
  test('have the rows that arrive in them, and close when the clock reaches their end', () => {
    const { clock, push, tick, found, timed } = open();
    clock.advanceMs(3);
    push(row(1), row(2));
    clock.advanceMs(6.999);
    push(row(1));
    tick();
    expect(found()).toEqual([]);
    expect(timed.dueInMs()).toBeCloseTo(0.001);
    clock.advanceMs(0.001);
    // It arrives at the end of the window, which is not in it.
    push(row(1));
    tick();
    expect(found()).toEqual([
      [0, 10, 1, 2, 9.999],
      [0, 10, 2, 1, 9.999],
    ]);
    expect(timed.dueInMs()).toBe(10);
    clock.advanceMs(500);
    tick();
    expect(found()).toEqual([[10, 20, 1, 1, 19.999]]);
  });

  test('need the clock only while there are rows', () => {
    const { clock, push, tick, timed } = open();
    expect(timed.dueInMs()).toBe(Infinity);
    push(row(1));
    expect(timed.dueInMs()).toBe(10);
    clock.advanceMs(10);
    expect(timed.dueInMs()).toBe(0);
    tick();
    expect(timed.dueInMs()).toBe(Infinity);
  });

  test('pass over event time, and what the input says of it', () => {
    const { clock, push, tick, found, watermark } = open(PLAN, createAggregateKernel, true);
    push({ values: [1, 0], timeUs: 5, lateByUs: 100 });
    watermark(START_US + 1_000_000);
    watermark(Infinity);
    expect(found()).toEqual([]);
    push({ values: [1, 0], timeUs: START_US + 99_000, lateByUs: 0 });
    clock.advanceMs(10);
    tick();
    expect(found()).toEqual([[0, 10, 1, 2, 9.999]]);
  });

  test('take no row for late when the clock is set back', () => {
    const { clock, push, tick, found } = open();
    clock.advanceMs(25);
    push(row(1));
    clock.advanceMs(5);
    tick();
    clock.advanceMs(-20);
    push(row(1));
    clock.advanceMs(29);
    push(row(1));
    clock.advanceMs(1);
    tick();
    expect(found()).toEqual([
      [20, 30, 1, 1, 29.999],
      [30, 40, 1, 2, 39.999],
    ]);
  });

  test('close at the end of the input, with an output that refuses', () => {
    const { push, end, found, out } = open();
    push(...Array.from({ length: 64 }, (_, k) => row(k)));
    end();
    expect(found()).toHaveLength(64);
    expect(out.watermarkUs).toBe(Infinity);
  });

  test('may overlap', () => {
    const window = byClock(hopping(10 * MS, 5 * MS));
    const plan = soundPlan(SCHEMA, { groupBy: ['k'], window, select: { n: 'COUNT(*)' } }, false);
    const { clock, push, tick, found } = open(plan);
    clock.advanceMs(6);
    push(row(1));
    clock.advanceMs(4);
    tick();
    expect(found()).toEqual([[0, 10, 1, 1, 9.999]]);
    clock.advanceMs(5);
    tick();
    expect(found()).toEqual([[5, 15, 1, 1, 14.999]]);
  });

  test('may be those of a top', () => {
    const window = byClock(tumbling(10 * MS));
    const plan = soundTop(SCHEMA, { n: 1, orderBy: ['-v'], groupBy: ['k'], window }, false);
    const { clock, push, tick, found, timed } = open(plan, createTopKernel);
    push(row(1, 5), row(1, 7), row(2, 3));
    clock.advanceMs(9);
    push(row(1, 6));
    tick();
    expect(found()).toEqual([]);
    clock.advanceMs(1);
    tick();
    expect(found()).toEqual([
      [0, 10, 1, 7, 9.999],
      [0, 10, 2, 3, 9.999],
    ]);
    expect(timed.dueInMs()).toBe(Infinity);
  });
});

test('a worker sleeps until the first of them is due, and is told the time in each turn', () => {
  let ticks = 0;
  const timed = [30, 5, Infinity].map((ms) => ({
    sleepMs: () => ms,
    tick: () => ++ticks === 2,
  }));
  const control = { beat: () => undefined } as unknown as ThreadControl;
  const loop = new TaskLoop({
    timed,
    control,
    heads: [],
    sources: [],
    sinks: [],
    targets: [],
    edges: [],
    pumps: [],
    metrics: [],
  });
  expect(loop.sleepMs()).toBe(5);
  expect(loop.turn()).toBe(true);
  expect(loop.turn()).toBe(false);
  expect(ticks).toBe(6);
});

test('their plan has no port for late rows', () => {
  expect(PLAN.time).toBe('processing');
  expect(PLAN.outputs.map(({ name, stream }) => [name, stream.hasTime])).toEqual([['out', true]]);
});
