/** Interval joins over disordered files, what is aggregated from them, and routes and unions. */
import { describe, expect, test } from 'vitest';
import type { Cells, Types } from '../support/oracle/cells.ts';
import { SECOND_US, START_US } from '../support/oracle/events.ts';
import { expectSameRows } from '../support/oracle/expect-rows.ts';
import { csvText, jsonlText, readCsv } from '../support/oracle/files.ts';
import { Random } from '../support/oracle/random.ts';
import {
  aggregateRows,
  asTexts,
  joinRows,
  of,
  type Row,
  sourceStream,
} from '../support/oracle/streams.ts';
import { runToEnd, Workspace } from '../support/run-topology.ts';

const ORDERS: Types = { at: 'timestamp', id: 'int64', item: 'string', price: 'float64' };
const PAYMENTS: Types = { paid_at: 'timestamp', order_id: 'int64', amount: 'decimal(10,2)' };
const ITEMS = ['tea', 'a long name of an item', '😀', '', null];

interface Draw {
  readonly orders: Cells[];
  readonly payments: Cells[];
}

/** Two sides whose keys meet often; `late` is how many rows lie beyond the declared lateness. */
function draw(random: Random, count: number, late: number): Draw {
  const time = (i: number): number => {
    const us = START_US + i * 50_000;
    if (random.chance(late)) return us - random.between(2 * SECOND_US, 25 * SECOND_US);
    return us - random.between(0, 2 * SECOND_US);
  };
  const key = (i: number): bigint | null =>
    random.chance(0.05)
      ? null
      : BigInt(Math.floor(i / 8) + random.below(16)) * 10_000_000_000_000_000n;
  return {
    orders: Array.from({ length: count }, (_, i) => ({
      at: time(i),
      id: key(i),
      item: random.pick(ITEMS),
      price: random.between(0, 400) / 4,
    })),
    payments: Array.from({ length: count }, (_, i) => ({
      paid_at: time(i),
      order_id: key(i),
      amount: random.chance(0.1) ? null : BigInt(random.between(-2_000, 20_000)),
    })),
  };
}

const JOINED: Types = {
  id: 'int64',
  item: 'string',
  price: 'float64',
  amount: 'decimal(10,2)',
  paid_at: 'timestamp',
};
const PER_ITEM: Types = {
  window_start: 'timestamp',
  window_end: 'timestamp',
  item: 'string',
  n: 'int64',
  paid: 'int64',
  spend: 'float64',
  amount: 'decimal(18,2)',
};

const WITHIN = { before: '1s', after: '3s' };
const join = (kind: string, more: object = {}): object => ({
  type: 'join',
  kind,
  inputs: ['orders', 'payments'],
  on: 'orders.id = payments.order_id AND payments.amount > 0',
  within: WITHIN,
  select: {
    id: 'orders.id',
    item: 'orders.item',
    price: 'orders.price',
    amount: 'r.amount',
    paid_at: 'r.paid_at',
  },
  ...more,
});
const perItem = (input: string): object => ({
  type: 'aggregate',
  input,
  groupBy: ['item'],
  window: { type: 'tumbling', size: '4s' },
  select: { n: 'COUNT(*)', paid: 'COUNT(amount)', spend: 'SUM(price)', amount: 'SUM(amount)' },
});

const TOPOLOGY = {
  version: 1,
  name: 'joins',
  sources: {
    orders: {
      connector: 'file',
      path: 'orders.csv',
      schema: ORDERS,
      time: { field: 'at', lateness: '2s' },
    },
    payments: {
      connector: 'file',
      path: 'payments.jsonl',
      schema: PAYMENTS,
      time: { field: 'paid_at', lateness: '2s' },
    },
  },
  operators: {
    inner: join('inner'),
    left: join('left'),
    inner_right: join('inner', { time: 'right' }),
    per_inner: perItem('inner'),
    per_left: perItem('left'),
    per_inner_right: perItem('inner_right'),
  },
  sinks: Object.fromEntries(
    ['inner', 'left', 'inner_right', 'per_inner', 'per_left', 'per_inner_right'].map((input) => [
      `to_${input}`,
      { connector: 'file', input, path: `${input}.csv` },
    ]),
  ),
};

function joined(
  orders: readonly Row[],
  payments: readonly Row[],
  kind: 'inner' | 'left',
  time: 'left' | 'right' = 'left',
): { readonly results: Row[]; readonly late: number } {
  return joinRows(orders, payments, {
    kind,
    time,
    beforeUs: SECOND_US,
    afterUs: 3 * SECOND_US,
    matches: (l, r) =>
      l['id'] !== null &&
      l['id'] === r['order_id'] &&
      r['amount'] !== null &&
      (r['amount'] as bigint) > 0n,
    select: (l, r) => ({
      id: l['id']!,
      item: l['item']!,
      price: l['price']!,
      amount: r?.['amount'] ?? null,
      paid_at: r?.['paid_at'] ?? null,
    }),
  });
}

function aggregated(rows: readonly Row[]): ReturnType<typeof aggregateRows> {
  return aggregateRows(rows, JOINED, {
    groupBy: ['item'],
    window: { sizeUs: 4 * SECOND_US, slideUs: 4 * SECOND_US, offsetUs: 0 },
    select: {
      n: of.count,
      paid: of.countOf('amount'),
      spend: of.sumOfNumbers('price'),
      amount: of.sum('amount'),
    },
  });
}

describe('interval joins and windows over them', () => {
  test.each([
    { workers: 1, late: 0 },
    { workers: 2, late: 0 },
    { workers: 4, late: 0 },
    { workers: 1, late: 0.05 },
    { workers: 2, late: 0.05 },
    { workers: 4, late: 0.05 },
  ])('$workers workers, $late of the rows too late', async ({ workers, late }) => {
    using workspace = new Workspace();
    const seed = 7;
    const random = new Random(seed);
    const { orders, payments } = draw(random, 900, late);
    workspace.write('orders.csv', csvText(ORDERS, orders, random));
    workspace.write('payments.jsonl', jsonlText(PAYMENTS, payments, random));
    const summary = await runToEnd(TOPOLOGY, workspace, { workers });

    const lefts = sourceStream(orders, 'at', 2 * SECOND_US);
    const rights = sourceStream(payments, 'paid_at', 2 * SECOND_US);
    const inner = joined(lefts, rights, 'inner');
    const left = joined(lefts, rights, 'left');
    const right = joined(lefts, rights, 'inner', 'right');
    for (const [name, { results, late }] of Object.entries({ inner, left, inner_right: right })) {
      const actual = readCsv(JOINED, workspace.read(`${name}.csv`));
      expectSameRows(actual, asTexts(JOINED, results), `${name}, seed ${seed}`);
      expect(summary.operators[name]!.late, `late rows of ${name}`).toBe(late);
      const perItem = aggregated(results);
      const results2 = readCsv(PER_ITEM, workspace.read(`per_${name}.csv`));
      expectSameRows(results2, asTexts(PER_ITEM, perItem.results), `per_${name}, seed ${seed}`);
      expect(summary.operators[`per_${name}`]!.late, `late rows of per_${name}`).toBe(
        perItem.late.length,
      );
    }
    // The draw must contain what this test is about.
    expect(inner.results.length).toBeGreaterThan(500);
    expect(left.results.length).toBeGreaterThan(inner.results.length + 50);
    expect(inner.late > 0).toBe(late > 0);
  });
});
