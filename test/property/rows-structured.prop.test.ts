/** Values of user code come back from bytes as they were; what is more than a value is refused. */

import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeStructured, encodeStructured } from '../../src/rows/values/structured.ts';

const again = (value: unknown): unknown => decodeStructured(encodeStructured(value, 'it'));

test('any value comes back', () => {
  const values = fc.anything({
    withBigInt: true,
    withMap: true,
    withSet: true,
    withDate: true,
    withTypedArray: true,
    withSparseArray: false,
    maxDepth: 4,
  });
  fc.assert(
    fc.property(values, (value) => {
      expect(again(value)).toStrictEqual(value);
    }),
    { numRuns: 500 },
  );
});

test('what is referred to twice stays one, and what refers to itself too', () => {
  const shared = { n: 1 };
  const circle: Record<string, unknown> = { list: [shared, shared], map: new Map([[shared, 2n]]) };
  circle['self'] = circle;
  const found = again(circle) as typeof circle & { list: object[]; map: Map<object, bigint> };
  expect(found['self']).toBe(found);
  expect(found.list[0]).toBe(found.list[1]);
  expect(found.map.get(found.list[0]!)).toBe(2n);
});

test('a key may be the name of the prototype', () => {
  const value: unknown = JSON.parse('{"__proto__": {"admin": true}}');
  const found = again(value) as object;
  expect(Object.hasOwn(found, '__proto__')).toBe(true);
  expect('admin' in found).toBe(false);
});

class Point {
  readonly x = 1;
}

test.each([
  [new Point(), 'it is an instance of Point'],
  [{ a: [0, new Point()] }, 'it.a[1] is an instance of Point'],
  [new Map([[1, () => 2]]), 'an item of it is a function'],
  [new Map([[new Point(), 1]]), 'a key of it is an instance of Point'],
  [Symbol.iterator, 'it is a symbol'],
  [Promise.resolve(), 'it is an instance of Promise'],
  [/a/, 'it is an instance of RegExp'],
])('%s is refused', (value, message) => {
  expect(() => encodeStructured(value, 'it')).toThrow(message);
});

test('what is nested too deeply is refused', () => {
  let value: unknown = 1;
  for (let i = 0; i < 1000; i++) value = [value];
  expect(() => encodeStructured(value, 'it')).toThrow('nested too deeply');
});

test('bytes that are no value are an error', () => {
  const bytes = encodeStructured({ a: ['text', 1n, new Float64Array(3)] }, 'it');
  for (let length = 0; length < bytes.length; length++) {
    expect(() => decodeStructured(bytes.subarray(0, length))).toThrow(RangeError);
  }
  expect(() => decodeStructured(Uint8Array.of(99))).toThrow('no value begins with 99');
});
