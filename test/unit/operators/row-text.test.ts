/** Rows in messages and dead letters: whoever reads them knows the values again. */

import { expect, test } from 'vitest';
import { Column } from '../../../src/core/column.ts';
import { BOOL, type DataType, FLOAT64, INT64, STRING } from '../../../src/core/types.ts';
import { rowText } from '../../../src/operators/row-text.ts';
import { writeValue } from '../../../src/rows/value-write.ts';
import { testMemory } from '../../support/memory.ts';

const memory = testMemory();

function textOf(type: DataType, value: unknown): string {
  const column = Column.allocate(type, 1, memory);
  writeValue(column, 0, value);
  return rowText([{ name: 'x', column }], 0);
}

test.each([
  [BOOL, true, '{"x":true}'],
  [INT64, 9007199254740993n, '{"x":9007199254740993}'],
  [FLOAT64, 1.5, '{"x":1.5}'],
  [STRING, 'a "b"\n', String.raw`{"x":"a \"b\"\n"}`],
  [{ kind: 'decimal', precision: 5, scale: 2 }, '-0.05', '{"x":-0.05}'],
  [{ kind: 'timestamp' }, 1500, '{"x":"1970-01-01T00:00:01.500Z"}'],
  [{ kind: 'duration' }, 90_000, '{"x":"PT1M30S"}'],
  [{ kind: 'json' }, { a: [1, null, 'ü'], b: { c: 2 } }, '{"x":{"a":[1,null,"ü"],"b":{"c":2}}}'],
  [{ kind: 'bytes' }, Uint8Array.of(1, 255), '{"x":"0x01ff"}'],
  [{ kind: 'json' }, null, '{"x":null}'],
] as [DataType, unknown, string][])('%o', (type, value, text) => {
  expect(textOf(type, value)).toBe(text);
});

test('long values are cut, whatever their type', () => {
  const long = 'x'.repeat(100_000);
  for (const [type, value] of [
    [STRING, long],
    [{ kind: 'json' }, [long]],
    [{ kind: 'json' }, Array.from({ length: 1000 }, (_, i) => i)],
    [{ kind: 'bytes' }, new Uint8Array(100_000)],
  ] as [DataType, unknown][]) {
    const text = textOf(type, value);
    expect(text.length).toBeLessThan(230);
    expect(text).toMatch(/^\{"x":/);
  }
});
