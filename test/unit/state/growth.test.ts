/**
 * What a call has to do when a table grows, counted: no call of 1,024 rows does more than some hundred
 * microseconds of it, however large the table is and however its segments fill up.
 */

import { expect, test } from 'vitest';
import { identitySelection } from '../../../src/core/batch.ts';
import { Column } from '../../../src/core/column.ts';
import { MillraceError } from '../../../src/core/errors.ts';
import { INT32 } from '../../../src/core/types.ts';
import {
  Arena,
  GroupKernel,
  GroupTable,
  MIN_PAGE_CELLS,
  RecordLayout,
} from '../../../src/state/index.ts';
import { testMemory } from '../../support/memory.ts';

const ROWS = 1024;
const ALL = identitySelection(ROWS);
const PAGE_BYTES = MIN_PAGE_CELLS * 8;
const RECORD_CELLS = 8;

/** Work of one call. */
interface Work {
  splits: number;
  /** Records whose slots were put anew: all of a segment that is split. */
  slots: number;
  /** Pages taken: nobody has touched them before. */
  pages: number;
}

/** Most of any call, and of all calls together. */
interface Growth {
  readonly most: Work;
  readonly all: Work;
  readonly count: number;
}

/** Fills a table with groups, a call of 1,024 rows at a time; then looks them all up again. */
function grow(groups: number, hashOf?: (key: number) => number): Growth {
  const full = (): MillraceError => new MillraceError('ERR_LIMIT_EXCEEDED', 'full');
  const arena = Arena.allocate(2 ** 28, MIN_PAGE_CELLS, full);
  const layout = new RecordLayout(['i32']);
  layout.reserve(RECORD_CELLS - layout.cells);
  const kernel = new GroupKernel(testMemory(), arena, layout, [], ROWS);
  const table = new GroupTable(kernel);
  const call: Work = { splits: 0, slots: 0, pages: 0 };
  const { split } = kernel.code;
  const counted: typeof split = (...args) => {
    const [, segment] = args;
    call.splits++;
    for (let chunk = segment; chunk < segment + PAGE_BYTES; chunk += 64) {
      call.slots += arena.bytes[chunk + 12]!;
    }
    return split(...args);
  };
  Object.assign(kernel, { code: { ...kernel.code, split: counted } });

  const most: Work = { splits: 0, slots: 0, pages: 0 };
  const all: Work = { splits: 0, slots: 0, pages: 0 };
  const column = Column.allocate(INT32, ROWS);
  const pass = (records: Int32Array): void => {
    for (let from = 0; from < groups; from += ROWS) {
      for (let i = 0; i < ROWS; i++) column.words[i] = from + i;
      kernel.bindKeys([column], ALL, 0, ROWS);
      kernel.hash(0, ROWS);
      if (hashOf !== undefined) {
        for (let i = 0; i < ROWS; i++) kernel.hashes[i] = hashOf(from + i);
      }
      Object.assign(call, { splits: 0, slots: 0, pages: 0 });
      const before = arena.usedBytes;
      table.assign(0, ROWS);
      call.pages = (arena.usedBytes - before) / PAGE_BYTES;
      records.set(kernel.records.subarray(0, ROWS), from);
      for (const key of ['splits', 'slots', 'pages'] as const) {
        most[key] = Math.max(most[key], call[key]);
        all[key] += call[key];
      }
    }
  };
  const [first, again] = [new Int32Array(groups), new Int32Array(groups)];
  pass(first);
  const grown = { ...all };
  pass(again);
  expect(again).toEqual(first);
  expect(new Set(first).size).toBe(groups);
  // What was put off in the first pass needs nothing in the second: no rows are new.
  expect(all).toEqual(grown);
  return { most, all, count: table.count };
}

/**
 * Pages that a call may take: for records, for segments, and for the directory, which has at most sixteen
 * entries a segment after it has doubled.
 */
function pagesOf(splits: number, segments: number): number {
  const recordPages = (ROWS * RECORD_CELLS) / MIN_PAGE_CELLS + 1;
  return recordPages + splits + 1 + Math.ceil((32 * 4 * segments) / PAGE_BYTES);
}

test('a call of a table that grows moves some thousand slots at most', () => {
  const groups = 400 * ROWS;
  const { most, all, count } = grow(groups);
  expect(count).toBe(groups);
  expect(most.splits).toBeLessThanOrEqual(48);
  expect(most.slots).toBeLessThanOrEqual(48 * 448);
  expect(most.pages).toBeLessThanOrEqual(pagesOf(most.splits, all.splits));
  // All in all a group is moved some three times.
  expect(all.slots).toBeLessThan(4 * groups);
});

test('segments that are all full at once are split by many calls', () => {
  const groups = 600 * ROWS;
  // One key for each segment in turn, so that they fill up in step.
  const { most, all, count } = grow(groups, (key) => {
    const mixed = Math.imul(key, 0x9e37_79b1);
    return ((mixed & 0x3fff) << 18) | ((key & 0x3ff) << 8) | ((mixed >>> 20) & 0xff);
  });
  expect(count).toBe(groups);
  expect(all.splits).toBeGreaterThan(1000);
  expect(most.splits).toBeLessThanOrEqual(64);
  expect(most.slots).toBeLessThanOrEqual(64 * 640);
  expect(most.pages).toBeLessThanOrEqual(pagesOf(most.splits, all.splits));
});
