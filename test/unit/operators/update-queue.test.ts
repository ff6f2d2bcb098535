/** Rows that wait are replaced by newer ones of their key, single rows or whole windows. */

import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Batch } from '../../../src/core/batch.ts';
import { tellEnd, tellWatermark } from '../../../src/core/kernel-calls.ts';
import type { Kernel, Outbox } from '../../../src/core/operator.ts';
import { createUpdateQueueKernel } from '../../../src/operators/update-queue/kernel.ts';
import { planIssues, soundPlan } from '../../support/kernel/documents.ts';
import { allocateBatch, type Cell, fillBatch, readRow } from '../../support/kernel/rows.ts';
import { copyState, testContext } from '../../support/kernel/run-kernel.ts';
import { schemaOf } from './aggregate-nodes.ts';

const LONG = 'a key that does not fit its view';
const IN = { name: 'in', schema: schemaOf({ k: 'string', n: 'int32' }), hasTime: true };

/** A queue, and an outbox that has room for so many rows at a time as it is told. */
class Queue {
  readonly rows: (readonly Cell[])[] = [];
  watermarkUs = -Infinity;
  room = 0;
  readonly counts: readonly number[];
  readonly #kernel: Kernel;
  readonly #batch: Batch;
  readonly #slot: Batch;

  constructor(document: object, stateLimitBytes?: number) {
    const limit = stateLimitBytes === undefined ? {} : { stateLimitBytes };
    const { context, counts } = testContext({ rowCapacity: 64, ...limit });
    const plan = soundPlan({ type: 'update_queue', key: ['k'], ...document }, [IN]);
    this.counts = counts;
    this.#kernel = createUpdateQueueKernel(plan, context);
    this.#kernel.onClock!(0);
    this.#batch = allocateBatch(IN, 64, 4096);
    this.#slot = allocateBatch(IN, 64, 4096);
  }

  readonly #out = {
    claim: (): Batch | undefined => {
      if (this.room === 0) return undefined;
      this.#slot.reset();
      this.#slot.setRowCount(64 - this.room);
      return this.#slot;
    },
    commit: (): void => {
      const from = 64 - this.room;
      for (let row = from; row < this.#slot.rowCount; row++) {
        this.rows.push(readRow(this.#slot, row).values);
        this.room--;
      }
    },
    watermark: (watermarkUs: number) => void (this.watermarkUs = watermarkUs),
  } as unknown as Outbox;

  take(
    ...rows: readonly (readonly [k: string | null, n: number, timeUs?: number, late?: number])[]
  ): void {
    fillBatch(
      this.#batch,
      rows.map(([k, n, timeUs = n, lateByUs = 0]) => ({ values: [k, n], timeUs, lateByUs })),
    );
    expect(this.#kernel.onBatch(0, this.#batch, this.#out)).toBe('done');
  }

  watermark(watermarkUs: number): void {
    expect(tellWatermark(this.#kernel, 0, watermarkUs, this.#out)).toBe('done');
  }

  /** There is room for so many rows, and the clock says that it is time to look. */
  letGo(rows: number): void {
    this.room = rows;
    if (this.#kernel.dueUs!() !== Infinity) this.#kernel.onDue!(this.#out);
  }

  end(): string {
    this.watermark(Infinity);
    return tellEnd(this.#kernel, 0, this.#out);
  }

  /** Goes on with what another has written down. */
  takeOver(other: Queue): void {
    copyState(other.#kernel, this.#kernel);
  }

  resume(): string {
    return this.#kernel.resume!(this.#out);
  }
}

describe('rows', () => {
  test('go on as they come while there is room', () => {
    const queue = new Queue({});
    queue.room = 9;
    queue.take(['a', 1], ['a', 2], [null, 3]);
    expect(queue.rows).toEqual([
      ['a', 1],
      ['a', 2],
      [null, 3],
    ]);
    queue.take(['a', 4]);
    expect(queue.rows.at(-1)).toEqual(['a', 4]);
  });

  test('that wait are replaced in their places by the newest of their keys', () => {
    const queue = new Queue({});
    queue.take(['a', 1], [LONG, 2], [null, 3]);
    queue.take(['c', 4], ['a', 5], [null, 6]);
    queue.letGo(2);
    queue.take(['a', 7], ['c', 8]);
    queue.letGo(9);
    expect(queue.rows).toEqual([
      ['a', 5],
      [LONG, 2],
      [null, 6],
      ['c', 8],
      ['a', 7],
    ]);
    // Evicted: a 1, null 3 and c 4.
    expect(queue.counts[2]).toBe(3);
  });

  test('hold the watermark back, and leave at the end, however long that takes', () => {
    const queue = new Queue({});
    queue.take(['a', 50], ['b', 20]);
    queue.watermark(40);
    expect(queue.watermarkUs).toBe(20);
    expect(queue.end()).toBe('blocked');
    queue.room = 1;
    expect(queue.resume()).toBe('blocked');
    queue.room = 1;
    expect(queue.resume()).toBe('done');
    expect(queue.rows).toHaveLength(2);
    expect(queue.watermarkUs).toBe(Infinity);
  });

  test('have a bound in bytes', () => {
    const queue = new Queue({}, 1000);
    const keys = Array.from({ length: 20 }, (_, i) => [`key ${i}`, i] as const);
    expect(() => queue.take(...keys)).toThrow(/rows that wait take \d+ bytes; the limit is 1000/);
  });
});

test('what waits goes on in another kernel', () => {
  const text = { window: '10us' };
  const queues = [new Queue(text), new Queue(text)] as const;
  const [queue, other] = queues;
  queue.take(['a', 1], ['a', 5], [LONG, 7], ['a', 12]);
  queue.watermark(10);
  queue.letGo(1);
  other.takeOver(queue);
  for (const each of queues) {
    each.take(['a', 15]);
    each.watermark(20);
    each.letGo(9);
  }
  expect(queue.rows.slice(1)).toEqual(other.rows);
  expect(other.rows).toEqual([
    ['a', 5],
    [LONG, 7],
    ['a', 12],
    ['a', 15],
  ]);
});

describe('keys', () => {
  test('that are renewed let others pass by lineCut, at most half of those that wait', () => {
    const queue = new Queue({ policy: 'lineCut' });
    const others = ['b', 'c', 'd', 'e', 'f'] as const;
    queue.take(['fast', 0], ...others.map((k, i) => [k, i + 1] as const));
    queue.take(...Array.from({ length: 50 }, (_, i) => ['fast', 10 + i] as const));
    queue.letGo(9);
    expect(queue.rows.map(([k]) => k)).toEqual(['b', 'c', 'fast', 'd', 'e', 'f']);
    // Once it has left a key begins anew.
    queue.room = 0;
    queue.take(['fast', 70], ['b', 71], ['b', 72]);
    queue.letGo(9);
    expect(queue.rows.slice(6)).toEqual([
      ['fast', 70],
      ['b', 72],
    ]);
  });

  test('with the greatest priority go first, whatever they had before', () => {
    const queue = new Queue({ policy: 'priority', priority: 'n' });
    queue.take(['a', 1, 1], ['b', 5, 2], ['c', 3, 3], ['b', 0, 4], ['d', 3, 5], ['a', 9, 6]);
    queue.letGo(9);
    expect(queue.rows.map(([k]) => k)).toEqual(['a', 'c', 'd', 'b']);
    const windows = new Queue({ policy: 'priority', priority: 'n', window: '10us' });
    windows.take(['a', 1, 1], ['a', 7, 2], ['b', 5, 3], ['b', 6, 4]);
    windows.watermark(10);
    windows.letGo(9);
    expect(windows.rows).toEqual([
      ['a', 1],
      ['a', 7],
      ['b', 5],
      ['b', 6],
    ]);
  });

  test.each([{ policy: 'lineCut' }, { policy: 'priority', priority: 'n' }, {}])(
    'go as a plain list says, also in another kernel (%j)',
    (text) => {
      fc.assert(
        fc.property(
          fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c', 'd', 'e'), fc.nat(4), fc.nat(9)), {
            maxLength: 300,
          }),
          (steps) => {
            let queue = new Queue(text);
            const waiting: { k: string; n: number; updates: number; came: number; rank: number }[] =
              [];
            let came = 0;
            const expected: (readonly [string, number])[] = [];
            const found: (readonly Cell[])[] = [];
            for (const [k, n, action] of steps) {
              const known = waiting.find((unit) => unit.k === k);
              const unit = known ?? { k, n, updates: -1, came: came++, rank: 0 };
              if (known === undefined) waiting.push(unit);
              unit.n = n;
              unit.updates++;
              const passed = (waiting.length / 2) * (1 - 1 / (1 + unit.updates));
              if (text.policy === 'lineCut') unit.rank = unit.came + passed;
              if (text.policy === 'priority') unit.rank = -n;
              queue.take([k, n]);
              if (action < 2) {
                const [first] = waiting.toSorted((a, b) => a.rank - b.rank || a.came - b.came);
                waiting.splice(waiting.indexOf(first!), 1);
                expected.push([first!.k, first!.n]);
                queue.letGo(1);
                found.push(...queue.rows.splice(0));
              } else if (action === 2) {
                const other = new Queue(text);
                other.takeOver(queue);
                queue = other;
              }
            }
            expect(found).toEqual(expected);
          },
        ),
        { numRuns: 25 },
      );
    },
  );
});

test('under tenfold overload keys are less stale by lineCut, and windows stay whole', () => {
  /** Ten rows come for each that goes; key k of 20 changes as often as 1 / (1 + k)² says. */
  const staleness = (text: object): number => {
    const queue = new Queue({ window: '10us', ...text });
    const weights = Array.from({ length: 20 }, (_, k) => 1 / (1 + k) ** 2);
    const total = weights.reduce((a, b) => a + b);
    let seed = 7;
    const next = (): number => (seed = (Math.imul(seed, 48_271) >>> 0) % 65_521) / 65_521;
    /** By key: when its oldest news that has not left came. */
    const since = new Map<string, number>();
    const latest = new Map<string, number>();
    let stale = 0;
    for (let round = 0; round < 600; round++) {
      const start = round * 10;
      for (let i = 0; i < 10; i++) {
        let at = next() * total;
        const k = weights.findIndex((weight) => (at -= weight) < 0);
        const key = `key ${k}`;
        if (!since.has(key)) since.set(key, round);
        latest.set(key, round);
        queue.take([key, round, start + i], [key, round, start + i]);
      }
      queue.watermark(start + 10);
      queue.rows.length = 0;
      queue.letGo(2);
      // Rows of one key and one window, two at a time: a window has an even number of them.
      const [first, second] = queue.rows;
      expect(second).toEqual(first);
      const key = first?.[0] as string;
      if (latest.get(key) === first?.[1]) since.delete(key);
      for (const came of since.values()) stale += round - came;
    }
    return stale;
  };
  const inPlace = staleness({});
  expect(staleness({ policy: 'lineCut' })).toBeLessThan(0.95 * inPlace);
});

describe('windows', () => {
  test('leave whole, the newest of each key', () => {
    const queue = new Queue({ window: '10us' });
    queue.take(['a', 1], ['a', 5], ['b', 7], ['a', 12], ['a', 13]);
    queue.letGo(9);
    expect(queue.rows).toEqual([]);
    queue.room = 0;
    queue.watermark(10);
    queue.letGo(1);
    // The first has begun to leave: it is no longer replaced.
    queue.watermark(20);
    queue.take(['b', 22], ['b', 29]);
    queue.watermark(30);
    queue.letGo(9);
    expect(queue.rows).toEqual([
      ['a', 1],
      ['a', 5],
      ['b', 22],
      ['b', 29],
      ['a', 12],
      ['a', 13],
    ]);
    expect(queue.counts[2]).toBe(1);
  });

  test('that have closed take no more rows', () => {
    const queue = new Queue({ window: '10us' });
    queue.watermark(20);
    queue.take(['a', 1, 5, 15], ['a', 2, 21]);
    queue.letGo(9);
    queue.end();
    queue.resume();
    expect([queue.rows, queue.counts[0]]).toEqual([[['a', 2]], 1]);
  });

  test('need event time', () => {
    const timeless = { ...IN, hasTime: false };
    const text = { type: 'update_queue', key: ['k'], window: '1s' };
    expect(planIssues(text, [timeless])).toEqual([
      "window: 'in' has no event time; give its source a 'time'",
    ]);
  });
});
