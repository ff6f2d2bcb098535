/** Texts of values, and the check of one input, for the tests of decoding kernels. */
import * as fc from 'fast-check';
import { expect } from 'vitest';
import type { Schema } from '../../src/core/schema.ts';
import type { FileFormat } from '../../src/core/topology/model.ts';
import { decode, type DecodeOptions } from '../conformance/codec-support.ts';

export const digits = (length: number) =>
  fc.string({ unit: fc.constantFrom(...'0123456789'.split('')), minLength: 1, maxLength: length });
const signed = (number: fc.Arbitrary<string>) =>
  fc.tuple(fc.constantFrom('', '', '', '-', '+'), number).map((parts) => parts.join(''));
const twoDigits = fc.integer({ min: 0, max: 61 }).map((n) => String(n).padStart(2, '0'));

/** Times in the usual spelling, of any date and clock, also such as do not exist. */
const isoTime = fc
  .tuple(
    fc.constantFrom('2026', '2024', '1900', '2000', '1699', '1700', '2199', '2200', '0000', '9999'),
    fc.constantFrom('01', '02', '04', '12', '00', '13', '1x'),
    fc.constantFrom('01', '28', '29', '30', '31', '32', '00', '1:'),
    fc.constantFrom('T', ' ', 't'),
    fc.array(fc.oneof({ weight: 5, arbitrary: fc.constantFrom('00', '09', '23') }, twoDigits), {
      minLength: 3,
      maxLength: 3,
    }),
    fc.constantFrom('', '', '.5', '.123', '.123456', '.1234567', '.', ',5'),
    fc.constantFrom('', 'Z', 'Z', 'z', '+01:00'),
  )
  .map(
    ([y, m, d, t, clock, fraction, zone]) =>
      `${y}-${m}-${d}${t}${clock.join(':')}${fraction}${zone}`,
  );

/** One letter of a time is another. */
const spoiltTime = fc
  .tuple(
    fc.constant('2026-01-01T00:00:10.123Z'),
    fc.nat(23),
    fc.constantFrom(...'09:;/-.TZ x\u0000'.split('')),
  )
  .map(([text, at, letter]) => text.slice(0, at) + letter + text.slice(at + 1));

const times = fc.oneof(
  fc.constant('2026-01-01T00:00:10.123Z'),
  isoTime,
  spoiltTime,
  digits(17),
  fc.constantFrom('', '-5', '12.5', '2026-01-01', '20260101', '1234-', '1e3'),
);

/** Texts of a field, or of a JSON value without quotes: mostly good for the type, some not. */
export const NUMBERS: Record<string, fc.Arbitrary<string>> = {
  t: times,
  i: fc.oneof(
    fc.integer().map(String),
    signed(digits(11)),
    fc.constantFrom('2147483647', '2147483648', '-2147483648', '-2147483649', '-0', '1.0', ''),
  ),
  l: fc.oneof(
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String),
    signed(digits(21)),
    fc.constantFrom('9223372036854775807', '9223372036854775808', '-9223372036854775808', '-', ''),
  ),
  f: fc.oneof(
    fc.double().map(String),
    fc.tuple(signed(digits(18)), digits(18)).map(([a, b]) => `${a}.${b}`),
    fc.constantFrom(
      '9007199254740993',
      '9007199254740992',
      '0.1',
      '-0',
      '-0.0',
      '.5',
      '5.',
      '1e5',
      '123456789012345.678',
      '900719925474099.3',
      'NaN',
      '',
    ),
  ),
  d: fc.oneof(
    fc.tuple(signed(digits(10)), digits(4)).map(([a, b]) => `${a}.${b}`),
    signed(digits(13)),
    fc.constantFrom('999999999.999', '1000000000', '-999999999.999', '0.0001', ''),
  ),
  b: fc.constantFrom('true', 'false', 'true', 'false', 'True', 'tru', 'falsy', 'truefalse', ''),
};

/** Texts around the lengths at which the code for strings changes its ways. */
export const plainText = fc.oneof(
  fc.string({ unit: fc.constantFrom(...'abc xyz019-_é\t'.split(''), '😀'), maxLength: 18 }),
  fc.integer({ min: 0, max: 70 }).map((n) => 'x'.repeat(n)),
  fc.constantFrom('', 'null', '\\N', 'a\rb', '\r', '0', '-', '\u0000', '\u001f', '\u007f', 'ÿ'),
);

/** A plain value of each column. */
export const GOOD: Record<string, string> = {
  t: '2026-03-01T12:34:56.789Z',
  i: '-123456789',
  l: '123456789012345678',
  f: '-12345.6789',
  d: '1234.5',
  b: 'true',
  s: 'Google',
  r: 'https://example.org/item?query=12345',
};

/** Checks one input, cut up in some way. */
export function expectSame(
  format: FileFormat,
  schema: Schema,
  input: string | Uint8Array,
  options: DecodeOptions,
): void {
  const expected = decode(format, schema, input, { ...options, withoutKernels: true });
  expect(decode(format, schema, input, options)).toEqual(expected);
}

export const cuts = fc.record({
  pieces: fc.oneof(
    { weight: 2, arbitrary: fc.constant([1 << 20]) },
    fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1, maxLength: 4 }),
  ),
  blockBytes: fc.constantFrom(64, 300, 1 << 16, 1 << 16),
  timeColumn: fc.constantFrom(-1, 0),
  heapBytes: fc.constantFrom(0, 64, 200, 1 << 16, 1 << 16, 1 << 16, 1 << 16),
});
