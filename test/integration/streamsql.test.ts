/** Programs in StreamSQL give what the same topology gives that was written by hand. */

import { describe, expect, test } from 'vitest';
import { Millrace, parseStreamSql } from '../../src/index.ts';
import { Workspace } from '../support/run-topology.ts';

const at = (ms: number): string => new Date(Date.UTC(2026, 0, 1) + ms).toISOString();
const TRADES = Array.from({ length: 400 }, (_, i) => ({
  at: at(i * 700 + ((i * 13) % 5) * 100),
  symbol: 'ABCD'[(i * 7) % 4]!,
  price: 10 + ((i * 17) % 23) / 4,
  quantity: (i * 5) % 9,
}));
const NEWS = Array.from({ length: 40 }, (_, i) => ({ at: at(i * 6500), symbol: 'ABCD'[i % 4]! }));

/** Runs programs and documents in one folder, and reads what they wrote. */
class Runs {
  readonly #workspace = new Workspace();

  constructor(inputs: Readonly<Record<string, readonly object[]>>) {
    for (const [name, rows] of Object.entries(inputs)) {
      this.#workspace.write(name, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
    }
  }

  write(file: string, text: string): void {
    this.#workspace.write(file, text);
  }

  async program(text: string, workers: number): Promise<void> {
    const file = this.#workspace.write('program.ssql', text);
    await using engine = await Millrace.start(file, { workers });
    expect((await engine.completed).status).toBe('completed');
  }

  async document(document: object): Promise<void> {
    const baseDirectory = this.#workspace.directory;
    await using engine = await Millrace.start(document, { workers: 1, baseDirectory });
    expect((await engine.completed).status).toBe('completed');
  }

  /** Lines of a file; their order is not promised. */
  lines(file: string): readonly string[] {
    return this.#workspace.read(file).trimEnd().split('\n').toSorted();
  }

  [Symbol.dispose](): void {
    this.#workspace[Symbol.dispose]();
  }
}

const sinks = (inputs: Readonly<Record<string, string>>): object =>
  Object.fromEntries(
    Object.entries(inputs).map(([name, input]) => [
      name,
      { connector: 'file', input, path: `hand-${name}.jsonl` },
    ]),
  );

const output = (name: string): string =>
  `CREATE OUTPUT STREAM ${name} WITH (connector = 'file', path = '${name}.jsonl');`;

describe('a program gives what the topology gives that says the same:', () => {
  const PROGRAM = `
    CREATE SCHEMA Trade (at timestamp, symbol string, price double, quantity int);
    CREATE INPUT STREAM trades Trade
      WITH (connector = 'file', path = 'trades.jsonl', time = 'at', lateness = '1s');
    CREATE INPUT STREAM news (at timestamp, symbol string)
      WITH (connector = 'file', path = 'news.jsonl', time = 'at');
    CREATE STREAM big;
    ${['kept', 'windows', 'rows', 'pairs', 'silent', 'top'].map(output).join('\n')}

    SELECT * FROM trades WHERE quantity > 3 AND symbol <> 'D' INTO big;
    SELECT symbol, price * quantity AS value FROM big INTO kept;
    SELECT symbol, count() AS n, max(price) - min(price) AS spread
      FROM trades[SIZE 20 ADVANCE 10 TIME] GROUP BY symbol HAVING n > 7 INTO windows;
    SELECT symbol, avg(price) AS mean
      FROM trades[SIZE 4 ADVANCE 1 TUPLES] GROUP BY symbol INTO rows;
    SELECT t.symbol, t.price, n.at AS told FROM trades[SIZE 2 TIME] AS t, news[SIZE 5 TIME] AS n
      WHERE t.symbol == n.symbol AND t.quantity > 4 INTO pairs;
    SELECT n.symbol, n.at FROM PATTERN news AS n THEN NOT trades AS t WITHIN 1 TIME
      WHERE t.symbol = n.symbol INTO silent;
    SELECT symbol, sum(quantity) AS total FROM trades[SIZE 60 TIME] GROUP BY symbol
      ORDER BY total DESC, symbol LIMIT 2 INTO top;`;

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
      news: {
        connector: 'file',
        path: 'news.jsonl',
        schema: { at: 'timestamp', symbol: 'string' },
        time: { field: 'at' },
      },
    },
    operators: {
      big: { type: 'filter', input: 'trades', where: "quantity > 3 AND symbol <> 'D'" },
      values: {
        type: 'map',
        input: 'big',
        select: { symbol: 'symbol', value: 'price * quantity' },
      },
      grouped: {
        type: 'aggregate',
        input: 'trades',
        groupBy: ['symbol'],
        window: { type: 'hopping', size: '20s', slide: '10s' },
        select: { n: 'COUNT(*)', spread: 'MAX(price) - MIN(price)' },
      },
      many: { type: 'filter', input: 'grouped', where: 'n > 7' },
      listed: {
        type: 'map',
        input: 'many',
        select: { symbol: 'symbol', n: 'n', spread: 'spread' },
      },
      moving: {
        type: 'aggregate',
        input: 'trades',
        groupBy: ['symbol'],
        window: { type: 'count', size: 4, slide: 1 },
        select: { mean: 'AVG(price)' },
      },
      near: {
        type: 'join',
        inputs: ['trades', 'news'],
        on: 'l.symbol = r.symbol AND l.quantity > 4',
        within: { before: '5s', after: '2s' },
        select: { symbol: 'l.symbol', price: 'l.price', told: 'r.at' },
      },
      unheard: {
        type: 'pattern',
        inputs: ['news', 'trades'],
        pattern: 'news THEN NOT trades',
        key: ['symbol'],
        within: '1s',
        select: { symbol: 'news.symbol', at: 'news.at' },
      },
      sums: {
        type: 'aggregate',
        input: 'trades',
        groupBy: ['symbol'],
        window: { type: 'tumbling', size: '1m' },
        select: { total: 'SUM(quantity)' },
      },
      best: { type: 'top', input: 'sums', n: 2, orderBy: ['-total', 'symbol'], window: 'input' },
      shown: { type: 'map', input: 'best', select: { symbol: 'symbol', total: 'total' } },
    },
    sinks: sinks({
      kept: 'values',
      windows: 'listed',
      rows: 'moving',
      pairs: 'near',
      silent: 'unheard',
      top: 'shown',
    }),
  };

  test('filters, windows, joins, patterns', async () => {
    using runs = new Runs({ 'trades.jsonl': TRADES, 'news.jsonl': NEWS });
    await runs.program(PROGRAM, 2);
    await runs.document(HAND);
    for (const name of ['kept', 'windows', 'rows', 'pairs', 'silent', 'top']) {
      const lines = runs.lines(`${name}.jsonl`);
      expect(lines.length, name).toBeGreaterThan(5);
      expect(lines, name).toEqual(runs.lines(`hand-${name}.jsonl`));
    }
    // And what plain JavaScript says.
    const big = TRADES.filter(({ quantity, symbol }) => quantity > 3 && symbol !== 'D');
    const values = big.map(({ symbol, price, quantity }) => ({ symbol, value: price * quantity }));
    expect(runs.lines('kept.jsonl')).toEqual(values.map((row) => JSON.stringify(row)).toSorted());
  });
});

/** Takes the next rows of an output. */
function reader(engine: Millrace, name: string): (count: number) => Promise<readonly object[]> {
  const batches = engine.output(name)[Symbol.asyncIterator]();
  return async (count) => {
    const rows: object[] = [];
    while (rows.length < count) {
      const { value, done } = await batches.next();
      if (done === true) break;
      rows.push(...value);
    }
    return rows;
  };
}

test('tables are changed and read', async () => {
  const document = parseStreamSql(
    `CREATE INPUT STREAM goods (sku string, pieces int, price double);
     CREATE INPUT STREAM asks (sku string, low double, high double);
     CREATE INPUT STREAM ends (why string);
     CREATE TABLE stock (sku string, pieces int, price double, note string, PRIMARY KEY (sku));
     CREATE INDEX by_price ON stock USING BTREE (price);
     CREATE OUTPUT STREAM stocked; CREATE OUTPUT STREAM found; CREATE OUTPUT STREAM priced;
     CREATE OUTPUT STREAM sold; CREATE OUTPUT STREAM replaced; CREATE OUTPUT STREAM gone;
     CREATE INPUT STREAM buys (sku string); CREATE INPUT STREAM news (sku string, price double);
     CREATE INPUT STREAM drops (least double);
     INSERT INTO stock (sku, pieces, price, note) SELECT sku, pieces, price, 'new' FROM goods WHERE pieces > 0
       ON DUPLICATE KEY UPDATE pieces = stock.pieces + goods.pieces, note = 'more'
       RETURNING stock.sku AS sku, stock.pieces AS pieces, stock.note AS note INTO stocked;
     SELECT a.sku, s.pieces AS pieces FROM asks AS a OUTER JOIN stock AS s ON s.sku = a.sku INTO found;
     SELECT s.sku AS sku FROM asks AS a, stock AS s WHERE s.price >= a.low AND s.price < a.high
       AND s.pieces > 1 INTO priced;
     UPDATE stock USING buys SET pieces = stock.pieces - 1 WHERE stock.sku = buys.sku
       RETURNING stock.pieces AS pieces INTO sold;
     REPLACE INTO stock (sku, price) SELECT sku, price FROM news RETURNING stock.* INTO replaced;
     DELETE FROM stock USING drops WHERE stock.price < drops.least RETURNING stock.sku AS sku INTO gone;
     TRUNCATE stock USING ends RETURNING stock.sku AS sku, why => CREATE OUTPUT STREAM emptied;`,
  );
  await using engine = await Millrace.start(document, { workers: 1 });
  const read = Object.fromEntries(
    ['stocked', 'found', 'priced', 'sold', 'replaced', 'gone', 'emptied'].map((name) => [
      name,
      reader(engine, name),
    ]),
  );
  const push = async (name: string, ...rows: readonly object[]): Promise<void> => {
    await engine.input(name).push(rows);
  };

  await push(
    'goods',
    { sku: 'cup', pieces: 2, price: 3 },
    { sku: 'pot', pieces: 1, price: 20 },
    { sku: 'nil', pieces: 0, price: 1 },
    { sku: 'cup', pieces: 5, price: 99 },
    { sku: 'jug', pieces: 4, price: 20 },
  );
  expect(await read['stocked']!(4)).toEqual([
    { sku: 'cup', pieces: 2, note: 'new' },
    { sku: 'pot', pieces: 1, note: 'new' },
    { sku: 'cup', pieces: 7, note: 'more' },
    { sku: 'jug', pieces: 4, note: 'new' },
  ]);
  await push('asks', { sku: 'cup', low: 3, high: 20.5 }, { sku: 'hat', low: 4, high: 20 });
  expect(await read['found']!(2)).toEqual([
    { sku: 'cup', pieces: 7 },
    { sku: 'hat', pieces: null },
  ]);
  expect(await read['priced']!(2)).toEqual([{ sku: 'cup' }, { sku: 'jug' }]);
  await push('buys', { sku: 'jug' }, { sku: 'hat' }, { sku: 'jug' });
  expect(await read['sold']!(2)).toEqual([{ pieces: 3 }, { pieces: 2 }]);
  await push('news', { sku: 'jug', price: 7 });
  expect(await read['replaced']!(1)).toEqual([{ sku: 'jug', pieces: null, price: 7, note: null }]);
  await push('drops', { least: 5 });
  expect(await read['gone']!(1)).toEqual([{ sku: 'cup' }]);
  await push('ends', { why: 'over' });
  const emptied = await read['emptied']!(2);
  expect(emptied.map((row) => JSON.stringify(row)).toSorted()).toEqual([
    '{"sku":"jug","why":"over"}',
    '{"sku":"pot","why":"over"}',
  ]);
});

test('variables, predicates and errors of streams that the program pushes', async () => {
  const document = parseStreamSql(
    `CREATE INPUT STREAM numbers (n int);
     CREATE INPUT STREAM limits (most int);
     CREATE ERROR INPUT STREAM failed;
     CREATE OUTPUT STREAM reasons AS SELECT code FROM failed;
     DECLARE most int DEFAULT 3 UPDATE FROM (SELECT most FROM limits);
     DECLARE unit string DEFAULT 'm';
     CREATE OUTPUT STREAM small WITH OUTPUT PREDICATE half <> 1
       AS SELECT 12 / n AS half, unit AS unit FROM numbers WHERE n <= most;`,
    { name: 'small' },
  );
  await using engine = await Millrace.start(document, { workers: 1 });
  expect(engine.name).toBe('small');
  const rows = engine.output('small').rows();
  const reasons = engine.output('reasons').rows();
  await engine.input('numbers').push([{ n: 1 }, { n: 0 }, { n: 4 }, { n: 3 }]);
  await engine.drain();
  expect(await rows).toEqual([
    { half: 12, unit: 'm' },
    { half: 4, unit: 'm' },
  ]);
  expect(await reasons).toEqual([{ code: 'ERR_ROW_EXPRESSION' }]);
});

test('functions and parts are applied, by instances too', async () => {
  const rows = Array.from({ length: 40 }, (_, i) => ({ shard: i % 3, user: `u${i % 5}`, n: i }));
  using runs = new Runs({ 'rows.jsonl': rows });
  runs.write('twice.mjs', 'export const twice = ({ user, n }) => ({ user, n: n * 2 });');
  runs.write(
    'numbered.json',
    JSON.stringify({
      version: 1,
      name: 'numbered',
      parameters: { start: {} },
      inputs: { in: {} },
      outputs: { out: 'numbered' },
      operators: { numbered: { type: 'sequence', input: 'in', as: 'no', start: '${start}' } },
    }),
  );
  await runs.program(
    `CREATE INPUT STREAM rows (shard int, user string, n int)
       WITH (connector = 'file', path = 'rows.jsonl');
     ${['doubled', 'counted'].map(output).join('\n')}
     CREATE STREAM twice (user string, n int);
     CREATE STREAM numbered;
     APPLY PARALLEL 2 BY user JAVA "./twice.mjs#twice" FROM rows INTO twice;
     SELECT * FROM twice INTO doubled;
     APPLY PARALLEL 3 BY shard MODULE "./numbered.json" (start = 10) FROM in = rows INTO out = numbered;
     SELECT shard, n, no FROM numbered INTO counted;`,
    2,
  );
  const text = (row: object): string => JSON.stringify(row);
  expect(runs.lines('doubled.jsonl')).toEqual(
    rows.map(({ user, n }) => text({ user, n: n * 2 })).toSorted(),
  );
  // Each instance numbers the rows of its shard.
  expect(runs.lines('counted.jsonl')).toEqual(
    rows.map(({ shard, n }) => text({ shard, n, no: 10 + Math.floor(n / 3) })).toSorted(),
  );
});
