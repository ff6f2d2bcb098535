import { describe, expect, test } from 'vitest';
import { identitySelection } from '../../../src/core/batch.ts';
import { Column } from '../../../src/core/column.ts';
import { MillraceError } from '../../../src/core/errors.ts';
import { INT64 } from '../../../src/core/types.ts';
import type { AggregateSpec } from '../../../src/state/index.ts';
import {
  Arena,
  GroupKernel,
  GroupTable,
  MIN_PAGE_CELLS,
  planRecord,
} from '../../../src/state/index.ts';
import type { KeyField } from '../../../src/state/record-layout.ts';
import { testMemory } from '../../support/memory.ts';

const ROWS = 1024;
const ALL = identitySelection(ROWS);
const PAGE_BYTES = MIN_PAGE_CELLS * 8;
const full = (): MillraceError => new MillraceError('ERR_LIMIT_EXCEEDED', 'full');
const COUNT: AggregateSpec = {
  kind: 'count',
  argument: undefined,
  isDistinct: false,
  input: 0,
  isFiltered: false,
};
const INPUTS = [{ column: undefined, filter: undefined }];

function kernelIn(bytes: number): GroupKernel {
  const arena = Arena.allocate(bytes, MIN_PAGE_CELLS, full);
  const { layout, inputs } = planRecord([INT64], [COUNT]);
  return new GroupKernel(testMemory(2 ** 18), arena, layout, inputs, ROWS);
}

const column = Column.allocate(INT64, ROWS);

/** Adds keys, a batch of them. */
function addKeys(table: GroupTable, keys: readonly number[]): void {
  const { kernel } = table;
  keys.forEach((key, i) => column.setI64FromNumber(i, key));
  kernel.bindKeys([column], ALL, 0, keys.length);
  kernel.bindInputs(INPUTS, ALL, 0, keys.length);
  kernel.hashLater(0, keys.length);
  table.add(0, keys.length);
}

/** Adds `count` keys from `first` on, each so far from the one before. */
function addRange(table: GroupTable, first: number, count: number, stride = 1): void {
  for (let from = 0; from < count; from += ROWS) {
    const length = Math.min(ROWS, count - from);
    addKeys(
      table,
      Array.from({ length }, (_, i) => first + (from + i) * stride),
    );
  }
}

/** Rows of each key. */
function countsOf(table: GroupTable): Map<number, number> {
  const { words } = table.arena;
  const [{ cell }] = table.layout.keys as [KeyField];
  const { countCell } = table.kernel.shape.inputs[0]!;
  const records = new Int32Array(table.count);
  table.listRecords(0, table.count, records);
  return new Map(
    Array.from(records, (record) => {
      const key = 2 * (record + cell);
      const value = words[key + 1]! * 2 ** 32 + (words[key]! >>> 0);
      return [value, words[2 * (record + countCell!)]!];
    }),
  );
}

describe('dense keys', () => {
  test('have places, whether they begin at 0 or elsewhere, and get more on either side', () => {
    for (const first of [0, 1, -500, 5e9, -(2 ** 52)]) {
      const table = new GroupTable(kernelIn(2 ** 22));
      const ranges = [
        [0, 1000],
        [-2000, 4000],
        [-9000, 20_000],
        [-9000, 20_000],
      ] as const;
      for (const [from, count] of ranges) {
        addRange(table, first + from, count);
        expect(table.isDense).toBe(true);
      }
      const expected = new Map<number, number>();
      for (const [from, count] of ranges) {
        for (let key = first + from; key < first + from + count; key++) {
          expected.set(key, (expected.get(key) ?? 0) + 1);
        }
      }
      expect(countsOf(table)).toEqual(expected);
    }
  });

  test('have none where they are few, or far from each other: no page is taken for these', () => {
    const sparse = new GroupTable(kernelIn(2 ** 22));
    addRange(sparse, 0, 4000, 1_000_003);
    expect(sparse.isDense).toBe(false);
    const far = new GroupTable(kernelIn(2 ** 22));
    addRange(far, 0, 31);
    expect(far.isDense).toBe(false);
    expect(sparse.kernel.densePages + far.kernel.densePages).toBe(0);
  });

  test('lose their places when most rows come without, and have them again', () => {
    const table = new GroupTable(kernelIn(2 ** 24));
    addRange(table, 0, 1000);
    expect(table.isDense).toBe(true);
    for (let i = 0; i < 12; i++) addRange(table, 1e9, 500, 1_000_003);
    expect(table.isDense).toBe(false);
    expect(table.kernel.densePages).toBe(0);
    addRange(table, 0, 50_000);
    expect(table.isDense).toBe(true);
    expect(table.count).toBe(50_500);
  });

  test('have none any more in tables whose records are removed', () => {
    const table = new GroupTable(kernelIn(2 ** 22));
    addRange(table, 0, 1000);
    const records = new Int32Array(1);
    table.listRecords(7, 1, records);
    table.remove(records[0]!);
    expect(table.isDense).toBe(false);
    addRange(table, 0, 1000);
    expect(table.count).toBe(1000);
    table.clear();
    expect(table.kernel.arena.usedBytes).toBe(0);
  });

  test('are looked for in their own table, whosever the pages were', () => {
    const table = new GroupTable(kernelIn(2 ** 22));
    addRange(table, 0, 1000);
    addRange(table, 0, 1000);
    table.clear();
    addRange(table, 999, 1000, -1);
    for (let key = 500; key < 600; key++) addKeys(table, [key, key]);
    const counts = countsOf(table);
    expect(counts.size).toBe(1000);
    for (const [key, rows] of counts) expect(rows).toBe(key >= 500 && key < 600 ? 3 : 1);
  });

  test('take a sixteenth of the arena at most, in all tables together', () => {
    const kernel = kernelIn(2 ** 20);
    const most = kernel.arena.limitBytes / 16 / PAGE_BYTES;
    const tables = Array.from({ length: 40 }, () => new GroupTable(kernel));
    for (const table of tables) addRange(table, 0, 100);
    expect(kernel.densePages).toBe(Math.floor(most));
    expect(tables.filter(({ isDense }) => isDense)).toHaveLength(kernel.densePages);
    for (const table of tables) table.clear();
    expect(kernel.densePages).toBe(0);
    expect(kernel.arena.usedBytes).toBe(0);
  });

  test('leave room for nearly as many groups as others, and every one is there when it is full', () => {
    const groupsUntilFull = (stride: number): number => {
      const table = new GroupTable(kernelIn(2 ** 20));
      expect(() => addRange(table, 0, 1e6, stride)).toThrow('full');
      return table.count;
    };
    expect(groupsUntilFull(1)).toBeGreaterThan(0.9 * groupsUntilFull(1_000_003));
  });
});
