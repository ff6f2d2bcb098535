import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  BUSY,
  NONE,
  SessionQueue,
} from '../../../src/operators/aggregate/session/session-queue.ts';

const SESSIONS = 4096;

/** A queue, and when each session ends. */
function newQueue(): { queue: SessionQueue; ends: Float64Array } {
  const ends = new Float64Array(SESSIONS);
  const links = new Int32Array(SESSIONS);
  const queue = new SessionQueue(links, new Float64Array(SESSIONS), (session) => ends[session]!);
  return { queue, ends };
}

/** All that end before a bound, as a kernel takes them. */
function takeAll(queue: SessionQueue, ends: Float64Array, boundUs: number): number[] {
  const taken: number[] = [];
  for (;;) {
    const session = queue.take(boundUs);
    if (session === NONE) return taken.sort((a, b) => a - b);
    if (session === BUSY) continue;
    if (ends[session]! >= boundUs) queue.push(session, ends[session]!);
    else taken.push(session);
  }
}

const times = fc.oneof(
  fc.integer({ min: -200, max: 200 }),
  fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
  fc.maxSafeInteger(),
  fc.constantFrom(0, -1, 2 ** 30, -(2 ** 30), Number.MAX_SAFE_INTEGER, -Number.MAX_SAFE_INTEGER),
);

const moves = fc.array(
  fc.oneof(
    fc.record({ push: times }),
    fc.record({ take: times }),
    fc.record({ extend: fc.nat({ max: 30 }), byUs: fc.nat({ max: 5000 }) }),
  ),
  { maxLength: 80 },
);

describe('a queue of sessions', () => {
  test('gives those that have ended, whatever moved meanwhile', () => {
    fc.assert(
      fc.property(moves, (script) => {
        const { queue, ends } = newQueue();
        const open: number[] = [];
        let next = 1;
        for (const move of script) {
          if ('push' in move) {
            ends[next] = move.push;
            queue.push(next, move.push);
            open.push(next++);
          } else if ('extend' in move) {
            const session = open[move.extend];
            if (session === undefined) continue;
            ends[session] = Math.min(Number.MAX_SAFE_INTEGER, ends[session]! + move.byUs);
          } else {
            const expected = open.filter((session) => ends[session]! < move.take);
            expect(takeAll(queue, ends, move.take)).toEqual(expected);
            for (const session of expected) open.splice(open.indexOf(session), 1);
          }
          const least = Math.min(...open.map((session) => ends[session]!));
          expect(queue.leastUs).toBeLessThanOrEqual(least);
        }
        expect(takeAll(queue, ends, Infinity)).toEqual(open);
        expect(queue.leastUs).toBe(Infinity);
      }),
      { numRuns: 300 },
    );
  });

  test('does not do all at once', () => {
    const { queue, ends } = newQueue();
    for (let session = 1; session < SESSIONS; session++) {
      ends[session] = 1000 + 7 * session;
      queue.push(session, ends[session]!);
    }
    expect(queue.take(1008)).toBe(BUSY);
    expect(takeAll(queue, ends, 1008)).toEqual([1]);
  });
});
