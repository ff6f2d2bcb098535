/** Operators that make rows of single rows, and boxes that drop rows, against plain JavaScript. */

import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Schema } from '../../src/core/schema.ts';
import { INT64, JSON_TYPE, STRING } from '../../src/core/types.ts';
import { createKernel } from '../../src/operators/kernels.ts';
import { splitRecord } from '../../src/operators/parse/csv-record.ts';
import { encodeJson } from '../../src/rows/values/json.ts';
import { documentPlan, type TestInput } from '../support/kernel/operator-nodes.ts';
import type { Cell, TestRow } from '../support/kernel/rows.ts';
import { runKernel } from '../support/kernel/run-kernel.ts';

const inputOf = (schema: Schema, hasTime = false): TestInput => ({ name: 'in', schema, hasTime });

async function outputOf(
  document: Readonly<Record<string, unknown>>,
  input: TestInput,
  rows: readonly TestRow[],
): Promise<{ rows: readonly (readonly Cell[])[]; errors: number }> {
  const script = rows.map((row) => ({ port: 0, row }));
  const plan = documentPlan(document, [input]);
  const { out, errors } = await runKernel(createKernel, plan, script, { rowCapacity: 64 });
  return { rows: out.rows().map(({ values }) => values), errors };
}

const text = fc.string({ maxLength: 20, unit: 'grapheme' });
const element = fc.oneof(
  fc.record({ a: fc.integer(), b: text }, { requiredKeys: [] }),
  fc.integer(),
  fc.constant(null),
);
const listed = fc.option(fc.oneof(fc.array(element, { maxLength: 6 }), fc.integer()), { freq: 8 });

test('unnest gives a row for each good element', async () => {
  const input = inputOf([
    { name: 'id', type: INT64 },
    { name: 'list', type: JSON_TYPE },
  ]);
  const columns = { a: 'int64', b: 'string' };
  await fc.assert(
    fc.asyncProperty(fc.array(listed, { maxLength: 90 }), fc.boolean(), async (lists, outer) => {
      const expected: Cell[][] = [];
      let errors = 0;
      lists.forEach((list, id) => {
        if (list !== null && !Array.isArray(list)) errors++;
        const elements = Array.isArray(list) ? list : [];
        const isEmpty = list === null || (Array.isArray(list) && list.length === 0);
        if (outer && isEmpty) expected.push([BigInt(id), null, null, null]);
        elements.forEach((item, position) => {
          if (typeof item !== 'object' || item === null) return void errors++;
          const { a = null, b = null } = item;
          expected.push([BigInt(id), a === null ? null : BigInt(a), b, BigInt(position)]);
        });
      });
      const rows = lists.map((list, id) => ({
        values: [BigInt(id), list === null ? null : encodeJson(list)!.slice()],
      }));
      const document = {
        type: 'unnest',
        column: 'list',
        columns,
        position: 'at',
        outer,
        onError: 'skip',
      };
      expect(await outputOf(document, input, rows)).toEqual({ rows: expected, errors });
    }),
    { numRuns: 40 },
  );
});

const bound = fc.option(fc.integer({ min: -20, max: 60 }), { freq: 9 });

test('iterate gives the numbers of each range, up to its condition and its limit', async () => {
  const input = inputOf([
    { name: 'low', type: INT64 },
    { name: 'high', type: INT64 },
    { name: 'stop', type: INT64 },
  ]);
  const range = fc.tuple(bound, bound, bound);
  const step = fc.integer({ min: -3, max: 4 }).filter((n) => n !== 0);
  await fc.assert(
    fc.asyncProperty(
      fc.array(range, { maxLength: 80 }),
      step,
      fc.boolean(),
      fc.integer({ min: 1, max: 40 }),
      async (ranges, by, isBounded, limit) => {
        const expected: Cell[][] = [];
        let errors = 0;
        const big = (n: number | null): Cell => (n === null ? null : BigInt(n));
        for (const [low, high, stop] of ranges) {
          if (low === null || high === null) continue;
          let given = 0;
          for (let i = low; by > 0 ? i <= high : i >= high; i += by) {
            if (given === limit) {
              errors++;
              break;
            }
            if (isBounded && (stop === null || i === stop)) break;
            expected.push([BigInt(low), BigInt(high), big(stop), BigInt(i)]);
            given++;
          }
        }
        const rows = ranges.map((values) => ({ values: values.map(big) }));
        const document = {
          type: 'iterate',
          as: 'i',
          from: 'low',
          to: 'high',
          step: by,
          limit,
          onError: 'skip',
          ...(isBounded ? { while: 'i <> stop' } : {}),
        };
        expect(await outputOf(document, input, rows)).toEqual({ rows: expected, errors });
      },
    ),
    { numRuns: 60 },
  );
});

describe('what is written by format is read by parse', () => {
  const schema: Schema = [
    { name: 'n', type: INT64 },
    { name: 's', type: STRING },
    { name: 'j', type: JSON_TYPE },
  ];
  const row = fc.tuple(
    fc.option(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })),
    fc.option(text),
    fc.option(
      // A text with that key is refused.
      fc
        .jsonValue({ maxDepth: 2 })
        .filter((value) => value !== null && !JSON.stringify(value).includes('__proto__')),
    ),
  );

  test.each(['json', 'csv'])('%s', async (format) => {
    await fc.assert(
      fc.asyncProperty(fc.array(row, { maxLength: 40 }), async (values) => {
        const rows = values.map(([n, s, j]) => ({
          values: [n, s, j === null ? null : encodeJson(j)!.slice()],
        }));
        const written = await outputOf(
          { type: 'format', as: 'line', format },
          inputOf(schema),
          rows,
        );
        expect(written.errors).toBe(0);
        const columns = { n: 'int64', s: 'string', j: 'json' };
        const lines = written.rows.map((line) => ({ values: line }));
        const back = inputOf([{ name: 'line', type: STRING }]);
        const read = await outputOf(
          { type: 'parse', column: 'line', format, columns },
          back,
          lines,
        );
        expect(read.rows).toEqual(rows.map((each) => each.values));
      }),
      { numRuns: 40 },
    );
  });

  test('a record has as many fields as were written', () => {
    const field = fc.stringMatching(/^[a",; \n]{0,6}$/);
    fc.assert(
      fc.property(fc.array(field, { minLength: 1, maxLength: 5 }), (fields) => {
        const record = fields.map((f) => `"${f.replaceAll('"', '""')}"`).join(',');
        expect(splitRecord(`${record}\r\n`, ',')).toEqual(
          fields.map((f) => ({ text: f, isQuoted: true })),
        );
      }),
    );
  });
});

test('pivot takes the last entry of each name', async () => {
  const input = inputOf([{ name: 'list', type: JSON_TYPE }]);
  const name = fc.constantFrom('x', 'y', 'z', 'constructor');
  const entries = fc.array(fc.record({ k: name, v: fc.integer() }), { maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(fc.array(entries, { maxLength: 30 }), async (lists) => {
      const expected = lists.map((list) =>
        ['x', 'constructor'].map((key) => {
          const last = list.findLast(({ k }) => k === key);
          return last === undefined ? null : BigInt(last.v);
        }),
      );
      const rows = lists.map((list) => ({ values: [encodeJson(list)!.slice()] }));
      const columns = { x: 'int64', constructor: 'int64' };
      const document = { type: 'pivot', column: 'list', key: 'k', value: 'v', columns };
      expect((await outputOf(document, input, rows)).rows).toEqual(expected);
    }),
    { numRuns: 30 },
  );
});

describe('random_drop', () => {
  const input = inputOf([{ name: 'id', type: INT64 }]);
  const rows = Array.from({ length: 20_000 }, (_, i) => ({ values: [BigInt(i % 10_000)] }));
  const drop = (options: object): ReturnType<typeof outputOf> =>
    outputOf({ type: 'random_drop', ...options }, input, rows);

  test.each([0.1, 0.5, 0.93])('drops a share of %f within three sigma', async (rate) => {
    const kept = (await drop({ rate })).rows.length;
    const sigma = Math.sqrt(rows.length * rate * (1 - rate));
    expect(Math.abs(kept - rows.length * (1 - rate))).toBeLessThan(3 * sigma);
  });

  test.each([
    [0, rows.length],
    [1, 0],
  ])('at a rate of %i keeps %i rows', async (rate, kept) => {
    expect((await drop({ rate })).rows.length).toBe(kept);
    expect((await drop({ rate, groupBy: ['id'] })).rows.length).toBe(kept);
  });

  test('another seed drops other rows, the same seed the same ones', async () => {
    const first = await drop({ rate: 0.5, seed: 1 });
    expect(await drop({ rate: 0.5, seed: 1 })).toEqual(first);
    expect(await drop({ rate: 0.5, seed: 2 })).not.toEqual(first);
  });

  test('by columns drops all of equal rows, whichever task has them', async () => {
    const { rows: kept } = await drop({ rate: 0.3, groupBy: ['id'] });
    const ids = kept.map(([id]) => id);
    expect(new Set(ids).size * 2).toBe(ids.length);
    expect(Math.abs(ids.length / rows.length - 0.7)).toBeLessThan(0.03);
  });
});

describe('window_drop', () => {
  const schema: Schema = [{ name: 'g', type: INT64 }];
  const WINDOW = { size: '100us', slide: '30us', offset: '7us' };
  const rows = Array.from({ length: 4000 }, (_, i) => ({
    values: [BigInt(i % 3)],
    timeUs: Math.floor(i / 2) - 500,
  }));
  const windowsOf = (timeUs: number): number[] => {
    const last = Math.floor((timeUs - 7) / 30);
    return [last - 3, last - 2, last - 1, last].filter((w) => timeUs < 30 * w + 7 + 100);
  };

  test('keeps the rows that kept windows need, and the results of these', async () => {
    const settings = { type: 'window_drop', rate: 0.6, seed: 9, groupBy: ['g'], ...WINDOW };
    const results = [0n, 1n, 2n].flatMap((g) =>
      Array.from({ length: 100 }, (_, i) => ({ values: [BigInt(30 * (i - 25) + 7), g] })),
    );
    const resultSchema: Schema = [{ name: 'window_start', type: { kind: 'timestamp' } }, ...schema];
    const kept = await outputOf({ ...settings, of: 'results' }, inputOf(resultSchema), results);
    expect(Math.abs(kept.rows.length / results.length - 0.4)).toBeLessThan(0.1);
    const isKept = new Set(kept.rows.map(([start, g]) => `${String(start)} ${String(g)}`));
    const expected = rows.filter(({ values: [g], timeUs }) =>
      windowsOf(timeUs).some((w) => isKept.has(`${30 * w + 7} ${String(g)}`)),
    );
    const plan = documentPlan(settings, [inputOf(schema, true)]);
    const script = rows.map((row) => ({ port: 0, row }));
    const { out } = await runKernel(createKernel, plan, script, { rowCapacity: 64 });
    expect(out.rows().map(({ values, timeUs }) => ({ values, timeUs }))).toEqual(expected);
  });
});

test('sequence numbers rows without gaps', async () => {
  const rows = Array.from({ length: 200 }, () => ({ values: [null] }));
  const input = inputOf([{ name: 'x', type: INT64 }]);
  const document = { type: 'sequence', as: 'no', start: -3, step: 2 };
  const numbers = (await outputOf(document, input, rows)).rows.map(([, no]) => no);
  expect(numbers).toEqual(rows.map((_, i) => BigInt(2 * i - 3)));
});
