/** Operators change while they run: each task at one place in its rows, and nowhere else. */

import { expect, test } from 'vitest';
import { Millrace, MillraceError, type OperatorUpdate } from '../../src/index.ts';
import { Workspace } from '../support/run-topology.ts';
import { until } from '../support/until.ts';

type Row = Readonly<Record<string, unknown>>;

interface Running {
  readonly engine: Millrace;
  /** Rows that have come out of each operator that is read, in their order. */
  readonly rows: Readonly<Record<string, Row[]>>;
  push(from: number, to: number): Promise<void>;
  /** Ends the inputs, and waits for all rows. */
  end(): Promise<void>;
}

/** Numbers through operators, some of which are read. */
async function running(
  operators: Readonly<Record<string, object>>,
  reads: readonly string[],
  { workers = 1, baseDirectory }: { workers?: number; baseDirectory?: string | undefined },
  act: (running: Running) => Promise<void>,
): Promise<void> {
  const sinks = reads.map((input) => [`of ${input}`, { connector: 'embedded', input }] as const);
  const document = {
    version: 1,
    name: 'updates',
    sources: { in: { connector: 'embedded', schema: { i: 'int32', k: 'int32' } } },
    operators,
    sinks: Object.fromEntries(sinks),
    engine: { int64: 'number', ring: { rows: 64 } },
  };
  const engine = await Millrace.start(document, { workers, baseDirectory });
  try {
    const rows = Object.fromEntries(reads.map((read): [string, Row[]] => [read, []]));
    const reading = Promise.all(
      reads.map(async (read) => {
        for await (const batch of engine.output(`of ${read}`)) rows[read]!.push(...batch);
      }),
    );
    reading.catch(() => undefined);
    await act({
      engine,
      rows,
      push: async (from, to) => {
        const given = Array.from({ length: to - from }, (_, n) => {
          return { i: from + n, k: (from + n) % 2 };
        });
        await engine.input('in').push(given);
      },
      end: async () => {
        await engine.drain({ timeoutMs: 20_000 });
        await reading;
      },
    });
  } finally {
    await engine.stop();
  }
}

/** Where an operator of one task stood. */
const placeOf = ({ tasks }: OperatorUpdate): number => {
  expect(tasks).toHaveLength(1);
  return tasks[0]!.rowsIn;
};

/** The version that a row has: those before the first place have 0, and so on. */
const versionAt = (i: number, places: readonly number[]): number =>
  places.filter((place) => place <= i).length;

const column = (v: string): object => ({ select: { v: `CAST(${v} AS INT)` } });
const LENGTH_2 = `LENGTH(REGEXP_REPLACE('ab' || CAST(i AS VARCHAR), '[0-9]+', ''))`;

test.each([1, 2])('each task changes at the place that it says (%i workers)', async (workers) => {
  const operators = {
    kept: { type: 'filter', input: 'in', where: 'i >= 0' },
    chained: { type: 'map', input: 'kept', select: { i: 'i', v: '0' } },
    dealt: {
      type: 'map',
      input: 'in',
      select: { '*': true, v: '$version' },
      parameters: { version: { type: 'int32', initial: 0 } },
      parallel: 2,
      by: { dispatch: 'number', columns: ['k'] },
    },
    sums: {
      type: 'aggregate',
      input: 'in',
      groupBy: ['k'],
      select: { n: 'COUNT(*)', weighed: 'SUM($weight)' },
      parameters: { weight: { type: 'int32', initial: 1 } },
    },
  };
  const reads = ['chained', 'dealt', 'sums'];
  await running(operators, reads, { workers }, async ({ engine, rows, push, end }) => {
    const chained: number[] = [];
    const dealt: OperatorUpdate[] = [];
    const weighed: number[] = [];
    // A pattern is nothing that kernels of chains cover: its operators then go one by one.
    for (const [u, v] of ['1', LENGTH_2, '3'].entries()) {
      const pushing = push(600 * u, 600 * u + 500);
      chained.push(placeOf(await engine.update('chained', column(v))));
      dealt.push(await engine.update('dealt', { parameters: { version: u + 1 } }));
      const sums = await engine.update('sums', { parameters: { weight: 10 ** (u + 1) } });
      weighed.push(sums.tasks.reduce((total, { rowsIn }) => total + rowsIn, 0));
      await pushing;
      await push(600 * u + 500, 600 * u + 600);
    }
    await end();
    const all = Array.from({ length: 1800 }, (_, i) => i);
    expect(rows['chained']).toEqual(all.map((i) => ({ i, v: versionAt(i, chained) })));
    for (const instance of [0, 1]) {
      const places = dealt.map(({ tasks }) => tasks.find((t) => t.instance === instance)!.rowsIn);
      const own = rows['dealt']!.filter(({ k }) => k === instance);
      const wanted = all.slice(0, 900).map((n) => {
        return { i: 2 * n + instance, k: instance, v: versionAt(n, places) };
      });
      expect(own).toEqual(wanted);
    }
    // The groups are what they were; rows that came later weigh more.
    const total = (name: string): number =>
      rows['sums']!.reduce((sum, row) => sum + Number(row[name]), 0);
    const weights = all.map((n) => 10 ** versionAt(n, weighed));
    expect([total('n'), total('weighed')]).toEqual([1800, weights.reduce((a, b) => a + b)]);
  });
});

test('tables, conditions, rates and rules may change; what cannot be read changes nothing', async () => {
  using workspace = new Workspace();
  workspace.write('one.csv', 'k,t\n0,even\n1,odd\n');
  workspace.write('two.csv', 'k,t\n0,EVEN\n1,ODD\n');
  workspace.write('bad.csv', 'k,t\n0,EVEN\none,ODD\n');
  const { directory: baseDirectory } = workspace;
  const table = { path: 'one.csv', schema: { k: 'int32', t: 'string' } };
  const operators = {
    named: { type: 'lookup', input: 'in', table, on: ['k'] },
    kept: { type: 'filter', input: 'in', routes: { low: 'i < 10', rest: true } },
    half: { type: 'random_drop', input: 'kept.rest', rate: 1 },
    ruled: {
      type: 'decision_table',
      input: 'half',
      results: { size: 'string' },
      rules: [{ when: { i: '> 5' }, then: { size: 'big' } }],
    },
  };
  const reads = ['named', 'ruled'];
  await running(operators, reads, { baseDirectory }, async ({ engine, rows, push, end }) => {
    const pushOne = async (i: number): Promise<unknown> => {
      await push(i, i + 1);
      await until(() => rows['named']!.length > i, `row ${i} comes out`);
      return rows['named']![i]!['t'];
    };
    expect(await pushOne(0)).toBe('even');
    await expect(engine.update('named', { table: { path: 'bad.csv' } })).rejects.toMatchObject({
      code: 'ERR_BAD_ROW',
      node: 'named',
    });
    await expect(engine.update('named', { table: { path: 'no.csv' } })).rejects.toMatchObject({
      code: 'ERR_TOPOLOGY_INVALID',
      issues: [{ pointer: '/operators/named/table/path' }],
    });
    expect(await pushOne(1)).toBe('odd');
    expect(placeOf(await engine.update('named', { table: { path: 'two.csv' } }))).toBe(2);
    expect(await pushOne(2)).toBe('EVEN');
    workspace.write('two.csv', 'k,t\n0,again\n1,and again\n');
    // Nothing changes but the file.
    await engine.update('named', {});
    expect(await pushOne(3)).toBe('and again');

    await push(4, 20);
    const dropped = (): number => engine.summary().operators['half']!.rowsIn;
    await until(() => dropped() === 10, 'rows from 10 on are dropped');
    await engine.update('kept', { routes: { low: 'i < 100' } });
    await engine.update('half', { rate: 0 });
    await engine.update('ruled', { rules: [{ then: { size: 'any' } }] });
    await push(90, 110);
    await end();
    const wanted = Array.from({ length: 10 }, (_, n) => [100 + n, 'any']);
    expect(rows['ruled']!.map(({ i, size }) => [i, size])).toEqual(wanted);
  });
});

const code = 'ERR_TOPOLOGY_INVALID';
const at = (pointer: string): object => ({ code, issues: [{ pointer }] });
const REFUSED: readonly (readonly [string, object, object])[] = [
  ['other', {}, { code: 'ERR_USAGE', message: /no operator 'other'; there are 'kept', 'shown'/ }],
  ['kept', { where: 'i < $limits' }, at('/operators/kept/where')],
  ['kept', { wher: 'i < 1' }, at('/operators/kept/wher')],
  ['kept', { where: null }, at('/operators/kept')],
  ['kept', { parameters: { limit: 1.5 } }, at('/operators/kept/parameters/limit/initial')],
  ['kept', { parameters: { other: { type: 'int32' } } }, at('/operators/kept/parameters')],
  ['kept', { onError: 'skip' }, { message: /'onError' of 'filter' cannot .* 'parameters' can/ }],
  ['shown', { select: { i: 'i + 0.5' } }, { message: /it is i int32, and would be i float64/ }],
  ['shown', { select: { j: 'i' } }, at('/operators/shown/select')],
  ['counted', { select: { n: 'SUM(i)' } }, { code, message: /'aggregate' .* nothing of it can/ }],
  ['told', { parameters: { limit: 5 } }, at('/operators/told/parameters')],
];

test('what cannot change changes nothing, and says why', async () => {
  const type = 'int32';
  const filter = { type: 'filter', input: 'in', where: 'i < $limit' };
  const operators = {
    kept: { ...filter, parameters: { limit: { type, initial: 1000 } } },
    shown: { type: 'map', input: 'kept', select: { i: 'i' } },
    counted: { type: 'aggregate', input: 'shown', select: { n: 'COUNT(*)' } },
    told: {
      ...filter,
      parameters: { limit: { type, column: 'k' } },
      control: { input: 'in', effect: 'arrival' },
    },
  };
  await running(operators, ['counted'], {}, async ({ engine, rows, push, end }) => {
    for (const [operator, patch, error] of REFUSED) {
      const { message, ...rest } = error as { message?: RegExp };
      const failure: unknown = await engine.update(operator, patch).catch((e: unknown) => e);
      expect(failure, JSON.stringify(patch)).toBeInstanceOf(MillraceError);
      expect(failure).toMatchObject(rest);
      if (message !== undefined) expect((failure as Error).message).toMatch(message);
    }
    await push(0, 2000);
    await end();
    expect(rows['counted']).toEqual([{ n: 1000 }]);
    await expect(engine.update('kept', { where: 'i < 1' })).rejects.toThrow(/has stopped/);
  });
});

test('updates are made one after the other, also where the output is full for a while', async () => {
  const document = {
    version: 1,
    name: 'full',
    sources: { in: { connector: 'embedded', schema: { i: 'int32' } } },
    operators: { out1: { type: 'map', input: 'in', select: { v: '0' } } },
    sinks: { out: { connector: 'embedded', input: 'out1' } },
    engine: { ring: { rows: 64, slots: 2 } },
  };
  const engine = await Millrace.start(document, { workers: 1 });
  try {
    const pushing = engine.input('in').push(Array.from({ length: 2000 }, (_, i) => ({ i })));
    const isFull = (): boolean => engine.stats().rings.every(({ usedSlots }) => usedSlots === 2);
    await until(isFull, 'rings are full');
    const updates = [1, 2, 3].map((v) => engine.update('out1', { select: { v: String(v) } }));
    const versions: number[] = [];
    const reading = (async () => {
      for await (const batch of engine.output('out')) {
        for (const row of batch) versions.push(Number(row['v']));
      }
    })();
    const places = (await Promise.all(updates)).map(placeOf);
    await pushing;
    await engine.drain({ timeoutMs: 20_000 });
    await reading;
    expect(places).toEqual(places.toSorted((a, b) => a - b));
    expect(versions).toEqual(Array.from({ length: 2000 }, (_, i) => versionAt(i, places)));
    const update = engine.update('out1', { select: { v: '4' } });
    await expect(update).rejects.toThrow(/has stopped/);
  } finally {
    await engine.stop();
  }
});
