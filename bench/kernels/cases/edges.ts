/**
 * Question: what does it cost to pass rows on to other workers: to copy a batch into a slot, to
 * spread its rows over rings by a key?
 *
 * One thread writes and reads: what a second one adds is the `ring` benchmark's question. The reader
 * opens each slot and gives it back. The answer is the number of rows and the sums of the columns; for
 * spread rows also how many pairs of ring and key there are, which are as many as keys.
 *
 * @module
 */

import { Batch } from '../../../src/core/batch.ts';
import { layoutBatch } from '../../../src/core/batch-layout.ts';
import { KernelMemory } from '../../../src/core/memory.ts';
import type { Schema } from '../../../src/core/schema.ts';
import { FLOAT64, INT32, INT64 } from '../../../src/core/types.ts';
import {
  allocateRing,
  Arena,
  NO_SLOT,
  RingConsumer,
  RingProducer,
  ringBytes,
} from '../../../src/ringbuf/index.ts';
import { createSplit } from '../../../src/workers/thread/edges/row-splits.ts';
import { SpreadEdge } from '../../../src/workers/thread/edges/spread-edge.ts';
import { RingEdge } from '../../../src/workers/thread/edges/ring-edge.ts';
import type { Edge } from '../../../src/workers/thread/flow.ts';
import { batchesOf, type Values } from '../batches.ts';
import type { KernelCase, PreparedCase } from '../case.ts';
import { randomNumbers } from '../random.ts';
import { type Answer, type KernelSubject, loopSubject } from '../subject.ts';
import { BATCH_ROWS, type Workshop } from '../workshop.ts';

const COPY_COLUMNS = 8;
const COPY_SLOTS = 64;
const PARTITION_SLOTS = 16;
const KEYS = 10_000;
const REGION_BYTES = 256 * 2 ** 20;

/** The reading end of a ring on the same thread. */
class Drain {
  readonly #consumer: RingConsumer;
  readonly #slots: readonly Batch[];

  constructor(consumer: RingConsumer, slots: readonly Batch[]) {
    this.#consumer = consumer;
    this.#slots = slots;
  }

  /** Takes every slot that is there, and gives it to `take` if there is one. */
  run(take?: (batch: Batch) => void): void {
    for (;;) {
      const slot = this.#consumer.peek();
      if (slot === NO_SLOT) return;
      const batch = this.#slots[slot]!;
      batch.open();
      take?.(batch);
      this.#consumer.advance();
      this.#consumer.release();
    }
  }
}

/** Rings, their ends, and memory for the worker, all in one shared memory. */
function openRings(
  schema: Schema,
  rings: number,
  slots: number,
): { memory: KernelMemory; edges: Edge[]; drains: Drain[] } {
  const layout = layoutBatch({ schema, hasTime: false }, BATCH_ROWS, 0);
  const shape = { slots, slotBytes: layout.slotBytes, consumers: 1 };
  const arena = Arena.create(REGION_BYTES + rings * (ringBytes(shape) + 4096));
  const memory = new KernelMemory(arena.memory, arena.allocate(REGION_BYTES, 128), REGION_BYTES);
  const edges: Edge[] = [];
  const drains: Drain[] = [];
  for (let ring = 0; ring < rings; ring++) {
    const address = allocateRing(arena, shape);
    const consumer = new RingConsumer(arena.buffer, address, 0);
    edges.push(
      new RingEdge(new RingProducer(arena.buffer, address, []), [], memory, layout, 'bench'),
    );
    const views = Array.from({ length: slots }, (_, slot) =>
      Batch.over(layout, arena.buffer, consumer.slotOffset(slot)),
    );
    drains.push(new Drain(consumer, views));
  }
  return { memory, edges, drains };
}

/** Offers every batch to an edge; the rings behind it are drained after each. */
function edgeSubject(
  batches: readonly Batch[],
  edge: Edge,
  drains: readonly Drain[],
  take: (ring: number, batch: Batch) => void,
  answer: () => Answer,
): KernelSubject {
  const pass = (): void => {
    for (let b = 0; b < batches.length; b++) {
      edge.offer(batches[b]!);
      for (let d = 0; d < drains.length; d++) drains[d]!.run();
    }
  };
  const answerOf = (): Answer => {
    // What is left of the rounds, then one pass.
    edge.flush(Infinity);
    for (const drain of drains) drain.run();
    for (const batch of batches) {
      edge.offer(batch);
      for (const [ring, drain] of drains.entries()) drain.run((slot) => take(ring, slot));
    }
    edge.flush(Infinity);
    for (const [ring, drain] of drains.entries()) drain.run((slot) => take(ring, slot));
    return answer();
  };
  return loopSubject('millrace', batches.length * BATCH_ROWS, pass, answerOf);
}

function copyCase(): KernelCase {
  const prepare = async (workshop: Workshop): Promise<PreparedCase> => {
    const { rows } = workshop;
    const random = randomNumbers(5);
    const columns = Object.fromEntries(
      Array.from({ length: COPY_COLUMNS }, (_, c) => [
        `c${c}`,
        Float64Array.from({ length: rows }, () => Math.floor(random() * 1000)),
      ]),
    );
    const typed = Object.fromEntries(
      Object.entries(columns).map(([name, values]) => [name, { type: FLOAT64, values }]),
    );
    const schema = Object.keys(columns).map((name) => ({ name, type: FLOAT64 }));
    const { memory, edges, drains } = openRings(schema, 1, COPY_SLOTS);
    let expected = 0;
    for (const values of Object.values(columns)) for (const value of values) expected += value;
    const found: [number, number] = [0, 0];
    const take = (_ring: number, { columns, rowCount }: Batch): void => {
      found[0] += rowCount;
      for (const { f64 } of columns) for (let row = 0; row < rowCount; row++) found[1] += f64[row]!;
    };
    return {
      expected: [rows, expected],
      bytesPerRow: COPY_COLUMNS * 8,
      subjects: [
        edgeSubject(batchesOf(memory, typed), edges[0]!, drains, take, () => found),
        ...(await workshop.cpp('edges', ['copy', workshop.writeColumns(columns)], rows)),
        plainCopySubject(Object.values(columns)),
      ],
    };
  };
  return { name: 'copy into a ring of 4 MiB', program: 'edges', prepare };
}

/** `set`, which is memcpy, into the slots of a buffer of the same size. */
function plainCopySubject(columns: readonly Float64Array[]): KernelSubject {
  const rows = columns[0]!.length;
  const slots = new Float64Array(COPY_SLOTS * COPY_COLUMNS * BATCH_ROWS);
  const copy = (batch: number): number => {
    const slot = (batch % COPY_SLOTS) * COPY_COLUMNS * BATCH_ROWS;
    for (let c = 0; c < columns.length; c++) {
      const part = columns[c]!.subarray(batch * BATCH_ROWS, (batch + 1) * BATCH_ROWS);
      slots.set(part, slot + c * BATCH_ROWS);
    }
    return slot;
  };
  const batches = rows / BATCH_ROWS;
  const pass = (): void => {
    for (let batch = 0; batch < batches; batch++) copy(batch);
  };
  const answer = (): Answer => {
    let sum = 0;
    for (let batch = 0; batch < batches; batch++) {
      const slot = copy(batch);
      for (let i = slot; i < slot + COPY_COLUMNS * BATCH_ROWS; i++) sum += slots[i]!;
    }
    return [rows, sum];
  };
  return loopSubject('javascript', rows, pass, answer);
}

interface Spread {
  readonly k: Int32Array;
  readonly a: BigInt64Array;
  readonly x: Float64Array;
}

/** Rows; sums of k, a, x; pairs of ring and key. */
class AnswerOfRings {
  readonly #sums = [0, 0, 0, 0];
  readonly #met = new Set<number>();

  add(ring: number, k: number, a: number, x: number): void {
    const sums = this.#sums;
    sums[0]!++;
    sums[1]! += k;
    sums[2]! += a;
    sums[3]! += x;
    this.#met.add(ring * KEYS + k);
  }

  get numbers(): Answer {
    return [...this.#sums, this.#met.size];
  }
}

function makeSpread(rows: number): Spread {
  const random = randomNumbers(77);
  const k = new Int32Array(rows);
  const a = new BigInt64Array(rows);
  const x = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    k[row] = Math.floor(random() * KEYS);
    a[row] = BigInt(Math.floor(random() * 1e9));
    x[row] = Math.floor(random() * 1000) / 8;
  }
  return { k, a, x };
}

function partitionCase(rings: number): KernelCase {
  const prepare = async (workshop: Workshop): Promise<PreparedCase> => {
    const { rows } = workshop;
    const { k, a, x } = makeSpread(rows);
    const typed = {
      k: { type: INT32, values: k },
      a: { type: INT64, values: a },
      x: { type: FLOAT64, values: x },
    } satisfies Record<string, { type: unknown; values: Values }>;
    const schema = Object.entries(typed).map(([name, { type }]) => ({ name, type }));
    const { memory, edges, drains } = openRings(schema, rings, PARTITION_SLOTS);
    const layout = layoutBatch({ schema, hasTime: false }, BATCH_ROWS, 0);
    const split = createSplit({ style: 'hash', columns: [0] }, edges.length, layout, memory);
    const edge = new SpreadEdge(edges, split, layout);
    const expected = new AnswerOfRings();
    for (let row = 0; row < rows; row++) expected.add(0, k[row]!, Number(a[row]), x[row]!);
    const found = new AnswerOfRings();
    const take = (ring: number, { columns: [k, a, x], rowCount }: Batch): void => {
      for (let row = 0; row < rowCount; row++) {
        found.add(ring, k!.words[row]!, a!.getI64AsNumber(row), x!.f64[row]!);
      }
    };
    const folder = workshop.writeColumns({ k, a, x });
    return {
      expected: expected.numbers,
      subjects: [
        edgeSubject(batchesOf(memory, typed), edge, drains, take, () => found.numbers),
        ...(await workshop.cpp('edges', ['partition', folder, rings], rows)),
      ],
    };
  };
  return { name: `partition into ${rings} rings`, program: 'edges', prepare };
}

/** Copying, and spreading over few and many rings. */
export const edgeCases: readonly KernelCase[] = [copyCase(), ...[2, 4, 8].map(partitionCase)];
