import { describe, expect, test } from 'vitest';
import type { CsvFormat } from '../../../src/core/topology/model.ts';
import { batchOf, CSV, decode, encode, schemaOf } from '../../conformance/codec-support.ts';

const schema = schemaOf({ id: 'int32', name: 'string', price: 'decimal(6,2)' });
const read = (lines: string[], format: CsvFormat = CSV) => decode(format, schema, lines.join('\n'));
const HEADER = 'id,name,price';
const GOOD = '1,good,2.50';

describe('bad rows', () => {
  test.each([
    ['too few fields', '1,x', 'expected 3 fields, found 2', undefined],
    ['too many fields', '1,x,1,2', 'expected 3 fields, found 4', undefined],
    ['a delimiter too many', '1,x,1,', 'expected 3 fields, found 4', undefined],
    ['no number', 'abc,x,1', 'expected int32 (a whole number), found "abc"', 'id'],
    ['half a number', '12x,x,1', 'expected int32 (a whole number), found "12x"', 'id'],
    [
      'a fraction for a whole number',
      '1.5,x,1',
      'expected int32 (a whole number), found "1.5"',
      'id',
    ],
    ['blanks around a number', ' 1,x,1', 'expected int32 (a whole number), found " 1"', 'id'],
    ['quoted nothing for a number', '"",x,1', 'expected int32 (a whole number), found ""', 'id'],
    ['a number out of range', '2147483648,x,1', '"2147483648" is out of range for int32', 'id'],
    ['a decimal out of range', '1,x,10000', '"10000" is out of range for decimal(6,2)', 'price'],
    [
      'too many decimal places',
      '1,x,1.005',
      '"1.005" has more than 2 decimal places, too many for decimal(6,2)',
      'price',
    ],
    ['text behind a quote', '1,"x"y,1', 'text follows the closing quote of a field', undefined],
  ])('%s', (_name, line, message, field) => {
    const { rows, rejects } = read([HEADER, GOOD, line, GOOD]);
    expect(rows.map((row) => row['id'])).toEqual([1, 1]);
    expect(rejects).toEqual([{ message, field, file: 'input.txt', line: 3, input: line }]);
  });

  test('a quote that is not closed costs its line only', () => {
    const { rows, rejects } = read([HEADER, GOOD, '2,"x,1', GOOD, GOOD]);
    expect(rows).toHaveLength(3);
    expect(rejects).toMatchObject([{ message: 'a quoted field is not closed', line: 3 }]);
  });

  test('lines are counted as they stand in the file', () => {
    const { rejects } = read([HEADER, '1,"a\nb\n\nc",1', '', 'x,"\n",1', 'y,,']);
    expect(rejects.map((reject) => reject.line)).toEqual([7, 9]);
  });

  test('a long bad row is shortened in the message', () => {
    const { rejects } = read([HEADER, `${'9'.repeat(5000)},x,1`]);
    expect(rejects[0]?.message.length).toBeLessThan(200);
    expect(new TextEncoder().encode(rejects[0]?.input).length).toBeLessThanOrEqual(1024);
  });

  test.each(['2026-13-01', '2026-02-29', '2026-01-01T24:00:00', '2026-01-01T00:60', '1e400'])(
    'the time %s is out of range',
    (text) => {
      const { rejects } = decode(CSV, schemaOf({ t: 'timestamp' }), `t\n${text}\n`);
      expect(rejects).toMatchObject([{ message: `"${text}" is out of range for timestamp` }]);
    },
  );

  test.each([
    ['timestamp', 'yesterday'],
    ['timestamp', '2026-01-01T00:00:00+1'],
    ['timestamp', '2026-1-1'],
    ['timestamp', '2026-01-01T00:00:00.Z'],
    ['bool', 'TRUE'],
    ['bool', '1'],
    ['duration', '1 month'],
    ['duration', 'P1M'],
    ['bytes', 'abc'],
    ['bytes', 'ab=='.repeat(2)],
    ['json', '{"a":}'],
    ['json', '[1,]'],
    ['json', '"\\ud800"'],
    ['json', '{"__proto__":1}'],
    ['float64', '1,5'],
    ['float64', '0x10'],
    ['float64', '1e'],
    ['int64', '--1'],
  ])('%s: %s', (type, text) => {
    const wide = schemaOf({ v: type });
    const { rows, rejects } = decode(
      { ...CSV, delimiter: ';' },
      wide,
      `v\n"${text.replaceAll('"', '""')}"\n`,
    );
    expect(rows).toEqual([]);
    expect(rejects).toMatchObject([{ field: 'v', line: 2 }]);
  });
});

describe('good rows', () => {
  test('columns are found by name, others passed over', () => {
    const { rows } = read(['extra,price,name,id,more', '"x\ny",1.5,n,7,', ',2,"m",8,"a""b"']);
    expect(rows).toEqual([
      { id: 7, name: 'n', price: 150n },
      { id: 8, name: 'm', price: 200n },
    ]);
  });

  test('null is the empty field, the empty string is in quotes', () => {
    const { rows } = read([HEADER, ',,', ',"",']);
    expect(rows.map((row) => row['name'])).toEqual([null, '']);
  });

  test('a null text of its own is null only without quotes', () => {
    const { rows } = read([HEADER, 'NA,NA,NA', '1,"NA",1', '1,,1'], { ...CSV, nullText: 'NA' });
    expect(rows.map((row) => row['name'])).toEqual([null, 'NA', '']);
    expect(rows[0]).toEqual({ id: null, name: null, price: null });
  });

  test('quotes, doubled quotes and line ends in a field', () => {
    const { rows, rejects } = read([HEADER, '1,"a ""b"", c\r\nd",1', '2,a"b"c,1', '3,"""",1']);
    expect(rejects).toEqual([]);
    expect(rows.map((row) => row['name'])).toEqual(['a "b", c\r\nd', 'a"b"c', '"']);
  });

  test('a carriage return alone is text', () => {
    expect(read([HEADER, '1,a\rb,1']).rows[0]?.['name']).toBe('a\rb');
  });

  test('blank lines are no rows, but in a file of one field', () => {
    expect(read([HEADER, '', GOOD, '', '']).rows).toHaveLength(1);
    const one = decode(CSV, schemaOf({ s: 'string' }), 's\na\n\nb\n');
    expect(one.rows).toEqual([{ s: 'a' }, { s: null }, { s: 'b' }]);
  });

  test('all spellings of a timestamp in one column', () => {
    const schema = schemaOf({ t: 'timestamp' });
    const lines = [
      't',
      '2026-01-01',
      '2026-01-01 00:00:00',
      '2026-01-01T00:00:00Z',
      '2026-01-01T01:00:00.000000+01:00',
      '"2026-01-01 00:00"',
      '1767225600000',
      '1767225600000.0000',
      '1.7672256e12',
    ];
    const { rows, rejects } = decode(CSV, schema, lines.join('\n'));
    expect(rejects).toEqual([]);
    expect(new Set(rows.map((row) => row['t']))).toEqual(new Set([1_767_225_600_000_000n]));
  });
});

describe('the header', () => {
  test.each([
    ['', 'input.txt:1: the file is empty, expected a header line'],
    ['id,name\n', "input.txt:1: the header has no column 'price', it has 'id', 'name'"],
    [
      'id,name,prise\n',
      "input.txt:1: the header has no column 'price', it has 'id', 'name', 'prise'; did it mean 'prise'?",
    ],
    ['id,name,price,id\n', "input.txt:1: the header names column 'id' twice"],
    ['id,"name', 'input.txt:1: the header has a quote that is not closed'],
  ])('%j is refused', (text, message) => {
    expect(() => decode(CSV, schema, text)).toThrow(
      expect.objectContaining({ code: 'ERR_BAD_ROW', message, node: 'source' }),
    );
  });

  test('may be quoted, and alone', () => {
    expect(decode(CSV, schema, '"id","name","price"').rows).toEqual([]);
    const odd = schemaOf({ 'a,"b"\n': 'int32' });
    const text = encode(CSV, odd, batchOf(odd, [[1]]));
    expect(text).toBe('"a,""b""\n"\n1\n');
    expect(decode(CSV, odd, text).rows).toEqual([{ 'a,"b"\n': 1 }]);
  });

  test('is written even when there are no rows', () => {
    expect(encode(CSV, schema, batchOf(schema, []))).toBe('id,name,price\n');
  });
});

test('what is written', () => {
  const all = schemaOf({
    t: 'timestamp',
    f: 'float64',
    d: 'decimal(9,3)',
    u: 'duration',
    b: 'bool',
    y: 'bytes',
    j: 'json',
  });
  const rows = [
    [Date.UTC(2026, 0, 1, 0, 0, 10), 0.1, '1.5', 90_000, true, Uint8Array.of(1, 2), { a: 1 }],
    [1_767_225_600_000.001, 1e21, -0.001, -0.5, false, new Uint8Array(0), 'x'],
    [-1, NaN, 0, 0, null, null, [1, 'a']],
  ];
  expect(encode(CSV, all, batchOf(all, rows)).split('\n')).toEqual([
    't,f,d,u,b,y,j',
    '2026-01-01T00:00:10.000Z,0.1,1.500,PT1M30S,true,AQI=,"{""a"":1}"',
    '2026-01-01T00:00:00.000001Z,1e+21,-0.001,-PT0.0005S,false,"","""x"""',
    '1969-12-31T23:59:59.999Z,NaN,0.000,PT0S,,,"[1,""a""]"',
    '',
  ]);
});
