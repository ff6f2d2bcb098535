/** Programs in StreamSQL give what the same topology gives that was written by hand. */

import { describe, expect, test } from 'vitest';
import { Millrace, parseStreamSql, type RunSummary } from '../../src/index.ts';
import { runToEnd, Workspace } from '../support/run-topology.ts';

const TRADES = Array.from({ length: 600 }, (_, i) => ({
  at: new Date(Date.UTC(2026, 0, 1) + i * 700 + ((i * 13) % 5) * 100).toISOString(),
  symbol: 'ABCD'[(i * 7) % 4]!,
  price: 10 + ((i * 17) % 23) / 4,
  quantity: (i * 5) % 9,
}));

const SOURCE = `
  CREATE INPUT STREAM trades (at timestamp, symbol string, price double, quantity int)
    WITH (connector = 'file', path = 'trades.jsonl', time = 'at', lateness = '1s');`;

const HAND = {
  version: 1,
  name: 'hand',
  sources: {
    trades: {
      connector: 'file',
      path: 'trades.jsonl',
      schema: { at: 'timestamp', symbol: 'string', price: 'float64', quantity: 'int32' },
      time: { field: 'at', lateness: '1s' },
    },
  },
} as const;

const sink = (input: string): object => ({ connector: 'file', path: `${input}.jsonl`, input });

/** Lines of what a run wrote to `out.jsonl`, sorted. */
async function linesOf(
  run: (workspace: Workspace) => Promise<RunSummary>,
  file: string,
  inputs: Readonly<Record<string, readonly object[]>> = { 'trades.jsonl': TRADES },
): Promise<readonly string[]> {
  using workspace = new Workspace();
  for (const [name, rows] of Object.entries(inputs)) {
    workspace.write(name, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  }
  const { status } = await run(workspace);
  expect(status).toBe('completed');
  return workspace.read(file).trimEnd().split('\n').toSorted();
}

/** Runs a program from its file, as the command line does. */
const program =
  (text: string, workers = 1) =>
  async (workspace: Workspace): Promise<RunSummary> => {
    const file = workspace.write('program.ssql', text);
    await using engine = await Millrace.start(file, { workers });
    return await engine.completed;
  };

const byHand =
  (rest: object) =>
  async (workspace: Workspace): Promise<RunSummary> =>
    await runToEnd({ ...HAND, ...rest }, workspace, { workers: 1 });

describe('a program and a topology that say the same give the same rows:', () => {
  test('filter and map', async () => {
    const text = `${SOURCE}
      CREATE OUTPUT STREAM out WITH (connector = 'file', path = 'out.jsonl');
      SELECT symbol, price * quantity AS value FROM trades WHERE quantity > 3 AND symbol <> 'D' INTO out;`;
    const operators = {
      kept: { type: 'filter', input: 'trades', where: "quantity > 3 AND symbol <> 'D'" },
      out: {
        type: 'map',
        input: 'kept',
        select: { symbol: 'symbol', value: 'price * quantity' },
      },
    };
    const lines = await linesOf(program(text), 'out.jsonl');
    expect(lines).toEqual(
      await linesOf(byHand({ operators, sinks: { sink: sink('out') } }), 'out.jsonl'),
    );
    const plain = TRADES.filter(({ quantity, symbol }) => quantity > 3 && symbol !== 'D');
    expect(lines).toEqual(
      plain
        .map(({ symbol, price, quantity }) => JSON.stringify({ symbol, value: price * quantity }))
        .toSorted(),
    );
  });

  test.each([1, 2])('windows of time, with groups and HAVING, on %i workers', async (workers) => {
    const text = `${SOURCE}
      CREATE OUTPUT STREAM out WITH (connector = 'file', path = 'out.jsonl');
      SELECT symbol, count() AS n, max(price) - min(price) AS spread
        FROM trades[SIZE 20 ADVANCE 10 TIME] GROUP BY symbol HAVING n > 7 INTO out;`;
    const operators = {
      grouped: {
        type: 'aggregate',
        input: 'trades',
        groupBy: ['symbol'],
        window: { type: 'hopping', size: '20s', slide: '10s' },
        select: { n: 'COUNT(*)', spread: 'MAX(price) - MIN(price)' },
      },
      many: { type: 'filter', input: 'grouped', where: 'n > 7' },
      out: {
        type: 'map',
        input: 'many',
        select: { symbol: 'symbol', n: 'n', spread: 'spread' },
      },
    };
    const lines = await linesOf(program(text, workers), 'out.jsonl');
    expect(lines.length).toBeGreaterThan(10);
    expect(lines).toEqual(
      await linesOf(byHand({ operators, sinks: { sink: sink('out') } }), 'out.jsonl'),
    );
  });

  test('windows of tuples', async () => {
    const text = `${SOURCE}
      CREATE OUTPUT STREAM out WITH (connector = 'file', path = 'out.jsonl');
      SELECT symbol, avg(price) AS mean FROM trades[SIZE 4 ADVANCE 1 TUPLES] GROUP BY symbol INTO out;`;
    const groups = new Map<string, number[]>();
    const expected: string[] = [];
    for (const { symbol, price } of TRADES) {
      const prices = [...(groups.get(symbol) ?? []), price].slice(-4);
      groups.set(symbol, prices);
      if (prices.length < 4) continue;
      const mean = prices.reduce((sum, x) => sum + x, 0) / 4;
      expected.push(JSON.stringify({ symbol, mean }));
    }
    expect(await linesOf(program(text), 'out.jsonl')).toEqual(expected.toSorted());
  });
});

test('streams without a connector are pushed and read by the program', async () => {
  const document = parseStreamSql(
    `CREATE INPUT STREAM numbers (n int);
     CREATE OUTPUT STREAM squares AS SELECT n * n AS square FROM numbers WHERE n > 1;`,
    { name: 'squares' },
  );
  await using engine = await Millrace.start(document, { workers: 1 });
  const rows = engine.output('squares').rows();
  await engine.input('numbers').push([{ n: 1 }, { n: 2 }, { n: 3 }]);
  await engine.drain();
  expect(await rows).toEqual([{ square: 4 }, { square: 9 }]);
  expect(engine.name).toBe('squares');
});
