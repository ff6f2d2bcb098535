/** Queries by key, whole batches at a time, against a map that takes row after row. */

import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Schema } from '../../src/core/schema.ts';
import type { TableDefinition } from '../../src/core/topology/model.ts';
import { FLOAT64, INT32, INT64, STRING } from '../../src/core/types.ts';
import { createKernel } from '../../src/operators/kernels.ts';
import { documentPlan } from '../support/kernel/operator-nodes.ts';
import type { Cell } from '../support/kernel/rows.ts';
import { runKernel } from '../support/kernel/run-kernel.ts';

const KEYS = [
  { name: 'a', type: INT64 },
  { name: 'b', type: STRING },
  { name: 'c', type: FLOAT64 },
  { name: 'd', type: INT32 },
];
const VALUES = [
  { name: 'total', type: INT32 },
  { name: 'note', type: STRING },
];
const INPUT: Schema = [...KEYS, { name: 'n', type: INT32 }, { name: 'text', type: STRING }];
const STREAM = { name: 'in', schema: INPUT, hasTime: true };
/** Long ones too, so that bytes of values that were replaced have to go. */
const TEXTS = ['', 'x', 'twelve bytes', 'a text of more than twelve bytes', 'é'.repeat(600), null];

type Action = 'read' | 'insert' | 'update' | 'upsert' | 'delete';
type Row = readonly [
  a: bigint | null,
  b: string,
  c: number,
  d: number,
  n: number,
  text: string | null,
];
interface Kept {
  readonly total: number;
  readonly note: string | null;
}
interface Played {
  readonly out: Cell[][];
  readonly missed: Cell[][];
  readonly changes: Cell[][];
  errors: number;
}

/** What each action is, in a topology. Fails where `n` is 0 and a value is computed. */
function documentOf(action: Action, keys: readonly string[]): Readonly<Record<string, unknown>> {
  const key = Object.fromEntries(keys.map((name) => [name, `"in"."${name}"`]));
  const isPut = action === 'insert' || action === 'upsert';
  return {
    type: 'query',
    table: 'kept',
    do: action,
    misses: 'port',
    onError: 'skip',
    select: { n: 'n', total: 't.total', note: 't.note' },
    ...(isPut ? {} : { key }),
    ...(action === 'insert' ? {} : { where: 't.total < 40' }),
    ...(action === 'read' || action === 'delete'
      ? {}
      : { set: { total: 'COALESCE(t.total, 0) + 20 / n', note: 'text' } }),
  };
}

/** The same, a row at a time. */
function playModel(
  kept: Map<string, Kept>,
  action: Action,
  keys: readonly string[],
  rows: readonly Row[],
): Played {
  const played: Played = { out: [], missed: [], changes: [], errors: 0 };
  const isPut = action === 'insert' || action === 'upsert';
  for (const row of rows) {
    const [a, b, c, d, n, text] = row;
    const all: Readonly<Record<string, Cell>> = { a, b, c, d };
    const key = keys.map((name) => all[name]!);
    if (key.some((value) => value === null)) {
      if (isPut) played.errors++;
      else played.missed.push([...row]);
      continue;
    }
    const id = key.map((value) => (Object.is(value, -0) ? '0' : String(value))).join('|');
    const before = kept.get(id);
    const isMiss = before === undefined ? !isPut : action === 'insert' || before.total >= 40;
    if (isMiss) {
      played.missed.push([...row]);
      continue;
    }
    const rowOf = ({ total, note }: Kept, change: string): Cell[] =>
      [...key, total, note, change].map((value) => (Object.is(value, -0) ? 0 : value));
    if (action === 'read' || action === 'delete') {
      played.out.push([n, before!.total, before!.note]);
      if (action === 'delete') {
        kept.delete(id);
        played.changes.push(rowOf(before!, '-D'));
      }
      continue;
    }
    if (n === 0) {
      played.errors++;
      continue;
    }
    const after = { total: (before?.total ?? 0) + Math.trunc(20 / n), note: text };
    kept.set(id, after);
    played.out.push([n, after.total, after.note]);
    if (before === undefined) played.changes.push(rowOf(after, '+I'));
    else played.changes.push(rowOf(before, '-U'), rowOf(after, '+U'));
  }
  return played;
}

/** Which columns are the key: each has code of its own. */
const KEY_LISTS = [['a'], ['b'], ['c'], ['d'], ['a', 'b'], ['b', 'c', 'a']];

test('queries by key do what a map does that takes row after row', async () => {
  const row: fc.Arbitrary<Row> = fc.tuple(
    fc.constantFrom(0n, 1n, -1n, 2n ** 40n, null),
    fc.constantFrom('', 'b', 'a key of more than twelve bytes'),
    fc.constantFrom(0, -0, 1.5, NaN),
    fc.integer({ min: -2, max: 2 }),
    fc.integer({ min: -2, max: 3 }),
    fc.constantFrom(...TEXTS),
  );
  const step = fc.record({
    action: fc.constantFrom<Action>('read', 'insert', 'update', 'upsert', 'delete'),
    rows: fc.array(row, { maxLength: 40, size: 'max' }),
  });
  const script = fc.array(step, { maxLength: 12, size: 'max' });
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...KEY_LISTS), script, async (keys, steps) => {
      const table: TableDefinition = {
        name: 'kept',
        schema: [...keys.map((name) => KEYS.find((field) => field.name === name)!), ...VALUES],
        key: keys,
        indexes: ['total'],
        limitBytes: 2 ** 24,
        keep: undefined,
        partitionBy: [],
      };
      const shared = new Map<string, unknown>();
      const model = new Map<string, Kept>();
      for (const { action, rows } of steps) {
        const wanted = playModel(model, action, keys, rows);
        const plan = documentPlan(documentOf(action, keys), [STREAM], [table]);
        const played = rows.map((values, i) => ({
          port: 0,
          row: { values: [...values], timeUs: i },
        }));
        const { out, errors } = await runKernel(createKernel, plan, played, {
          rowCapacity: 64,
          shared,
        });
        const port = (name: string): Cell[][] => {
          const at = plan.outputs.findIndex((output) => output.name === name);
          return at < 0 ? [] : out.rows(at).map(({ values }) => [...values].map(positive));
        };
        expect({
          out: port('out'),
          missed: port('misses'),
          changes: port('changes'),
          errors,
        }).toEqual({ ...wanted, missed: wanted.missed.map((values) => values.map(positive)) });
      }
      // In the order of the index; the order of rows that are equal in it is nobody's business.
      const select = { total: 't.total', note: 't.note' };
      const range = { column: 'total', from: '-1000000' };
      const all = documentPlan({ type: 'query', table: 'kept', range, select }, [STREAM], [table]);
      const ask = [{ port: 0, row: { values: [0n, '', 0, 0, 0, ''], timeUs: 0 } }];
      const { out } = await runKernel(createKernel, all, ask, { rowCapacity: 64, shared });
      const found = out.rows().map(({ values }) => values);
      const left = [...model.values()].map(({ total, note }): Cell[] => [total, note]);
      expect(found.map(([total]) => Number(total))).toEqual(
        left.map(([total]) => Number(total)).toSorted((x, y) => x - y),
      );
      expect(found.map(String).toSorted()).toEqual(left.map(String).toSorted());
    }),
    { numRuns: Number(process.env['MILLRACE_RUNS'] ?? 60) },
  );
});

/** The two zeros are one key: which of them is kept does not matter. */
function positive(value: Cell): Cell {
  return Object.is(value, -0) ? 0 : value;
}
