import { expect, test } from 'vitest';
import { Column } from '../../../src/core/column.ts';
import { INT64 } from '../../../src/core/types.ts';
import { NumberIndex } from '../../../src/operators/lookup/number-index.ts';
import { testMemory } from '../../support/memory.ts';

test('a search that reaches the last place goes on at the first one', () => {
  const memory = testMemory();
  const keys = Column.allocate(INT64, 64, memory);
  // Two rows have 16 places: the upper four bits of a product choose among them.
  const last = (key: number): boolean =>
    BigInt.asUintN(64, BigInt(key) * 0x9e37_79b9_7f4a_7c15n) >> 60n === 15n;
  const [first, second, absent] = Array.from({ length: 200 }, (_, key) => key).filter(last);
  keys.setI64FromNumber(0, first!);
  keys.setI64FromNumber(1, second!);
  keys.setI64FromNumber(2, absent!);
  const index = new NumberIndex([keys], 2, memory, (row) => {
    throw new Error(`row ${row} is there twice`);
  });
  const behind = new Int32Array(memory.buffer, memory.allocate(64).byteOffset - 64, 16);
  const rows = memory.rows(3);
  rows.set([0, 1, 2]);
  const matches = memory.words(3);
  expect(index.find([keys], rows, 3, rows, matches)).toBe(2);
  expect([...matches.subarray(0, 2)]).toEqual([0, 1]);
  expect([...behind].every((word) => word === 0)).toBe(true);
});
