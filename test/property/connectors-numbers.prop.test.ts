/** Numbers and times as text against obvious references. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { Column } from '../../src/core/column.ts';
import { parseTypeName } from '../../src/core/types.ts';
import { ByteWriter } from '../../src/rows/values/byte-writer.ts';
import { parseCell } from '../../src/rows/values/cell-parse.ts';
import { writeCell } from '../../src/rows/values/cell-write.ts';
import { Fault } from '../../src/rows/values/fault.ts';
import { CSV, decode, JSONL, schemaOf } from '../conformance/codec-support.ts';

const columnOf = (type: string): Column => Column.allocate(parseTypeName(type)!, 64);

function parse(column: Column, text: string): number {
  const bytes = new TextEncoder().encode(text);
  return parseCell(column, 0, bytes, 0, bytes.length);
}

function format(column: Column): string {
  const out = new ByteWriter(8);
  writeCell(out, column, 0);
  return new TextDecoder().decode(out.bytes.subarray(0, out.length));
}

const digits = fc.string({
  unit: fc.constantFrom(...'0123456789'.split('')),
  minLength: 0,
  maxLength: 22,
});
const numberText = fc
  .tuple(
    fc.constantFrom('', '-'),
    digits,
    fc.option(digits),
    fc.option(fc.integer({ min: -330, max: 310 })),
  )
  .map(([sign, whole, fraction, exponent]) => {
    const point = fraction === null ? '' : `.${fraction}`;
    return `${sign}${whole}${point}${exponent === null ? '' : `e${exponent}`}`;
  });

test('floats are read as Number reads them, by every way', () => {
  const column = columnOf('float64');
  const schema = schemaOf({ f: 'float64' });
  fc.assert(
    fc.property(numberText, (text) => {
      const expected = /\d/.test(text.split('e')[0]!) ? Number(text) : NaN;
      const fault = parse(column, text);
      const { rows } = decode(CSV, schema, `f\n${text}x\n${text}\n`);
      if (Number.isFinite(expected)) {
        expect(fault).toBe(Fault.OK);
        expect(column.f64[0]).toBe(expected);
        expect(rows[0]?.['f']).toBe(Object.is(expected, -0) ? '-0' : expected);
      } else {
        expect(fault).not.toBe(Fault.OK);
        expect(rows).toEqual(text === '' ? [{ f: null }] : []);
      }
    }),
    { numRuns: 2000 },
  );
});

test('a JSON number is accepted exactly when JSON.parse accepts it', () => {
  const schema = schemaOf({ f: 'float64' });
  const character = fc.constantFrom(...'00112345-+.eE'.split(''));
  fc.assert(
    fc.property(fc.string({ unit: character, minLength: 1, maxLength: 8 }), (text) => {
      let expected: number | undefined;
      try {
        expected = JSON.parse(text) as number;
      } catch {
        expected = undefined;
      }
      const { rows } = decode(JSONL, schema, `{"f":${text}}`);
      if (expected === undefined || !Number.isFinite(expected)) expect(rows).toEqual([]);
      else expect(rows).toEqual([{ f: Object.is(expected, -0) ? '-0' : expected }]);
    }),
    { numRuns: 3000 },
  );
});

test('int64 is exact, and refused exactly beyond its range', () => {
  const column = columnOf('int64');
  fc.assert(
    fc.property(fc.bigInt({ min: -(2n ** 64n), max: 2n ** 64n }), fc.nat(3), (value, zeros) => {
      const isNegative = value < 0n;
      const text = `${isNegative ? '-' : ''}${'0'.repeat(zeros)}${isNegative ? -value : value}`;
      const fits = BigInt.asIntN(64, value) === value;
      expect(parse(column, text)).toBe(fits ? Fault.OK : Fault.RANGE);
      if (!fits) return;
      expect(column.i64[0]).toBe(value);
      expect(format(column)).toBe(String(value));
    }),
    { numRuns: 2000 },
  );
});

test('timestamps are read and written as Date does', () => {
  const column = columnOf('timestamp');
  fc.assert(
    fc.property(fc.integer({ min: -8.64e15, max: 8.64e15 }), (ms) => {
      const iso = new Date(ms).toISOString();
      expect(parse(column, iso), iso).toBe(Fault.OK);
      expect(column.i64[0]).toBe(BigInt(ms) * 1000n);
      expect(format(column)).toBe(iso);
      expect(parse(column, String(ms))).toBe(Fault.OK);
      expect(column.i64[0]).toBe(BigInt(ms) * 1000n);
    }),
    { numRuns: 2000 },
  );
});

test('any int64 is a timestamp and a duration that is read back', () => {
  for (const type of ['timestamp', 'duration']) {
    const column = columnOf(type);
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (us) => {
        column.i64[0] = us;
        const text = format(column);
        expect(parse(column, text), text).toBe(Fault.OK);
        expect(column.i64[0], text).toBe(us);
      }),
      { numRuns: 1000 },
    );
  }
});

test('all spellings of a moment are the same moment', () => {
  const schema = schemaOf({ t: 'timestamp' });
  fc.assert(
    fc.property(
      fc.integer({ min: -2_000_000_000_000, max: 7_000_000_000_000 }),
      fc.nat(999),
      (ms, micros) => {
        const us = BigInt(ms) * 1000n + BigInt(micros);
        const iso = new Date(ms).toISOString().slice(0, -1) + String(micros).padStart(3, '0');
        const shifted =
          new Date(ms - 9_000_000).toISOString().slice(0, -1) + String(micros).padStart(3, '0');
        const sign = us < 0n ? '-' : '';
        const magnitude = us < 0n ? -us : us;
        const spellings = [
          `${iso}Z`,
          iso,
          iso.replace('T', ' '),
          `${iso}999Z`,
          `${shifted}-02:30`,
          `${shifted}-0230`,
          `${sign}${magnitude / 1000n}.${String(magnitude % 1000n).padStart(3, '0')}`,
        ];
        for (const format of [CSV, JSONL]) {
          const lines = spellings.map((text, i) => {
            if (format === CSV) return text;
            return i === 6 ? `{"t":${text}}` : `{"t":"${text}"}`;
          });
          const input = [...(format === CSV ? ['t'] : []), ...lines].join('\n');
          const { rows, rejects } = decode(format, schema, input);
          expect(rejects).toEqual([]);
          expect(rows.map((row) => row['t'])).toEqual(spellings.map(() => us));
        }
      },
    ),
    { numRuns: 500 },
  );
});

test('decimals keep all digits and refuse what does not fit', () => {
  const column = columnOf('decimal(10,3)');
  fc.assert(
    fc.property(fc.bigInt({ min: -(10n ** 12n), max: 10n ** 12n }), fc.nat(5), (value, places) => {
      const magnitude = String(value < 0n ? -value : value).padStart(places + 1, '0');
      const whole = magnitude.slice(0, magnitude.length - places);
      const text = `${value < 0n ? '-' : ''}${whole}${places === 0 ? '' : `.${magnitude.slice(-places)}`}`;
      const [numerator, denominator] = [value * 1000n, 10n ** BigInt(places)];
      const fault = parse(column, text);
      const scaled = numerator / denominator;
      if (numerator % denominator !== 0n) {
        expect(fault).toBe(Fault.INEXACT);
      } else if (scaled >= 10n ** 10n || scaled <= -(10n ** 10n)) {
        expect(fault).toBe(Fault.RANGE);
      } else {
        expect(fault).toBe(Fault.OK);
        expect(column.i64[0]).toBe(scaled);
        expect(Number(format(column))).toBe(Number(text));
      }
    }),
    { numRuns: 2000 },
  );
});

test('floats are written as String writes them, but for the sign of zero', () => {
  const column = columnOf('float64');
  const value = fc.oneof(
    fc.double(),
    fc.integer(),
    fc.integer().map((n) => n / 1000),
    fc.maxSafeInteger().map((n) => n / 1000),
    fc.maxSafeInteger().map((n) => n / 100),
  );
  fc.assert(
    fc.property(value, (value) => {
      column.f64[0] = value;
      expect(format(column)).toBe(Object.is(value, -0) ? '-0' : String(value));
    }),
    { numRuns: 3000 },
  );
});
