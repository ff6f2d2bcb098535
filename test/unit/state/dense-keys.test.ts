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
function addKeys(table: GroupTable, keys: readonly (number | bigint)[]): void {
  const { kernel } = table;
  keys.forEach((key, i) => {
    column.i64[i] = BigInt(key);
  });
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

/** What to multiply by, modulo 2^64, to have keys in a row come to places in a row. */
const UNSCATTERED = 0xf1de_83e1_9937_733dn;

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
    addKeys(
      sparse,
      Array.from({ length: 1000 }, (_, i) => i * 1_000_003),
    );
    expect(sparse.isDense).toBe(false);
    const far = new GroupTable(kernelIn(2 ** 22));
    addRange(far, 0, 31);
    expect(far.isDense).toBe(false);
    expect(sparse.kernel.placePages + far.kernel.placePages).toBe(0);
  });

  test('lose their places when most rows come without, and have them again', () => {
    const table = new GroupTable(kernelIn(2 ** 24));
    addRange(table, 0, 1000);
    expect(table.isDense).toBe(true);
    for (let i = 0; i < 12; i++) addRange(table, 1e9, 500, 1_000_003);
    expect(table.isDense).toBe(false);
    addRange(table, 0, 50_000);
    expect(table.isDense).toBe(true);
    expect(table.isScattered).toBe(false);
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
    expect(kernel.placePages).toBe(Math.floor(most));
    expect(tables.filter(({ isDense }) => isDense)).toHaveLength(kernel.placePages);
    for (const table of tables) table.clear();
    expect(kernel.placePages).toBe(0);
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

describe('scattered keys', () => {
  const STRIDE = 1_000_003;

  test('have places after some calls, and more when they are more', () => {
    const table = new GroupTable(kernelIn(2 ** 23));
    addRange(table, 7, 31, STRIDE);
    addRange(table, 7, 31, STRIDE);
    expect(table.isScattered).toBe(false);
    let pages = 0;
    for (const count of [40, 400, 8000]) {
      for (let time = 0; time < 12; time++) addRange(table, 7, count, STRIDE);
      expect(table.isScattered).toBe(true);
      expect(table.kernel.placePages).toBeGreaterThan(pages);
      pages = table.kernel.placePages;
    }
    const counts = countsOf(table);
    expect(counts.size).toBe(8000);
    for (const [key, rows] of counts) {
      const index = (key - 7) / STRIDE;
      expect(rows).toBe(index < 31 ? 38 : index < 40 ? 36 : index < 400 ? 24 : 12);
    }
    table.clear();
    expect(table.kernel.placePages).toBe(0);
    expect(table.kernel.arena.usedBytes).toBe(0);
  });

  test('have none while their groups have few rows each', () => {
    const table = new GroupTable(kernelIn(2 ** 23));
    for (let time = 0; time < 7; time++) addRange(table, 0, 4096, STRIDE);
    expect(table.kernel.placePages).toBe(0);
    for (let time = 0; time < 4; time++) addRange(table, 0, 4096, STRIDE);
    expect(table.isScattered).toBe(true);
  });

  test('have none any more when they are very many, or are removed', () => {
    const table = new GroupTable(kernelIn(2 ** 23));
    for (let time = 0; time < 10; time++) addRange(table, 0, 1000, STRIDE);
    expect(table.isScattered).toBe(true);
    for (let time = 0; time < 2; time++) addRange(table, 0, 20_000, STRIDE);
    expect(table.kernel.placePages).toBe(0);
    const removing = new GroupTable(kernelIn(2 ** 22));
    for (let time = 0; time < 10; time++) addRange(removing, 0, 1000, STRIDE);
    expect(removing.isScattered).toBe(true);
    const records = new Int32Array(1);
    removing.listRecords(7, 1, records);
    removing.remove(records[0]!);
    expect(removing.kernel.placePages).toBe(0);
    addRange(removing, 0, 1000, STRIDE);
    expect(removing.count).toBe(1000);
  });

  test('that come to one place in twos have places both', () => {
    const table = new GroupTable(kernelIn(2 ** 22));
    // 4,096 places, of which every hundredth has two keys.
    const keys = Array.from({ length: 40 }, (_, i) =>
      BigInt.asIntN(64, ((BigInt(100 * (i >> 1)) << 52n) | BigInt(i & 1)) * UNSCATTERED),
    );
    for (let time = 0; time < 30; time++) addKeys(table, keys);
    expect(table.isScattered).toBe(true);
    expect([...countsOf(table).values()]).toEqual(keys.map(() => 30));
  });

  test('of one place are found all the same, and give their places up', () => {
    const table = new GroupTable(kernelIn(2 ** 22));
    const keys = Array.from({ length: 100 }, (_, i) => BigInt.asIntN(64, BigInt(i) * UNSCATTERED));
    let hadPlaces = false;
    for (let time = 0; time < 25; time++) {
      addKeys(table, keys);
      hadPlaces ||= table.isScattered;
    }
    expect(hadPlaces).toBe(true);
    expect(table.isScattered).toBe(false);
    expect(table.count).toBe(100);
    expect([...countsOf(table).values()]).toEqual(keys.map(() => 25));
  });
});
