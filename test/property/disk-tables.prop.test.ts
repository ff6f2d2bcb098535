/** What is kept of a table on disk gives the table again, after any commit, and has a bound. */

import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { TableDefinition } from '../../src/core/topology/model.ts';
import { BOOL, BYTES, FLOAT64, INT32, INT64, STRING } from '../../src/core/types.ts';
import type { Value } from '../../src/expr/index.ts';
import { DiskJournal } from '../../src/operators/query/disk-journal.ts';
import { TableReader } from '../../src/operators/query/open-table.ts';
import { Table } from '../../src/operators/query/table.ts';
import { testMemory } from '../support/memory.ts';
import { MemoryLog } from '../support/memory-log.ts';

const DEFINITION: TableDefinition = {
  name: 'kept',
  schema: [
    { name: 'id', type: STRING },
    { name: 'part', type: FLOAT64 },
    { name: 'n', type: INT32 },
    { name: 'total', type: INT64 },
    { name: 'on', type: BOOL },
    { name: 'raw', type: BYTES },
  ],
  key: ['id', 'part'],
  indexes: ['n'],
  limitBytes: 2 ** 24,
  keep: undefined,
  partitionBy: [],
};
const DISK = { dir: './kept', durability: 'process' } as const;
const REWRITE = { leastBytes: 500, stepBytes: 30 };

/** A table on a log, read from what is there. */
function open(log: MemoryLog): Table {
  const table = new Table(DEFINITION);
  const last = new TableReader(table, testMemory(), 8).read(log);
  table.journal = new DiskJournal(table, log, DISK, last, REWRITE);
  return table;
}

const rowsOf = (table: Table): string[] =>
  [...table.all()].map((slot) => table.values(slot).map(String).join('|')).toSorted();

interface Step {
  readonly id: string;
  readonly part: number;
  readonly values: readonly Value[];
  readonly isRemoval: boolean;
  readonly ends: 'commit' | 'restart' | undefined;
}

const step: fc.Arbitrary<Step> = fc.record({
  id: fc.constantFrom('a', 'b', 'a key that is a little longer'),
  part: fc.constantFrom(0, 1.5, NaN),
  values: fc.tuple(
    fc.option<Value>(fc.integer({ min: -3, max: 3 })),
    fc.option<Value>(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })),
    fc.option<Value>(fc.boolean()),
    fc.option<Value>(fc.uint8Array({ maxLength: 40 })),
  ),
  isRemoval: fc.boolean(),
  ends: fc.constantFrom('commit' as const, 'commit' as const, 'restart' as const, undefined),
});

test('a table is as it was at the last commit', () => {
  let released = 0;
  fc.assert(
    fc.property(fc.array(step, { maxLength: 300, size: 'max' }), (steps) => {
      let log = new MemoryLog();
      let table = open(log);
      let committed: string[] = [];
      const slots = new Map<string, number>();
      for (const { id, part, values, isRemoval, ends } of steps) {
        const key = `${id}|${part}`;
        const slot = slots.get(key);
        if (slot === undefined) {
          slots.set(key, insert(table, [id, part, ...values]));
        } else if (isRemoval) {
          table.delete(slot);
          slots.delete(key);
        } else {
          table.update(slot, [id, part, ...values]);
        }
        if (ends === undefined) continue;
        if (ends === 'commit') {
          table.journal!.commit();
          committed = rowsOf(table);
          // All rows twice, what is being rewritten, and a batch.
          expect(log.bytes).toBeLessThan(4 * 9 * 120 + REWRITE.leastBytes);
          continue;
        }
        released += log.released;
        log = log.reopened();
        table = open(log);
        expect(rowsOf(table)).toEqual(committed);
        expect([...table.between(2, undefined, undefined)]).toHaveLength(
          committed.filter((row) => row.split('|')[2] !== 'null').length,
        );
        slots.clear();
        for (const at of table.all()) {
          slots.set(
            `${String(table.columns[0]!.read(at))}|${Number(table.columns[1]!.read(at))}`,
            at,
          );
        }
      }
      released += log.released;
    }),
    { numRuns: Number(process.env['MILLRACE_RUNS'] ?? 80) },
  );
  expect(released).toBeGreaterThan(100);
});

/** As a batch does it: the key is there before the rest. */
function insert(table: Table, values: readonly Value[]): number {
  // Nobody looks for it before the table is read again, with the hashes that keys have.
  const slot = table.take(0);
  values.forEach((value, c) => table.columns[c]!.write(slot, value));
  table.admit(slot);
  return slot;
}

test('what the machine must not lose is on the disk before it is told', () => {
  const log = new MemoryLog();
  const table = new Table(DEFINITION);
  table.journal = new DiskJournal(table, log, { ...DISK, durability: 'machine' }, 0, REWRITE);
  insert(table, ['a', 1, null, null, null, null]);
  insert(table, ['b', 1, null, null, null, null]);
  expect(log.frames).toHaveLength(0);
  table.journal.commit();
  expect([log.frames.length, log.syncs]).toEqual([1, 1]);
  table.journal.commit();
  expect([log.frames.length, log.syncs]).toEqual([1, 1]);
});
