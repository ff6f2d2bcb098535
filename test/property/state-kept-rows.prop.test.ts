/**
 * Kept rows against a list that is searched: keys of several types, nulls, long values, many rows of a
 * key and many keys, rows that expire in any order, numbers of rows that come round.
 */

import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Schema } from '../../src/core/schema.ts';
import { BOOL, FLOAT64, INT32, INT64, STRING } from '../../src/core/types.ts';
import { MIN_PAGE_CELLS } from '../../src/state/index.ts';
import { KeptRowsSubject, ROWS } from '../support/kernel/kept-rows-subject.ts';
import type { Cell } from '../support/kernel/rows.ts';

/** Columns behind the key, and the key's. */
const REST: Schema = [
  { name: 'flag', type: BOOL },
  { name: 'text', type: STRING },
  { name: 'id', type: INT64 },
  { name: 'x', type: FLOAT64 },
];
const long = (key: number): string => `a key that does not fit into a view: ${key}`;
const KEYS: readonly { schema: Schema; cells: (key: number) => readonly Cell[] }[] = [
  { schema: [{ name: 'k', type: INT32 }], cells: (key) => [key] },
  { schema: [{ name: 'k', type: INT64 }], cells: (key) => [BigInt(key) << 30n] },
  {
    schema: [{ name: 'k', type: STRING }],
    cells: (key) => [key % 3 === 0 ? `k${key}` : long(key)],
  },
  {
    schema: [
      { name: 'k', type: FLOAT64 },
      { name: 'k2', type: STRING },
    ],
    cells: (key) => [(key >> 1) / 3, key & 1 ? long(key) : 'x'],
  },
];

const STEP = fc.record({
  /** Keys of the rows of a batch. */
  keys: fc.array(fc.nat(), { minLength: 1, maxLength: ROWS, size: 'max' }),
  /** How far ahead of time the rows are, now and then by far. */
  aheadUs: fc.oneof(
    { weight: 5, arbitrary: fc.nat({ max: 20 }) },
    { weight: 1, arbitrary: fc.nat({ max: 5000 }) },
  ),
  text: fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(null, '', 'short', 'x'.repeat(100)) },
    { weight: 1, arbitrary: fc.constantFrom('y'.repeat(3000), 'z'.repeat(9000)) },
  ),
  releases: fc.boolean(),
  most: fc.constantFrom(1, 7, ROWS),
  renews: fc.boolean(),
});

const CASE = fc.record({
  form: fc.nat({ max: KEYS.length - 1 }),
  distinct: fc.constantFrom(8, 60, 3000),
  stepUs: fc.constantFrom(0, 1, 30),
  /** Numbers of rows come round soon, or never. */
  firstPage: fc.constantFrom(1, 2 ** 32 / MIN_PAGE_CELLS - 20),
  isTold: fc.boolean(),
  steps: fc.array(STEP, { minLength: 1, maxLength: 40, size: 'max' }),
});

interface ModelRow {
  readonly key: number;
  readonly timeUs: number;
  readonly values: readonly Cell[];
}

/** A row as text; long values by their ends. */
const shown = (values: readonly Cell[]): string =>
  values
    .map((cell) => {
      const text = String(cell);
      return text.length < 60 ? text : `${text.slice(0, 20)} ${text.length} ${text.slice(-20)}`;
    })
    .join('|');

test('finds what a search of all rows finds', () => {
  let matches = 0;
  fc.assert(
    fc.property(CASE, ({ form, distinct, stepUs, firstPage, isTold, steps }) => {
      const { schema, cells } = KEYS[form]!;
      let subject = new KeptRowsSubject(schema, REST, isTold, firstPage);
      let kept: ModelRow[] = [];
      let nowUs = 0;
      let id = 0;
      for (const step of steps) {
        nowUs += stepUs;
        const rows = step.keys.map((drawn): ModelRow => {
          const key = drawn % distinct;
          const isNull = id % 7 === 0;
          const text = id % 5 === 0 ? 'other' : step.text;
          const rest = [id % 2 === 0, text, isNull ? null : BigInt(id), isNull ? null : id / 4];
          const ahead = id % 11 === 0 ? step.aheadUs : 0;
          id++;
          return { key, timeUs: nowUs + ahead, values: [...cells(key), ...rest] };
        });
        const count = subject.take(rows.map(({ values }) => ({ values })));
        for (let i = 0; i < count; i++) {
          subject.earliest[2 * i + 1] = nowUs - 60;
          subject.times[2 * i + 1] = rows[i]!.timeUs;
        }
        const wanted = rows
          .slice(0, count)
          .flatMap(({ key }, row) =>
            kept
              .filter((other) => other.key === key && other.timeUs >= nowUs - 60)
              .map(({ values }) => `${row}: ${shown(values)}`),
          );
        const found = subject.probe(count, step.most);
        expect(found.map(([row, values]) => `${row}: ${shown(values)}`).sort()).toEqual(
          wanted.sort(),
        );
        matches += wanted.length;
        subject.keep(count);
        kept.push(...rows.slice(0, count));
        if (step.renews) subject = subject.renewed();
        if (!step.releases) continue;
        if (isTold) {
          const due = kept.filter(({ timeUs }) => timeUs < nowUs - 60).map(({ timeUs }) => timeUs);
          expect(subject.takeDue(nowUs - 60).sort((a, b) => a - b)).toEqual(
            due.sort((a, b) => a - b),
          );
        }
        subject.rows.release(nowUs - 60);
        kept = kept.filter(({ timeUs }) => timeUs >= nowUs - 60);
      }
      subject.rows.release(Infinity);
      const count = subject.take([{ values: [...cells(0), null, null, null, null] }]);
      expect(subject.probe(count, ROWS)).toEqual([]);
    }),
    { numRuns: 30 },
  );
  expect(matches).toBeGreaterThan(10_000);
});
