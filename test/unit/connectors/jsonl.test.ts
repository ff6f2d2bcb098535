import { describe, expect, test } from 'vitest';
import { batchOf, decode, encode, JSONL, schemaOf } from '../../conformance/codec-support.ts';

const schema = schemaOf({ id: 'int64', name: 'string', f: 'float64' });
const read = (...lines: string[]) => decode(JSONL, schema, lines.join('\n'));
const GOOD = '{"id":1,"name":"good","f":2}';

describe('bad rows', () => {
  test.each([
    ['{"id":1', `not JSON: expected ',' or '}' at byte 8, found the end of the line`, undefined],
    ['{"id":}', 'not JSON: expected a JSON value at byte 7, found "}"', undefined],
    ['{"id":1}}', 'not JSON: expected the end of the line at byte 9, found "}"', undefined],
    ['{"id":1,}', 'not JSON: expected a name in quotes at byte 9, found "}"', undefined],
    ['{id:1}', 'not JSON: expected a name in quotes at byte 2, found "id:1}"', undefined],
    ['{"id" 1}', `not JSON: expected ':' at byte 7, found "1}"`, undefined],
    ['[1]', 'not JSON: expected a JSON object at byte 1, found "[1]"', undefined],
    [
      '{"name":"x',
      'not JSON: expected the rest of a string at byte 11, found the end of the line',
      undefined,
    ],
    [
      '{"name":"\\x"}',
      'not JSON: expected a string with good escapes at byte 9, found "\\"\\\\x\\"}"',
      undefined,
    ],
    ['{"other":[1,}', 'not JSON: expected a JSON value at byte 13, found "}"', undefined],
    ['{"other":tru}', 'not JSON: expected a JSON value at byte 10, found "tru}"', undefined],
    ['{"id":01}', 'not JSON: expected a JSON value at byte 7, found "01}"', undefined],
    ['{"id":"1"}', 'expected int64 (a whole number), found "1"', 'id'],
    ['{"id":1.5}', 'expected int64, found 1.5, which is not whole', 'id'],
    ['{"id":true}', 'expected int64 (a whole number), found true', 'id'],
    ['{"id":[1,2]}', 'expected int64 (a whole number), found [1,2]', 'id'],
    ['{"id":9223372036854775808}', '9223372036854775808 is out of range for int64', 'id'],
    ['{"name":5}', 'expected string (text), found 5', 'name'],
    ['{"name":"\\ud800"}', 'expected string, found bytes that are not UTF-8', 'name'],
    ['{"f":"1"}', 'expected float64 (a number), found "1"', 'f'],
    ['{"f":1e999}', '1e999 is out of range for float64', 'f'],
  ])('%s', (line, message, field) => {
    const { rows, rejects } = read(GOOD, line, GOOD);
    expect(rows).toHaveLength(2);
    expect(rejects).toEqual([{ message, field, file: 'input.txt', line: 2, input: line }]);
  });

  test('nesting has a limit', () => {
    const deep = `{"other":${'['.repeat(100_000)}${']'.repeat(100_000)}}`;
    expect(read(deep, GOOD).rejects).toMatchObject([{ line: 1 }]);
    const json = schemaOf({ j: 'json' });
    const nested = (depth: number): string => `{"j":${'['.repeat(depth)}${']'.repeat(depth)}}`;
    expect(decode(JSONL, json, nested(400)).rejects).toEqual([]);
    expect(decode(JSONL, json, nested(600)).rejects).toHaveLength(1);
  });
});

describe('good rows', () => {
  test('members in any order, unknown ones, blanks, escapes, nulls', () => {
    const { rows, rejects } = read(
      '{"name":"a","id":1}',
      ' { "x" : {"id":[9,"}"]} , "f" : 1.5 , "id" : null } ',
      '{"\\u006e\\u0061me":"\\u00e9\\ud83d\\ude00\\n\\/\\"","id":-5,"id":6}',
      '{}',
      '',
      '{"f":"NaN","id":9007199254740993}',
    );
    expect(rejects).toEqual([]);
    expect(rows).toEqual([
      { id: 1n, name: 'a', f: null },
      { id: null, name: null, f: 1.5 },
      { id: 6n, name: 'é😀\n/"', f: null },
      { id: null, name: null, f: null },
      { id: 9007199254740993n, name: null, f: NaN },
    ]);
  });

  test('of members with the same name the last counts, null or not', () => {
    const { rows } = read('{"id":null,"id":2,"name":"x","name":null}');
    expect(rows).toEqual([{ id: 2n, name: null, f: null }]);
  });

  test('whole numbers in other spellings', () => {
    const wide = schemaOf({ i: 'int32', l: 'int64', d: 'decimal(10,2)', t: 'timestamp' });
    const { rows } = decode(
      JSONL,
      wide,
      '{"i":1.0,"l":1e3,"d":"1e2","t":1767225600000.5}\n{"i":-0,"d":1.10,"t":"2026-01-01"}',
    );
    expect(rows).toEqual([
      { i: 1, l: 1000n, d: 10000n, t: 1767225600000500n },
      { i: 0, l: null, d: 110n, t: 1767225600000000n },
    ]);
  });

  test('a json column keeps any value, integers of 64 bits exactly', () => {
    const json = schemaOf({ j: 'json' });
    const lines = [
      '{"j":{"id":12345678901234567890,"a":[1.5,null,"é"],"b":-0.1}}',
      '{"j":"text"}',
      '{"j":true}',
      '{"j":null}',
    ];
    const { rows } = decode(JSONL, json, lines.join('\n'));
    expect(rows[0]?.['j']).toEqual({ id: 12345678901234567890n, a: [1.5, null, 'é'], b: -0.1 });
    const batch = batchOf(json, rows);
    expect(encode(JSONL, json, batch).trimEnd().split('\n')).toEqual(lines);
  });
});

test('what is written', () => {
  const all = schemaOf({
    l: 'int64',
    t: 'timestamp',
    f: 'float64',
    d: 'decimal(18,3)',
    s: 'string',
    'a"b': 'bool',
  });
  const rows = [
    [2n ** 63n - 1n, 10_000, 1e21, '123456789012345.678', 'a"\\\n\u0001\u007f/', true],
    [null, null, -Infinity, -1, '', null],
  ];
  expect(encode(JSONL, all, batchOf(all, rows)).split('\n')).toEqual([
    '{"l":9223372036854775807,"t":"1970-01-01T00:00:10.000Z","f":1e+21,"d":123456789012345.678,"s":"a\\"\\\\\\n\\u0001\u007f/","a\\"b":true}',
    '{"l":null,"t":null,"f":"-Infinity","d":-1.000,"s":"","a\\"b":null}',
    '',
  ]);
});
