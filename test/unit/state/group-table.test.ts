import { describe, expect, test } from 'vitest';
import { identitySelection } from '../../../src/core/batch.ts';
import { Column } from '../../../src/core/column.ts';
import { MillraceError } from '../../../src/core/errors.ts';
import type { Storage } from '../../../src/core/types.ts';
import { INT32, INT64, STRING } from '../../../src/core/types.ts';
import {
  Arena,
  GroupKernel,
  GroupStates,
  GroupTable,
  MIN_PAGE_CELLS,
  RecordLayout,
} from '../../../src/state/index.ts';
import { testMemory } from '../../support/memory.ts';

const ROWS = 1024;
const ALL = identitySelection(ROWS);
const full = (): MillraceError => new MillraceError('ERR_LIMIT_EXCEEDED', 'full');

function arenaOf(bytes: number): Arena {
  return Arena.allocate(bytes, MIN_PAGE_CELLS, full);
}

function tableIn(arena: Arena, key: Storage): GroupTable {
  return new GroupTable(new GroupKernel(testMemory(), arena, new RecordLayout([key]), [], ROWS));
}

/** Assigns rows `0 .. count` of a key column; their records. */
function assign(table: GroupTable, column: Column, count: number): Int32Array {
  const { kernel } = table;
  kernel.bindKeys([column], ALL, 0, count);
  kernel.hash(0, count);
  table.assign(0, count);
  return kernel.records.slice(0, count);
}

/** Assigns `count` int64 keys from `first` on, in batches. */
function assignKeys(
  table: GroupTable,
  first: number,
  count: number,
  hashOf?: (key: number) => number,
): Int32Array {
  const column = Column.allocate(INT64, ROWS);
  const { kernel } = table;
  const { hashes, records } = kernel;
  const all = new Int32Array(count);
  for (let from = 0; from < count; from += ROWS) {
    const rows = Math.min(ROWS, count - from);
    for (let i = 0; i < rows; i++) column.setI64FromNumber(i, first + from + i);
    kernel.bindKeys([column], ALL, 0, rows);
    kernel.hash(0, rows);
    if (hashOf !== undefined) for (let i = 0; i < rows; i++) hashes[i] = hashOf(first + from + i);
    table.assign(0, rows);
    all.set(records.subarray(0, rows), from);
  }
  return all;
}

describe('a table of groups', () => {
  test('keeps records where they are while it grows by 200,000 groups', () => {
    const table = tableIn(arenaOf(2 ** 26), 'i64');
    const first = assignKeys(table, 0, 1000);
    assignKeys(table, 1000, 200_000);
    expect(table.count).toBe(201_000);
    expect(assignKeys(table, 0, 1000)).toEqual(first);
    expect(table.count).toBe(201_000);
  });

  test('chains segments for thousands of keys with one hash', () => {
    const table = tableIn(arenaOf(2 ** 26), 'i64');
    const first = assignKeys(table, 0, 3000, () => 0x1234_5678);
    expect(table.count).toBe(3000);
    expect(new Set(first).size).toBe(3000);
    expect(assignKeys(table, 0, 3000, () => 0x1234_5678)).toEqual(first);
    expect(table.freshCount).toBe(0);
    // Others still find their places beside the crowd.
    const others = assignKeys(table, 10_000, 3000);
    expect(assignKeys(table, 10_000, 3000)).toEqual(others);
  });

  test.each([
    ['begin', (key: number): number => (0xabcde << 12) | (key & 0xfff)],
    ['end', (key: number): number => (key << 20) | 0xabcde],
  ])('chains segments for thousands of hashes that %s alike', (_, hashOf) => {
    const table = tableIn(arenaOf(2 ** 26), 'i64');
    const first = assignKeys(table, 0, 4000, hashOf);
    expect(new Set(first).size).toBe(4000);
    expect(assignKeys(table, 0, 4000, hashOf)).toEqual(first);
    expect(table.count).toBe(4000);
    expect(table.freshCount).toBe(0);
  });

  test('splits by any bit of the hash', () => {
    for (const shift of [0, 8, 16, 23]) {
      const table = tableIn(arenaOf(2 ** 26), 'i64');
      const hashOf = (key: number): number => key << shift;
      const first = assignKeys(table, 0, 5000, hashOf);
      expect(table.count).toBe(5000);
      expect(assignKeys(table, 0, 5000, hashOf)).toEqual(first);
    }
  });

  test('gives its pages back, and starts again', () => {
    const arena = arenaOf(2 ** 24);
    const table = tableIn(arena, 'i64');
    let used = 0;
    for (let round = 0; round < 20; round++) {
      assignKeys(table, round * 7, 50_000);
      expect(table.count).toBe(50_000);
      if (round > 0) expect(arena.usedBytes).toBe(used);
      used = arena.usedBytes;
      table.clear();
      expect(arena.usedBytes).toBe(0);
    }
  });

  test('says so when the arena is full', () => {
    const table = tableIn(arenaOf(2 ** 18), 'i64');
    expect(() => assignKeys(table, 0, 100_000)).toThrow('full');
  });

  test('tells null from every value', () => {
    const table = tableIn(arenaOf(2 ** 20), 'i32');
    const column = Column.allocate(INT32, 64);
    column.words.set([0, 0, 5]);
    const before = assign(table, column, 3);
    column.setNull(1);
    const after = assign(table, column, 3);
    expect(after[0]).toBe(before[0]);
    expect(after[2]).toBe(before[2]);
    expect(after[1]).not.toBe(before[1]);
    expect(assign(table, column, 3)).toEqual(after);
    expect(table.count).toBe(3);
  });

  test('tells null from the int32 that has its hash', () => {
    const table = tableIn(arenaOf(2 ** 20), 'i32');
    const column = Column.allocate(INT32, 64);
    const { hashes } = table.kernel;
    column.setNull(0);
    const [nullRecord] = assign(table, column, 1);
    column.clearNulls();
    const nullHash = hashes[0]!;
    column.words[0] = keyWithHash(nullHash);
    const [record] = assign(table, column, 1);
    expect(hashes[0]).toBe(nullHash);
    expect(record).not.toBe(nullRecord);
  });

  test('keeps strings longer than a page', () => {
    const table = tableIn(arenaOf(2 ** 20), 'view');
    const column = Column.allocate(STRING, 64);
    const texts = [20_000, 20_001, 13, 5000].map((length) => new Uint8Array(length).fill(97));
    texts.forEach((bytes, row) => column.setView(row, bytes, 0, bytes.length));
    const records = assign(table, column, 4);
    const read = Column.allocate(STRING, 64);
    table.readKey(0, records, 4, read);
    texts.forEach((bytes, row) => {
      const start = read.viewStart(row);
      const source = read.viewSource(row);
      expect(source.slice(start, start + read.viewLength(row))).toEqual(bytes);
    });
    table.clear();
    expect(table.arena.usedBytes).toBe(0);
  });
});

/** Murmur3's finaliser backwards. */
function keyWithHash(hash: number): number {
  const unshift = (value: number, by: number): number => {
    let result = value;
    for (let known = by; known < 32; known += by) result = value ^ (result >>> by);
    return result;
  };
  const second = Math.imul(unshift(hash, 16), 0x7ed1_b41d);
  const first = Math.imul(unshift(second, 13), 0xa5cb_9243);
  return unshift(first, 16) | 0;
}

describe('large tables', () => {
  test('add up the same in every way to walk through them', () => {
    const keys = 600_000;
    const memory = testMemory(2 ** 26);
    const arena = Arena.allocate(2 ** 28, MIN_PAGE_CELLS, full);
    const spec = {
      kind: 'sum',
      argument: INT32,
      isDistinct: false,
      input: 0,
      isFiltered: false,
    } as const;
    const states = new GroupStates(memory, arena, [INT32], [spec], ROWS);
    const state = states.acquire();
    const key = Column.allocate(INT32, ROWS, memory);
    const value = Column.allocate(INT32, ROWS, memory);
    const add = (hasNulls: boolean): void => {
      for (let from = 0; from < keys; from += ROWS) {
        const count = Math.min(ROWS, keys - from);
        for (let i = 0; i < count; i++) {
          // An odd factor: every key once, in an order of no use to a cache.
          key.words[i] = Math.imul(from + i, 0x9e37_79b1) & 0xf_ffff;
          value.words[i] = from + i;
        }
        value.clearNulls();
        if (hasNulls) value.setNull(0);
        states.bind([key], [{ column: value, filter: undefined }], ALL, count);
        states.add(state, 0, count);
      }
    };
    add(false);
    const expected = new Map<number, number>();
    for (let i = 0; i < keys; i++) {
      const at = Math.imul(i, 0x9e37_79b1) & 0xf_ffff;
      const twice = i % ROWS === 0 ? 2 * i : 3 * i;
      expected.set(at, (expected.get(at) ?? 0) + twice);
    }
    add(false);
    add(true);
    expect(expected.size).toBe(keys);
    expect(state.table.count).toBe(expected.size);
    const records = new Int32Array(ROWS);
    const sums = Column.allocate(INT64, ROWS);
    const found = Column.allocate(INT32, ROWS);
    let differ = 0;
    for (let from = 0; from < state.table.count; from += ROWS) {
      const count = Math.min(ROWS, state.table.count - from);
      state.table.listRecords(from, count, records);
      state.table.readKey(0, records, count, found);
      states.accumulators[0]!.read(records, count, sums, new Uint8Array(ROWS));
      for (let i = 0; i < count; i++) {
        if (expected.get(found.words[i]!) !== sums.getI64AsNumber(i)) differ++;
      }
    }
    expect(differ).toBe(0);
  });

  test('take the runs of their directories again', () => {
    const arena = arenaOf(2 ** 25);
    const table = tableIn(arena, 'i64');
    // More rounds than there would be room for, were no run used twice.
    for (let round = 0; round < 12; round++) {
      assignKeys(table, 0, 300_000);
      table.clear();
      expect(arena.usedBytes).toBe(0);
    }
    // Single pages may come out of such runs.
    const pages = arena.limitBytes / (MIN_PAGE_CELLS * 8);
    for (let page = 0; page < pages; page++) arena.take();
    expect(arena.usedBytes).toBe(arena.limitBytes);
    expect(() => arena.take()).toThrow('full');
  });
});
