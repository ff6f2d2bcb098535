/** Items leave in the order of their times, whatever the bounds and whenever they were added. */

import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MAX_TIME_US } from '../../../src/core/time.ts';
import { ExpiryQueue } from '../../../src/state/expiry-queue.ts';

/** The obvious queue. */
class SortedModel {
  #waiting: { item: number; timeUs: number }[] = [];

  push(item: number, timeUs: number): void {
    this.#waiting.push({ item, timeUs });
  }

  take(boundUs: number): { timeUs: number; items: number[] } | undefined {
    const timeUs = Math.min(...this.#waiting.map((entry) => entry.timeUs));
    if (!(timeUs < boundUs)) return undefined;
    const items = this.#waiting.filter((e) => e.timeUs === timeUs).map((e) => e.item);
    return { timeUs, items };
  }

  remove(item: number): void {
    this.#waiting = this.#waiting.filter((entry) => entry.item !== item);
  }
}

const time = fc.oneof(
  fc.integer({ min: -20, max: 20 }),
  fc.maxSafeInteger(),
  fc.constantFrom(-MAX_TIME_US, MAX_TIME_US, 2 ** 32, 2 ** 32 - 1, -(2 ** 32), 0),
);
const step = fc.oneof(
  fc.record({ push: time }),
  fc.record({ bound: fc.oneof(time, fc.constantFrom(Infinity, -Infinity)) }),
);

describe('ExpiryQueue', () => {
  test('takes the least time below the bound, also when bounds fall', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 100, size: 'max' }), (steps) => {
        const queue = new ExpiryQueue();
        queue.grow(steps.length);
        const model = new SortedModel();
        for (const [item, next] of steps.entries()) {
          if ('push' in next) {
            queue.push(item, next.push);
            model.push(item, next.push);
            continue;
          }
          for (;;) {
            const taken = queue.take(next.bound);
            const least = model.take(next.bound);
            if (least === undefined) {
              expect(taken).toBe(-1);
              break;
            }
            expect(least.items).toContain(taken);
            model.remove(taken);
          }
        }
      }),
      { numRuns: 500 },
    );
  });

  test('keeps what it has when it grows', () => {
    const queue = new ExpiryQueue();
    queue.grow(2);
    queue.push(0, 5);
    queue.push(1, 3);
    queue.grow(4);
    queue.push(3, 4);
    expect([queue.take(9), queue.take(9), queue.take(9), queue.take(9)]).toEqual([1, 3, 0, -1]);
  });
});
