/** Windows of processing time in a running engine. */
import { expect, test } from 'vitest';
import { Millrace } from '../../src/index.ts';
import { within } from '../support/until.ts';

const topology = (size: string, more: object = {}): object => ({
  version: 1,
  name: 'arrivals',
  sources: { s: { connector: 'embedded', schema: { k: 'int32' } } },
  operators: {
    counts: {
      type: 'aggregate',
      input: 's',
      groupBy: ['k'],
      window: { type: 'tumbling', size, time: 'processing' },
      select: { n: 'COUNT(*)' },
    },
    ...more,
  },
  sinks: { out: { connector: 'embedded', input: 'counts' } },
});

test('a window closes by the clock, without another row', async () => {
  await using engine = await Millrace.start(topology('200ms'), { workers: 1 });
  const batches = engine.output('out')[Symbol.asyncIterator]();
  for (let turn = 0; turn < 3; turn++) {
    const before = Date.now();
    await engine.input('s').push([{ k: turn }]);
    const { value } = await within(batches.next(), 'the window', 20_000);
    const [row] = [...value!] as [Record<string, unknown>];
    expect(row).toMatchObject({ k: turn, n: 1n });
    const [start, end] = [row['window_start'], row['window_end']] as [number, number];
    expect(end - start).toBe(200);
    expect(start % 200).toBe(0);
    // The row lies in the window, which was not given before its end. Clocks may differ a little.
    expect(end).toBeGreaterThan(before - 50);
    expect(Date.now() + 50).toBeGreaterThanOrEqual(end);
  }
});

/** The same counts in other windows. */
const counting = (window: object, more: object = {}): object => {
  const counts = {
    type: 'aggregate',
    input: 's',
    groupBy: ['k'],
    window: { ...window, time: 'processing' },
    select: { n: 'COUNT(*)' },
    ...more,
  };
  return topology('1s', { counts });
};

test('a session ends by the clock, without another row', async () => {
  const document = counting({ type: 'session', gap: '300ms' });
  await using engine = await Millrace.start(document, { workers: 1 });
  const batches = engine.output('out')[Symbol.asyncIterator]();
  await engine.input('s').push([{ k: 1 }, { k: 1 }]);
  const { value } = await within(batches.next(), 'the session', 20_000);
  const [row] = [...value!] as [Record<string, unknown>];
  expect(row).toMatchObject({ k: 1, n: 2n });
  const [start, end] = [row['window_start'], row['window_end']] as [number, number];
  expect(end - start).toBeGreaterThanOrEqual(300);
  expect(Date.now() + 50).toBeGreaterThanOrEqual(end);
});

test('early results come by the clock, before the window closes', async () => {
  const document = counting({ type: 'tumbling', size: '1d' }, { emit: { every: '200ms' } });
  await using engine = await Millrace.start(document, { workers: 1 });
  const batches = engine.output('out')[Symbol.asyncIterator]();
  const changes: unknown[] = [];
  for (let turn = 0; turn < 2; turn++) {
    await engine.input('s').push([{ k: 1 }]);
    const { value } = await within(batches.next(), 'an early result', 20_000);
    for (const row of value!) changes.push([row['n'], row['change']]);
  }
  expect(changes).toEqual([
    [1n, '+I'],
    [1n, '-U'],
    [2n, '+U'],
  ]);
});

test.each([1, 2, 4])(
  'every row is in one window, and the end closes all: %i workers',
  async (workers) => {
    // What is aggregated from results of such windows goes by their ends.
    const more = {
      all: {
        type: 'aggregate',
        input: 'counts',
        window: { type: 'tumbling', size: '1h' },
        select: { n: 'SUM(n)' },
      },
    };
    const document = topology('1ms', more) as { sinks: object };
    const sinks = { ...document.sinks, total: { connector: 'embedded', input: 'all' } };
    await using engine = await Millrace.start({ ...document, sinks }, { workers });
    const counts = engine.output('out').rows();
    const total = engine.output('total').rows();
    for (let i = 0; i < 40; i++) {
      await engine.input('s').push(Array.from({ length: 50 }, (_, k) => ({ k: k % 7 })));
    }
    await engine.input('s').close();
    const sum = (rows: readonly Record<string, unknown>[]): bigint =>
      rows.reduce((all, row) => all + (row['n'] as bigint), 0n);
    expect(sum(await counts)).toBe(2000n);
    expect(sum(await total)).toBe(2000n);
    const windows = (await counts).map(
      (row) => `${String(row['window_start'])} ${String(row['k'])}`,
    );
    expect(new Set(windows).size).toBe(windows.length);
  },
);
