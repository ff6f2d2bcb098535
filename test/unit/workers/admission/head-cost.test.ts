/** Slices of work: as many rows as fit in a time, by what rows have cost. */
import { describe, expect, test } from 'vitest';
import { allocateSeqlock, Arena, SeqlockReader } from '../../../../src/ringbuf/index.ts';
import { COST_WORDS, costWord } from '../../../../src/workers/protocol-admission.ts';
import { HeadCost } from '../../../../src/workers/thread/admission/head-cost.ts';

const SLICE_MS = 0.5;

function open() {
  const arena = Arena.create(64 * 1024);
  const address = allocateSeqlock(arena, COST_WORDS);
  return {
    cost: new HeadCost(arena.buffer, address),
    told: new SeqlockReader(arena.buffer, address),
  };
}

/** Works slice by slice at a price, as a worker does; the last slice. */
function work(cost: HeadCost, rowMs: number, slices: number): number {
  let rows = 0;
  for (let slice = 0; slice < slices; slice++) {
    rows = Math.floor(cost.rowsIn(SLICE_MS));
    cost.observe(rows, rows * rowMs, undefined);
  }
  return rows;
}

describe('the rows of a slice', () => {
  test('are one at first, and then as many as the time allows', () => {
    const { cost } = open();
    expect(cost.rowsIn(SLICE_MS)).toBe(1);
    expect(work(cost, 0.01, 100)).toBe(50);
    expect(work(cost, 0.1, 3000)).toBe(5);
    // Dearer than a slice: one by one.
    expect(work(cost, 2, 2000)).toBe(1);
    expect(work(cost, 0.001, 60_000)).toBeGreaterThan(400);
  });

  test('are not fewer because one slice was interrupted', () => {
    const { cost } = open();
    const rows = work(cost, 0.01, 100);
    cost.observe(rows, 40, undefined);
    expect(cost.rowsIn(SLICE_MS)).toBeCloseTo(rows, 6);
    // Three in a row are no accident.
    for (let i = 0; i < 3; i++) cost.observe(rows, 40, undefined);
    expect(cost.rowsIn(SLICE_MS)).toBeLessThan(rows / 2);
  });

  test('are told to other workers as what a row costs', () => {
    const { cost, told } = open();
    work(cost, 0.02, 100);
    cost.publish();
    expect(told.get(0)).toBeCloseTo(0.02, 6);
    // No class has a cost of its own.
    expect(told.get(costWord(3))).toBe(0);
  });
});
