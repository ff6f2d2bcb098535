import { describe, expect, test } from 'vitest';
import type { DecoderContext, RowParser } from '../../../src/connectors/codecs/codec.ts';
import { CsvRowParser } from '../../../src/connectors/codecs/csv/decode.ts';
import { JsonlRowParser } from '../../../src/connectors/codecs/jsonl/decode.ts';
import { InputWindow } from '../../../src/connectors/codecs/input-window.ts';
import type { Batch } from '../../../src/core/batch.ts';
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

/** Reads what comes before the rows that kernels read, given as text; returns where those begin. */
type Begin = (parser: RowParser, window: InputWindow, batch: Batch) => number;

/** What kernels alone make of a text: how many rows, which, and what is left of the text. */
function kernelRows(
  makeParser: (context: DecoderContext) => RowParser,
  begin: Begin,
  text: string,
  { schema, timeColumn }: { schema: Schema; timeColumn: number },
) {
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
  const parser = makeParser(context);
  const window = new InputWindow(1 << 16, 1 << 20, memory);
  const bytes = new TextEncoder().encode(text);
  window.makeRoom().set(bytes);
  window.filled(bytes.length);
  const batch = allocate(schema, 64, 1 << 12, memory);
  window.from = begin(parser, window, batch);
  const count = parser.parsePlain(window, batch, 0);
  batch.setRowCount(count);
  const rest = new TextDecoder().decode(bytes.subarray(window.from));
  return { count, rows: rowsOf(batch, schema), rest };
}

const plainRows = (text: string, schema: Schema = SCHEMA, timeColumn = 0) =>
  kernelRows(
    (context) => new CsvRowParser(CSV, context),
    (parser, window) => parser.parseHeader(window),
    text,
    { schema, timeColumn },
  );

/** The same of JSON Lines behind a first line, which shows what the others look like. */
const plainLines = (first: string, text: string, schema: Schema = SCHEMA, timeColumn = 0) =>
  kernelRows(
    (context) => new JsonlRowParser(context),
    (parser, window, batch) => parser.parse(window, batch.columns, 0),
    first + text,
    { schema, timeColumn },
  );

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
    ['f', '0.30000000000000004', 0.30000000000000004],
    ['f', '-1.25e-7', -1.25e-7],
    ['d', '1234567.8', 123456780n],
    ['b', 'false', false],
    ['s', '"in, quotes"', 'in, quotes'],
    ['s', '""', ''],
    ['s', '"a ""quoted"" text"', 'a "quoted" text'],
    ['s', '""""', '"'],
    ['s', 'äöü €', 'äöü €'],
    ['s', '', null],
  ])('%s: %s', (name, text, expected) => {
    const schema = SCHEMA.filter((field) => field.name === name || field.name === 'i');
    const header = name === 'i' ? 'i' : `i,${name}`;
    const line = name === 'i' ? text : `7,${text}`;
    const { count, rows } = plainRows(`${header}\n${line}\r\n`, schema, -1);
    expect(count).toBe(1);
    expect(rows[0]![name]).toBe(expected);
  });

  test('all rows up to one that is not plain, which leaves no trace', () => {
    const line = '2026-01-01T00:00:10Z,1,2,0.5,1.25,true,a text that is rather long\n';
    const other = '2026-01-01T00:00:10Z,,2,0.5,1.25,true,"two\nlines"\n';
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

describe('lines of JSON that kernels read without help', () => {
  test.each([
    ['t', '"2026-01-01T00:00:10.123Z"', 1_767_225_610_123_000n],
    ['t', '"2024-02-29 23:59:59"', 1_709_251_199_000_000n],
    ['t', '1767225610123', 1_767_225_610_123_000n],
    ['i', '-2147483648', -2147483648],
    ['l', '-999999999999999999', -999999999999999999n],
    ['l', 'null', null],
    ['f', '-0', '-0'],
    ['f', '-12345.678901', -12345.678901],
    ['d', '1234567.8', 123456780n],
    ['b', 'false', false],
    ['b', 'null', null],
    ['s', '""', ''],
    ['s', '"null"', 'null'],
    ['s', '"äöü €"', 'äöü €'],
    ['s', '"thirteen byte"', 'thirteen byte'],
    ['s', '"a \\"text\\" \\u20ac \\ud83d\\ude00"', 'a "text" € 😀'],
    ['s', '"\\n"', '\n'],
  ])('%s: %s', (name, text, expected) => {
    const schema = SCHEMA.filter((field) => field.name === name);
    const line = `{ "other": "x", "${name}": ${text}, "more": -1.5 }\r\n`;
    const { count, rows } = plainLines(line, line, schema, -1);
    expect(count).toBe(1);
    expect(rows[0]![name]).toEqual(expected);
  });

  test.each([
    ['half a character', '"a\\ud800"'],
    ['a control character', '"a\u0001"'],
    ['a number that is none of JSON', '01'],
    ['an exponent too large', '1e300'],
    ['an object', '{}'],
  ])('not %s', (_what, value) => {
    const schema = schemaOf({ s: 'string', f: 'float64' });
    const line = '{"s":"x","f":0.5,"y":0.5}\n';
    for (const other of ['"x"', '0.5', '"f":0.5,"y":0.5']) {
      const odd = line.replace(other, other.replace(/(0.5|"x")$/, value));
      const { count, rest } = plainLines(line, line + odd, schema, -1);
      expect([count, rest]).toEqual([1, odd]);
    }
  });

  test('members that are absent, unknown, or in another order than the columns', () => {
    const schema = schemaOf({ a: 'int32', b: 'string', c: 'bool', d: 'int64' });
    const line = '{"d": 4, "x": "unknown", "y": null, "z": true, "w": false, "b": "two", "a": 1}\n';
    const { count, rows } = plainLines(line, line.repeat(5), schema, -1);
    expect(count).toBe(5);
    for (const row of rows) expect(row).toEqual({ a: 1, b: 'two', c: null, d: 4n });
  });

  test('lines of two shapes in turn', () => {
    const schema = schemaOf({ a: 'int32', b: 'int32' });
    const parser = (context: DecoderContext) => new JsonlRowParser(context);
    const two = '{"a":1,"b":2}\n{"b":3}\n';
    const { count, rest } = kernelRows(
      parser,
      (rows, window, { columns }) => {
        window.from = rows.parse(window, columns, 0);
        return rows.parse(window, columns, 0);
      },
      two.repeat(11),
      { schema, timeColumn: -1 },
    );
    expect([count, rest]).toEqual([20, '']);
  });

  test('a name in a file is compared, whatever is in it', () => {
    const name = 'a "name" of 16 bytes and more, }{';
    const schema = schemaOf({ [name]: 'int32' });
    const lines = [name, name.replace('and', 'And')].map((n) => JSON.stringify({ x: 1, [n]: 7 }));
    // A name with escapes has no kernel; one without differs at one letter.
    expect(plainLines(`${lines[0]}\n`, `${lines[0]}\n`, schema, -1).count).toBe(0);
    const plain = 'a name of 16 bytes and more, }{';
    const others = schemaOf({ [plain]: 'int32' });
    const text = (n: string) => `${JSON.stringify({ x: 1, [n]: 7 })}\n`;
    const changed = text(plain.replace('}{', '}('));
    const found = plainLines(text(plain), text(plain) + changed, others, -1);
    expect([found.count, found.rest]).toEqual([1, changed]);
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
