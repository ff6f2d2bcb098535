import { describe, expect, test } from 'vitest';
import type { DecoderContext } from '../../../src/connectors/codecs/codec.ts';
import { CsvRowParser } from '../../../src/connectors/codecs/csv/decode.ts';
import { InputWindow } from '../../../src/connectors/codecs/input-window.ts';
import type { Schema } from '../../../src/core/schema.ts';
import { allocate, CSV, decode, JSONL, rowsOf, schemaOf } from '../../conformance/codec-support.ts';
import { testMemory } from '../../support/memory.ts';

const SCHEMA = schemaOf({
  t: 'timestamp',
  i: 'int32',
  l: 'int64',
  f: 'float64',
  d: 'decimal(9,2)',
  b: 'bool',
  s: 'string',
});

/** What kernels alone make of a text: how many rows, which, and what is left of the text. */
function plainRows(text: string, schema: Schema = SCHEMA, timeColumn = 0) {
  const memory = testMemory();
  const context: DecoderContext = {
    node: 'source',
    file: 'input.txt',
    schema,
    memory,
    timeColumn,
    canReject: () => true,
    reject: () => {
      throw new Error('nothing is rejected here');
    },
  };
  const parser = new CsvRowParser(CSV, context);
  const window = new InputWindow(1 << 16, 1 << 20, memory);
  const bytes = new TextEncoder().encode(text);
  window.makeRoom().set(bytes);
  window.filled(bytes.length);
  window.from = parser.parseHeader(window);
  const batch = allocate(schema, 64, 1 << 12, memory);
  const count = parser.parsePlain(window, batch, 0);
  batch.setRowCount(count);
  const rest = new TextDecoder().decode(bytes.subarray(window.from));
  return { count, rows: rowsOf(batch, schema), rest };
}

const HEADER = 't,i,l,f,d,b,s\n';

describe('rows that kernels read without help', () => {
  test.each([
    ['2026-01-01T00:00:10.123Z', 1_767_225_610_123],
    ['2026-01-01T00:00:10Z', 1_767_225_610_000],
    ['2024-02-29 23:59:59.000001', 1_709_251_199_000.001],
    ['1767225610123', 1_767_225_610_123],
  ])('timestamp %s', (text, expected) => {
    const { count, rows } = plainRows(`${HEADER}${text},1,2,0.5,1.25,true,x\n`);
    expect(count).toBe(1);
    expect(Number(rows[0]!['t']) / 1000).toBe(expected);
  });

  test.each([
    ['i', '2147483647', 2147483647],
    ['i', '-2147483648', -2147483648],
    ['l', '123456789012345678', 123456789012345678n],
    ['l', '-999999999999999999', -999999999999999999n],
    ['f', '-12345.678901', -12345.678901],
    ['f', '9007199254740992', 9007199254740992],
    ['f', '0.30000000000000004', null],
    ['d', '1234567.8', 123456780n],
    ['b', 'false', false],
    ['s', '"in, quotes"', 'in, quotes'],
    ['s', '""', ''],
    ['s', 'äöü €', 'äöü €'],
    ['s', '', null],
  ])('%s: %s', (name, text, expected) => {
    const schema = SCHEMA.filter((field) => field.name === name || field.name === 'i');
    const header = name === 'i' ? 'i' : `i,${name}`;
    const line = name === 'i' ? text : `7,${text}`;
    const { count, rows } = plainRows(`${header}\n${line}\r\n`, schema, -1);
    if (text === '0.30000000000000004') {
      // Its digits make a number above 2^53: only one division would not round it rightly.
      expect(count).toBe(0);
      return;
    }
    expect(count).toBe(1);
    expect(rows[0]![name]).toBe(expected);
  });

  test('all rows up to one that is not plain, which leaves no trace', () => {
    const line = '2026-01-01T00:00:10Z,1,2,0.5,1.25,true,a text that is rather long\n';
    const other = '2026-01-01T00:00:10Z,,2,0.5,1.25,true,"double "" quotes"\n';
    const { count, rows, rest } = plainRows(HEADER + line.repeat(20) + other + line);
    expect(count).toBe(20);
    expect(rows.every((row) => row['i'] === 1)).toBe(true);
    expect(rest).toBe(other + line);
  });

  test('no more rows than the batch takes', () => {
    const line = '2026-01-01T00:00:10Z,1,2,0.5,1.25,true,x\n';
    expect(plainRows(HEADER + line.repeat(100)).count).toBe(64);
  });

  test('a row that is cut off is left', () => {
    const line = '2026-01-01T00:00:10Z,1,2,0.5,1.25,true,x\n';
    const { count, rest } = plainRows(`${HEADER}${line}${line.slice(0, -1)}`);
    expect(count).toBe(1);
    expect(rest).toBe(line.slice(0, -1));
  });
});

test.each([
  [CSV, `s,i\n${'x'.repeat(100)},one\nshort,1\n`],
  [JSONL, `{"s":"${'x'.repeat(100)}","i":"one"}\n{"s":"short","i":1}\n`],
])('a row too large for the heap that is bad as well is rejected once', (format, text) => {
  const schema = schemaOf({ s: 'string', i: 'int32' });
  const { rows, rejects } = decode(format, schema, text, { heapBytes: 64 });
  expect(rows).toEqual([{ s: 'short', i: 1 }]);
  expect(rejects).toHaveLength(1);
  expect(rejects[0]).toMatchObject({ line: format === CSV ? 2 : 1, field: 'i' });
});
