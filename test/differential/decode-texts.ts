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
      '.12345678901234567',
      '-.1234567890123456789',
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

const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, i) => from + i);

/** Numbers of every length, and with the point at every place. */
const longNumbers = range(1, 24).flatMap((length) => [
  '9'.repeat(length),
  '1'.padEnd(length, '0'),
  '123456789'.repeat(3).slice(0, length),
  '0'.repeat(length),
]);
const pointedNumbers = range(1, 24).flatMap((length) => {
  const digits = '9123456780'.repeat(3).slice(0, length);
  return range(0, length).map((at) => `${digits.slice(0, at)}.${digits.slice(at)}`);
});
const withSigns = (texts: readonly string[]): string[] =>
  texts.flatMap((text) => [text, `-${text}`]);

const PLAIN_TIME = GOOD['t']!;

/** By letter: texts at the edges of what is plain, and at those of what is good. */
export const EDGES: Readonly<Record<string, readonly string[]>> = {
  t: [
    ...range(0, 23).flatMap((at) =>
      '0123456789:;/-.TZx '
        .split('')
        .map((l) => PLAIN_TIME.slice(0, at) + l + PLAIN_TIME.slice(at + 1)),
    ),
    ...['00:00:59', '00:00:60', '00:59:00', '00:60:00', '23:00:00', '24:00:00', '00:00:1;'].flatMap(
      (clock) =>
        ['', '.5', '.000', '.123456', '.1234567', '.'].map((f) => `2026-01-01T${clock}${f}Z`),
    ),
    ...['2026-02-28', '2026-02-29', '2024-02-29', '2100-02-29', '2000-02-29'].map(
      (d) => `${d}T00:00Z`,
    ),
    ...range(1, 20).map((length) => '9'.repeat(length)),
    '2026-01-02 00:00:00',
    '2026-01-01T00:00:10',
    '2026-01-01T00:00:10.123+01:00',
    '-1',
    '0',
  ],
  i: withSigns([
    ...longNumbers,
    '2147483647',
    '2147483648',
    '2147483649',
    '',
    '-',
    '+1',
    '1.0',
    '1e3',
  ]),
  l: withSigns([
    ...longNumbers,
    '9223372036854775807',
    '9223372036854775808',
    '9223372036854775809',
    '18446744073709551615',
    '18446744073709551616',
    '',
    '-',
    '1.0',
    '1e3',
    '1 ',
  ]),
  f: withSigns([
    ...longNumbers,
    ...pointedNumbers,
    '9007199254740992',
    '9007199254740993',
    '0.30000000000000004',
    '1..2',
    '1.2.3',
    '1.-2',
    '1e5',
    '1.5E-7',
    '1e',
    '1.5e+',
    '2e-',
    '1e5.5',
    '1e4294967296',
    '1e-18446744073709551616',
    '0e5',
    '',
    '-',
    '.',
    '1.e5',
    '12345678901234567890123.5',
  ]),
  d: withSigns([...longNumbers, ...pointedNumbers, '', '.', '1..2', '1e2']),
  b: ['true', 'false', 'truex', 'falsex', 'tru', 'fals', 'trut', 'falsf', 'TRUE', 'null', ''],
  s: range(0, 70).map((length) => '0123456789'.repeat(7).slice(0, length)),
};

/** Strings of JSON with escapes at every place of a vector, good ones and bad. */
export const ESCAPED: readonly string[] = [
  ...['\\n', '\\"', '\\\\', '\\u00e9', '\\ud83d\\uDE00', '\\u20AC'].flatMap((escape) =>
    range(0, 36).flatMap((before) =>
      [0, 1, 11, 30].map((behind) => `${'x'.repeat(before)}${escape}${'y'.repeat(behind)}`),
    ),
  ),
  ...'"\\/bfnrtuxa09é\u0001'.split('').map((letter) => `\\${letter}`),
  '\\u0000',
  '\\u007f',
  '\\u0080',
  '\\u07ff',
  '\\u0800',
  '\\uffff',
  '\\ud7ff',
  '\\ue000',
  '\\ud800',
  '\\udc00',
  '\\ud800\\u0041',
  '\\ud800\\ud800',
  '\\udbff\\udfff',
  '\\ud800\\n',
  '\\ud800\\udc0',
  '\\ud800xxdc00',
  '\\n\u0001n',
  '\\n\u0001',
  '\\u12',
  '\\u123',
  '\\u123g',
  '\\u/123',
  '\\u:000',
  '\\u`000',
  '\\u@000',
  '\\uG000',
  '\\',
].map((text) => `"${text}"`);

/** Fields of CSV with doubled quotes at every place of a vector. */
export const DOUBLED: readonly string[] = range(0, 36).flatMap((before) =>
  ['""', '""""', '""x""', '"', '""\r', '""\n'].flatMap((quotes) =>
    [0, 1, 11, 30].map((behind) => `"${'x'.repeat(before)}${quotes}${'y'.repeat(behind)}"`),
  ),
);

/** The types that the edges are those of, by letter. */
export const EDGE_TYPES: Readonly<Record<string, readonly string[]>> = {
  t: ['timestamp'],
  i: ['int32'],
  l: ['int64'],
  f: ['float64'],
  d: ['decimal(12,3)', 'decimal(18,0)', 'decimal(18,18)'],
  b: ['bool'],
  s: ['string'],
};

/** Plain values of types for which those of {@link GOOD} are too large. */
export const GOOD_EDGE: Readonly<Record<string, string>> = {
  'decimal(18,0)': '1234',
  'decimal(18,18)': '0.5',
};

/** A plain row in front of each other one: so a kernel tries every one of them. */
export function eachBehindPlain(plain: string, lines: readonly string[]): string {
  return lines.map((line) => `${plain}\n${line}\n`).join('');
}

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
