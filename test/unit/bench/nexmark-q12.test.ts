/** NEXMark's q12, whose windows go by the clock, on a clock that the test sets. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { BeamEvents } from '../../../bench/workloads/nexmark/beam/events.ts';
import { eventOf, Timeline } from '../../../bench/workloads/nexmark/model/timeline.ts';
import { queryPath } from '../../../bench/workloads/nexmark/run-query.ts';
import { SimulatedClock } from '../../../src/core/clock.ts';
import { tellEnd } from '../../../src/core/kernel-calls.ts';
import { parseDurationUs } from '../../../src/core/units.ts';
import { createAggregateKernel } from '../../../src/operators/aggregate/kernel.ts';
import { ProcessingTime } from '../../../src/workers/thread/tasks/processing-time.ts';
import { allocateBatch, fillBatch } from '../../support/kernel/rows.ts';
import { complete, testContext } from '../../support/kernel/run-kernel.ts';
import { TestOutbox } from '../../support/kernel/test-outbox.ts';
import { schemaOf, soundPlan } from '../operators/aggregate-nodes.ts';

const BIDS = 6000;
const BATCH = 128;
const SCHEMA = schemaOf({ bidder: 'int64' });

interface Counts {
  readonly groupBy: readonly string[];
  readonly window: { readonly type: string; readonly size: string; readonly time: string };
  readonly select: Readonly<Record<string, string>>;
}

test('bids are counted in the windows in which they arrive', () => {
  const { operators } = JSON.parse(readFileSync(queryPath('q12'), 'utf8')) as {
    operators: { counts: Counts };
  };
  const { groupBy, window, select } = operators.counts;
  expect(window).toEqual({ type: 'tumbling', size: '10s', time: 'processing' });
  const sizeUs = parseDurationUs(window.size)!;
  const plan = soundPlan(
    SCHEMA,
    { groupBy, window: { kind: 'tumbling', sizeUs, offsetUs: 0, time: 'processing' }, select },
    false,
  );
  const startUs = 1_436_918_400_000_000;
  const clock = new SimulatedClock(startUs);
  const { context } = testContext({ rowCapacity: BATCH });
  const kernel = new ProcessingTime(createAggregateKernel(plan, context), clock, BATCH);
  const out = new TestOutbox(plan.outputs, { rowCapacity: BATCH, refuses: true });
  const batch = allocateBatch({ schema: SCHEMA, hasTime: false }, BATCH, 1024);
  const events = new BeamEvents(new Timeline(1000));
  const expected = new Map<string, number>();
  for (let from = 0; from < BIDS; from += BATCH) {
    const bidders = Array.from(
      { length: Math.min(BATCH, BIDS - from) },
      (_, i) => events.bid(eventOf('bid', from + i)).bidder,
    );
    fillBatch(
      batch,
      bidders.map((bidder) => ({ values: [BigInt(bidder)] })),
    );
    complete(kernel, out, () => kernel.onBatch(0, batch, out));
    const now = clock.nowUs();
    for (const bidder of bidders) {
      const key = `${Math.floor(now / sizeUs) * sizeUs} ${bidder}`;
      expected.set(key, (expected.get(key) ?? 0) + 1);
    }
    // Some windows have three batches, some four, and one has none.
    clock.advanceMs(from === 16 * BATCH ? 21_000 : 3000);
    complete(kernel, out, () => kernel.tick(out));
    const closed = [...expected.keys()].filter(
      (key) => Number(key.split(' ')[0]) + sizeUs <= clock.nowUs(),
    );
    expect(out.rows()).toHaveLength(closed.length);
  }
  complete(kernel, out, () => tellEnd(kernel, 0, out));
  const found = out.rows().map(({ values: [start, end, bidder, count] }): [string, number] => {
    expect(Number(end) - Number(start)).toBe(sizeUs);
    return [`${Number(start)} ${Number(bidder)}`, Number(count)];
  });
  expect(found).toHaveLength(expected.size);
  expect(new Map(found)).toEqual(expected);
});
