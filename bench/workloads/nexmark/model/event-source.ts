/** Walks through the events of a part and lets writers fill batches. @module */

import { layoutBatch } from '../../../../src/core/batch-layout.ts';
import { Batch } from '../../../../src/core/batch.ts';
import type { KernelMemory } from '../../../../src/core/memory.ts';
import type {
  SourceBatch,
  SourceModule,
  SourceModuleContext,
  SourceProgress,
} from '../../../../src/index.ts';
import type { ColumnWriter } from './column-writer.ts';
import type { GeneratorOptions } from './options.ts';
import { SCHEMAS } from './schemas.ts';
import { BLOCK_EVENTS, countBefore, eventOf, type Kind } from './timeline.ts';

/** Most events of one call, so that it is short also where few of them are of the source's kind. */
const EVENTS_PER_CALL = 8192;
const SPARE_ROWS = 1024;

/** Generates a kind that nobody reads. */
interface Spare {
  readonly kind: Kind;
  readonly writer: ColumnWriter;
  readonly batch: Batch;
}

/**
 * A source of one kind of rows. Several of them share the events in blocks, dealt out to whoever asks
 * next, so that the events are the same however many there are, and all sources end together.
 */
export class EventSource implements SourceModule {
  readonly #options: GeneratorOptions;
  readonly #nextBlock: () => number;
  readonly #writer: ColumnWriter;
  readonly #spares: readonly Spare[];
  /** Next event, and the end of its block; there none is left of it. */
  #event = 0;
  #blockEnd = 0;

  constructor(
    options: GeneratorOptions,
    { schema, nextPart, memory }: SourceModuleContext,
    makeWriter: (kind: Kind) => ColumnWriter,
  ) {
    const expected = JSON.stringify(SCHEMAS[options.kind]);
    if (JSON.stringify(schema) !== expected) {
      throw new TypeError(`the schema of '${options.kind}' is ${expected}`);
    }
    this.#options = options;
    this.#nextBlock = nextPart;
    this.#writer = makeWriter(options.kind);
    this.#spares = options.with.map((kind) => makeSpare(kind, makeWriter(kind), memory));
  }

  read(given: SourceBatch): SourceProgress {
    const batch = given as Batch;
    const { kind } = this.#options;
    const writer = this.#writer;
    let left = EVENTS_PER_CALL;
    while (left > 0) {
      if (this.#event >= this.#blockEnd && !this.#takeBlock()) return 'end';
      const room = this.#room(batch, writer);
      if (room === 0) return this.#full(batch, writer);
      const first = countBefore(kind, this.#event);
      const blockLast = countBefore(kind, Math.min(this.#blockEnd, this.#event + left));
      const count = Math.min(room, blockLast - first);
      // All events up to the row after the last one that fits.
      const end =
        count === blockLast - first
          ? Math.min(this.#blockEnd, this.#event + left)
          : eventOf(kind, first + count);
      if (count > 0) writer.write(batch, first, count);
      for (const spare of this.#spares) generate(spare, this.#event, end);
      left -= end - this.#event;
      this.#event = end;
    }
    return 'more';
  }

  /** Rows that surely fit. */
  #room(batch: Batch, writer: ColumnWriter): number {
    const free = batch.rowCapacity - batch.rowCount;
    return Math.min(free, Math.floor(batch.heap.freeBytes / writer.rowHeapBytes));
  }

  #full(batch: Batch, writer: ColumnWriter): SourceProgress {
    if (batch.rowCount > 0) return 'more';
    throw new RangeError(
      `a row of kind '${this.#options.kind}' takes up to ${writer.rowHeapBytes} bytes of text, ` +
        `a slot has ${batch.heap.capacityBytes}: raise /engine/ring/heap`,
    );
  }

  /** @returns false when there is none left */
  #takeBlock(): boolean {
    const { events } = this.#options;
    this.#event = this.#nextBlock() * BLOCK_EVENTS;
    this.#blockEnd = Math.min(this.#event + BLOCK_EVENTS, events);
    return this.#event < events;
  }
}

function makeSpare(kind: Kind, writer: ColumnWriter, memory: KernelMemory): Spare {
  const layout = layoutBatch(
    { schema: SCHEMAS[kind], hasTime: false },
    SPARE_ROWS,
    SPARE_ROWS * writer.rowHeapBytes,
  );
  return { kind, writer, batch: Batch.allocate(layout, memory) };
}

/** Generates the events `[from, to)` of a kind that nobody reads. */
function generate({ kind, writer, batch }: Spare, from: number, to: number): void {
  const last = countBefore(kind, to);
  for (let first = countBefore(kind, from); first < last; first += SPARE_ROWS) {
    batch.reset();
    writer.write(batch, first, Math.min(SPARE_ROWS, last - first));
  }
}
