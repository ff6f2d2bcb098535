/**
 * Decoding CSV with kernels gives the same rows, rejects and line numbers as decoding row by row in
 * TypeScript, whatever is in the file and wherever its blocks end.
 */
import * as fc from 'fast-check';
import { describe, test } from 'vitest';
import type { CsvFormat, FileFormat } from '../../src/core/topology/model.ts';
import { CSV, schemaOf } from '../conformance/codec-support.ts';
import {
  cuts,
  DOUBLED,
  EDGES,
  EDGE_TYPES,
  eachBehindPlain,
  expectSame,
  GOOD,
  GOOD_EDGE,
  NUMBERS,
  plainText,
} from './decode-texts.ts';

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

/** Lines of CSV, most of them good but for one field. */
function csvFile(format: CsvFormat, names: readonly string[]): fc.Arbitrary<string> {
  const good = names.map((name) => GOOD[name] ?? 'extra');
  const line = fc.oneof(
    { weight: 16, arbitrary: fc.constant(good.join(format.delimiter)) },
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
        expectSame(format, SCHEMA, text, options),
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
      expectSame(CSV, SCHEMA, input, options);
    }),
    { numRuns: 100 },
  );
});

test.each(Object.keys(EDGES))('csv: edges of %s', (letter) => {
  const texts = EDGES[letter]!;
  for (const type of EDGE_TYPES[letter]!) {
    const schema = schemaOf({ x: type, i: 'int32' });
    const good = GOOD_EDGE[type] ?? GOOD[letter]!;
    const text = (line: (value: string) => string): string =>
      eachBehindPlain(line(good), texts.map(line));
    const options = { blockBytes: 1 << 17, rowCapacity: 1024 };
    expectSame(CSV, schema, `x,i\n${text((value) => `${value},1`)}`, options);
    expectSame(CSV, schema, `i,x\n${text((value) => `1,${value}`)}`, options);
    expectSame(CSV, schema, `i,x\n${text((value) => `1,${value}\r`)}`, options);
  }
});

test.each([0, 16, 40, 1 << 16])('csv: doubled quotes, heap of %i bytes', (heapBytes) => {
  const schema = schemaOf({ s: 'string', i: 'int32', r: 'string' });
  const lines = DOUBLED.map((field) => `${field},1,${field}`);
  const text = `s,i,r\n${eachBehindPlain('"plain",1,"plain"', lines)}`;
  expectSame(CSV, schema, text, { blockBytes: 1 << 17, rowCapacity: 1024, heapBytes });
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
      expectSame(format, SCHEMA, text, { pieces: [size], timeColumn: 0 });
      expectSame(format, SCHEMA, text, {
        pieces: [size, 1 << 20],
        timeColumn: 0,
        blockBytes: 4096,
      });
    }
  });
});

test('batches fill up at any row', () => {
  const line = NAMES.map((name) => GOOD[name]).join();
  const text = `${NAMES.join()}\n${`${line}\n`.repeat(300)}`;
  for (const rowCapacity of [64, 128, 1024]) {
    expectSame(CSV, SCHEMA, text, { rowCapacity, blockBytes: 4096, timeColumn: 0 });
  }
});
