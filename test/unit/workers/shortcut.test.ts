import { expect, test } from 'vitest';
import { layoutBatch } from '../../../src/core/batch-layout.ts';
import { Batch } from '../../../src/core/batch.ts';
import { KernelMemory } from '../../../src/core/memory.ts';
import { INT32 } from '../../../src/core/types.ts';
import { allocateRing, Arena, RingConsumer, RingProducer } from '../../../src/ringbuf/index.ts';
import { RingEdge, type Shortcut } from '../../../src/workers/thread/edges/ring-edge.ts';

const REGION_BYTES = 1 << 20;

/** A reader that may be given rows at once. */
class Reader implements Shortcut {
  isWilling = true;
  readonly taken: (number | string)[] = [];
  mayTake(): boolean {
    return this.isWilling;
  }
  slotsDone = 0;
  take(batch: Batch): number {
    this.taken.push(batch.selected);
    return 1;
  }
  takeUnseen(batch: Batch): void {
    this.taken.push(batch.selected);
  }
  settle(rows: number): void {
    this.taken.push(`settled ${rows}`);
  }
  takeWatermark(watermarkUs: number): boolean {
    if (this.isWilling) this.taken.push(`watermark ${watermarkUs}`);
    return this.isWilling;
  }
  hasSettled(): boolean {
    return this.isWilling;
  }
  renew(): void {
    this.taken.push('renewed');
  }
}

function open() {
  const arena = Arena.create(2 * REGION_BYTES);
  const layout = layoutBatch({ schema: [{ name: 'n', type: INT32 }], hasTime: false }, 64, 0);
  const ring = allocateRing(arena, { slots: 4, slotBytes: layout.slotBytes, consumers: 1 });
  const memory = new KernelMemory(arena.memory, arena.allocate(REGION_BYTES), REGION_BYTES);
  const counted: number[] = [];
  const rows = {
    entered: (_: Batch, from: number, to: number) => void counted.push(to - from),
    passed: (count: number) => void counted.push(count),
  };
  const producer = new RingProducer(arena.buffer, ring, []);
  const edge = new RingEdge(producer, [], memory, layout, 'x', false, rows);
  const consumer = new RingConsumer(arena.buffer, ring, 0);
  const reader = new Reader();
  const batch = Batch.allocate(layout, memory);
  batch.setRowCount(10);
  return { edge, consumer, reader, batch, counted };
}

test('rows pass an empty ring, and their watermark behind them', () => {
  const { edge, consumer, reader, batch, counted } = open();
  expect(edge.mayPass(batch)).toBe(false);
  edge.shorten(reader);
  expect(edge.mayPass(batch)).toBe(true);
  edge.pass(batch, 0);
  edge.watermark(7);
  edge.flush(Infinity);
  edge.flush(Infinity);
  expect(reader.taken).toEqual([10, 'watermark 7']);
  expect(counted).toEqual([10]);
  expect(consumer.peek()).toBe(-1);
});

test('nothing passes what waits in the ring, nor a watermark a reader that is busy', () => {
  const { edge, consumer, reader, batch } = open();
  edge.shorten(reader);
  edge.offer(batch);
  expect(edge.mayPass(batch)).toBe(false);
  edge.watermark(7);
  edge.flush(Infinity);
  expect(edge.mayPass(batch)).toBe(false);
  consumer.peek();
  consumer.advance();
  consumer.release();
  reader.slotsDone++;
  expect(edge.mayPass(batch)).toBe(true);
  reader.isWilling = false;
  expect([edge.mayPass(batch), edge.hasSettled()]).toEqual([false, false]);
  edge.watermark(8);
  edge.flush(Infinity);
  expect(reader.taken).toEqual([]);
  expect(consumer.peek()).toBe(1);
});
