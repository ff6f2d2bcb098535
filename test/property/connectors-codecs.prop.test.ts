/** Codecs on random tables: what is written is read back to the last bit, however it is cut up. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { FileFormat } from '../../src/core/topology/model.ts';
import {
  batchOf,
  CSV,
  decode,
  encode,
  EVERY_TYPE,
  JSONL,
  rowsOf,
} from '../conformance/codec-support.ts';

const nullable = <T>(values: fc.Arbitrary<T>): fc.Arbitrary<T | null> =>
  fc.option(values, { nil: null, freq: 5 });

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc.string({ unit: fc.constantFrom(...',;"\n\r\t \\/{}[]:nulNU-'.split(''), '😀', 'é') }),
  fc.constantFrom('', 'null', 'NULL', '\\N', '""', '"', 'a\r', '\ufeff', '\u2028', 'true', '1'),
);
const int64 = fc.oneof(
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.bigInt({ min: -1000n, max: 1000n }),
  fc.constantFrom(
    2n ** 63n - 1n,
    -(2n ** 63n),
    2n ** 53n,
    -(2n ** 53n) - 1n,
    10n ** 15n,
    10n ** 18n,
  ),
);
const milliseconds = fc.oneof(
  fc.integer({ min: -4_000_000_000_000, max: 4_000_000_000_000 }),
  fc.integer({ min: -9_000_000_000_000_000, max: 9_000_000_000_000_000 }),
  fc.integer({ min: 0, max: 4_000_000_000_000_000 }).map((us) => us / 1000),
);
const decimal = fc.bigInt({ min: -(10n ** 18n) + 1n, max: 10n ** 18n - 1n }).map((value) => {
  const digits = String(value < 0n ? -value : value).padStart(5, '0');
  return `${value < 0n ? '-' : ''}${digits.slice(0, -4)}.${digits.slice(-4)}`;
});
const float = fc.oneof(
  fc.double(),
  fc.integer().map((n) => n / 100),
  fc.constantFrom(-0, 1e21, 5e-324),
);
const json = fc
  .jsonValue({ maxDepth: 3 })
  .filter((value) => !JSON.stringify(value).includes('__proto__'));

const row = fc.record({
  b: nullable(fc.boolean()),
  i: nullable(fc.integer()),
  l: nullable(int64),
  f: nullable(float),
  d: nullable(decimal),
  t: nullable(milliseconds),
  u: nullable(milliseconds),
  s: nullable(text),
  y: nullable(fc.uint8Array({ maxLength: 30 })),
  j: nullable(json),
});
const table = fc.array(row, { maxLength: 20 });

const formats: [string, FileFormat][] = [
  ['csv', CSV],
  ['csv, other delimiter and null text', { ...CSV, delimiter: '|', nullText: '\\N' }],
  ['csv without header', { ...CSV, header: false, delimiter: '\t', nullText: 'null' }],
  ['jsonl', JSONL],
];

describe.each(formats)('%s', (_name, format) => {
  test('what is written is read back', () => {
    fc.assert(
      fc.property(table, (rows) => {
        const batch = batchOf(EVERY_TYPE, rows);
        const { rows: found, rejects } = decode(
          format,
          EVERY_TYPE,
          encode(format, EVERY_TYPE, batch),
        );
        expect(rejects).toEqual([]);
        expect(found).toEqual(rowsOf(batch, EVERY_TYPE));
      }),
      { numRuns: 150 },
    );
  });

  test('pieces and small batches make no difference', () => {
    const pieces = fc.array(fc.integer({ min: 1, max: 80 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(table, pieces, fc.integer({ min: 0, max: 400 }), (rows, pieces, heapBytes) => {
        const input = encode(format, EVERY_TYPE, batchOf(EVERY_TYPE, rows));
        const whole = decode(format, EVERY_TYPE, input, { heapBytes });
        expect(decode(format, EVERY_TYPE, input, { pieces, heapBytes })).toEqual(whole);
      }),
      { numRuns: 100 },
    );
  });

  test('damaged input makes the same rows and rejects in pieces as whole', () => {
    const damage = fc.array(
      fc.tuple(fc.nat(), fc.constantFrom(...'",\n\r{}[]:\\x0-.'.split(''), '\u0000')),
      { minLength: 1, maxLength: 6 },
    );
    fc.assert(
      fc.property(table, damage, fc.integer({ min: 1, max: 40 }), (rows, damage, size) => {
        const bytes = new TextEncoder().encode(
          encode(format, EVERY_TYPE, batchOf(EVERY_TYPE, rows)),
        );
        const header = format.kind === 'csv' && format.header ? bytes.indexOf(0x0a) + 1 : 0;
        if (bytes.length <= header) return;
        for (const [at, byte] of damage) {
          bytes[header + (at % (bytes.length - header))] = byte.charCodeAt(0);
        }
        const whole = decode(format, EVERY_TYPE, bytes);
        expect(decode(format, EVERY_TYPE, bytes, { pieces: [size] })).toEqual(whole);
      }),
      { numRuns: 200 },
    );
  });
});

test('JSON Lines is what JSON.parse reads', () => {
  fc.assert(
    fc.property(table, (rows) => {
      const batch = batchOf(EVERY_TYPE, rows);
      for (const line of encode(JSONL, EVERY_TYPE, batch).split('\n').slice(0, -1)) {
        const parsed = JSON.parse(line) as Record<string, unknown>;
        expect(Object.keys(parsed)).toEqual(EVERY_TYPE.map((field) => field.name));
      }
    }),
  );
});

test('any JSON text of an object is read as JSON.parse reads it', () => {
  const schema = EVERY_TYPE.filter((field) => ['f', 's', 'j', 'b'].includes(field.name));
  const object = fc.record(
    {
      f: fc.double({ noNaN: true, noDefaultInfinity: true }),
      s: fc.string({ unit: 'grapheme' }),
      j: json,
      b: fc.boolean(),
      x: json,
    },
    { requiredKeys: [] },
  );
  const space = fc.constantFrom(undefined, ' ', '\t');
  fc.assert(
    fc.property(object, space, fc.boolean(), (value, space, isEscaped) => {
      let line = JSON.stringify(value, undefined, space).replaceAll('\n', ' ');
      if (isEscaped) {
        line = line.replace(/[^\u0000-\u007f]/gu, (character) =>
          Array.from(
            { length: character.length },
            (_, i) => `\\u${character.charCodeAt(i).toString(16).padStart(4, '0')}`,
          ).join(''),
        );
      }
      const { rows, rejects } = decode(JSONL, schema, `${line}\n`);
      expect(rejects).toEqual([]);
      const expected = Object.fromEntries(
        schema.map(({ name }) => [name, (value as Record<string, unknown>)[name] ?? null]),
      );
      if (Object.is(expected['f'], -0)) expected['f'] = 0; // JSON.stringify drops the sign
      expect(rows).toEqual([JSON.parse(JSON.stringify(expected))]);
    }),
    { numRuns: 150 },
  );
});
