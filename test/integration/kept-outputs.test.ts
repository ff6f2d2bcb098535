/** Embedded sinks that keep rows: readers who come late, several at a time, and a bound on what is kept. */

import { afterEach, describe, expect, test } from 'vitest';
import { Millrace, type Output } from '../../src/index.ts';
import { until, within } from '../support/until.ts';

const topology = (keep: object | undefined, time = true) => ({
  version: 1,
  name: 'ticks',
  sources: {
    ticks: {
      connector: 'embedded',
      schema: { at: 'timestamp', n: 'int32', name: 'string' },
      ...(time ? { time: { field: 'at', lateness: '1h' } } : {}),
    },
  },
  sinks: { recent: { connector: 'embedded', input: 'ticks', ...(keep && { keep }) } },
  engine: { workers: 1, ring: { slots: 4, rows: 256 } },
});

const START = Date.UTC(2026, 0, 1);
const tick = (n: number) => ({
  at: START + 1000 * n,
  n,
  name: `tick number ${n}, a long name`,
});
const ticks = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) => tick(from + i));

let engine: Millrace;
afterEach(() => engine.stop());

async function start(keep: object | undefined, time = true): Promise<void> {
  engine = await Millrace.start(topology(keep, time));
}

/** Pushes, and waits until the rows are kept. */
async function push(from: number, to: number): Promise<void> {
  await within(engine.input('ticks').push(ticks(from, to)), 'a push');
  await within(numbers(engine.output('recent', { from: { rows: 1 } }), to - 1), 'the last row');
}

/** The numbers of the next rows of an output: as many as there are, or up to a number. */
async function numbers(output: Output, last = Infinity): Promise<number[]> {
  const found: number[] = [];
  for await (const batch of output) {
    for (const { n, name } of batch) {
      expect(name).toBe(tick(n as number).name);
      found.push(n as number);
    }
    if (found.at(-1) === last) break;
  }
  return found;
}
const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from }, (_, i) => from + i);

describe('a reader who comes late', () => {
  test('gets the last rows, and then those that come', async () => {
    await start({ rows: 700 });
    // Nobody reads: what is not kept is let go, and nothing is held up.
    await push(0, 5000);
    const late = numbers(engine.output('recent'));
    const some = numbers(engine.output('recent', { from: { rows: 10 } }));
    const many = numbers(engine.output('recent', { from: { rows: 1e6 } }));
    const live = numbers(engine.output('recent', { from: 'now' }));
    const timed = numbers(engine.output('recent', { from: new Date(tick(4600).at) }));
    await push(5000, 5600);
    await engine.drain();
    expect(await late).toEqual(range(4300, 5600));
    expect(await some).toEqual(range(4990, 5600));
    expect(await many).toEqual(range(4300, 5600));
    expect(await live).toEqual(range(5000, 5600));
    expect(await timed).toEqual(range(4600, 5600));
    // Also when all is over.
    expect(await numbers(engine.output('recent', { from: tick(5590).at }))).toEqual(
      range(5590, 5600),
    );
  });

  test('gets the rows of the last time', async () => {
    await start({ for: '10s' });
    await push(0, 3000);
    expect(await numbers(engine.output('recent'), 2999)).toEqual(range(2990, 3000));
    // A row that comes late is as old as its time says.
    await engine.input('ticks').push([tick(2985), tick(2995), tick(3001)]);
    await within(numbers(engine.output('recent', { from: { rows: 1 } }), 3001), 'the last row');
    const rows = await numbers(engine.output('recent', { from: 'kept' }), 3001);
    expect(rows).toEqual([...range(2992, 3000), 2995, 3001]);
  });
});

test('a reader who is slow holds the engine up, not the other readers', async () => {
  await start({ rows: 1000 });
  const slow = engine.output('recent')[Symbol.asyncIterator]();
  const pushed = { rows: 0 };
  const pushing = (async () => {
    for (let n = 0; n < 20_000; n += 100) {
      await engine.input('ticks').push(ticks(n, n + 100));
      pushed.rows = n + 100;
    }
  })();
  const quick = numbers(engine.output('recent'));
  const first = await slow.next();
  // It stands where it is: so much fits what is kept, the rings and the part that is on its way.
  let [seen, looks] = [0, 0];
  await until(() => {
    looks = pushed.rows === seen ? looks + 1 : 0;
    seen = pushed.rows;
    return seen >= 1000 && looks === 20;
  }, 'no more rows come');
  const found = first.done === true ? [] : [...first.value].map(({ n }) => n as number);
  expect(pushed.rows).toBeLessThan(10_000);
  for (;;) {
    const next = await slow.next();
    if (next.done === true) break;
    found.push(...[...next.value].map(({ n }) => n as number));
    if (found.length > 19_000) {
      // It goes, and nobody is held up any more.
      await slow.return?.();
      break;
    }
  }
  await pushing;
  await engine.drain();
  expect(found).toEqual(range(0, found.length));
  expect(await quick).toEqual(range(0, 20_000));
});

test('what is kept has a bound in bytes', async () => {
  await start({ rows: 1_000_000, limit: '256KiB' });
  await push(0, 20_000);
  const kept = await numbers(engine.output('recent'), 19_999);
  expect(kept).toEqual(range(20_000 - kept.length, 20_000));
  expect(kept.length).toBeGreaterThan(1000);
  expect(kept.length).toBeLessThan(6000);
});

test('the end of a run that fails is told to all readers', async () => {
  await start({ rows: 10 });
  const reading = numbers(engine.output('recent'));
  await engine.stop();
  await expect(reading).rejects.toMatchObject({ code: 'ERR_USAGE' });
});

test('what makes no sense is refused', async () => {
  await start(undefined);
  expect(() => engine.output('recent', { from: 'now' })).toThrow("give it a 'keep'");
  await engine.stop();
  await start({ rows: 10 }, false);
  expect(() => engine.output('recent', { from: 5 })).toThrow('no event time');
  expect(() => engine.output('recent', { from: 'then' as 'now' })).toThrow("'from' is 'kept'");
  await expect(Millrace.start(topology({}))).rejects.toThrow(
    "expected either 'rows' or 'for', found neither",
  );
  await expect(Millrace.start(topology({ for: '1s' }, false))).rejects.toThrow('no event time');
});
