/** Compiled hashes against those of JavaScript. */

import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { Batch, identitySelection } from '../../src/core/batch.ts';
import { Column } from '../../src/core/column.ts';
import { ownMemory } from '../../src/core/memory.ts';
import type { DataType } from '../../src/core/types.ts';
import { BOOL, FLOAT64, INT32, INT64, STRING, storageOf } from '../../src/core/types.ts';
import { canonicalFloats, hashRows, KeyHasher } from '../../src/state/index.ts';
import { spreadHashes } from '../support/hash/spread-hash.ts';
import type { Cell } from '../support/kernel/rows.ts';
import { writeCell } from '../support/kernel/rows.ts';
import { testMemory } from '../support/memory.ts';

const ROWS = 64;
const cellsOf: Readonly<Record<string, fc.Arbitrary<Cell>>> = {
  bool: fc.boolean(),
  int32: fc.integer(),
  int64: fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n),
  float64: fc.oneof(fc.double(), fc.constantFrom(0, -0, NaN)),
  string: fc.string({ maxLength: 40 }),
};

const cases = fc
  .array(fc.constantFrom(BOOL, INT32, INT64, FLOAT64, STRING), { minLength: 1, maxLength: 3 })
  .chain((types) =>
    fc.record({
      types: fc.constant(types),
      rows: fc.array(
        fc.tuple(
          ...types.map(({ kind }) =>
            fc.oneof(
              { weight: 15, arbitrary: cellsOf[kind]! },
              { weight: 1, arbitrary: fc.constant(null) },
            ),
          ),
        ),
        { maxLength: ROWS },
      ),
      isDense: fc.boolean(),
      isPlaced: fc.boolean(),
    }),
  );

test('are the same numbers', () => {
  const memory = testMemory(2 ** 28);
  fc.assert(
    fc.property(cases, ({ types, rows, isDense, isPlaced }) => {
      const at = isDense ? identitySelection(ROWS) : Uint32Array.from(rows, (_, i) => 2 * i + 1);
      const place = (type: DataType, k: number): Column => {
        const column = Column.allocate(type, 2 * ROWS, isPlaced ? memory : ownMemory);
        rows.forEach((cells, i) => writeCell(column, at[i]!, cells[k]!));
        return column;
      };
      const count = rows.length;
      const columns = types.map(place);
      const storages = types.map(storageOf);
      const expected = new Int32Array(2 * ROWS);

      const spread = new KeyHasher(memory, storages, 2 * ROWS, 'spread');
      spread.hash(columns, at, count);
      const batch = Batch.view(2 * ROWS, false);
      batch.columns = columns;
      batch.selection = at;
      batch.selected = count;
      spreadHashes(batch, [...types.keys()], expected);
      expect(spread.hashes.slice(0, count)).toEqual(expected.slice(0, count));

      const canonical = columns.map((column) => {
        if (column.type !== FLOAT64) return column;
        const target = Column.allocate(FLOAT64, 2 * ROWS, memory);
        canonicalFloats(column, target, at, 0, count);
        return target;
      });
      const table = new KeyHasher(memory, storages, 2 * ROWS, 'table');
      table.hash(canonical, at, count);
      hashRows(canonical, at, 0, count, expected);
      expect(table.hashes.slice(0, count)).toEqual(expected.slice(0, count));
    }),
    { numRuns: 200 },
  );
});
