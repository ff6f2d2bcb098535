/** Operators that read and write texts. @module */

import type { OperatorCase } from '../case.ts';

interface Item {
  readonly id: number;
  readonly x: number;
}

/** Every text operator. */
export const textCases: readonly OperatorCase[] = [
  {
    name: 'parse JSON',
    inputs: { rows: ['k', 'text'] },
    operators: [
      { type: 'parse', column: 'text', format: 'json', columns: { id: 'int32', x: 'float64' } },
    ],
    plain: () => ({
      batch(rows, out) {
        for (const { k, text } of rows) {
          const { id, x } = JSON.parse(text) as Item;
          out.push({ k, id, x });
        }
      },
    }),
  },
  {
    name: 'parse CSV',
    inputs: { rows: ['k', 'csv'] },
    operators: [
      { type: 'parse', column: 'csv', format: 'csv', columns: { id: 'int32', x: 'float64' } },
    ],
    plain: () => ({
      batch(rows, out) {
        for (const { k, csv } of rows) {
          const [id, x] = csv.split(',');
          out.push({ k, id: Number(id), x: Number(x) });
        }
      },
    }),
  },
  {
    name: 'format JSON',
    inputs: { rows: ['k', 'id', 'x'] },
    operators: [{ type: 'format', as: 'text', format: 'json', columns: ['id', 'x'] }],
    plain: () => ({
      batch(rows, out) {
        for (const { k, id, x } of rows) out.push({ k, text: JSON.stringify({ id, x }) });
      },
    }),
  },
  {
    name: 'format CSV',
    inputs: { rows: ['k', 'id', 'x'] },
    operators: [{ type: 'format', as: 'text', format: 'csv', columns: ['id', 'x'] }],
    plain: () => ({
      batch(rows, out) {
        for (const { k, id, x } of rows) out.push({ k, text: `${id},${x}` });
      },
    }),
  },
  {
    name: 'unnest a list of two',
    inputs: { rows: ['k', 'list'] },
    operators: [{ type: 'unnest', column: 'list', columns: { n: 'int32' } }],
    plain: () => ({
      batch(rows, out) {
        for (const { k, list } of rows) {
          for (const n of list) out.push({ k, n });
        }
      },
    }),
  },
  {
    name: 'partition by a list of two',
    inputs: { rows: ['k', 'list'] },
    operators: [
      { type: 'partition', keys: ['list'], partitions: 4 },
      { type: 'map', select: { k: 'k', partition: 'partition' } },
    ],
    plain: () => ({
      batch(rows, out) {
        for (const { k, list } of rows) {
          const byPartition = new Map<number, string[]>();
          for (const key of new Set(list.map(String))) {
            let hash = 0x84222325 | 0;
            for (let i = 0; i < key.length; i++) {
              hash = Math.imul(hash, 435) ^ key.codePointAt(i)!;
            }
            const partition = (hash >>> 0) % 4;
            const keys = byPartition.get(partition);
            if (keys === undefined) byPartition.set(partition, [key]);
            else keys.push(key);
          }
          for (const partition of byPartition.keys()) out.push({ k, partition });
        }
      },
    }),
  },
  {
    name: 'pivot an object of two',
    inputs: { rows: ['k', 'object'] },
    operators: [{ type: 'pivot', column: 'object', columns: { id: 'int32', x: 'float64' } }],
    plain: () => ({
      batch(rows, out) {
        for (const { k, object } of rows) out.push({ k, id: object.id, x: object.x });
      },
    }),
  },
];
