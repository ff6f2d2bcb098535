/** The parts of tables: keys by hash, columns in pages, the order of rows. */

import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { INT32, STRING } from '../../../src/core/types.ts';
import { KeyIndex } from '../../../src/operators/query/key-index.ts';
import { PAGE_ROWS } from '../../../src/operators/query/page-loops.ts';
import { TableColumn } from '../../../src/operators/query/table-column.ts';
import { Table } from '../../../src/operators/query/table.ts';

test('keys are found by hash, whatever comes and goes', () => {
  // One part, and few hashes: all are near each other, and some begin behind the end.
  const hash = fc.integer({ min: 0, max: 40 });
  const step = fc.tuple(fc.boolean(), hash);
  fc.assert(
    fc.property(fc.array(step, { maxLength: 400, size: 'max' }), (steps) => {
      const index = new KeyIndex();
      const model = new Map<number, number>();
      steps.forEach(([isRemoval, key], slot) => {
        const before = model.get(key);
        if (before === undefined) {
          index.add(key, slot);
          model.set(key, slot);
        } else if (isRemoval) {
          index.remove(key, before);
          model.delete(key);
        }
      });
      const hashes = Int32Array.from({ length: 41 }, (_, i) => i);
      const slots = new Int32Array(41);
      index.findHashes(hashes, Uint32Array.from(hashes), 41, slots);
      expect([...slots]).toEqual([...hashes].map((key) => model.get(key) ?? -1));
      expect([...hashes].map((key) => index.find(key, 0, () => true))).toEqual([...slots]);
    }),
  );
});

test('keys of one hash are told apart', () => {
  const index = new KeyIndex();
  const names = ['a', 'b', 'c', 'd'];
  names.forEach((_, slot) => index.add(-5, slot));
  const find = (name: string): number => index.find(-5, 0, (slot) => names[slot] === name);
  expect(names.map(find)).toEqual([0, 1, 2, 3]);
  index.remove(-5, 1);
  expect(names.map(find)).toEqual([0, -1, 2, 3]);
});

test('long values that are replaced leave no garbage for ever', () => {
  const column = new TableColumn(STRING);
  column.addPage();
  const textOf = (slot: number, turn: number): string =>
    `${slot} `.repeat(20 + ((slot * turn) % 60));
  for (let slot = 0; slot < PAGE_ROWS; slot++) column.write(slot, textOf(slot, 1));
  const bytes = column.bytes;
  for (let turn = 2; turn < 40; turn++) {
    for (let slot = 0; slot < PAGE_ROWS; slot += 3) column.write(slot, textOf(slot, turn));
    for (let slot = 1; slot < PAGE_ROWS; slot += 3) {
      expect(column.read(slot)).toBe(textOf(slot, 1));
      expect(column.read(slot - 1)).toBe(textOf(slot - 1, turn));
    }
  }
  expect(column.bytes).toBeLessThan(3 * bytes);
});

test('rows are in the order of their coming, in slots of others', () => {
  const table = new Table({
    name: 'kept',
    schema: [{ name: 'n', type: INT32 }],
    key: [],
    indexes: [],
    limitBytes: 2 ** 20,
    keep: { kind: 'rows', rows: 1 },
    partitionBy: [],
  });
  const live: number[] = [];
  const slots = new Map<number, number>();
  for (let n = 0; n < 20_000; n++) {
    const slot = table.take(0);
    table.columns[0]!.write(slot, n);
    table.admit(slot);
    live.push(n);
    slots.set(n, slot);
    if (n === 100) expect([...table.all()]).toHaveLength(101);
    // One in seven stays for long.
    if (live.length < 300) continue;
    const gone = live.splice(n % 7 === 0 ? 200 : 10, 1)[0]!;
    table.delete(slots.get(gone)!);
  }
  expect([...table.all()].map((slot) => table.columns[0]!.read(slot))).toEqual(live);
  expect(table.bytes).toBeLessThan(64 * 1024);
});
