/** An engine inside a program: pushing, reading, waiting, stopping. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  type Input,
  Millrace,
  MillraceError,
  type Output,
  type StartOptions,
} from '../../src/index.ts';
import { activeResources, expectNothingActive } from '../support/failures.ts';
import { Random } from '../support/oracle/random.ts';
import { Workspace } from '../support/run-topology.ts';
import { until, within } from '../support/until.ts';

let resources: string[];
beforeEach(() => {
  resources = activeResources();
});
afterEach(() => expectNothingActive(resources));

const RING = { slots: 2, rows: 64 };

/** Numbers in, numbers out. */
function numbers(
  parts: { operators?: object; sinks?: object; engine?: object; input?: string } = {},
): object {
  return {
    version: 1,
    name: 'embedded',
    sources: { in: { connector: 'embedded', schema: { n: 'int32' } } },
    operators: parts.operators ?? {},
    sinks: { out: { connector: 'embedded', input: parts.input ?? 'in' }, ...parts.sinks },
    engine: { ring: RING, ...parts.engine },
  };
}

const across = { placement: { pin: { in: 0, out: 1 } } };
const start = (document: object, options: StartOptions = {}): Promise<Millrace> =>
  Millrace.start(document, {
    workers: JSON.stringify(document).includes('"pin"') ? 2 : 1,
    ...options,
  });

/** Pushes numbers from `from` on until every ring is full; gives the first that was not taken. */
async function fill(engine: Millrace, input: Input, from = 0): Promise<number> {
  let next = from;
  await until(() => {
    while (input.tryPush({ n: next })) next++;
    return engine.stats().rings.every((ring) => ring.usedSlots === ring.slots);
  }, 'all rings are full');
  while (input.tryPush({ n: next })) next++;
  return next;
}

async function readNumbers(output: Output): Promise<number[]> {
  return (await output.rows()).map(({ n }) => n as number);
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, n) => n);

async function errorOf(promise: Promise<unknown>, what: string): Promise<MillraceError> {
  const error = await within(
    promise.then(
      () => undefined,
      (error: unknown) => error,
    ),
    what,
  );
  if (error instanceof MillraceError) return error;
  throw new Error(`${what}: expected an error of Millrace, got ${String(error)}`);
}

describe('pushing', () => {
  test.each([
    ['over one thread', 1, {}],
    ['across threads', 2, across],
  ])(
    'tryPush refuses when there is no room and takes again when there is, %s',
    async (_, workers, engine) => {
      await using running = await start(numbers({ engine }), { workers });
      const input = running.input('in');
      const taken = await fill(running, input);
      expect(input.tryPush({ n: taken })).toBe(false);
      // What lies in the rings, and in the hands of the tasks between them.
      const rings = running.stats().rings.length;
      expect(taken).toBeGreaterThanOrEqual(rings * RING.slots * RING.rows);
      expect(taken).toBeLessThanOrEqual((rings * RING.slots + 4) * RING.rows);

      const output = running.output('out');
      const found: number[] = [];
      for await (const batch of output) {
        for (const row of batch) found.push(row['n'] as number);
        break;
      }
      let next = taken;
      await until(() => input.tryPush({ n: next }), 'there is room again');
      next++;
      const rest = readNumbers(output);
      await input.close();
      found.push(...(await rest));
      // Refused rows were not taken, taken ones are there once, in order.
      expect(found).toEqual(upTo(next));
    },
  );

  test('push waits for room', async () => {
    await using engine = await start(numbers());
    const input = engine.input('in');
    let isDone = false;
    const pushing = input.push(upTo(5000).map((n) => ({ n }))).then(() => (isDone = true));
    await until(
      () => engine.stats().rings.every((ring) => ring.usedSlots === ring.slots),
      'all rings are full',
    );
    expect(isDone).toBe(false);
    const reading = readNumbers(engine.output('out'));
    await within(pushing, 'push');
    await input.close();
    expect(await reading).toEqual(upTo(5000));
  });

  test('many pushes at once keep the order of each', async () => {
    await using engine = await start(numbers({ engine: across }));
    const input = engine.input('in');
    const random = new Random(3);
    const reading = readNumbers(engine.output('out'));
    const push = async (lane: number): Promise<void> => {
      let next = 0;
      while (next < 1000) {
        const count = random.between(1, 30);
        await input.push(upTo(count).map((i) => ({ n: lane * 10_000 + next + i })));
        next += count;
      }
    };
    await within(Promise.all([push(0), push(1), push(2)]), 'three pushes');
    await input.close();
    const found = await reading;
    for (const lane of [0, 1, 2]) {
      const own = found.filter((n) => Math.floor(n / 10_000) === lane);
      expect(own).toEqual(own.toSorted((a, b) => a - b));
      expect(own.length).toBeGreaterThanOrEqual(1000);
      expect(new Set(own).size).toBe(own.length);
    }
  });

  test('rows arrive without a push of more, a flush, or a turn of luck', async () => {
    await using engine = await start(numbers({ engine: across }));
    const batches = engine.output('out')[Symbol.asyncIterator]();
    for (let n = 0; n < 50; n++) {
      expect(engine.input('in').tryPush([n])).toBe(true);
      const { value } = await within(batches.next(), `row ${n}`);
      expect([...value!]).toEqual([{ n }]);
    }
  });

  test('rows of every form', async () => {
    const schema = {
      b: 'bool',
      i: 'int32',
      l: 'int64',
      f: 'float64',
      d: 'decimal(6,2)',
      t: 'timestamp',
      u: 'duration',
      s: 'string',
      y: 'bytes',
      j: 'json',
    };
    const document = {
      version: 1,
      name: 'forms',
      sources: { in: { connector: 'embedded', schema } },
      sinks: { out: { connector: 'embedded', input: 'in' } },
    };
    await using engine = await start(document);
    const input = engine.input('in');
    const time = Date.UTC(2026, 0, 1) + 0.125;
    const long = 'größer als 😀'.repeat(20);
    const row = {
      b: true,
      i: -5,
      l: -(2n ** 63n),
      f: 0.1,
      d: '-1234.50',
      t: time,
      u: -1.5,
      s: long,
      y: new Uint8Array([0, 255, 7]),
      j: { a: [1, null, 'x'], big: 2 ** 40 },
    };
    await input.push(row);
    await input.push(Object.values(row));
    await input.push([
      { ...row, t: new Date(time), l: 7, d: 5n, s: '' },
      { ...row, t: '2026-01-01 00:00:00.000125', u: 'PT1H', d: 1.5 },
    ]);
    await input.push({});
    await input.push([]);
    await input.close();
    const nothing = Object.fromEntries(Object.keys(schema).map((name) => [name, null]));
    expect(await engine.output('out').rows()).toEqual([
      row,
      row,
      { ...row, t: Math.floor(time), l: 7n, d: '5.00', s: '' },
      { ...row, u: 3_600_000, d: '1.50' },
      nothing,
    ]);
  });

  test('a row that does not fit is refused alone', async () => {
    await using engine = await start(numbers());
    const input = engine.input('in');
    const reading = readNumbers(engine.output('out'));
    await input.push({ n: 1 });
    const error = await errorOf(input.push({ n: 2 ** 31 }), 'a number too large');
    expect(error).toMatchObject({ code: 'ERR_BAD_ROW', node: 'in' });
    expect(error.message).toContain("'n'");
    expect(() => input.tryPush({ n: 'x' })).toThrow(MillraceError);
    // Rows before the bad one of a list are taken, it and those behind it are not.
    await errorOf(input.push([{ n: 2 }, { n: 1.5 }, { n: 3 }]), 'a list with a bad row');
    await input.push({ n: 4 });
    await input.close();
    expect(await reading).toEqual([1, 2, 4]);
    expect((await engine.completed).sources['in']).toMatchObject({ admitted: 3 });
  });

  test('refused rows are counted by onError skip', async () => {
    const document = {
      ...numbers(),
      sources: { in: { connector: 'embedded', schema: { n: 'int32' }, onError: 'skip' } },
    };
    await using engine = await start(document);
    const input = engine.input('in');
    const reading = readNumbers(engine.output('out'));
    await input.push([{ n: 1 }, { n: 'x' }, { n: 2 }, { n: 2 ** 40 }]);
    await input.close();
    expect(await reading).toEqual([1, 2]);
    const { sources } = await engine.completed;
    expect(sources['in']).toMatchObject({ offered: 4, admitted: 2, rejected: 2 });
    expect(input.rejected).toBe(2);
  });

  test('is an error after close, twice closed is none', async () => {
    await using engine = await start(numbers());
    const input = engine.input('in');
    await input.close();
    await input.close();
    expect((await errorOf(input.push({ n: 1 }), 'push')).code).toBe('ERR_USAGE');
    expect(() => input.tryPush({ n: 1 })).toThrow('closed');
    expect(await readNumbers(engine.output('out'))).toEqual([]);
    expect((await engine.completed).status).toBe('completed');
  });

  test('names that are not there are errors that say which are', async () => {
    await using engine = await start(numbers());
    expect(() => engine.input('im')).toThrow("'in'");
    expect(() => engine.output('in')).toThrow("'out'");
  });
});

describe('reading', () => {
  test('columns are views, of int64 as it is', async () => {
    const schema = { i: 'int32', l: 'int64', f: 'float64', t: 'timestamp', s: 'string', b: 'bool' };
    const document = {
      version: 1,
      name: 'columns',
      sources: { in: { connector: 'embedded', schema } },
      operators: { some: { type: 'filter', input: 'in', where: 'i % 3 <> 0 OR i IS NULL' } },
      sinks: { out: { connector: 'embedded', input: 'some' } },
      engine: { int64: 'number' },
    };
    await using engine = await start(document);
    const rows = upTo(100).map((i) => ({
      i: i % 10 === 5 ? null : i,
      l: i * 3,
      f: i / 4,
      t: i * 1000,
      s: i % 7 === 0 ? null : `text number ${i}`,
      b: i % 2 === 0,
    }));
    const kept = rows.filter(({ i }) => i === null || i % 3 !== 0);
    await engine.input('in').push(rows);
    await engine.input('in').close();
    let at = 0;
    for await (const batch of engine.output('out')) {
      const expected = kept.slice(at, at + batch.rowCount);
      expect([...batch]).toEqual(expected);
      const i = batch.column('i');
      const l = batch.column('l');
      expect(i).toBeInstanceOf(Int32Array);
      expect(l).toBeInstanceOf(BigInt64Array);
      expect(batch.column('f')).toEqual(Float64Array.from(expected, ({ f }) => f));
      expect(l).toEqual(BigInt64Array.from(expected, ({ l }) => BigInt(l)));
      expect(batch.column('t')).toEqual(BigInt64Array.from(expected, ({ t }) => BigInt(t) * 1000n));
      expect(batch.column('s')).toEqual(expected.map(({ s }) => s));
      expect(batch.column('b')).toEqual(expected.map(({ b }) => b));
      expected.forEach((row, r) => {
        expect(batch.isNull('i', r)).toBe(row.i === null);
        if (row.i !== null) expect(i[r]).toBe(row.i);
        expect(batch.row(r)).toEqual(row);
      });
      expect(() => batch.column('x')).toThrow("'x'");
      at += batch.rowCount;
    }
    expect(at).toBe(kept.length);
  });

  test('int64 as number refuses what a number cannot hold', async () => {
    const document = {
      version: 1,
      name: 'unsafe',
      sources: { in: { connector: 'embedded', schema: { l: 'int64' } } },
      sinks: { out: { connector: 'embedded', input: 'in' } },
      engine: { int64: 'number' },
    };
    await using engine = await start(document);
    const input = engine.input('in');
    await input.push([{ l: 5n }, { l: BigInt(Number.MIN_SAFE_INTEGER) }]);
    const batches = engine.output('out')[Symbol.asyncIterator]();
    const { value } = await batches.next();
    expect([...value!]).toEqual([{ l: 5 }, { l: Number.MIN_SAFE_INTEGER }]);
    await input.push({ l: 2n ** 53n });
    const { value: unsafe } = await batches.next();
    expect(() => [...unsafe!]).toThrow(MillraceError);
    expect(unsafe!.column('l')).toEqual(new BigInt64Array([2n ** 53n]));
  });

  test('a loop that is left early is taken up again where it was left', async () => {
    await using engine = await start(numbers({ engine: across }));
    const input = engine.input('in');
    const output = engine.output('out');
    const pushing = input.push(upTo(1000).map((n) => ({ n }))).then(() => input.close());
    const found: number[] = [];
    for (let round = 0; round < 5; round++) {
      for await (const batch of output) {
        for (const row of batch) found.push(row['n'] as number);
        break;
      }
    }
    const before = found.length;
    expect(before).toBeGreaterThanOrEqual(5);
    await expect(
      (async () => {
        for await (const batch of output) {
          for (const row of batch) found.push(row['n'] as number);
          throw new Error('the reader has had enough');
        }
      })(),
    ).rejects.toThrow('enough');
    found.push(...(await readNumbers(output)));
    await pushing;
    expect(found).toEqual(upTo(1000));
    // Behind the end there is nothing, however often one asks.
    expect(await readNumbers(output)).toEqual([]);
  });

  test('two loops at the same time are an error of the second', async () => {
    await using engine = await start(numbers());
    const output = engine.output('out');
    const first = output[Symbol.asyncIterator]();
    const waiting = first.next();
    const error = await errorOf(output[Symbol.asyncIterator]().next(), 'a second reader');
    expect(error.code).toBe('ERR_USAGE');
    await engine.input('in').push({ n: 1 });
    expect([...(await waiting).value!]).toEqual([{ n: 1 }]);
    await first.return();
    await engine.input('in').close();
    expect(await readNumbers(output)).toEqual([]);
  });
});

describe('two engines at once', () => {
  test('know nothing of each other', async () => {
    const doubled = numbers({
      operators: { x: { type: 'map', input: 'in', select: { n: 'n * 2' } } },
      input: 'x',
    });
    await using one = await start(doubled);
    await using two = await start(numbers());
    const reading = Promise.all([readNumbers(one.output('out')), readNumbers(two.output('out'))]);
    for (let n = 0; n < 500; n++) {
      await one.input('in').push({ n });
      await two.input('in').push({ n: -n });
    }
    await one.input('in').close();
    await within(one.completed, 'the first engine');
    await one.stop();
    await two.input('in').push({ n: 7 });
    await two.drain({ timeoutMs: 10_000 });
    const [ones, twos] = await reading;
    expect(ones).toEqual(upTo(500).map((n) => n * 2));
    expect(twos).toEqual([...upTo(500).map((n) => 0 - n), 7]);
  });
});

describe('the end', () => {
  test('await using stops threads and waiters', async () => {
    let reading: Promise<MillraceError>;
    {
      await using engine = await start(numbers());
      reading = errorOf(engine.output('out').rows(), 'reading');
      await engine.input('in').push({ n: 1 });
    }
    expect((await reading).code).toBe('ERR_USAGE');
    await expectNothingActive(resources);
  });

  test('stop rejects those who push, read, wait for the end of a drain', async () => {
    const engine = await start(numbers({ engine: across }));
    const input = engine.input('in');
    const pushing = errorOf(input.push(upTo(5000).map((n) => ({ n }))), 'push');
    await until(
      () => engine.stats().rings.every((ring) => ring.usedSlots === ring.slots),
      'all rings are full',
    );
    const draining = within(engine.drain(), 'drain').catch((error: unknown) => error);
    const startMs = performance.now();
    expect((await within(engine.stop(), 'stop')).status).toBe('stopped');
    expect(performance.now() - startMs).toBeLessThan(5000);
    expect((await pushing).code).toBe('ERR_USAGE');
    await within(draining, 'drain');
    expect(() => input.tryPush({ n: 1 })).toThrow(MillraceError);
    await within(input.close(), 'close behind the end');
    // Whatever was called before may be called again.
    expect((await within(engine.stop(), 'stop again')).status).toBe('stopped');
    expect((await within(engine.completed, 'completed')).status).toBe('stopped');
  });

  test('stop rejects a reader that waits for its first row', async () => {
    const engine = await start(numbers());
    const next = errorOf(engine.output('out')[Symbol.asyncIterator]().next(), 'next');
    await within(engine.stop(), 'stop');
    expect((await next).code).toBe('ERR_USAGE');
  });

  test('drain gives up after its time when nobody reads, and stop ends it', async () => {
    const engine = await start(numbers({ engine: across }));
    await fill(engine, engine.input('in'));
    const error = await errorOf(engine.drain({ timeoutMs: 200 }), 'drain');
    expect(error).toMatchObject({ code: 'ERR_TIMEOUT', domain: 'external', retry: 'backoff' });
    expect(engine.summary().status).toBe('running');
    expect((await within(engine.stop(), 'stop')).status).toBe('stopped');
  });

  test('drain goes on after its time-out when somebody reads at last', async () => {
    await using engine = await start(numbers({ engine: across }));
    const taken = await fill(engine, engine.input('in'));
    await errorOf(engine.drain({ timeoutMs: 50 }), 'drain');
    expect(await within(readNumbers(engine.output('out')), 'reading')).toEqual(upTo(taken));
    expect((await within(engine.completed, 'completed')).status).toBe('stopped');
  });

  test('the time of a run stands still once its tasks have ended', async () => {
    const engine = await start(numbers());
    const before = engine.summary().seconds;
    await engine.input('in').close();
    await readNumbers(engine.output('out'));
    const { seconds } = await engine.completed;
    expect(seconds).toBeGreaterThan(before);
    expect(engine.summary().seconds).toBe(seconds);
  });

  test('drain delivers what is in, windows that are open included', async () => {
    using workspace = new Workspace();
    const document = numbers({
      operators: { sum: { type: 'aggregate', input: 'in', select: { n: 'SUM(n)' } } },
      input: 'sum',
      sinks: { file: { connector: 'file', input: 'sum', path: 'sum.csv' } },
    });
    await using engine = await start(document, { baseDirectory: workspace.directory });
    const reading = engine.output('out').rows();
    await engine.input('in').push(upTo(1000).map((n) => ({ n })));
    const summary = await within(engine.drain({ timeoutMs: 20_000 }), 'drain');
    expect(summary.status).toBe('stopped');
    expect(await reading).toEqual([{ n: 499_500n }]);
    expect(workspace.read('sum.csv')).toBe('n\n499500\n');
    expect(await engine.drain()).toEqual(summary);
  });

  test('a signal stops the run, and a stopped run changes no file', async () => {
    using workspace = new Workspace();
    workspace.write('out.csv', 'old\n');
    const document = numbers({
      sinks: { file: { connector: 'file', input: 'in', path: 'out.csv' } },
    });
    const controller = new AbortController();
    const options = { baseDirectory: workspace.directory, signal: controller.signal };
    const engine = await start(document, options);
    await engine.input('in').push({ n: 1 });
    await until(() => engine.stats().sources['in']!.admitted === 1, 'the row is in');
    const reading = errorOf(engine.output('out').rows(), 'reading');
    controller.abort();
    expect((await within(engine.completed, 'completed')).status).toBe('stopped');
    expect((await reading).code).toBe('ERR_USAGE');
    expect(workspace.read('out.csv')).toBe('old\n');
    expect(workspace.files()).toEqual(['out.csv']);
    await expect(start(document, options)).rejects.toThrow('abort');
    expect(workspace.files()).toEqual(['out.csv']);
  });

  test.each([1, 2])('an error reaches everybody, %i workers', async (workers) => {
    const engine = await start(
      numbers({
        operators: { x: { type: 'map', input: 'in', select: { n: '100 / (n - 50)' } } },
        input: 'x',
        engine: workers === 2 ? { placement: { pin: { x: 1, out: 0 } } } : {},
      }),
      { workers },
    );
    const input = engine.input('in');
    const reading = errorOf(engine.output('out').rows(), 'reading');
    const pushing = errorOf(
      (async () => {
        for (let n = 0; ; n++) await input.push({ n });
      })(),
      'pushing',
    );
    const error = await errorOf(engine.completed, 'completed');
    expect(error).toMatchObject({ code: 'ERR_ROW_EXPRESSION', node: 'x' });
    expect(await reading).toBe(error);
    expect(await pushing).toBe(error);
    expect(await errorOf(engine.drain(), 'drain')).toBe(error);
    expect((await within(engine.stop(), 'stop')).status).toBe('failed');
  });

  test('numbers of workers that are none', async () => {
    for (const workers of [0, -1, 1.5, Number.NaN]) {
      expect((await errorOf(start(numbers(), { workers }), 'start')).code).toBe('ERR_USAGE');
    }
  });
});

describe('an idle input', () => {
  const START_MS = Date.UTC(2026, 0, 1);
  const side = { at: 'timestamp', id: 'int32', v: 'string' };

  test('holds no join up, and counts again when it speaks', async () => {
    const source = (more: object): object => ({
      connector: 'embedded',
      schema: side,
      time: { field: 'at', ...more },
    });
    await using engine = await start({
      version: 1,
      name: 'idle',
      sources: { l: source({}), r: source({ idleAfter: '50ms' }) },
      operators: {
        j: {
          type: 'join',
          kind: 'left',
          inputs: ['l', 'r'],
          on: 'l.id = r.id',
          within: { before: '1s', after: '1s' },
          select: { id: 'l.id', v: 'r.v' },
        },
      },
      sinks: { out: { connector: 'embedded', input: 'j' } },
    });
    const left = engine.input('l');
    const right = engine.input('r');
    const batches = engine.output('out')[Symbol.asyncIterator]();
    const found: unknown[] = [];
    const rows = async (count: number): Promise<unknown[]> => {
      while (found.length < count) {
        found.push(...(await within(batches.next(), `row ${count}`)).value!);
      }
      return found;
    };
    // The right side has never spoken: without idleness nothing could ever come out.
    await left.push([
      { at: START_MS, id: 1 },
      { at: START_MS + 5000, id: 2 },
    ]);
    const unmatched = [1, 2].map((id) => ({ id, v: null }));
    expect(await rows(2)).toEqual(unmatched);
    // It speaks again, and waits for the left side however long it is silent.
    await right.push({ at: START_MS + 7000, id: 3, v: 'three' });
    await until(() => engine.stats().sources['r']!.admitted === 1, 'the right row is in');
    await left.push({ at: START_MS + 7200, id: 3 });
    expect(await rows(3)).toEqual([...unmatched, { id: 3, v: 'three' }]);
    await left.push({ at: START_MS + 20_000, id: 4 });
    expect(await rows(4)).toEqual([...unmatched, { id: 3, v: 'three' }, { id: 4, v: null }]);
    await left.close();
    await right.close();
    expect((await batches.next()).done).toBe(true);
    expect((await engine.completed).operators['j']).toMatchObject({ late: 0, rowsOut: 4 });
  });
});

test('a push that waits for room when the drain begins gets all of its rows in', async () => {
  await using engine = await Millrace.start(
    {
      version: 1,
      name: 'waiting',
      engine: { ring: { slots: 2, rows: 64 } },
      sources: { s: { connector: 'embedded', schema: { n: 'int32' } } },
      sinks: { out: { input: 's', connector: 'embedded' } },
    },
    { workers: 1 },
  );
  const rows = Array.from({ length: 5000 }, (_, n) => ({ n }));
  const pushing = engine.input('s').push(rows);
  const draining = engine.drain();
  expect(() => engine.input('s').tryPush({ n: 0 })).toThrow('closed');
  expect(await engine.output('out').rows()).toEqual(rows);
  await pushing;
  await draining;
});
