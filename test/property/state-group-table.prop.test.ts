/** The table of groups against a Map from text to number. */

import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { identitySelection } from '../../src/core/batch.ts';
import { Column } from '../../src/core/column.ts';
import { MillraceError } from '../../src/core/errors.ts';
import type { DataType } from '../../src/core/types.ts';
import { BOOL, FLOAT64, INT32, INT64, STRING, storageOf } from '../../src/core/types.ts';
import {
  Arena,
  canonicalFloats,
  GroupKernel,
  GroupTable,
  hashRows,
  MIN_PAGE_CELLS,
  RecordLayout,
} from '../../src/state/index.ts';
import { testMemory } from '../support/memory.ts';
import type { Cell } from '../support/kernel/rows.ts';
import { readCell, rowKey, writeCell } from '../support/kernel/rows.ts';

const ROWS = 64;
const ALL = identitySelection(ROWS);

const full = (): MillraceError => new MillraceError('ERR_LIMIT_EXCEEDED', 'full');

function newTable(types: readonly DataType[]): GroupTable {
  const arena = Arena.allocate(2 ** 26, MIN_PAGE_CELLS, full);
  const layout = new RecordLayout(types.map(storageOf));
  return new GroupTable(new GroupKernel(testMemory(2 ** 18), arena, layout, [], ROWS));
}

function columnsOf(types: readonly DataType[], rows: readonly (readonly Cell[])[]): Column[] {
  return types.map((type, c) => {
    const column = Column.allocate(type, ROWS);
    rows.forEach((row, r) => writeCell(column, r, row[c]!));
    if (type.kind !== 'float64') return column;
    const canonical = Column.allocate(type, ROWS);
    canonicalFloats(column, canonical, ALL, 0, rows.length);
    return canonical;
  });
}

const PREFIX = 'the same first bytes, ';
const cellsOf: Readonly<Record<string, fc.Arbitrary<Cell>>> = {
  bool: fc.boolean(),
  int32: fc.integer({ min: -40, max: 40 }),
  int64: fc.oneof(
    fc.bigInt(-20n, 20n),
    fc.bigInt(-20n, 20n).map((x) => x << 33n),
  ),
  float64: fc.constantFrom(0, -0, NaN, 1.5, -1.5, Infinity, 2 ** -1074),
  string: fc.oneof(
    fc.string({ maxLength: 3 }),
    fc.integer({ min: 0, max: 30 }).map((n) => `${PREFIX}${n}`),
    fc.integer({ min: 0, max: 30 }).map((n) => `${'x'.repeat(n)}\u0000`),
  ),
};

const typeLists = fc.array(fc.constantFrom(BOOL, INT32, INT64, FLOAT64, STRING), {
  minLength: 1,
  maxLength: 3,
});

const casesOf = (nullWeight: number) =>
  typeLists.chain((types) =>
    fc.record({
      types: fc.constant(types),
      rows: fc.array(
        fc.tuple(
          ...types.map(({ kind }) =>
            fc.oneof(
              { weight: 9, arbitrary: cellsOf[kind]! },
              { weight: nullWeight, arbitrary: fc.constant(null) },
            ),
          ),
        ),
        { maxLength: 300 },
      ),
      // All hashes are cut to so many bits, so that different keys share them.
      hashBits: fc.constantFrom(0, 1, 4, 32),
      isShifted: fc.boolean(),
    }),
  );

/** Leaves so many bits of each hash, at its low end or shifted to the high one. */
function cut(hashes: Int32Array, bits: number, isShifted: boolean): void {
  const shift = isShifted ? 32 - bits : 0;
  for (let i = 0; i < hashes.length; i++) {
    hashes[i] = bits === 0 ? 7 : (hashes[i]! & ((1 << bits) - 1)) << shift;
  }
}

/** A lone int32 is known by its hash alone, so that must stay a permutation. */
function mayBeCut(types: readonly DataType[]): boolean {
  return !(types.length === 1 && types[0] === INT32);
}

test('finds one record for each key, and gives the keys back', () => {
  fc.assert(
    fc.property(casesOf(1), ({ types, rows, hashBits, isShifted }) => {
      const table = newTable(types);
      const expected = new Map<string, number>();
      const { kernel } = table;
      const { hashes, records } = kernel;
      const expectedHashes = new Int32Array(ROWS);
      const isCut = hashBits < 32 && mayBeCut(types);
      for (let from = 0; from < rows.length; from += ROWS) {
        const part = rows.slice(from, from + ROWS);
        const columns = columnsOf(types, part);
        kernel.bindKeys(columns, ALL, 0, part.length);
        kernel.hash(0, part.length);
        hashRows(columns, ALL, 0, part.length, expectedHashes);
        expect(hashes.subarray(0, part.length)).toEqual(expectedHashes.subarray(0, part.length));
        if (isCut) cut(hashes, hashBits, isShifted);
        table.assign(0, part.length);
        const before = expected.size;
        part.forEach((_, i) => {
          const key = rowKey({ values: columns.map((column) => readCell(column, i)) });
          if (!expected.has(key)) expected.set(key, records[i]!);
          expect(records[i]).toBe(expected.get(key));
        });
        expect(table.freshCount).toBe(expected.size - before);
      }
      expect(table.count).toBe(expected.size);
      expect(new Set(expected.values()).size).toBe(expected.size);
      expect(keysOf(table, types)).toEqual([...expected.keys()].sort());
    }),
    { numRuns: 300 },
  );
});

test('counts the rows of each key, whichever records their tags make it guess', () => {
  fc.assert(
    fc.property(fc.oneof(casesOf(0), casesOf(1)), ({ types, rows, hashBits, isShifted }) => {
      const layout = new RecordLayout(types.map(storageOf));
      const countCell = layout.reserve(1);
      const inputs = [
        {
          input: 0,
          storage: undefined,
          hasFilter: false,
          countCell,
          countsMissing: false,
          ops: [],
        },
      ] as const;
      const arena = Arena.allocate(2 ** 26, MIN_PAGE_CELLS, full);
      const kernel = new GroupKernel(testMemory(2 ** 18), arena, layout, inputs, ROWS);
      const table = new GroupTable(kernel);
      const expected = new Map<string, number>();
      for (let from = 0; from < rows.length; from += ROWS) {
        const part = rows.slice(from, from + ROWS);
        const columns = columnsOf(types, part);
        kernel.bindKeys(columns, ALL, 0, part.length);
        kernel.bindInputs([{ column: undefined, filter: undefined }], ALL, 0, part.length);
        kernel.hash(0, part.length);
        if (hashBits < 32 && mayBeCut(types)) cut(kernel.hashes, hashBits, isShifted);
        const half = part.length >> 1;
        table.add(0, half);
        table.add(half, part.length);
        part.forEach((_, i) => {
          const key = rowKey({ values: columns.map((column) => readCell(column, i)) });
          expected.set(key, (expected.get(key) ?? 0) + 1);
        });
      }
      const found = recordsOf(table, types).map(([key, record]) => {
        return [key, arena.words[2 * (record + countCell)]!] as const;
      });
      expect(new Map(found)).toEqual(expected);
      expect(found.length).toBe(expected.size);
    }),
    { numRuns: 300 },
  );
});

function keysOf(table: GroupTable, types: readonly DataType[]): string[] {
  return recordsOf(table, types)
    .map(([key]) => key)
    .sort();
}

/** Key and record of each group. */
function recordsOf(
  table: GroupTable,
  types: readonly DataType[],
): (readonly [key: string, record: number])[] {
  const found: (readonly [string, number])[] = [];
  const records = new Int32Array(ROWS);
  const columns = types.map((type) => Column.allocate(type, ROWS));
  for (let from = 0; from < table.count; from += ROWS) {
    const count = Math.min(table.count - from, ROWS);
    table.listRecords(from, count, records);
    columns.forEach((column, c) => {
      table.readKey(c, records, count, column);
    });
    for (let i = 0; i < count; i++) {
      const key = rowKey({ values: columns.map((column) => readCell(column, i)) });
      found.push([key, records[i]!]);
    }
  }
  return found;
}
