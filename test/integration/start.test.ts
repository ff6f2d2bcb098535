import process from 'node:process';
import type { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Millrace } from '../../src/index.ts';

/** Threads that live, of those started since. */
const alive = new Set<Worker>();
let started = 0;

function count(worker: Worker): void {
  started++;
  alive.add(worker);
  worker.once('exit', () => alive.delete(worker));
}

beforeEach(() => {
  started = 0;
  alive.clear();
  process.on('worker', count);
});

afterEach(() => {
  process.off('worker', count);
});

function topology(where: string): object {
  return {
    version: 1,
    name: 'start',
    sources: { s: { connector: 'embedded', schema: { n: 'int32' } } },
    operators: { f: { type: 'filter', input: 's', where } },
    sinks: { out: { input: 'f', connector: 'discard' } },
  };
}

test('a topology that is refused while threads start leaves none of them', async () => {
  const start = Millrace.start(topology('m > 0'), { workers: 2 });
  await expect(start).rejects.toMatchObject({ code: 'ERR_TOPOLOGY_INVALID' });
  expect(started).toBe(2);
  expect(alive).toEqual(new Set());
});

test('a topology whose shape is wrong leaves no thread', async () => {
  const start = Millrace.start({ ...topology('n > 0'), sinks: 1 }, { workers: 2 });
  await expect(start).rejects.toMatchObject({ code: 'ERR_TOPOLOGY_INVALID' });
  expect(started).toBe(2);
  expect(alive).toEqual(new Set());
});

test.each([9, 2.5, 0])('%d workers are not started before the shape is right', async (workers) => {
  const start = Millrace.start({ ...topology('n > 0'), sinks: 1, engine: { workers } });
  await expect(start).rejects.toMatchObject({ code: 'ERR_TOPOLOGY_INVALID' });
  expect(started).toBe(0);
});
