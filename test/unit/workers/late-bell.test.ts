import { expect, test } from 'vitest';
import { layoutBatch } from '../../../src/core/batch-layout.ts';
import { Batch } from '../../../src/core/batch.ts';
import { KernelMemory } from '../../../src/core/memory.ts';
import { INT32 } from '../../../src/core/types.ts';
import {
  allocateBell,
  allocateRing,
  Arena,
  Bell,
  RingConsumer,
  RingProducer,
} from '../../../src/ringbuf/index.ts';
import { RingEdge } from '../../../src/workers/thread/edges/ring-edge.ts';
import type { Target } from '../../../src/workers/thread/flow.ts';
import { RingInput } from '../../../src/workers/thread/tasks/ring-input.ts';

const ROWS = 64;
const SLOTS = 8;
const REGION_BYTES = 1 << 20;

/** Takes everything. */
const TARGET: Target = {
  canAccept: () => true,
  isIdle: () => true,
  pump: () => false,
  hasEnded: () => false,
  accept: () => undefined,
  acceptWatermark: () => undefined,
  acceptEnd: () => undefined,
};

/** A worker's bell that sleeps whenever it is told to, and nobody waits at it. */
class Sleeper {
  readonly bell: Bell;
  readonly #words: Int32Array;
  constructor(arena: Arena) {
    const at = allocateBell(arena);
    this.bell = new Bell(arena.buffer, at);
    this.#words = new Int32Array(arena.buffer, at, 1);
  }
  sleep(): void {
    this.#words[0] = 1;
  }
}

function open() {
  const arena = Arena.create(2 * REGION_BYTES);
  const layout = layoutBatch({ schema: [{ name: 'n', type: INT32 }], hasTime: false }, ROWS, 0);
  const ring = allocateRing(arena, { slots: SLOTS, slotBytes: layout.slotBytes, consumers: 1 });
  const memory = new KernelMemory(arena.memory, arena.allocate(REGION_BYTES), REGION_BYTES);
  const [reader, writer] = [new Sleeper(arena), new Sleeper(arena)];
  const producer = new RingProducer(arena.buffer, ring, []);
  const edge = new RingEdge(producer, [reader.bell], memory, layout, 'x');
  const consumer = new RingConsumer(arena.buffer, ring, 0);
  const input = new RingInput(consumer, writer.bell, arena.buffer, layout, TARGET, 0, []);
  const batch = Batch.allocate(layout, memory);
  batch.setRowCount(ROWS);
  /** Fills slots; the last one stays open until the next is begun. */
  const fill = (slots: number): void => {
    for (let i = 0; i < slots; i++) edge.offer(batch);
  };
  return { edge, input, reader, writer, fill };
}

test('the reader is woken for half a ring, or when the turn ends', () => {
  const { edge, reader, fill } = open();
  reader.sleep();
  fill(SLOTS / 2);
  expect(reader.bell.isSleeping()).toBe(true);
  fill(1);
  expect(reader.bell.isSleeping()).toBe(false);

  reader.sleep();
  edge.flush(0);
  expect(reader.bell.isSleeping()).toBe(false);
  // Nothing was passed on since.
  reader.sleep();
  edge.flush(0);
  expect(reader.bell.isSleeping()).toBe(true);
});

test('the writer is woken when the reader ends its turn, however few slots were free', () => {
  const { edge, input, writer, fill } = open();
  fill(1);
  edge.flush(Infinity);
  writer.sleep();
  input.run(Infinity);
  expect(writer.bell.isSleeping()).toBe(false);
});

test('a writer that waits for room in a full ring is woken with room for half of it', () => {
  const { edge, input, writer, fill } = open();
  fill(SLOTS + 1);
  expect(edge.isIdle()).toBe(false);
  writer.sleep();
  input.run(Infinity);
  expect(writer.bell.isSleeping()).toBe(false);
  expect(edge.pump()).toBe(true);
});

test('a worker with too much to do wakes the reader of an outlet once in four milliseconds, and at the end', () => {
  const { edge, input, reader, fill } = open();
  const crowding = { isOn: true };
  edge.linger(crowding);
  const isRungAfter = (what: () => void): boolean => {
    reader.sleep();
    what();
    return !reader.bell.isSleeping();
  };
  const isRungAt = (ms: number): boolean => isRungAfter(() => edge.flush(ms));
  const rung: number[] = [];
  for (let ms = 0; ms < 12; ms++) {
    fill(1);
    if (isRungAt(ms)) rung.push(ms);
    input.run(Infinity);
  }
  expect(rung).toEqual([0, 4, 8]);
  // Nothing else to do.
  expect(isRungAt(Infinity)).toBe(true);
  fill(1);
  expect(isRungAt(12)).toBe(true);
  crowding.isOn = false;
  fill(1);
  expect(isRungAt(13)).toBe(true);
  crowding.isOn = true;
  edge.end();
  expect(isRungAt(13.5)).toBe(true);
});
