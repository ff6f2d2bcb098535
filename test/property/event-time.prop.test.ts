import fc from 'fast-check';
import { expect, test } from 'vitest';
import { layoutBatch } from '../../src/core/batch-layout.ts';
import { Batch } from '../../src/core/batch.ts';
import { ownMemory } from '../../src/core/memory.ts';
import { BoundedDisorder } from '../../src/core/time.ts';
import { TIMESTAMP } from '../../src/core/types.ts';
import { EventTimeStamp } from '../../src/workers/thread/tasks/event-time.ts';
import { testMemory } from '../support/memory.ts';

const layout = layoutBatch({ schema: [{ name: 'ts', type: TIMESTAMP }], hasTime: true }, 64, 0);

/** Design: late is what lies below the largest time seen before, less the lateness. */
function model(times: readonly number[], latenessUs: number): number[] {
  let largest = -Infinity;
  return times.map((timeUs) => {
    const lateBy = Math.max(0, largest - latenessUs - timeUs);
    largest = Math.max(largest, timeUs);
    return lateBy;
  });
}

test('lateness is judged row by row, wherever batches are cut', () => {
  const time = fc.oneof(
    fc.integer({ min: -100, max: 100 }),
    // Where the low half of the int64 begins anew, and where its sign bit changes.
    fc.integer({ min: 2 ** 33 - 100, max: 2 ** 33 + 100 }),
    fc.integer({ min: 2 ** 31 - 100, max: 2 ** 31 + 100 }),
    fc.maxSafeInteger(),
  );
  const ascending = fc
    .array(time, { maxLength: 200, size: 'max' })
    .map((all) => all.toSorted((a, b) => a - b));
  /** Out of order by a little: by the lateness, by less, by more. */
  const jittered = fc
    .array(fc.tuple(fc.nat(20), fc.nat(60)), { maxLength: 200, size: 'max' })
    .map((steps) => {
      let at = 2 ** 32 - 500;
      return steps.map(([step, back]) => (at += step) - back);
    });
  fc.assert(
    fc.property(
      fc.oneof(fc.array(time, { maxLength: 200, size: 'max' }), ascending, jittered),
      fc.nat(50),
      fc.array(fc.integer({ min: 1, max: 64 }), { minLength: 1 }),
      fc.boolean(),
      (times, latenessUs, cuts, isShared) => {
        const expected = model(times, latenessUs);
        const disorder = new BoundedDisorder(latenessUs);
        const found: number[] = [];
        // Where a kernel finds them, and where it does not.
        const memory = testMemory();
        const place = isShared ? memory : ownMemory;
        const stamp = new EventTimeStamp(0, disorder, memory);
        for (let at = 0, cut = 0; at < times.length; cut++) {
          const part = times.slice(at, at + cuts[cut % cuts.length]!);
          const batch = Batch.allocate(layout, place);
          batch.reset();
          part.forEach((timeUs, row) => batch.columns[0]!.setI64FromNumber(row, timeUs));
          batch.setRowCount(part.length);
          expect(stamp.stamp(batch, 0)).toBe(true);
          part.forEach((timeUs, row) => {
            expect(batch.timeUs(row)).toBe(timeUs);
            found.push(batch.lateByUs(row));
          });
          expect(batch.minTimeUs).toBe(Math.min(...part));
          expect(batch.maxTimeUs).toBe(Math.max(...part));
          at += part.length;
        }
        expect(found).toEqual(expected);
        if (times.length > 0) expect(disorder.watermarkUs).toBe(Math.max(...times) - latenessUs);
      },
    ),
  );
});

test.each([
  ['too late in an ascending run', [0, 2 ** 53]],
  ['too early in an ascending run', [-(2 ** 53), -(2 ** 53)]],
  ['too early in a run that is not', [0, -(2 ** 53)]],
  ['missing', [0, null]],
])('an event time that is %s is told', (_, times) => {
  const memory = testMemory();
  const batch = Batch.allocate(layout, memory);
  batch.reset();
  times.forEach((timeUs, row) => {
    if (timeUs === null) batch.columns[0]!.setNull(row);
    else batch.columns[0]!.setI64FromNumber(row, timeUs);
  });
  batch.setRowCount(times.length);
  expect(new EventTimeStamp(0, new BoundedDisorder(0), memory).stamp(batch, 0)).toBe(false);
});

test('rows appended to a batch with late ones are marked, whatever lay there', () => {
  const memory = testMemory();
  const batch = Batch.allocate(layout, memory);
  batch.reset();
  const disorder = new BoundedDisorder(0);
  const stamp = new EventTimeStamp(0, disorder, memory);
  const append = (times: readonly number[]): void => {
    const from = batch.rowCount;
    times.forEach((timeUs, i) => batch.columns[0]!.setI64FromNumber(from + i, timeUs));
    batch.setRowCount(from + times.length);
    expect(stamp.stamp(batch, from)).toBe(true);
  };
  batch.lateBy.fill(99);
  append([5, 3]);
  append([6, 7, 8]);
  append([]);
  expect([0, 1, 2, 3, 4].map((row) => batch.lateByUs(row))).toEqual([0, 2, 0, 0, 0]);
  expect([batch.minTimeUs, batch.maxTimeUs, disorder.watermarkUs]).toEqual([3, 8, 8]);
});
