/** The pushing end of a source with connector `embedded`. @module */

import { RowWriter } from '../../rows/row-writer.ts';
import { BatchKind } from '../../core/batch-layout.ts';
import { Batch } from '../../core/batch.ts';
import { MillraceError } from '../../core/errors.ts';
import type { RowErrorPolicy } from '../../core/operator.ts';
import type { Schema } from '../../core/schema.ts';
import { NO_SLOT, type RingProducer } from '../../ringbuf/index.ts';
import type { HostWaiter } from './host-waiter.ts';

/** A row as a program has it: an object by column name, or an array in column order. */
export type InputRow = Readonly<Record<string, unknown>> | readonly unknown[];

/** What an input is made of. */
export interface InputParts {
  readonly name: string;
  readonly schema: Schema;
  readonly timeColumn: number;
  readonly onError: RowErrorPolicy;
  readonly producer: RingProducer;
  readonly slots: readonly Batch[];
  readonly waiter: HostWaiter;
  /** The engine's failure, or that it has stopped; `undefined` while it runs. */
  readonly ended: () => MillraceError | undefined;
}

/**
 * Pushes rows into the engine.
 *
 * Rows pushed in one turn of the event loop share a batch. The bound is the ring's: when it is full,
 * `tryPush` refuses and `push` waits.
 */
export class Input {
  readonly #parts: InputParts;
  readonly #writer: RowWriter;
  #open: Batch | undefined;
  #isFlushScheduled = false;
  #isClosed = false;
  /** Pushes that wait for room. */
  readonly #pushes = new Set<Promise<void>>();
  #rejected = 0;

  constructor(parts: InputParts) {
    this.#parts = parts;
    this.#writer = new RowWriter(parts.schema, parts.timeColumn);
  }

  get name(): string {
    return this.#parts.name;
  }

  /** Rows refused, with `onError: "skip"`. */
  get rejected(): number {
    return this.#rejected;
  }

  /**
   * Pushes one row if there is room; never waits.
   *
   * @returns false when there is no room: the row was not taken
   * @throws MillraceError `ERR_BAD_ROW` when the row does not fit the schema (`onError: "stop"`; the
   * run goes on), `ERR_USAGE` after `close`, the engine's own error after a failure
   */
  tryPush(row: InputRow): boolean {
    this.#check();
    return this.#offer(row);
  }

  #offer(row: InputRow): boolean {
    for (;;) {
      const batch = this.#claim();
      if (batch === undefined) return false;
      const outcome = this.#writer.write(batch, row);
      if (outcome === null) {
        if (batch.rowCount === batch.rowCapacity) this.flush();
        else this.#scheduleFlush();
        return true;
      }
      if (outcome !== 'full') {
        this.#refuse(outcome.message, outcome.field);
        return true;
      }
      this.flush();
    }
  }

  /**
   * Pushes one row or a list of rows, waiting for room as often as needed: back-pressure.
   *
   * @throws as {@link tryPush}
   */
  async push(rows: InputRow | readonly InputRow[]): Promise<void> {
    this.#check();
    const pushing = this.#pushAll(isRowList(rows) ? rows : [rows]);
    this.#pushes.add(pushing);
    try {
      await pushing;
    } finally {
      this.#pushes.delete(pushing);
    }
  }

  async #pushAll(rows: readonly InputRow[]): Promise<void> {
    for (const row of rows) {
      while (!this.#offer(row)) {
        await this.#untilRoom();
        const ended = this.#parts.ended();
        if (ended !== undefined) throw ended;
      }
    }
    this.flush();
  }

  /** Passes on the rows pushed so far, without waiting for the end of the turn. */
  flush(): void {
    const batch = this.#open;
    if (batch === undefined || batch.rowCount === 0) return;
    this.#open = undefined;
    batch.seal();
    this.#parts.producer.publish();
  }

  /**
   * No more rows will come. Pushes that have begun go on to their end; new ones are refused. Waits
   * for room for that message; may be called twice.
   */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await Promise.allSettled(this.#pushes);
    this.flush();
    await this.#untilRoom();
    if (this.#parts.ended() !== undefined) return;
    const batch = this.#claim();
    if (batch === undefined) return;
    batch.kind = BatchKind.END;
    batch.seal();
    this.#open = undefined;
    this.#parts.producer.publish();
  }

  #check(): void {
    const ended = this.#parts.ended();
    if (ended !== undefined) throw ended;
    if (this.#isClosed) {
      throw new MillraceError('ERR_USAGE', `input '${this.name}' is closed`, { node: this.name });
    }
  }

  #claim(): Batch | undefined {
    if (this.#open !== undefined) return this.#open;
    const slot = this.#parts.producer.claim();
    if (slot === NO_SLOT) return undefined;
    this.#open = this.#parts.slots[slot]!;
    this.#open.reset();
    return this.#open;
  }

  #untilRoom(): Promise<void> {
    const { producer, ended, waiter } = this.#parts;
    return waiter.until(
      () => this.#open !== undefined || producer.freeSlots() > 0 || ended() !== undefined,
    );
  }

  #scheduleFlush(): void {
    if (this.#isFlushScheduled) return;
    this.#isFlushScheduled = true;
    queueMicrotask(() => {
      this.#isFlushScheduled = false;
      this.flush();
    });
  }

  #refuse(message: string, field: string | undefined): void {
    if (this.#parts.onError === 'stop') {
      const place = field === undefined ? '' : `field '${field}': `;
      throw new MillraceError('ERR_BAD_ROW', `${place}${message}`, { node: this.name });
    }
    this.#rejected++;
  }
}

/** A list of rows, as opposed to one row written as an array of values. */
function isRowList(rows: InputRow | readonly InputRow[]): rows is readonly InputRow[] {
  return Array.isArray(rows) && (rows.length === 0 || isRow(rows[0]));
}

function isRow(value: unknown): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    !(value instanceof Uint8Array || value instanceof Date)
  );
}
