import { expect, test } from 'vitest';
import { Worker } from 'node:worker_threads';
import {
  allocateControl,
  Arena,
  controlBytes,
  HostControl,
  NO_TASK,
  StopMode,
  ThreadControl,
  ThreadState,
} from '../../../src/ringbuf/index.ts';

const RINGBUF = new URL('../../../src/ringbuf/index.ts', import.meta.url).href;

function open(threads: number) {
  const arena = Arena.create(64 * 1024);
  const address = allocateControl(arena, threads);
  const host = new HostControl(arena.buffer, address);
  const workers = Array.from(
    { length: threads },
    (_, thread) => new ThreadControl(arena.buffer, address, thread),
  );
  return { arena, address, host, workers };
}

test('takes exactly the bytes that were announced', () => {
  const arena = Arena.create(64 * 1024);
  const before = arena.usedBytes;
  allocateControl(arena, 5);
  expect(arena.usedBytes - before).toBe(controlBytes(5));
});

test('a stop is seen by all, and is never taken back', () => {
  const { host, workers } = open(2);
  const modes = () => workers.map((worker) => worker.stopMode());
  expect(modes()).toEqual([StopMode.RUN, StopMode.RUN]);
  host.requestStop(StopMode.ABORT);
  host.requestStop(StopMode.DRAIN);
  expect(modes()).toEqual([StopMode.ABORT, StopMode.ABORT]);
});

test('a stop wakes the threads that sleep', async () => {
  const { host, workers } = open(2);
  const parked = workers.map((worker) =>
    worker.bell.parkAsync(() => worker.stopMode() !== StopMode.RUN, 10_000),
  );
  host.requestStop(StopMode.DRAIN);
  expect(await Promise.all(parked)).toEqual([true, true]);
});

test('news are seen by all, and wake those that sleep', async () => {
  const { host, workers } = open(2);
  const before = workers.map((worker) => worker.news());
  const parked = workers.map((worker, w) =>
    worker.bell.parkAsync(() => worker.news() !== before[w], 10_000),
  );
  host.announceNews();
  expect(await Promise.all(parked)).toEqual([true, true]);
  expect(workers.map((worker) => worker.news())).toEqual(before.map((news) => news + 1));
});

test('signs of life are those of the thread asked for', () => {
  const { host, workers } = open(3);
  workers[1]!.setState(ThreadState.RUNNING);
  workers[1]!.enter(42);
  workers[1]!.beat();
  workers[1]!.beat();
  expect(host.sign(1)).toEqual({ heartbeat: 2, state: ThreadState.RUNNING, task: 42 });
  expect(host.sign(2)).toEqual({ heartbeat: 0, state: ThreadState.STARTING, task: NO_TASK });
});

test('a thread sleeps until all have started, whatever they do then', async () => {
  const { host, workers } = open(4);
  const [first, second, third] = workers;
  // The fourth is the host's.
  first!.start(3);
  second!.start(3);
  expect(host.sign(0).state).toBe(ThreadState.RUNNING);
  expect(first!.haveStarted([0, 1, 2])).toBe(false);
  const parked = [first!, second!].map((worker) =>
    worker.bell.parkAsync(() => worker.haveStarted([0, 1, 2]), 10_000),
  );
  third!.start(3);
  third!.setState(ThreadState.EXITED);
  expect(await Promise.all(parked)).toEqual([true, true]);
  expect(workers.map((worker) => worker.haveStarted([0, 1, 2]))).toEqual([true, true, true, true]);
  expect(first!.haveStarted([0, 1, 2, 3])).toBe(false);
});

test('a replaced thread goes on counting, from a clean line', () => {
  const { arena, address, host, workers } = open(1);
  workers[0]!.enter(3);
  workers[0]!.beat();
  host.resetThread(0);
  expect(host.sign(0)).toEqual({ heartbeat: 1, state: ThreadState.STARTING, task: NO_TASK });
  new ThreadControl(arena.buffer, address, 0).beat();
  expect(host.sign(0).heartbeat).toBe(2);
});

test('the host sees in which task a thread loops for ever', async () => {
  const { arena, address, host } = open(1);
  const source = `
    import { workerData } from 'node:worker_threads';
    const { ThreadControl } = await import('${RINGBUF}');
    const control = new ThreadControl(workerData.memory.buffer, workerData.address, 0);
    control.setState(1);
    control.beat();
    control.enter(9);
    for (;;);`;
  const url = new URL(`data:text/javascript,${encodeURIComponent(source)}`);
  const worker = new Worker(url, { workerData: { memory: arena.memory, address } });
  while (host.sign(0).task !== 9) await new Promise((resolve) => setTimeout(resolve, 1));
  expect(host.sign(0)).toEqual({ heartbeat: 1, state: ThreadState.RUNNING, task: 9 });
  await worker.terminate();
});
