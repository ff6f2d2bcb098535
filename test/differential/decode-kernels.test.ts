/**
 * Decoding with kernels gives the same rows, rejects and line numbers as decoding row by row in
 * TypeScript, whatever is in the file and wherever its blocks end.
 */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { CsvFormat, FileFormat } from '../../src/core/topology/model.ts';
import { CSV, decode, type DecodeOptions, schemaOf } from '../conformance/codec-support.ts';

const TYPES = {
  t: 'timestamp',
  i: 'int32',
  l: 'int64',
  f: 'float64',
  d: 'decimal(12,3)',
  b: 'bool',
  s: 'string',
  r: 'string',
};
const SCHEMA = schemaOf(TYPES);
const NAMES = Object.keys(TYPES);

const digits = (length: number) =>
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

const times = fc.oneof(
  fc.constant('2026-01-01T00:00:10.123Z'),
  isoTime,
  digits(17),
  fc.constantFrom('', '-5', '12.5', '2026-01-01', '20260101', '1234-', '1e3'),
);

/** Texts of a field, or of a JSON value without quotes: mostly good for the type, some not. */
const NUMBERS: Record<string, fc.Arbitrary<string>> = {
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
const plainText = fc.oneof(
  fc.string({ unit: fc.constantFrom(...'abc xyz019-_é\t'.split(''), '😀'), maxLength: 18 }),
  fc.integer({ min: 0, max: 70 }).map((n) => 'x'.repeat(n)),
  fc.constantFrom('', 'null', '\\N', 'a\rb', '\r', '0', '-', '\u0000', '\u007f', 'ÿ'),
);

function csvField(name: string, { delimiter }: CsvFormat): fc.Arbitrary<string> {
  const quoted = fc
    .string({ unit: fc.constantFrom(...`ab"\n\r${delimiter}é`.split('')), maxLength: 20 })
    .map((text) => `"${text.replaceAll('"', '""')}"`);
  const text = plainText.map((t) => t.replaceAll(delimiter, '.'));
  const broken = fc.constantFrom('"a', '"a"b', 'a"b', '""', '"', `a${delimiter}b`, 'a\nb');
  const value = NUMBERS[name] ?? text;
  return fc.oneof(
    { weight: 40, arbitrary: value },
    { weight: 3, arbitrary: fc.constantFrom('', '\\N', '\\Nx', 'null') },
    { weight: 3, arbitrary: NUMBERS[name] === undefined ? quoted : value.map((v) => `"${v}"`) },
    { weight: 1, arbitrary: broken },
  );
}

const GOOD: Record<string, string> = {
  t: '2026-03-01T12:34:56.789Z',
  i: '-123456789',
  l: '123456789012345678',
  f: '-12345.6789',
  d: '1234.5',
  b: 'true',
  s: 'Google',
  r: 'https://example.org/item?query=12345',
};

/** Lines of CSV, most of them good but for one field. */
function csvFile(format: CsvFormat, names: readonly string[]): fc.Arbitrary<string> {
  const good = names.map((name) => GOOD[name] ?? 'extra');
  const line = fc.oneof(
    { weight: 3, arbitrary: fc.constant(good.join(format.delimiter)) },
    {
      weight: 8,
      arbitrary: fc
        .nat(names.length - 1)
        .chain((i) =>
          csvField(names[i]!, format).map((field) => good.with(i, field).join(format.delimiter)),
        ),
    },
    {
      weight: 3,
      arbitrary: fc
        .tuple(...names.map((name) => csvField(name, format)))
        .map((fields) => fields.join(format.delimiter)),
    },
    { weight: 1, arbitrary: fc.constantFrom('', ' ', '\r', format.delimiter, good.join(';;')) },
  );
  const end = fc.constantFrom('\n', '\n', '\n', '\r\n');
  const header = format.header ? `${names.join(format.delimiter)}\n` : '';
  return fc
    .tuple(
      fc.constantFrom('', '\ufeff'),
      fc.array(fc.tuple(line, end), { maxLength: 30 }),
      fc.boolean(),
    )
    .map(([mark, lines, isCut]) => {
      const text = mark + header + lines.flat().join('');
      return isCut ? text.trimEnd() : text;
    });
}

/** Checks one input, cut up in some way. */
function expectSame(format: FileFormat, input: string | Uint8Array, options: DecodeOptions): void {
  const expected = decode(format, SCHEMA, input, { ...options, withoutKernels: true });
  expect(decode(format, SCHEMA, input, options)).toEqual(expected);
}

const cuts = fc.record({
  pieces: fc.oneof(
    fc.constant([1 << 20]),
    fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1, maxLength: 4 }),
  ),
  blockBytes: fc.constantFrom(64, 300, 1 << 16),
  timeColumn: fc.constantFrom(-1, 0),
  heapBytes: fc.constantFrom(0, 64, 200, 1 << 16),
});

const csvFormats: [string, CsvFormat, readonly string[]][] = [
  ['csv', CSV, NAMES],
  [
    'csv, columns in another order and more',
    CSV,
    ['r', 'x', 's', 'b', 'd', 'f', 'y', 'l', 'i', 't', 'z'],
  ],
  ['csv, other delimiter and null text', { ...CSV, delimiter: '|', nullText: '\\N' }, NAMES],
  [
    'csv with tabs, without header',
    { ...CSV, header: false, delimiter: '\t', nullText: 'null' },
    NAMES,
  ],
  ['csv, null text like a number', { ...CSV, delimiter: ';', nullText: '-' }, NAMES],
];

describe.each(csvFormats)('%s', (_name, format, names) => {
  test('kernels read what TypeScript reads', () => {
    fc.assert(
      fc.property(csvFile(format, names), cuts, (text, options) =>
        expectSame(format, text, options),
      ),
      { numRuns: 150 },
    );
  });
});

test('csv: bytes that are no UTF-8', () => {
  const bytes = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0x80, max: 0xff })), {
    maxLength: 3,
  });
  fc.assert(
    fc.property(csvFile(CSV, NAMES), bytes, cuts, (text, damage, options) => {
      const input = new TextEncoder().encode(text);
      const header = input.indexOf(0x0a) + 1;
      if (header === 0 || input.length <= header) return;
      for (const [at, byte] of damage) input[header + (at % (input.length - header))] = byte;
      expectSame(CSV, input, options);
    }),
    { numRuns: 100 },
  );
});

describe('blocks end at every byte', () => {
  const line = NAMES.map((name) => GOOD[name]).join();
  const nulls = NAMES.map((name) => (name === 't' ? GOOD[name] : '')).join();
  const files: [FileFormat, string][] = [
    [
      CSV,
      `${NAMES.join()}\n${line}\n${nulls}\r\n${line.replace('Google', '"Goo,""\ngle"')}\n\n${line}`,
    ],
  ];
  test.each(files)('%o', (format, text) => {
    for (let size = 1; size <= text.length; size++) {
      expectSame(format, text, { pieces: [size], timeColumn: 0 });
      expectSame(format, text, { pieces: [size, 1 << 20], timeColumn: 0, blockBytes: 4096 });
    }
  });
});

test('batches fill up at any row', () => {
  const line = NAMES.map((name) => GOOD[name]).join();
  const text = `${NAMES.join()}\n${`${line}\n`.repeat(300)}`;
  for (const rowCapacity of [64, 128, 1024]) {
    expectSame(CSV, text, { rowCapacity, blockBytes: 4096, timeColumn: 0 });
  }
});
