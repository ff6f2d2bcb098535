/** Operators that look at each row by itself. @module */

import { dropBound, mix32 } from '../../../src/operators/drop-kernel.ts';
import type { OperatorCase, PlainOperator } from '../case.ts';
import type { Row } from '../feed.ts';
import { lookupFloor, updateQueueFloor } from '../floors/shared.ts';
import { score } from '../modules/score.ts';

/** An operator without state. */
function eachBatch(batch: PlainOperator['batch']): () => PlainOperator {
  return () => ({ batch });
}

const all = { rows: ['id', 'x', 'v'] } as const;

const filterCases: readonly OperatorCase[] = [
  {
    name: 'filter 50 %',
    inputs: all,
    operators: [{ type: 'filter', where: 'x > 500.0' }],
    plain: eachBatch((rows, out) => {
      for (const row of rows) if (row.x > 500) out.push(row);
    }),
  },
  {
    name: 'filter to three routes',
    inputs: all,
    operators: [{ type: 'filter', routes: { low: 'v < 300', high: 'v >= 700', rest: true } }],
    plain: eachBatch((rows, out) => {
      const low: Row[] = [];
      const high: Row[] = [];
      const rest: Row[] = [];
      for (const row of rows) (row.v < 300 ? low : row.v >= 700 ? high : rest).push(row);
      out.push(...low, ...high, ...rest);
    }),
  },
];

const mapCases: readonly OperatorCase[] = [
  {
    name: 'map x * 1.5 + v',
    inputs: all,
    operators: [{ type: 'map', select: { id: 'id', total: 'x * 1.5 + v' } }],
    plain: eachBatch((rows, out) => {
      for (const { id, x, v } of rows) out.push({ id, total: x * 1.5 + v });
    }),
  },
  {
    name: 'union of two',
    inputs: { a: ['id', 'x'], b: ['id', 'x'] },
    operators: [{ type: 'union' }],
    plain: eachBatch((rows, out) => {
      for (const row of rows) out.push(row);
    }),
  },
  {
    name: 'module, a row for a row',
    inputs: all,
    operators: [
      {
        type: 'module',
        module: './modules/score.ts',
        export: 'score',
        schema: { id: 'int32', score: 'float64' },
      },
    ],
    plain: eachBatch((rows, out) => {
      for (const row of rows) out.push(score(row));
    }),
  },
  {
    name: 'module, a batch for a batch',
    inputs: all,
    operators: [
      {
        type: 'module',
        module: './modules/score.ts',
        export: 'scoreBatch',
        per: 'batch',
        schema: { id: 'int32', score: 'float64' },
      },
    ],
    plain: eachBatch((rows, out) => {
      for (const row of rows) out.push(score(row));
    }),
  },
  {
    name: 'update_queue with room',
    inputs: { rows: ['k', 'id'] },
    operators: [{ type: 'update_queue', key: ['id'] }],
    floor: updateQueueFloor,
    plain: eachBatch((rows, out) => {
      for (const { k, id } of rows) out.push({ k, id });
    }),
  },
  {
    name: 'sequence',
    inputs: all,
    isOrdered: true,
    operators: [{ type: 'sequence', as: 'no' }],
    plain() {
      let no = 0;
      return {
        batch(rows, out) {
          for (const { id, x, v } of rows) out.push({ id, x, v, no: ++no });
        },
      };
    },
  },
  {
    name: 'iterate, 0 to 3 rows for a row',
    inputs: { rows: ['id', 'v'] },
    operators: [{ type: 'iterate', as: 'i', from: '1', to: 'MOD(v, 4)' }],
    plain: eachBatch((rows, out) => {
      for (const { id, v } of rows) for (let i = 1; i <= v % 4; i++) out.push({ id, v, i });
    }),
  },
  {
    name: 'decision_table, three rules',
    inputs: all,
    operators: [
      {
        type: 'decision_table',
        rules: [
          { when: { v: '< 100' }, then: { class: 1 } },
          { when: { x: '> 900' }, then: { class: 2 } },
          { then: { class: 3 } },
        ],
        results: { class: 'int32' },
      },
    ],
    plain: eachBatch((rows, out) => {
      for (const { id, x, v } of rows) {
        out.push({ id, x, v, class: v < 100 ? 1 : x > 900 ? 2 : 3 });
      }
    }),
  },
];

const RATE = 0.5;
const SEED = 1;
const DROP_US = 1_000_000;

/** The hash of a window without groups, whatever it is: which windows are kept is a matter of it. */
function keepsWindow(window: number): boolean {
  const hash = mix32(mix32(mix32(mix32(SEED)) ^ (window | 0)) ^ Math.floor(window / 2 ** 32));
  return hash >>> 0 >= dropBound(RATE);
}

const flowCases: readonly OperatorCase[] = [
  {
    name: 'random_drop 50 %',
    inputs: all,
    operators: [{ type: 'random_drop', rate: RATE, seed: SEED }],
    plain() {
      let state = mix32(SEED ^ mix32(0));
      const bound = dropBound(RATE);
      return {
        batch(rows, out) {
          for (const row of rows) {
            state ^= state << 13;
            state ^= state >>> 17;
            state ^= state << 5;
            if (state >>> 0 >= bound) out.push(row);
          }
        },
      };
    },
  },
  {
    name: 'window_drop 50 %',
    inputs: { rows: ['at', 'id', 'x'] },
    hasTime: true,
    operators: [{ type: 'window_drop', rate: RATE, seed: SEED, size: '1s' }],
    plain: () => ({
      batch(rows, out) {
        for (const row of rows) if (keepsWindow(Math.floor(row.at / DROP_US))) out.push(row);
      },
    }),
  },
  {
    name: 'delay of nothing',
    inputs: all,
    operators: [{ type: 'delay', for: '0s' }],
    plain: eachBatch((rows, out) => {
      for (const row of rows) out.push(row);
    }),
  },
  {
    name: 'throttle that lets all pass',
    inputs: all,
    operators: [{ type: 'throttle', rate: 1_000_000_000, burst: 1_000_000_000 }],
    plain: eachBatch((rows, out) => {
      for (const row of rows) out.push(row);
    }),
  },
  {
    name: 'heartbeat each second',
    inputs: { rows: ['at', 'id', 'x'] },
    hasTime: true,
    operators: [{ type: 'heartbeat', field: 'at', every: '1s' }],
    plain() {
      let told = -Infinity;
      return {
        batch(rows, out) {
          for (const row of rows) {
            const second = Math.floor(row.at / 1e6);
            if (second > told) {
              if (told !== -Infinity) out.push({ at: second * 1e6, id: null, x: null });
              told = second;
            }
            out.push({ at: row.at, id: row.id, x: row.x });
          }
        },
      };
    },
  },
  {
    name: 'split in two',
    inputs: all,
    operators: [{ type: 'split', outputs: ['one', 'two'] }],
    plain: eachBatch((rows, out) => {
      for (const row of rows) out.push(row);
      for (const row of rows) out.push(row);
    }),
  },
];

/** Every second key of 10,000, shuffled. */
const keys = Array.from({ length: 5000 }, (_, i) => ((i * 2003) % 5000) * 2);

const lookupCases: readonly OperatorCase[] = [
  {
    name: 'lookup, 5,000 keys, half of the rows match',
    inputs: { rows: ['id', 'u', 'x'] },
    operators: [
      {
        type: 'lookup',
        table: { path: 'prices.csv', schema: { u: 'int32', price: 'float64' } },
        on: ['u'],
      },
    ],
    file: { u: keys, price: keys.map((key) => key / 8) },
    floor: lookupFloor(new Map(keys.map((key) => [key, key / 8]))),
    plain() {
      const prices = new Map(keys.map((key) => [key, { price: key / 8 }]));
      return {
        batch(rows, out) {
          for (const { id, u, x } of rows) {
            const found = prices.get(u);
            if (found !== undefined) out.push({ id, u, x, price: found.price });
          }
        },
      };
    },
  },
];

export const rowCases: readonly OperatorCase[] = [
  ...filterCases,
  ...mapCases,
  ...flowCases,
  ...lookupCases,
];
