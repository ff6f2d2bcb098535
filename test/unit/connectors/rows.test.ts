import { describe, expect, test } from 'vitest';
import { RowReader, readValue } from '../../../src/rows/row-reader.ts';
import { RowWriter } from '../../../src/rows/row-writer.ts';
import {
  allocate,
  batchOf,
  EVERY_TYPE,
  rowsOf,
  schemaOf,
} from '../../conformance/codec-support.ts';

const faultOf = (type: string, value: unknown): unknown => {
  const schema = schemaOf({ v: type });
  const batch = allocate(schema);
  const fault = new RowWriter(schema).write(batch, { v: value });
  expect(batch.rowCount).toBe(fault === null ? 1 : 0);
  return fault;
};

describe('writing', () => {
  test.each([
    ['int32', 1.5, 'expected int32, found 1.5, which is not whole'],
    ['int32', 2 ** 31, '2147483648 is out of range for int32'],
    ['int32', '1', 'expected int32 (a whole number), found "1"'],
    ['int64', 2 ** 53, '9007199254740992 is beyond ±2^53: give an int64 that large as a bigint'],
    ['int64', 2n ** 63n, '9223372036854775808n is out of range for int64'],
    ['int64', NaN, 'NaN is out of range for int64'],
    ['float64', '1', 'expected float64 (a number), found "1"'],
    ['float64', 1n, 'expected float64 (a number), found 1n'],
    ['bool', 1, 'expected bool (true or false), found 1'],
    ['string', 5, 'expected string (a string), found 5'],
    ['string', '\udc00', 'expected string, found a text with a lone surrogate'],
    [
      'decimal(4,2)',
      0.1 + 0.2,
      '0.30000000000000004 has more than 2 decimal places, too many for decimal(4,2)',
    ],
    ['decimal(4,2)', '123.45', '"123.45" is out of range for decimal(4,2)'],
    ['decimal(4,2)', {}, 'expected decimal(4,2) (a text, bigint or number), found {}'],
    ['timestamp', new Date(NaN), 'Date(NaN) is out of range for timestamp'],
    [
      'timestamp',
      'now',
      'expected timestamp (epoch milliseconds, a Date or ISO 8601), found "now"',
    ],
    ['duration', '1 day', 'expected duration (milliseconds or ISO 8601), found "1 day"'],
    ['bytes', 'AQI=', 'expected bytes (a Uint8Array), found "AQI="'],
    ['json', () => 1, 'expected json, found a function'],
    ['json', new Map(), 'expected json, found a Map'],
    ['json', { a: [NaN] }, 'expected json, found NaN'],
    ['json', 2n ** 64n, 'expected json, found an integer beyond 64 bits'],
  ])('%s refuses %s', (type, value, message) => {
    expect(faultOf(type, value)).toMatchObject({ message, field: 'v' });
  });

  test('a cycle is refused', () => {
    const cycle: unknown[] = [];
    cycle.push(cycle);
    expect(faultOf('json', cycle)).toMatchObject({ field: 'v' });
  });

  test.each([5, null, undefined, 'row'])('%j is no row', (row) => {
    const schema = schemaOf({ v: 'int32' });
    expect(new RowWriter(schema).write(allocate(schema), row)).toMatchObject({
      message: expect.stringContaining('expected a row'),
    });
  });

  test('an array is a row in column order, shorter ones end in nulls', () => {
    const schema = schemaOf({ a: 'int32', b: 'int32' });
    const batch = batchOf(schema, [[1, 2], [3], []]);
    expect(rowsOf(batch, schema)).toEqual([
      { a: 1, b: 2 },
      { a: 3, b: null },
      { a: null, b: null },
    ]);
    expect(new RowWriter(schema).write(batch, [1, 2, 3])).toMatchObject({
      message: 'expected 2 values, found 3',
    });
  });

  test('properties that every object has are no values', () => {
    const schema = schemaOf({ constructor: 'string', toString: 'string', a: 'int32' });
    const batch = batchOf(schema, [{ a: 1 }, { constructor: 'c', toString: 't' }]);
    expect(rowsOf(batch, schema).map((row) => ({ ...row }))).toEqual([
      { constructor: null, toString: null, a: 1 },
      { constructor: 'c', toString: 't', a: null },
    ]);
  });

  test('getters of a class are values', () => {
    class Point {
      get x(): number {
        return 7;
      }
    }
    const schema = schemaOf({ x: 'int32' });
    expect(rowsOf(batchOf(schema, [new Point()]), schema)).toEqual([{ x: 7 }]);
  });

  test('says when the batch is full, and when a row fits none', () => {
    const schema = schemaOf({ s: 'string' });
    const batch = allocate(schema, 64, 128);
    const writer = new RowWriter(schema);
    expect(writer.write(batch, { s: 'x'.repeat(100) })).toBeNull();
    expect(writer.write(batch, { s: 'x'.repeat(100) })).toBe('full');
    expect(batch.rowCount).toBe(1);
    batch.reset();
    expect(writer.write(batch, { s: 'x'.repeat(129) })).toEqual({
      message: 'the tuple has 129 bytes of long values, the limit is 128',
    });
    for (let i = 0; i < 64; i++) expect(writer.write(batch, { s: 'x' })).toBeNull();
    expect(writer.write(batch, { s: 'x' })).toBe('full');
  });

  test('a refused row leaves no nulls behind', () => {
    const schema = schemaOf({ a: 'int32', b: 'int32' });
    const batch = allocate(schema);
    const writer = new RowWriter(schema);
    writer.write(batch, { a: null, b: 'x' });
    expect(batch.columns[0]!.nullCount).toBe(0);
    writer.write(batch, { a: 1, b: 2 });
    expect(rowsOf(batch, schema)).toEqual([{ a: 1, b: 2 }]);
  });

  test('the event time must be there and in range', () => {
    const schema = schemaOf({ t: 'timestamp' });
    const batch = allocate(schema);
    const writer = new RowWriter(schema, 0);
    expect(writer.write(batch, {})).toEqual({ message: 'the event time is missing', field: 't' });
    expect(writer.write(batch, { t: 1e14 })).toMatchObject({ field: 't' });
    expect(writer.write(batch, { t: 0 })).toBeNull();
  });
});

describe('reading', () => {
  const row = {
    b: true,
    i: -1,
    l: 2n ** 62n,
    f: 0.5,
    d: '-1.5000',
    t: 1_767_225_600_000.001,
    u: -1.5,
    s: 'short, and with é 😀',
    y: Uint8Array.of(1, 2, 3),
    j: { a: [1, null], big: 2n ** 63n + 1n },
  };

  test('gives what was written', () => {
    const batch = batchOf(EVERY_TYPE, [row, {}]);
    const reader = new RowReader(EVERY_TYPE, { int64: 'bigint' });
    expect(reader.read(batch, 0)).toEqual(row);
    expect(Object.values(reader.read(batch, 1))).toEqual(EVERY_TYPE.map(() => null));
    EVERY_TYPE.forEach((field, c) => {
      const value = readValue(batch.columns[c]!, 0, { int64: 'bigint' });
      expect(value).toEqual(row[field.name as keyof typeof row]);
    });
  });

  test('int64 as number, and not when it is too large', () => {
    const schema = schemaOf({ l: 'int64' });
    const batch = batchOf(schema, [[5], [-(2n ** 53n) + 1n], [2n ** 53n]]);
    const reader = new RowReader(schema, { int64: 'number' });
    expect(reader.read(batch, 0)).toEqual({ l: 5 });
    expect(reader.read(batch, 1)).toEqual({ l: -(2 ** 53) + 1 });
    expect(() => reader.read(batch, 2)).toThrow(expect.objectContaining({ code: 'ERR_USAGE' }));
  });

  test('rows outlive their batch', () => {
    const batch = batchOf(EVERY_TYPE, [row]);
    const read = new RowReader(EVERY_TYPE, { int64: 'bigint' }).read(batch, 0);
    for (const column of batch.columns) column.bytes.fill(0xff);
    batch.heap.bytes.fill(0xff);
    expect(read).toEqual(row);
  });

  test('a column may be named __proto__', () => {
    const schema = schemaOf({ a: 'int32' }).concat({ name: '__proto__', type: { kind: 'int32' } });
    const batch = batchOf(schema, [[1, 2]]);
    const object = new RowReader(schema, { int64: 'bigint' }).read(batch, 0);
    expect(Object.keys(object)).toEqual(['a', '__proto__']);
    expect(Object.getPrototypeOf(object)).toBe(Object.prototype);
  });
});
