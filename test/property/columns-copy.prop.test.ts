/** Compiled copying of rows against that of JavaScript. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RowCopier } from '../../src/columns/index.ts';
import { layoutBatch } from '../../src/core/batch-layout.ts';
import { Batch } from '../../src/core/batch.ts';
import { Heap } from '../../src/core/column.ts';
import { appendColumns, appendRows } from '../../src/core/gather.ts';
import { type ColumnMemory, ownMemory } from '../../src/core/memory.ts';
import { BOOL, FLOAT64, INT32, INT64, STRING } from '../../src/core/types.ts';
import type { Cell, TestRow } from '../support/kernel/rows.ts';
import { fillBatch, poisonBatch, readRow } from '../support/kernel/rows.ts';
import { testMemory } from '../support/memory.ts';

const SOURCE_ROWS = 192;
const TARGET_ROWS = 128;
const HEAP_BYTES = 640;

const cellsOf: Readonly<Record<string, fc.Arbitrary<Cell>>> = {
  bool: fc.boolean(),
  int32: fc.integer(),
  int64: fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n),
  float64: fc.double(),
  string: fc.oneof(
    fc.string({ maxLength: 12 }),
    fc.string({ minLength: 13, maxLength: 60, size: 'max' }),
    // Too large for any slot.
    { weight: 1, arbitrary: fc.constant('x'.repeat(700)) },
  ),
};
const TYPES = [BOOL, INT32, INT64, FLOAT64, STRING];

type Step =
  | { type: 'fill'; from: number; nulls: number; late: number; selection: Uint8Array; kind: number }
  | { type: 'empty' }
  /** A row is begun, its nulls are marked, and it is not finished. */
  | { type: 'begin' };

/** Which rows: all, a run of them, or any. */
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      type: fc.constant('fill' as const),
      from: fc.nat(SOURCE_ROWS),
      nulls: fc.constantFrom(0, 0, 2),
      late: fc.constantFrom(0, 0, 3),
      selection: fc.uint8Array({ minLength: SOURCE_ROWS, maxLength: SOURCE_ROWS }),
      kind: fc.nat(4),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ type: 'empty' as const }) },
  { weight: 2, arbitrary: fc.constant({ type: 'begin' as const }) },
);

const cases = fc.array(fc.constantFrom(...TYPES), { maxLength: 5 }).chain((types) =>
  fc.record({
    types: fc.constant(types),
    pool: fc.array(fc.tuple(...types.map(({ kind }) => cellsOf[kind]!)), {
      minLength: 1,
      maxLength: 40,
      size: 'max',
    }),
    hasTime: fc.boolean(),
    isPlaced: fc.constantFrom(true, true, true, false),
    /** Of so many columns of strings one has its heap elsewhere; 0: none has. */
    far: fc.constantFrom(0, 0, 1, 2),
    /** How late rows are stands elsewhere, as it does for rows that an operator was too late for. */
    isLatenessOwn: fc.boolean(),
    steps: fc.array(step, { minLength: 1, maxLength: 6 }),
  }),
);

/** Positions of a step's rows among those of its source. */
function positionsOf(fill: Step & { type: 'fill' }): number[] {
  const all = Array.from({ length: SOURCE_ROWS }, (_, i) => i);
  const { kind, from, selection } = fill;
  if (kind === 0) return all;
  if (kind === 1) return all.slice(from, from + selection[0]!);
  // In another order, as results of a state are listed: the first and the last stay.
  if (kind === 4) {
    const inner = all.slice(1, 20).toSorted((a, b) => selection[a]! - selection[b]!);
    return [0, ...inner, 20];
  }
  return all.filter((i) => selection[i]! % (kind === 2 ? 2 : 9) !== 0);
}

function sourceOf(
  fill: Step & { type: 'fill' },
  pool: readonly Cell[][],
  source: Batch,
  memory: ColumnMemory,
): void {
  const rows = Array.from({ length: SOURCE_ROWS }, (_, i): TestRow => {
    const pick = fill.selection[i]!;
    const values = pool[(pick + i) % pool.length]!;
    return {
      values: values.map((cell, c) =>
        fill.nulls > 0 && (pick + c) % fill.nulls === 0 ? null : cell,
      ),
      timeUs: (pick - 100) * 5e9 + i,
      lateByUs: fill.late > 0 && pick % fill.late === 0 ? pick + 1 : 0,
    };
  });
  fillBatch(source, rows);
  const positions = positionsOf(fill);
  if (fill.kind === 0) return;
  const place = memory.allocate(4 * SOURCE_ROWS);
  source.selection = new Uint32Array(place.buffer, place.byteOffset, SOURCE_ROWS);
  source.selection.set(positions);
  source.selected = positions.length;
}

function beginRow(batch: Batch): void {
  if (batch.rowCount === batch.rowCapacity) return;
  for (const column of batch.columns) column.setNull(batch.rowCount);
}

function show(batch: Batch): unknown {
  return {
    rows: Array.from({ length: batch.rowCount }, (_, row) => readRow(batch, row)),
    nulls: batch.columns.map(({ nullCount }) => nullCount),
    used: batch.heap.used,
    times: [batch.minTimeUs, batch.maxTimeUs, batch.lateCount, batch.ingestTimeUs],
    selected: batch.selected,
  };
}

/** Moves heaps of columns out of the memory, as those of results of a state are. */
function moveHeaps({ heap, columns }: Batch, far: number): void {
  const views = columns.filter(({ storage }) => storage === 'view');
  views.forEach((column, i) => {
    if (far === 0 || i % far > 0) return;
    column.heap = new Heap(heap.bytes.slice(0, heap.used));
    column.heap.used = heap.used;
  });
}

test('copies the same rows, as many at a time', () => {
  fc.assert(
    fc.property(cases, ({ types, pool, hasTime, isPlaced, far, isLatenessOwn, steps }) => {
      const memory = testMemory(4 * 1024 * 1024);
      const schema = types.map((type, c) => ({ name: `c${c}`, type }));
      const layout = layoutBatch({ schema, hasTime }, TARGET_ROWS, HEAP_BYTES);
      const expected = Batch.allocate(layout);
      const actual = Batch.allocate(layout, memory);
      const wide = layoutBatch({ schema, hasTime }, SOURCE_ROWS, 5 * SOURCE_ROWS * 700);
      const place = isPlaced ? memory : ownMemory;
      const source = Batch.allocate(wide, place);
      const { lateBy } = source;
      const copier = new RowCopier(memory, types.length);
      for (const batch of [expected, actual]) {
        poisonBatch(batch);
        batch.reset();
      }
      steps.forEach((action, i) => {
        if (action.type === 'empty') {
          for (const batch of [expected, actual]) batch.reset();
          return;
        }
        if (action.type === 'begin') {
          for (const batch of [expected, actual]) beginRow(batch);
          return;
        }
        for (const column of source.columns) column.heap = source.heap;
        source.lateBy = lateBy;
        sourceOf(action, pool, source, place);
        moveHeaps(source, far);
        if (isLatenessOwn) source.lateBy = Float64Array.from(lateBy, (by) => by);
        source.ingestTimeUs = i;
        let from = action.kind === 4 ? 0 : Math.min(action.from, source.selected);
        // Until the target has no more room, or a row has none anywhere.
        for (let copied = 1; from < source.selected && copied > 0; from += copied) {
          const rows = [source.selection, from, source.selected] as const;
          if (hasTime) {
            copied = appendRows(expected, source, ...rows);
            expect(copier.appendRows(actual, source, ...rows)).toBe(copied);
          } else {
            copied = appendColumns(expected, source.columns, ...rows);
            expect(copier.appendColumns(actual, source.columns, ...rows)).toBe(copied);
          }
          expect(show(actual)).toEqual(show(expected));
        }
      });
    }),
    { numRuns: 150 },
  );
});
