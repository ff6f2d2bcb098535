import fc from 'fast-check';
import { expect, test } from 'vitest';
import { layoutBatch } from '../../src/core/batch-layout.ts';
import { Batch } from '../../src/core/batch.ts';
import { BoundedDisorder } from '../../src/core/time.ts';
import { TIMESTAMP } from '../../src/core/types.ts';
import { stampEventTimes } from '../../src/workers/thread/tasks/event-time.ts';

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
  const time = fc.oneof(fc.integer({ min: -100, max: 100 }), fc.maxSafeInteger());
  fc.assert(
    fc.property(
      fc.array(time, { maxLength: 200, size: 'max' }),
      fc.nat(50),
      fc.array(fc.integer({ min: 1, max: 64 }), { minLength: 1 }),
      (times, latenessUs, cuts) => {
        const expected = model(times, latenessUs);
        const disorder = new BoundedDisorder(latenessUs);
        const found: number[] = [];
        for (let at = 0, cut = 0; at < times.length; cut++) {
          const part = times.slice(at, at + cuts[cut % cuts.length]!);
          const batch = Batch.allocate(layout);
          batch.reset();
          part.forEach((timeUs, row) => batch.columns[0]!.setI64FromNumber(row, timeUs));
          batch.setRowCount(part.length);
          stampEventTimes(batch, 0, 0, disorder);
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
