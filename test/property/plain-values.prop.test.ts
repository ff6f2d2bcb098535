/**
 * `parse`, `pivot` and `unnest` read plain values by a short cut. What is not plain goes the long way, so
 * the same values with something beside them that is not plain have to give the same.
 */

import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Schema } from '../../src/core/schema.ts';
import { INT64, JSON_TYPE, STRING } from '../../src/core/types.ts';
import { createKernel } from '../../src/operators/kernels.ts';
import { encodeJson } from '../../src/rows/values/json.ts';
import { documentPlan } from '../support/kernel/operator-nodes.ts';
import type { Cell } from '../support/kernel/rows.ts';
import { runKernel } from '../support/kernel/run-kernel.ts';

const TYPES = [
  'int32',
  'int64',
  'float64',
  'bool',
  'string',
  'timestamp',
  'json',
  'decimal(9,2)',
] as const;

interface Outcome {
  readonly rows: readonly (readonly Cell[])[];
  readonly errors: number;
}

async function outputOf(
  document: Readonly<Record<string, unknown>>,
  schema: Schema,
  rows: readonly (readonly Cell[])[],
): Promise<Outcome> {
  const plan = documentPlan({ onError: 'skip', ...document }, [
    { name: 'in', schema, hasTime: false },
  ]);
  const script = rows.map((values) => ({ port: 0, row: { values } }));
  const { out, errors } = await runKernel(createKernel, plan, script, { rowCapacity: 64 });
  return { rows: out.rows().map(({ values }) => values), errors };
}

/** Without the column that makes values go the long way. */
const withoutLast = ({ rows, errors }: Outcome): Outcome => ({
  rows: rows.map((row) => row.slice(0, -1)),
  errors,
});

const types = fc.record({
  a: fc.constantFrom(...TYPES),
  b: fc.constantFrom(...TYPES),
  'a longer name': fc.constantFrom(...TYPES),
});
const NAMES = ['a', 'b', 'a longer name', 'unknown'];

const number = fc.oneof(
  fc.integer({ min: -200, max: 300 }),
  fc.integer(),
  fc.maxSafeInteger(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.constantFrom(-0, 2 ** 31, -(2 ** 31), 2 ** 32, 2 ** 53, 2 ** 63, -(2 ** 63), 1e300, 0.5),
);
const text = fc.oneof(
  fc.string({ maxLength: 40, unit: 'grapheme' }),
  fc.constantFrom(
    '',
    '2026-01-02T03:04:05.678Z',
    '1969-12-31T23:59:59.999999Z',
    '12',
    'x'.repeat(300),
  ),
);
const single = fc.oneof(number, text, fc.boolean(), fc.constant(null));
const value = fc.oneof(
  { weight: 6, arbitrary: single },
  { weight: 1, arbitrary: fc.array(single, { maxLength: 20 }) },
  {
    weight: 1,
    arbitrary: fc.dictionary(fc.constantFrom(...NAMES), single, { noNullPrototype: true }),
  },
  { weight: 1, arbitrary: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }) },
);
const object = fc.dictionary(fc.constantFrom(...NAMES), value, { noNullPrototype: true });
const packed = (one: unknown): Cell => (one === null ? null : encodeJson(one)!.slice());

const ID: Schema = [{ name: 'id', type: INT64 }];
const COLUMN: Schema = [...ID, { name: 'doc', type: JSON_TYPE }];
const numbered = <T>(all: readonly T[], cell: (one: T) => Cell): Cell[][] =>
  all.map((one, i) => [BigInt(i), cell(one)]);

/** A column that has no short cut, and is there in each object. */
const LONG = { long: 'decimal(4,0)' };

test('pivot of objects and of entries', async () => {
  await fc.assert(
    fc.asyncProperty(
      types,
      fc.array(fc.oneof(object, single), { maxLength: 70 }),
      fc.boolean(),
      async (columns, docs, isList) => {
        const shaped = docs.map((doc) => {
          if (typeof doc !== 'object' || doc === null || !isList) return doc;
          return Object.entries(doc).map(([name, is]) =>
            is === null ? { name, more: 1 } : { is, name, more: 1 },
          );
        });
        const withLong = shaped.map((doc) => {
          if (typeof doc !== 'object' || doc === null) return doc;
          return Array.isArray(doc) ? [...doc, { name: 'long', is: 1 }] : { ...doc, long: 1 };
        });
        const document = {
          type: 'pivot',
          column: 'doc',
          ...(isList ? { key: 'name', value: 'is' } : {}),
        };
        const short = await outputOf({ ...document, columns }, COLUMN, numbered(shaped, packed));
        const long = await outputOf(
          { ...document, columns: { ...columns, ...LONG } },
          COLUMN,
          numbered(withLong, packed),
        );
        expect(short).toEqual(withoutLast(long));
      },
    ),
    { numRuns: 60 },
  );
});

test('unnest of objects', async () => {
  await fc.assert(
    fc.asyncProperty(
      types,
      fc.array(fc.array(object, { maxLength: 9 }), { maxLength: 30 }),
      async (columns, lists) => {
        const document = { type: 'unnest', column: 'doc' };
        const short = await outputOf({ ...document, columns }, COLUMN, numbered(lists, packed));
        const longer = lists.map((list) => list.map((one) => ({ ...one, long: 1 })));
        const long = await outputOf(
          { ...document, columns: { ...columns, ...LONG } },
          COLUMN,
          numbered(longer, packed),
        );
        expect(short).toEqual(withoutLast(long));
      },
    ),
    { numRuns: 40 },
  );
});

const TEXT: Schema = [...ID, { name: 'line', type: STRING }];

/** JSON as others may write it. */
const jsonText = fc.oneof(
  object.map((one) =>
    JSON.stringify(one, (_, v: unknown) => (typeof v === 'bigint' ? Number(v) : v)),
  ),
  fc
    .tuple(
      fc.constantFrom(...NAMES, '__proto__'),
      fc.constantFrom(
        '1.0',
        '01',
        '-0',
        '.5',
        '1.',
        '1e2',
        '1E+400',
        '12345678901234567890',
        '9223372036854775807',
        '-9223372036854775808',
        '0.1234567890123456789',
        '+1',
        'nul',
        'true',
        'truer',
        '"\\ud800"',
        '"a\tb"',
        '[1, 2]',
        '{"a": 1}',
        '',
        '"open',
      ),
      fc.constantFrom('', ' ', '\n', ',', '}', ' x'),
    )
    .map(
      ([name, token, space]) =>
        `${space}{${space} "${name}"${space}:${space}${token}${space}}${space}`,
    ),
);

test('parse of JSON', async () => {
  await fc.assert(
    fc.asyncProperty(types, fc.array(jsonText, { maxLength: 70 }), async (columns, lines) => {
      const document = { type: 'parse', column: 'line', format: 'json', columns };
      const short = await outputOf(
        document,
        TEXT,
        numbered(lines, (line) => line),
      );
      // A name with an escape is not plain.
      const escaped = lines.map((line) =>
        line.replace(/^(\s*\{)(\s*.)/, (_, open: string, next: string) =>
          next.trim() === '}' ? `${open}"\\n":0${next}` : `${open}"\\n":0,${next}`,
        ),
      );
      expect(short).toEqual(
        await outputOf(
          document,
          TEXT,
          numbered(escaped, (line) => line),
        ),
      );
    }),
    { numRuns: 200 },
  );
});

test('parse of CSV', async () => {
  const field = fc.oneof(
    text.map((one) => one.replace(/[",\r\n;]/g, '')),
    number.map(String),
    fc.constantFrom('', 'NULL', 'true', '[1]', '{}', '1e5', '+7', '00', ' 1', 'null'),
  );
  const record = fc.array(field, { minLength: 2, maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(
      types,
      fc.array(record, { maxLength: 70 }),
      fc.constantFrom('', 'NULL'),
      fc.constantFrom(',', ';'),
      async (columns, records, nullText, delimiter) => {
        const document = {
          type: 'parse',
          column: 'line',
          format: 'csv',
          columns,
          nullText,
          delimiter,
        };
        const lines = records.map((fields) => fields.join(delimiter));
        const short = await outputOf(
          document,
          TEXT,
          numbered(lines, (line) => line),
        );
        // A record with its line end is not plain.
        const long = await outputOf(
          document,
          TEXT,
          numbered(lines, (line) => `${line}\r\n`),
        );
        expect(short).toEqual(long);
      },
    ),
    { numRuns: 80 },
  );
});
