/** An outbox that collects rows, may refuse claims, and holds kernels to the contract. @module */

import type { Batch } from '../../../src/core/batch.ts';
import type { ColumnMemory } from '../../../src/core/memory.ts';
import type { Outbox, OutputPort, Progress } from '../../../src/core/operator.ts';
import { allocateBatch, poisonBatch, readRow } from './rows.ts';
import type { TestRow } from './rows.ts';

/** How a {@link TestOutbox} behaves. */
export interface TestOutboxOptions {
  readonly rowCapacity: number;
  readonly heapBytes?: number;
  /** Refuses every other claim. */
  readonly refuses?: boolean;
  /** Where batches lie; each in memory of its own when left out. */
  readonly memory?: ColumnMemory | undefined;
}

/** What came out, in order. */
export type OutputEvent =
  | { readonly kind: 'row'; readonly port: number; readonly row: TestRow }
  | { readonly kind: 'watermark'; readonly watermarkUs: number };

/** Consumes at once what it is given. */
export class TestOutbox implements Outbox {
  readonly events: OutputEvent[] = [];
  readonly #options: TestOutboxOptions;
  readonly #ports: readonly OutputPort[];
  readonly #slots: Batch[];
  /** By port: rows of the slot that were committed. */
  readonly #committed: number[];
  readonly #claimed: boolean[];
  #claims = 0;
  /** Ports whose last claim in this call was refused. */
  readonly #refused = new Set<number>();
  readonly #offered = new Set<number>();
  #watermarkUs = -Infinity;

  constructor(ports: readonly OutputPort[], options: TestOutboxOptions) {
    this.#ports = ports;
    this.#options = options;
    this.#slots = ports.map((port) => this.#newSlot(port));
    this.#committed = ports.map(() => 0);
    this.#claimed = ports.map(() => false);
  }

  /** Rows of a port, in the order they came. */
  rows(port = 0): TestRow[] {
    return this.events.flatMap((event) =>
      event.kind === 'row' && event.port === port ? [event.row] : [],
    );
  }

  /** The watermark so far. */
  get watermarkUs(): number {
    return this.#watermarkUs;
  }

  /** To be called before each call of the kernel. */
  beginCall(): void {
    this.#refused.clear();
    this.#offered.clear();
  }

  /** To be called with the outcome of each call of the kernel. */
  endCall(progress: Progress): void {
    const open = this.#claimed.indexOf(true);
    if (open >= 0) throw new Error(`port ${open} was claimed and not committed`);
    if (progress === 'blocked' && this.#refused.size === 0) {
      throw new Error(
        "the kernel said 'blocked' though nothing was refused: it would wait forever",
      );
    }
    if (progress !== 'blocked' && this.#refused.size > 0) {
      throw new Error(`the kernel said '${progress}' though a claim was refused`);
    }
  }

  offer(port: number, batch: Batch): void {
    if (this.#offered.has(port)) throw new Error(`port ${port} got two batches in one call`);
    this.#offered.add(port);
    this.#check(port, batch);
    let before = -1;
    for (let i = 0; i < batch.selected; i++) {
      const row = batch.selection[i]!;
      if (row <= before || row >= batch.rowCount) {
        throw new Error(`selection[${i}] = ${row} after ${before}, of ${batch.rowCount} rows`);
      }
      before = row;
      this.#record(port, batch, row);
    }
  }

  claim(port: number): Batch | undefined {
    if (this.#claimed[port]!) throw new Error(`port ${port} was claimed twice`);
    if (this.#options.refuses === true && this.#claims++ % 2 === 0) {
      this.#refused.add(port);
      return undefined;
    }
    this.#refused.delete(port);
    this.#claimed[port] = true;
    return this.#slots[port];
  }

  commit(port: number, isFull: boolean): void {
    if (!this.#claimed[port]!) throw new Error(`port ${port} was committed and not claimed`);
    this.#claimed[port] = false;
    const slot = this.#slots[port]!;
    this.#check(port, slot);
    if (slot.selected !== slot.rowCount) throw new Error('a claimed batch must stay dense');
    for (let row = this.#committed[port]!; row < slot.rowCount; row++)
      this.#record(port, slot, row);
    this.#committed[port] = slot.rowCount;
    if (!isFull && slot.rowCount < slot.rowCapacity) return;
    poisonBatch(slot);
    this.#slots[port] = this.#newSlot(this.#ports[port]!);
    this.#committed[port] = 0;
  }

  watermark(watermarkUs: number): void {
    if (watermarkUs < this.#watermarkUs || Number.isNaN(watermarkUs)) {
      throw new Error(`the watermark fell from ${this.#watermarkUs} to ${watermarkUs}`);
    }
    this.#watermarkUs = watermarkUs;
    this.events.push({ kind: 'watermark', watermarkUs });
  }

  #newSlot(port: OutputPort): Batch {
    const { rowCapacity, heapBytes = 4096, memory } = this.#options;
    const slot = allocateBatch(port.stream, rowCapacity, heapBytes, memory);
    poisonBatch(slot);
    slot.reset();
    return slot;
  }

  #check(port: number, batch: Batch): void {
    const { stream } = this.#ports[port]!;
    if (batch.hasTime !== stream.hasTime)
      throw new Error(`port ${port}: hasTime is not the plan's`);
    const kinds = batch.columns.map((column) => column.type.kind).join();
    const planned = stream.schema.map((field) => field.type.kind).join();
    if (kinds !== planned) throw new Error(`port ${port}: columns ${kinds}, planned ${planned}`);
  }

  #record(port: number, batch: Batch, row: number): void {
    const read = readRow(batch, row);
    // At infinity the input may only be idle: rows that come then are on time.
    const floorUs = this.#watermarkUs === Infinity ? -Infinity : this.#watermarkUs;
    if (read.timeUs !== undefined && read.lateByUs === 0 && read.timeUs < floorUs) {
      throw new Error(`a row at ${read.timeUs} came on time after watermark ${this.#watermarkUs}`);
    }
    if (
      read.timeUs !== undefined &&
      (batch.minTimeUs > read.timeUs || batch.maxTimeUs < read.timeUs)
    ) {
      throw new Error(`a row at ${read.timeUs} lies outside its batch's bounds`);
    }
    this.events.push({ kind: 'row', port, row: read });
  }
}
