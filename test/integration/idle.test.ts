import { expect, test } from 'vitest';
import { Millrace } from '../../src/index.ts';

const START_MS = Date.parse('2026-01-01T00:00:00Z');

/** Windows of 5 s over an input that lets go of its watermark when it is silent. */
const operators = {
  w: {
    type: 'aggregate',
    input: 's',
    window: { type: 'tumbling', size: '5s' },
    select: { n: 'COUNT(*)' },
  },
  // A second window behind the first, and a join, must see the watermark come back as well.
  joined: {
    type: 'join',
    inputs: ['w', 'w'],
    on: 'l.n = r.n',
    within: { before: '0s', after: '0s' },
    select: { n: 'l.n' },
  },
  again: {
    type: 'aggregate',
    input: 'joined',
    window: { type: 'tumbling', size: '5s' },
    select: { n: 'SUM(n)' },
  },
};

test('an idle source fires its windows, and rows that come later find theirs', async () => {
  await using engine = await Millrace.start(
    {
      version: 1,
      name: 'idle',
      sources: {
        s: {
          connector: 'embedded',
          schema: { at: 'timestamp', n: 'int32' },
          time: { field: 'at', idleAfter: '100ms' },
        },
      },
      operators,
      sinks: {
        first: { input: 'w', connector: 'embedded' },
        second: { input: 'again', connector: 'embedded' },
        late: { input: 'w.late', connector: 'embedded' },
      },
    },
    { workers: 1 },
  );
  const input = engine.input('s');
  const first = engine.output('first')[Symbol.asyncIterator]();
  const second = engine.output('second').rows();
  const late = engine.output('late').rows();
  const countsOf = async (): Promise<unknown[]> =>
    [...(await first.next()).value!].map((row) => row['n']);

  await input.push([
    { at: START_MS, n: 1 },
    { at: START_MS + 1, n: 2 },
  ]);
  // Nothing else is pushed: only idleness can fire this window.
  expect(await countsOf()).toEqual([2n]);
  // The window that idleness closed stays closed; the ones after it are open.
  await input.push([
    { at: START_MS + 4999, n: 3 },
    { at: START_MS + 20_000, n: 4 },
  ]);
  expect(await countsOf()).toEqual([1n]);
  await input.push([
    { at: START_MS + 31_000, n: 5 },
    { at: START_MS + 32_000, n: 6 },
  ]);
  await input.close();
  expect(await countsOf()).toEqual([2n]);
  expect((await first.next()).done).toBe(true);

  expect((await late).map((row) => row['n'])).toEqual([3]);
  expect((await second).map((row) => row['n'])).toEqual([2n, 1n, 2n]);
  expect((await engine.completed).operators['w']?.late).toBe(1);
});

test('an embedded source cannot send dead letters: it tells the program that pushes', async () => {
  const source = { connector: 'embedded', schema: { n: 'int32' }, onError: 'deadLetter' };
  const starting = Millrace.start({
    version: 1,
    name: 'letters',
    sources: { s: source },
    sinks: {
      a: { input: 's', connector: 'discard' },
      b: { input: 's.errors', connector: 'discard' },
    },
  });
  await expect(starting).rejects.toThrow('/sources/s/onError: an embedded source tells');
});
