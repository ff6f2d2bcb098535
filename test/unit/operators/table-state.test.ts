/** What a table has is written and read: rows at their slots, indexes, and what a journal is told. */

import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { Column } from '../../../src/core/column.ts';
import type { TableDefinition } from '../../../src/core/topology/model.ts';
import { INT64, STRING } from '../../../src/core/types.ts';
import { Table } from '../../../src/operators/query/table.ts';
import type { Value } from '../../../src/expr/index.ts';
import { copyState } from '../../support/kernel/run-kernel.ts';

const DEFINITION: TableDefinition = {
  name: 'kept',
  schema: [
    { name: 'text', type: STRING },
    { name: 'n', type: INT64 },
  ],
  key: [],
  indexes: ['n'],
  limitBytes: 1 << 24,
  keep: undefined,
  partitionBy: [],
};

function add(table: Table, values: readonly Value[]): number {
  const slot = table.take(0);
  values.forEach((value, c) => table.columns[c]!.write(slot, value));
  table.admit(slot);
  return slot;
}

const shown = (table: Table, slots: Iterable<number>): string[] =>
  [...slots].map((slot) => `${slot}: ${table.values(slot).join()}`);

test('a table goes on in another one, which may have rows of its own', () => {
  const change = fc.record({
    kind: fc.constantFrom('add', 'add', 'add', 'delete', 'update', 'renew'),
    text: fc.constantFrom(null, '', 'short', 'a text that does not fit into a view'),
    n: fc.option(fc.bigInt(-9n, 9n)),
    pick: fc.nat(),
  });
  fc.assert(
    fc.property(fc.array(change, { maxLength: 100, size: 'max' }), (changes) => {
      let table = new Table(DEFINITION);
      const twin = new Table(DEFINITION);
      const slots: number[] = [];
      for (const { kind, text, n, pick } of changes) {
        if (kind === 'renew') {
          const other = new Table(DEFINITION);
          for (let i = 0; i < pick % 5; i++) add(other, ['not wanted', BigInt(i)]);
          table = copyState(table, other);
        } else if (kind === 'add') {
          const slot = add(table, [text, n]);
          expect(add(twin, [text, n])).toBe(slot);
          slots.push(slot);
        } else if (slots.length > 0) {
          const at = pick % slots.length;
          for (const one of [table, twin]) {
            if (kind === 'delete') one.delete(slots[at]!);
            else one.update(slots[at]!, [text, n]);
          }
          if (kind === 'delete') slots.splice(at, 1);
        }
        expect(table.size).toBe(twin.size);
      }
      expect(shown(table, table.all())).toEqual(shown(twin, twin.all()));
      const between = (one: Table): string[] => shown(one, one.between(1, -5n, 5n));
      expect(between(table)).toEqual(between(twin));
    }),
    { numRuns: 60 },
  );
});

test('a journal is told which rows are gone and which have come', () => {
  const source = new Table(DEFINITION);
  for (let i = 0; i < 2500; i++) add(source, [`row ${i}`, BigInt(i)]);
  const target = new Table(DEFINITION);
  const kept = new Map<number, string>();
  let commits = 0;
  target.journal = {
    put: (slot) => void kept.set(slot, target.values(slot).join()),
    remove: (slot) => void kept.delete(slot),
    commit: () => void commits++,
  };
  for (let i = 0; i < 3000; i++) add(target, ['old', 0n]);
  copyState(source, target);
  expect(kept.size).toBe(2500);
  expect([...kept].sort(([a], [b]) => a - b).map(([, text]) => text)).toEqual(
    Array.from({ length: 2500 }, (_, i) => `row ${i},${i}`),
  );
  expect(commits).toBeGreaterThan(4);
});

test('keys are found, and rows of more keys are added', () => {
  const keyed = { ...DEFINITION, key: ['n'], indexes: [] };
  const hashOf = (n: number): number => Math.imul(n, 0x9e3779b1);
  const put = (table: Table, n: number): void => {
    const slot = table.take(hashOf(n));
    table.columns[0]!.write(slot, `row ${n}`);
    table.columns[1]!.write(slot, BigInt(n));
    table.admit(slot);
  };
  const source = new Table(keyed);
  for (let n = 0; n < 3000; n++) put(source, n);
  const target = copyState(source, new Table(keyed));
  expect(target.bytes).toBe(source.bytes);
  for (let n = 3000; n < 9000; n++) put(target, n);
  const wanted = Column.allocate(INT64, 1);
  const find = (n: number): number => {
    wanted.i64[0] = BigInt(n);
    return target.findAgain([wanted], hashOf(n), 0);
  };
  for (let n = 0; n < 9000; n += 3) target.delete(find(n));
  for (let n = 0; n < 9000; n++) {
    const slot = find(n);
    expect(slot >= 0).toBe(n % 3 !== 0);
    if (slot >= 0) expect(target.values(slot)).toEqual([`row ${n}`, BigInt(n)]);
  }
});
