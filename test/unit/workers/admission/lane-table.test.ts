import { expect, test } from 'vitest';
import { Column } from '../../../../src/core/column.ts';
import { ownMemory } from '../../../../src/core/memory.ts';
import { BOOL, type DataType, INT32, INT64, STRING } from '../../../../src/core/types.ts';
import { allocateCell, allocateNames, Arena, NameReader } from '../../../../src/ringbuf/index.ts';
import {
  classOfLane,
  type LanesAddress,
  tenantOfLane,
} from '../../../../src/workers/protocol-admission.ts';
import { LaneTable } from '../../../../src/workers/thread/admission/lane-table.ts';
import { NameTable } from '../../../../src/workers/thread/admission/name-table.ts';
import { lanesWriter } from '../../../../src/workers/thread/admission/shared-lanes.ts';

const arena = Arena.create(2_000_000);

function addressOf(capacity: number): LanesAddress {
  return {
    classes: allocateNames(arena, 256),
    tenants: allocateNames(arena, 256),
    count: allocateCell(arena),
    words: arena.allocate(4 * capacity),
    capacity,
  };
}

function columnOf(type: DataType, values: readonly unknown[]): Column {
  const column = Column.allocate(type, 512, ownMemory);
  values.forEach((value, row) => {
    if (value === null) column.setNull(row);
    else if (typeof value === 'bigint') column.i64[row] = value;
    else if (typeof value === 'boolean') column.setBool(row, value);
    else if (typeof value === 'number') column.words[row] = value;
    else {
      const bytes = new TextEncoder().encode(String(value));
      column.setView(row, bytes, 0, bytes.length);
    }
  });
  return column;
}

/** The names of values, by way of their numbers and shared memory. */
function namesOf(type: DataType, values: readonly unknown[], capacity = 64): string[] {
  const address = addressOf(1);
  const table = new NameTable(capacity, lanesWriter(arena.buffer, address).classes);
  const column = columnOf(type, values);
  const numbers = values.map((_, row) => table.numberOf(column, row));
  const names = new NameReader(arena.buffer, address.classes).read();
  expect(names.length).toBe(table.count);
  return numbers.map((number) => names[number]!);
}

test.each<[DataType, readonly unknown[]]>([
  [INT32, [1, -1, 0, 1, 2147483647, 0]],
  [INT64, [1n, -1n, 2n ** 40n, 1n, 0n, 2n ** 40n + 1n]],
  [BOOL, [true, false, true]],
  [STRING, ['gold', 'silver', '', 'gold', 'a name that is too long to lie in its view', 'é']],
])('values of %o have numbers, told apart on sight, and their text as names', (type, values) => {
  expect(namesOf(type, values)).toEqual(values.map(String));
});

test('a null is a value of its own', () => {
  expect(namesOf(STRING, ['x', null, 'x', null])).toEqual(['x', 'null', 'x', 'null']);
});

test('values beyond those that are told apart have one number', () => {
  const values = Array.from({ length: 300 }, (_, i) => i);
  const names = namesOf(INT32, [...values, 3, 299], 64);
  expect(names.slice(0, 63)).toEqual(values.slice(0, 63).map(String));
  expect(new Set(names.slice(63, 300))).toEqual(new Set(['other']));
  expect(names.slice(300)).toEqual(['3', 'other']);
});

test('a lane for each pair of a class and a tenant, the last one for those there is none left for', () => {
  const address = addressOf(4);
  const table = new LaneTable(4, lanesWriter(arena.buffer, address));
  const classes = columnOf(STRING, ['a', 'b', 'a', 'a', 'b', 'c', 'a']);
  const tenants = columnOf(INT32, [1, 1, 2, 1, 2, 3, 3]);
  const lanes = new Int32Array(7);
  table.find(classes, tenants, Uint32Array.from([0, 1, 2, 3, 4, 5, 6]), 7, lanes);
  expect([...lanes]).toEqual([0, 1, 2, 0, 3, 3, 3]);
  const words = new Int32Array(arena.buffer, address.words, 4);
  expect([...words].map((word) => [classOfLane(word), tenantOfLane(word)])).toEqual([
    [0, 0],
    [1, 0],
    [0, 1],
    [1, 1],
  ]);
});
