/** Operators with tables and instances. @module */

import type { TableDefinition } from '../../../src/core/topology/model.ts';
import { FLOAT64, INT32 } from '../../../src/core/types.ts';
import type { BareOperator, OperatorCase, PlainOperator } from '../case.ts';
import type { Row } from '../feed.ts';
import { actorFloor, lastRowsFloor, pricesFloor } from '../floors/shared.ts';

const LIMIT_BYTES = 2 ** 28;

const prices: TableDefinition = {
  name: 'prices',
  schema: [
    { name: 'u', type: INT32 },
    { name: 'price', type: FLOAT64 },
  ],
  key: ['u'],
  indexes: [],
  limitBytes: LIMIT_BYTES,
  keep: undefined,
  partitionBy: [],
};

const KEPT = 10;

const recent: TableDefinition = {
  name: 'recent',
  schema: [
    { name: 'k', type: INT32 },
    { name: 'id', type: INT32 },
    { name: 'x', type: FLOAT64 },
  ],
  key: [],
  indexes: [],
  limitBytes: LIMIT_BYTES,
  keep: { kind: 'rows', rows: KEPT },
  partitionBy: ['k'],
};

/** The last price of each key. */
const filled: BareOperator = { type: 'query', table: 'prices', do: 'upsert', set: { price: 'x' } };

interface Price {
  price: number;
}

function pricesOf([rows]: readonly (readonly Row[])[]): Map<number, Price> {
  return new Map(rows!.map(({ u, x }) => [u, { price: x }]));
}

/** Keeps the last rows of each key. */
function keepLast(): PlainOperator {
  const groups = new Map<number, Row[]>();
  return {
    batch(rows, out) {
      for (const row of rows) {
        let group = groups.get(row.k);
        if (group === undefined) groups.set(row.k, (group = []));
        group.push(row);
        if (group.length > KEPT) group.shift();
        out.push(row);
      }
    },
  };
}

/** An object for each key. */
class Counter {
  #count = 0;

  onRow({ k }: Row, out: object[]): void {
    out.push({ k, n: ++this.#count });
  }
}

const quotes = { inputs: { rows: ['id', 'u', 'x'] }, tables: [prices], setup: filled } as const;

/** Tables and actors. */
export const sharedCases: readonly OperatorCase[] = [
  {
    name: 'query that reads by key, 10,000 keys',
    ...quotes,
    operators: [
      {
        type: 'query',
        table: 'prices',
        key: { u: 'rows.u' },
        select: { id: 'rows.id', price: 't.price' },
      },
    ],
    floor: pricesFloor(0),
    plain(first) {
      const table = pricesOf(first);
      return {
        batch(rows, out) {
          for (const { id, u } of rows) {
            const found = table.get(u);
            if (found !== undefined) out.push({ id, price: found.price });
          }
        },
      };
    },
  },
  {
    name: 'query that updates by key, 10,000 keys',
    ...quotes,
    mainOnly: true,
    operators: [
      {
        type: 'query',
        table: 'prices',
        do: 'update',
        key: { u: 'rows.u' },
        set: { price: 't.price + 1.0' },
        select: { id: 'rows.id', price: 't.price' },
      },
    ],
    floor: pricesFloor(1),
    plain(first) {
      const table = pricesOf(first);
      return {
        batch(rows, out) {
          for (const { id, u } of rows) {
            const found = table.get(u);
            if (found !== undefined) out.push({ id, price: ++found.price });
          }
        },
      };
    },
  },
  {
    name: `materialize, the last ${KEPT} rows of 100 keys`,
    inputs: { rows: ['k', 'id', 'x'] },
    tables: [recent],
    operators: [{ type: 'materialize', table: 'recent' }],
    floor: lastRowsFloor(KEPT),
    plain: keepLast,
  },
  {
    name: 'actor of 100 keys, a row for a row',
    inputs: { rows: ['k', 'x'] },
    operators: [
      {
        type: 'actor',
        key: 'k',
        module: './modules/score.ts',
        export: 'Counter',
        schema: { k: 'int32', n: 'int64' },
      },
    ],
    floor: actorFloor,
    plain() {
      const actors = new Map<number, Counter>();
      return {
        batch(rows, out) {
          for (const row of rows) {
            let actor = actors.get(row.k);
            if (actor === undefined) actors.set(row.k, (actor = new Counter()));
            actor.onRow(row, out);
          }
        },
      };
    },
  },
];
