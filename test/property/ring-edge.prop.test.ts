import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { layoutBatch } from '../../src/core/batch-layout.ts';
import { Batch } from '../../src/core/batch.ts';
import { KernelMemory, ownMemory } from '../../src/core/memory.ts';
import type { ColumnMemory } from '../../src/core/memory.ts';
import type { StreamType } from '../../src/core/schema.ts';
import { INT64, STRING } from '../../src/core/types.ts';
import {
  allocateRing,
  Arena,
  ringBytes,
  RingConsumer,
  RingProducer,
} from '../../src/ringbuf/index.ts';
import { RingEdge } from '../../src/workers/thread/edges/ring-edge.ts';
import { RingInput } from '../../src/workers/thread/tasks/ring-input.ts';
import type { Target } from '../../src/workers/thread/flow.ts';

const STREAM: StreamType = {
  schema: [
    { name: 'n', type: INT64 },
    { name: 's', type: STRING },
  ],
  hasTime: true,
};
const ROWS = 64;
const HEAP_BYTES = 512;
const REGION_BYTES = 8 * 1024 * 1024;
const encoder = new TextEncoder();
const decoder = new TextDecoder();

type Seen =
  | { n: bigint; s: string | null; timeUs: number; lateByUs: number }
  | { watermarkUs: number }
  | 'end';

/** Writes down what it gets; busy now and then. */
class Recorder implements Target {
  readonly seen: Seen[] = [];
  isBusy = false;

  canAccept(): boolean {
    return !this.isBusy;
  }
  isIdle(): boolean {
    return !this.isBusy;
  }
  pump(): boolean {
    return false;
  }
  hasEnded(): boolean {
    return this.seen.at(-1) === 'end';
  }
  accept(_channel: number, batch: Batch): void {
    for (let i = 0; i < batch.selected; i++) {
      const row = batch.selection[i]!;
      const s = batch.columns[1]!;
      const start = s.viewStart(row);
      this.seen.push({
        n: batch.columns[0]!.i64[row]!,
        s: s.isNull(row)
          ? null
          : decoder.decode(s.viewSource(row).slice(start, start + s.viewLength(row))),
        timeUs: batch.timeUs(row),
        lateByUs: batch.lateByUs(row),
      });
    }
  }
  acceptWatermark(_channel: number, watermarkUs: number): void {
    this.seen.push({ watermarkUs });
  }
  acceptEnd(): void {
    this.seen.push('end');
  }
}

interface InputRow {
  n: bigint;
  s: string | null;
  timeUs: number;
  lateByUs: number;
  isSelected: boolean;
}

function batchOf(rows: readonly InputRow[], memory: ColumnMemory): Batch {
  // Not bounded by a slot's heap: batches in front of a ring come from anywhere.
  const batch = Batch.allocate(layoutBatch(STREAM, ROWS, 64 * 1024), memory);
  batch.reset();
  rows.forEach((row, i) => {
    batch.columns[0]!.i64[i] = row.n;
    if (row.s === null) batch.columns[1]!.setNull(i);
    else {
      const bytes = encoder.encode(row.s);
      batch.columns[1]!.setView(i, bytes, 0, bytes.length);
    }
    batch.setTimeUs(i, row.timeUs);
    batch.setLateBy(i, row.lateByUs);
  });
  batch.setRowCount(rows.length);
  const place = memory.allocate(4 * ROWS);
  const selection = new Uint32Array(place.buffer, place.byteOffset, ROWS);
  let selected = 0;
  rows.forEach((row, i) => {
    if (row.isSelected) selection[selected++] = i;
  });
  batch.selection = selection;
  batch.selected = selected;
  return batch;
}

const row = fc.record({
  n: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  s: fc.option(fc.string({ maxLength: 60, size: 'max', unit: 'grapheme' })),
  timeUs: fc.integer({ min: -(2 ** 52), max: 2 ** 52 }),
  lateByUs: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 1e9 })),
  isSelected: fc.boolean(),
});
const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constant('offer' as const),
      rows: fc.array(row, { maxLength: ROWS, size: 'max' }),
      isPlaced: fc.boolean(),
    }),
  },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('watermark' as const) }) },
  { weight: 3, arbitrary: fc.record({ type: fc.constant('consume' as const) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('flush' as const), now: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('busy' as const) }) },
);

describe('a ring edge and its input', () => {
  test('hand on every selected row once, in order, and no watermark overtakes a row', () => {
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 40, size: 'max' }),
        fc.constantFrom(1, 2, 4),
        (steps, slots) => {
          const layout = layoutBatch(STREAM, ROWS, HEAP_BYTES);
          const shape = { slots, slotBytes: layout.slotBytes, consumers: 1 };
          const arena = Arena.create(ringBytes(shape) + 4096 + REGION_BYTES);
          const address = allocateRing(arena, shape);
          const region = arena.allocate(REGION_BYTES);
          const memory = new KernelMemory(arena.memory, region, REGION_BYTES);
          const edge = new RingEdge(
            new RingProducer(arena.buffer, address, []),
            [],
            memory,
            layout,
            'x',
          );
          const recorder = new Recorder();
          const consumer = new RingConsumer(arena.buffer, address, 0);
          const input = new RingInput(consumer, undefined, arena.buffer, layout, recorder, 0, [
            recorder,
          ]);

          const offered: Seen[] = [];
          let watermarkUs = -1e15;
          const consume = (): void => {
            input.run(Infinity);
            edge.pump();
          };
          for (const action of steps) {
            switch (action.type) {
              case 'offer': {
                if (!edge.isIdle()) break;
                edge.offer(batchOf(action.rows, action.isPlaced ? memory : ownMemory));
                for (const { isSelected, ...rest } of action.rows)
                  if (isSelected) offered.push(rest);
                break;
              }
              case 'watermark':
                watermarkUs += 1000;
                edge.watermark(watermarkUs);
                offered.push({ watermarkUs });
                break;
              case 'consume':
                consume();
                break;
              case 'flush':
                edge.flush(action.now ? Infinity : 0);
                break;
              case 'busy':
                recorder.isBusy = !recorder.isBusy;
            }
          }
          recorder.isBusy = false;
          edge.end();
          for (let i = 0; i < 200 && !input.hasEnded(); i++) {
            edge.flush(Infinity);
            consume();
          }
          expect(recorder.seen.at(-1)).toBe('end');

          const isRow = (seen: Seen): boolean => seen !== 'end' && 'n' in seen;
          expect(recorder.seen.filter(isRow)).toEqual(offered.filter(isRow));
          // A watermark may be late, never early: the rows seen before it include all offered before it.
          let rowsSeen = 0;
          for (const seen of recorder.seen) {
            if (seen === 'end') continue;
            if ('n' in seen) {
              rowsSeen++;
              continue;
            }
            const at = offered.findIndex(
              (o) => o !== 'end' && 'watermarkUs' in o && o.watermarkUs === seen.watermarkUs,
            );
            const before = offered.slice(0, Math.max(at, 0)).filter(isRow).length;
            expect(rowsSeen).toBeGreaterThanOrEqual(before);
          }
          const last = offered
            .filter((o): o is { watermarkUs: number } => o !== 'end' && 'watermarkUs' in o)
            .at(-1);
          const lastSeen = recorder.seen
            .filter((o): o is { watermarkUs: number } => o !== 'end' && 'watermarkUs' in o)
            .at(-1);
          expect(lastSeen?.watermarkUs ?? -Infinity).toBe(last?.watermarkUs ?? -Infinity);
        },
      ),
      { numRuns: 200 },
    );
  });
});
