import { describe, expect, test } from 'vitest';
import { lostWorker } from '../../../src/workers/host/lost-worker.ts';
import type { TaskPlan } from '../../../src/workers/protocol.ts';

function task(node: string, worker: number, kind?: string): TaskPlan {
  const role = kind === undefined ? { type: 'sink' } : { type: 'operator', plan: { kind } };
  return { node, worker, role } as unknown as TaskPlan;
}

const TASKS = [
  task('mine', 0, 'module'),
  task('yours', 1, 'module'),
  task('theirs', 1, 'module'),
  task('out', 0),
  task('out', 1),
  task('sums', 2, 'aggregate'),
];

describe('a worker that stopped answering', () => {
  test.each([
    [0, 'mine'],
    [3, 'out'],
    [-1, undefined],
  ])('while it ran task %i: node %s', (position, node) => {
    const loss = { worker: 0, what: 'did not answer', task: position, isHeapFull: false };
    expect(lostWorker(TASKS, loss)).toMatchObject({ code: 'ERR_WORKER_LOST', node });
  });
});

describe('a worker whose heap is full', () => {
  test.each([
    ['its user code ran', 0, 0, 'mine', "worker 0 ran out of heap while it ran 'mine'"],
    [
      'a sink ran beside user code',
      0,
      3,
      'mine',
      "worker 0 ran out of heap; the user code on it: 'mine'",
    ],
    ['nothing ran', 0, -1, 'mine', "worker 0 ran out of heap; the user code on it: 'mine'"],
    ['one of two ran', 1, 2, 'theirs', "worker 1 ran out of heap while it ran 'theirs'"],
    [
      'it may be either',
      1,
      4,
      undefined,
      "worker 1 ran out of heap; the user code on it: 'yours', 'theirs'",
    ],
    ['there is no user code', 2, 5, 'sums', "worker 2 ran out of heap while it ran 'sums'"],
  ])('%s', (_, worker, position, node, message) => {
    const loss = { worker, what: 'ran out of heap', task: position, isHeapFull: true };
    const error = lostWorker(TASKS, loss);
    expect(error.node).toBe(node);
    expect(error.message).toBe(message);
  });
});
