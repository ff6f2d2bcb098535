import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { Worker } from 'node:worker_threads';
import { describe, expect, test } from 'vitest';
import {
  allocateBell,
  Arena,
  Bell,
  BellWaiter,
  chooseWaitPolicy,
  ParkPolicy,
  SpinPolicy,
  SpinThenParkPolicy,
} from '../../../src/ringbuf/index.ts';

const RINGBUF = new URL('../../../src/ringbuf/index.ts', import.meta.url).href;

function newBell() {
  const arena = Arena.create(1024);
  return { arena, bell: new Bell(arena.buffer, allocateBell(arena)) };
}

const policies = {
  spin: new SpinPolicy(),
  park: new ParkPolicy(),
  'spin, then park': new SpinThenParkPolicy(100),
};

describe.each(Object.entries(policies))('%s', (_name, policy) => {
  test('returns at once when there is work', () => {
    const { bell } = newBell();
    expect(policy.wait(bell, () => true, 10_000)).toBe(true);
    expect(bell.isSleeping()).toBe(false);
  });

  test('gives up when its time is over', () => {
    const { bell } = newBell();
    const start = performance.now();
    expect(policy.wait(bell, () => false, 20)).toBe(false);
    const waitedMs = performance.now() - start;
    expect(waitedMs).toBeGreaterThanOrEqual(19);
    expect(bell.isSleeping()).toBe(false);
  });
});

test('a blocked thread is woken by another that rings its bell', async () => {
  const { arena, bell } = newBell();
  const source = `
    import { workerData } from 'node:worker_threads';
    const { Bell } = await import('${RINGBUF}');
    const bell = new Bell(workerData.memory.buffer, workerData.byteOffset);
    while (!bell.isSleeping());
    bell.ring();`;
  const url = new URL(`data:text/javascript,${encodeURIComponent(source)}`);
  const worker = new Worker(url, {
    workerData: { memory: arena.memory, byteOffset: bell.byteOffset },
  });
  expect(new ParkPolicy().wait(bell, () => false, 10_000)).toBe(true);
  await worker.terminate();
});

test('waiting on the event loop lets the loop go on, and ends by a ring from within', async () => {
  const { bell } = newBell();
  const waiter = new BellWaiter(bell, new ParkPolicy());
  setTimeout(() => bell.ring(), 5);
  expect(await waiter.waitAsync(() => false, Infinity)).toBe(true);
});

test('waiting on the event loop ends by its timeout', async () => {
  const { bell } = newBell();
  expect(await bell.parkAsync(() => false, 5)).toBe(false);
  expect(bell.isSleeping()).toBe(false);
});

test('a wait on the event loop keeps the process alive until it ends', async () => {
  const source = `
    const { allocateBell, Arena, Bell } = await import('${RINGBUF}');
    const arena = Arena.create(1024);
    const bell = new Bell(arena.buffer, allocateBell(arena));
    console.log(await bell.parkAsync(() => false, 150));`;
  const child = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', source]);
  expect(child.stdout.trim()).toBe('false');
});

test('spins only for low latency and with a core left over', () => {
  const low = { latency: 'low' } as const;
  expect(chooseWaitPolicy({ threads: 3, cores: 4, ...low })).toBeInstanceOf(SpinThenParkPolicy);
  expect(chooseWaitPolicy({ threads: 4, cores: 4, ...low })).toBeInstanceOf(ParkPolicy);
  expect(chooseWaitPolicy({ threads: 1, cores: 8, latency: 'normal' })).toBeInstanceOf(ParkPolicy);
});
