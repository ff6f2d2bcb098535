/** Actors are asked what they know, by the program and by rows, while they work. */

import { expect, test } from 'vitest';
import { type ActorAnswer, Millrace } from '../../src/index.ts';
import { Workspace } from '../support/run-topology.ts';
import { until } from '../support/until.ts';

const MODULE = `
export class Till {
  static made = 0;
  total = 0;
  rows = 0;
  get mean() { return this.total / this.rows; }
  get map() { return new Map([['rows', BigInt(this.rows)]]); }
  get slow() { const until = Date.now() + 200; while (Date.now() < until); return 1; }
  get closure() { return [() => 1]; }
  get large() { return new Uint8Array(17 * 1024 * 1024); }
  constructor() { Till.made++; }
  onRow({ n }, { emit }) { this.total += n; this.rows++; emit({ n }); }
}
`;
const KEYS = 40;
const ROWS = 400;

function topology(sinks: readonly string[] = ['out', 'replies']): object {
  const all = {
    out: { connector: 'embedded', input: 'tills' },
    replies: { connector: 'embedded', input: 'tills.responses' },
    none: { connector: 'discard', input: 'tills' },
  };
  return {
    version: 1,
    name: 'tills',
    sources: {
      work: { connector: 'embedded', schema: { who: 'string', n: 'int32' } },
      asks: { connector: 'embedded', schema: { client: 'int32', who: 'string', query: 'json' } },
    },
    operators: {
      tills: {
        type: 'actor',
        input: 'work',
        requests: 'asks',
        key: 'who',
        module: './tills.mjs',
        export: 'Till',
        schema: { n: 'int32' },
      },
    },
    sinks: Object.fromEntries(Object.entries(all).filter(([name]) => sinks.includes(name))),
    engine: { ring: { rows: 64, slots: 2 } },
  };
}

async function running(
  document: object,
  workers: number,
  act: (engine: Millrace) => Promise<void>,
): Promise<void> {
  using workspace = new Workspace();
  workspace.write('tills.mjs', MODULE);
  const engine = await Millrace.start(document, {
    workers,
    baseDirectory: workspace.directory,
  });
  try {
    await act(engine);
  } finally {
    await engine.stop();
  }
}

const rowOf = (i: number) => ({ who: `till ${i % KEYS}`, n: i });
const totalOf = (k: number): number =>
  Array.from({ length: ROWS / KEYS }, (_, i) => i * KEYS + k).reduce((a, b) => a + b, 0);

/** Pushes all rows, and waits until the actors have seen them. */
async function work(engine: Millrace): Promise<void> {
  await engine.input('work').push(Array.from({ length: ROWS }, (_, i) => rowOf(i)));
  const rowsIn = (): number => {
    const own = engine.stats().tasks.filter(({ node }) => node === 'tills');
    return own.reduce((sum, task) => sum + task.rowsIn, 0);
  };
  await until(() => rowsIn() === ROWS, 'all rows are with the actors');
}

const countOf = (answers: readonly ActorAnswer[]): number =>
  answers.reduce((sum, { values }) => sum + (values['count'] as number), 0);

test.each([1, 2])(
  'two clients ask at once, each gets its own answers (%i workers)',
  async (workers) => {
    await running(topology(['none']), workers, async (engine) => {
      await work(engine);
      const client = async (first: number): Promise<void> => {
        const asked = Array.from({ length: KEYS / 2 }, async (_, i) => {
          const k = first + 2 * i;
          const get = k % 4 < 2 ? ['total', 'mean'] : ['rows', 'map', 'nothing'];
          const answers = await engine.query('tills', { key: [`till ${k}`], get });
          expect(answers).toHaveLength(1);
          const { values, errors, found } = answers[0]!;
          expect(found).toBe(true);
          const total = totalOf(k);
          const rows = ROWS / KEYS;
          expect(values).toEqual(
            k % 4 < 2
              ? { total, mean: total / rows }
              : { rows, map: new Map([['rows', BigInt(rows)]]) },
          );
          expect(Object.keys(errors)).toEqual(k % 4 < 2 ? [] : ['nothing']);
        });
        await Promise.all(asked);
      };
      const counted = engine.query('tills', { get: ['count', 'made'] });
      await Promise.all([client(0), client(1)]);
      const answers = await counted;
      expect(answers.map(({ instance }) => instance)).toEqual([0, 1].slice(0, workers));
      expect(countOf(answers)).toBe(KEYS);
      expect(answers.reduce((sum, { values }) => sum + (values['made'] as number), 0)).toBe(KEYS);
    });
  },
);

test.each([1, 2])(
  'requests come as rows, and are answered as rows (%i workers)',
  async (workers) => {
    await running(topology(['none', 'replies']), workers, async (engine) => {
      await work(engine);
      const replies: Record<string, unknown>[] = [];
      const reading = (async () => {
        for await (const batch of engine.output('replies')) replies.push(...batch);
      })();
      const asks = Array.from({ length: KEYS }, (_, k) => {
        return { client: k % 2, who: `till ${k}`, query: ['total', '$rows'] };
      });
      const others = [
        { client: 7, who: null, query: 'count' },
        { client: 8, who: 'nobody', query: 'total' },
      ];
      await engine.input('asks').push([...asks, ...others]);
      await engine.drain({ timeoutMs: 20_000 });
      await reading;
      const of = (client: number) => replies.filter((reply) => reply['client'] === client);
      for (const client of [0, 1]) {
        const got = of(client).map(({ who, result, exception }) => ({ who, result, exception }));
        const wanted = asks.flatMap((asked, k) => {
          const result = { total: totalOf(k), rows: ROWS / KEYS };
          return asked.client === client ? [{ who: asked.who, result, exception: null }] : [];
        });
        expect(got).toHaveLength(wanted.length);
        expect(got).toEqual(expect.arrayContaining(wanted));
      }
      expect(of(7)).toHaveLength(workers);
      const counts = of(7).map(({ result }) => (result as { count: number }).count);
      expect(counts.reduce((a, b) => a + b)).toBe(KEYS);
      const missing = { total: 'there is no instance with this key' };
      expect(of(8)).toMatchObject([{ result: {}, exception: missing }]);
      expect(replies).toHaveLength(KEYS + workers + 1);
      expect(engine.summary().operators['tills']).toMatchObject({ rowsIn: ROWS });
    });
  },
);

test('says what cannot be answered, and waits no longer than it is told', async () => {
  await running(topology(['out']), 1, async (engine) => {
    const push = engine.input('work').push(Array.from({ length: 4000 }, (_, i) => rowOf(i)));
    push.catch(() => undefined);
    // Nobody reads: the actor has stopped at a full output, and answers all the same.
    const asked = async (): Promise<number> =>
      countOf(await engine.query('tills', { get: ['count'] }));
    const started = performance.now();
    while ((await asked()) < KEYS) expect(performance.now() - started).toBeLessThan(20_000);
    const key = ['till 3'];
    const [odd] = await engine.query('tills', { key, get: ['closure', 'large', 'onRow'] });
    expect(odd!.values).toEqual({});
    expect(odd!.errors).toEqual({
      closure: expect.stringContaining('function'),
      large: expect.stringContaining('the limit is 16777216'),
      onRow: expect.stringContaining('method'),
    });
    const [nobody] = await engine.query('tills', { key: ['nobody'], get: ['total'] });
    expect(nobody).toMatchObject({ found: false, values: {} });
    const refused = (query: object, name = 'tills') =>
      expect(engine.query(name, query as never)).rejects;
    await refused({ get: [] }, 'tils').toMatchObject({
      code: 'ERR_USAGE',
      message: "no actor 'tils'; there are tills; did you mean 'tills'?",
    });
    await refused({ key: [], get: ['total'] }).toMatchObject({ code: 'ERR_USAGE' });
    await refused({ key: [5], get: ['total'] }).toMatchObject({ code: 'ERR_USAGE' });
    await refused({ key: [null], get: ['total'] }).toMatchObject({ code: 'ERR_USAGE' });
    await refused({ key: [() => 1], get: ['total'] }).toMatchObject({ code: 'ERR_USAGE' });
    await refused({ get: 'count' }).toMatchObject({ code: 'ERR_USAGE' });
    const reason = new Error('enough');
    await refused({ get: ['count'], signal: AbortSignal.abort(reason) }).toBe(reason);
    await refused({ key, get: ['slow'], timeoutMs: 20 }).toMatchObject({ code: 'ERR_TIMEOUT' });
    // What nobody waits for any more does not get in the way of the next answer.
    expect(await asked()).toBe(KEYS);
    const last = engine.query('tills', { get: ['count'] });
    const stopped = engine.stop();
    await last.catch((error: unknown) => expect(error).toMatchObject({ code: 'ERR_USAGE' }));
    await stopped;
    await refused({ get: ['count'] }).toMatchObject({ code: 'ERR_USAGE' });
  });
});
