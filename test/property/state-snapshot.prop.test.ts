/** Structures of state that are written and read at any time go on as if nothing had been. */

import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { identitySelection } from '../../src/core/batch.ts';
import { Column } from '../../src/core/column.ts';
import { MillraceError } from '../../src/core/errors.ts';
import type { StateIo, Steps } from '../../src/core/state-io.ts';
import { INT64, STRING } from '../../src/core/types.ts';
import {
  Arena,
  ExpiryQueue,
  GroupKernel,
  GroupTable,
  MIN_PAGE_CELLS,
  RecordLayout,
} from '../../src/state/index.ts';
import { BlockStore } from '../../src/state/blocks/block-store.ts';
import { writeCell } from '../support/kernel/rows.ts';
import { copyState } from '../support/kernel/run-kernel.ts';
import { testMemory } from '../support/memory.ts';

const full = (): MillraceError => new MillraceError('ERR_LIMIT_EXCEEDED', 'full');
const newArena = (): Arena => Arena.allocate(2 ** 24, MIN_PAGE_CELLS, full);

test('pages and runs: what is in them, which are free, and in which order they are taken', () => {
  const step = fc.record({
    kind: fc.constantFrom('take', 'run', 'release', 'releaseRun', 'renew'),
    pick: fc.nat(),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80, size: 'max' }), (steps) => {
      let arena = newArena();
      const twin = newArena();
      const pages: number[] = [];
      const runs: [first: number, count: number][] = [];
      const mark = (page: number): void => {
        for (const one of [arena, twin]) one.floats[page + 7] = page;
      };
      for (const { kind, pick } of steps) {
        if (kind === 'renew') arena = copyState(arena, newArena());
        else if (kind === 'take') {
          const page = arena.take();
          expect(twin.take()).toBe(page);
          pages.push(page);
          mark(page);
        } else if (kind === 'run') {
          const count = 2 + (pick % 3);
          const first = arena.takeRun(count);
          expect(twin.takeRun(count)).toBe(first);
          runs.push([first, count]);
          mark(first);
        } else if (kind === 'release' && pages.length > 0) {
          const [page] = pages.splice(pick % pages.length, 1);
          for (const one of [arena, twin]) one.release(page!);
        } else if (kind === 'releaseRun' && runs.length > 0) {
          const [[first, count]] = runs.splice(pick % runs.length, 1) as [[number, number]];
          for (const one of [arena, twin]) one.releaseRun(first, count);
        }
        expect(arena.usedBytes).toBe(twin.usedBytes);
        for (const page of [...pages, ...runs.map(([first]) => first)]) {
          expect(arena.floats[page + 7]).toBe(page);
        }
      }
    }),
    { numRuns: 60 },
  );
});

test('an arena of another size is refused', () => {
  expect(() => copyState(newArena(), Arena.allocate(2 ** 23, MIN_PAGE_CELLS, full))).toThrow(
    /limit of the state must be the same/,
  );
});

/** A table with everything it lies in. */
class TableOwner {
  readonly arena = newArena();
  readonly kernel = new GroupKernel(
    testMemory(2 ** 18),
    this.arena,
    new RecordLayout(['i64', 'view']),
    [],
    64,
  );
  readonly table = new GroupTable(this.kernel);

  *state(io: StateIo): Steps {
    yield* this.arena.state(io);
    yield* this.kernel.headers.state(io);
    yield* this.table.state(io);
  }

  /** The records of keys. */
  find(keys: readonly number[]): number[] {
    const columns = [Column.allocate(INT64, 64), Column.allocate(STRING, 64)];
    keys.forEach((key, i) => {
      writeCell(columns[0]!, i, BigInt(key));
      writeCell(columns[1]!, i, key % 3 === 0 ? null : `${key} `.repeat(key % 17));
    });
    const { kernel } = this;
    kernel.bindKeys(columns, identitySelection(64), 0, keys.length);
    kernel.hash(0, keys.length);
    this.table.assign(0, keys.length);
    return [...kernel.records.subarray(0, keys.length)];
  }
}

test('a table finds and makes the same records, with and without removals', () => {
  const step = fc.record({
    keys: fc.array(fc.nat({ max: 2000 }), { minLength: 1, maxLength: 64, size: 'max' }),
    removes: fc.boolean(),
    renews: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30, size: 'max' }), (steps) => {
      let owner = new TableOwner();
      const twin = new TableOwner();
      for (const { keys, removes, renews } of steps) {
        const records = owner.find(keys);
        expect(twin.find(keys)).toEqual(records);
        expect(owner.table.freshCount).toBe(twin.table.freshCount);
        if (removes) {
          for (const record of new Set(records.slice(0, 20))) {
            owner.table.remove(record);
            twin.table.remove(record);
          }
        }
        if (renews) owner = copyState(owner, new TableOwner());
        expect(owner.table.count).toBe(twin.table.count);
      }
      owner.table.clear();
      expect(owner.arena.usedBytes).toBe(0);
    }),
    { numRuns: 25 },
  );
});

test('a queue gives its items in the same order', () => {
  const step = fc.record({
    times: fc.array(fc.integer({ min: -5000, max: 5000 }), { maxLength: 20 }),
    riseUs: fc.nat({ max: 3000 }),
    renews: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30, size: 'max' }), (steps) => {
      let queue = new ExpiryQueue();
      const twin = new ExpiryQueue();
      for (const one of [queue, twin]) one.grow(30 * 20);
      let items = 0;
      let boundUs = -5000;
      for (const { times, riseUs, renews } of steps) {
        for (const timeUs of times) {
          for (const one of [queue, twin]) one.push(items, boundUs + timeUs);
          items++;
        }
        if (renews) queue = copyState(queue, new ExpiryQueue());
        boundUs += riseUs;
        expect(queue.leastUs).toBe(twin.leastUs);
        for (;;) {
          const item = twin.take(boundUs);
          expect(queue.take(boundUs)).toBe(item);
          if (item < 0) break;
        }
      }
    }),
    { numRuns: 60 },
  );
});

test('blocks are taken and given back at the same places', () => {
  class Owner {
    readonly arena = newArena();
    readonly blocks = new BlockStore(this.arena);

    *state(io: StateIo): Steps {
      yield* this.arena.state(io);
      yield* this.blocks.state(io);
    }
  }
  const step = fc.record({ log: fc.integer({ min: 1, max: 12 }), kind: fc.nat({ max: 5 }) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120, size: 'max' }), (steps) => {
      let owner = new Owner();
      const twin = new Owner();
      const taken: [block: number, log: number][] = [];
      for (const { log, kind } of steps) {
        if (kind === 0) owner = copyState(owner, new Owner());
        else if (kind < 3 && taken.length > 0) {
          const [[block, size]] = taken.splice(log % taken.length, 1) as [[number, number]];
          for (const one of [owner, twin]) one.blocks.release(block, size);
        } else {
          const block = owner.blocks.take(log);
          expect(twin.blocks.take(log)).toBe(block);
          taken.push([block, log]);
        }
      }
      owner.blocks.clear();
      expect(owner.arena.usedBytes).toBe(0);
    }),
    { numRuns: 60 },
  );
});
