/** The way past a gate: when it is open, what is told of what went there, and what closes it. */
import { expect, test } from 'vitest';
import { layoutBatch } from '../../../../src/core/batch-layout.ts';
import { Batch } from '../../../../src/core/batch.ts';
import { INT32 } from '../../../../src/core/types.ts';
import {
  DirectPath,
  type DirectPathParts,
} from '../../../../src/workers/thread/admission/direct-path.ts';

const ROWS = 128;
/** Looks before the first batch goes past, and batches that go past between two looks. */
const FIRST_LOOKS = 8;
const BETWEEN = 32;

function open() {
  const admission = { epoch: 0, isPassing: false };
  const reader = { isWilling: true, taken: 0 };
  const passed = { rows: 0 };
  const settled: { rows: number; batches: number; workMs: number }[] = [];
  const parts: DirectPathParts = {
    gate: { passUnseen: (_: unknown, __: unknown, count: number) => void (passed.rows += count) },
    worth: { count: ROWS, rows: new Uint32Array(ROWS), total: ROWS },
    metrics: { add: () => undefined },
    admission,
    lanes: { lanes: 1 },
    reader: { mayTake: () => reader.isWilling, takeUnseen: () => void reader.taken++ },
    ring: {
      settle: (rows: number, batches: number, workMs: number) =>
        void settled.push({ rows, batches, workMs }),
    },
  } as unknown as DirectPathParts;
  const batch = Batch.allocate(
    layoutBatch({ schema: [{ name: 'n', type: INT32 }], hasTime: false }, ROWS, 0),
  );
  batch.setRowCount(ROWS);
  const path = new DirectPath(parts);
  /** A batch that is looked at: two milliseconds, of which one is work. */
  const look = (): void => {
    path.settle();
    path.open(ROWS, 1);
    path.note(2);
  };
  /** A batch that goes past if it may; whether it did. */
  const offer = (elapsedMs: number): boolean => {
    if (!path.mayTake(batch)) return false;
    path.take(batch);
    path.note(elapsedMs);
    return true;
  };
  const opened = (): void => {
    for (let at = 0; at <= FIRST_LOOKS; at++) look();
  };
  return { path, admission, reader, settled, passed, look, offer, opened };
}

test('some batches are looked at first, then one of many; what went past is told with its share of work', () => {
  const { look, offer, opened, settled, passed, reader } = open();
  for (let at = 0; at < FIRST_LOOKS; at++) {
    look();
    expect(offer(2)).toBe(false);
  }
  opened();
  for (let at = 0; at < BETWEEN; at++) expect(offer(2.2)).toBe(true);
  expect(offer(2)).toBe(false);
  look();
  expect(settled).toHaveLength(1);
  expect(settled[0]).toMatchObject({ rows: BETWEEN * ROWS, batches: BETWEEN });
  expect(settled[0]!.workMs).toBeCloseTo((BETWEEN * 2.2) / 2, 6);
  expect(passed.rows).toBe(BETWEEN * ROWS);
  expect(reader.taken).toBe(BETWEEN);
});

test('a price that changes, a reader that will not and what is told in between close it until the next look', () => {
  const { path, look, offer, opened, admission, reader } = open();
  opened();
  admission.epoch++;
  expect(offer(2)).toBe(false);
  look();
  reader.isWilling = false;
  expect(offer(2)).toBe(false);
  reader.isWilling = true;
  expect(offer(2)).toBe(false);
  look();
  expect([offer(2), admission.isPassing]).toEqual([true, true]);
  path.settle();
  expect([offer(2), admission.isPassing]).toEqual([false, false]);
});

test('a batch that takes too long counts for what was expected, and others are looked at', () => {
  const { path, look, offer, opened, settled } = open();
  opened();
  expect(offer(2)).toBe(true);
  expect(offer(60)).toBe(true);
  for (let at = 0; at < FIRST_LOOKS; at++) {
    expect(offer(2)).toBe(false);
    look();
  }
  expect(settled).toHaveLength(1);
  expect(settled[0]!.workMs).toBeCloseTo(2, 6);
  look();
  expect(offer(Number.NaN)).toBe(true);
  path.settle();
  expect(settled.at(-1)).toEqual({ rows: ROWS, batches: 1, workMs: 0 });
});
