/**
 * The last rows of an embedded sink, for readers who come late: a connection point.
 *
 * Rows are copied out of the sink's ring as they come, into parts of some hundred rows. Readers go along the
 * parts, each at its own place. The first part is dropped when nobody wants it any more: neither the
 * number of rows or the time that is to be kept, nor a reader that has not come by. So a reader who is slower than all that
 * is kept holds the engine up, as any reader does, and nobody does while there are none.
 *
 * @module
 */

import { Batch } from '../../core/batch.ts';
import { type BatchLayout, layoutBatch } from '../../core/batch-layout.ts';
import { appendRows } from '../../core/gather.ts';
import type { KeptHistory } from '../../core/topology/model.ts';
import type { TimeUs } from '../../core/units.ts';
import type { OutputBatches } from './output-batches.ts';

const PART_ROWS = 512;
const PART_HEAP_BYTES = 16 * 1024;

/** Where a reader begins: with all that is kept, with rows to come, with the last so many rows, or at an event time. */
export type HistoryStart =
  | { readonly kind: 'kept' }
  | { readonly kind: 'now' }
  | { readonly kind: 'rows'; readonly rows: number }
  | { readonly kind: 'time'; readonly fromUs: TimeUs };

/** Some rows; more may come to the last part. */
interface Part {
  readonly batch: Batch;
  readonly bytes: number;
  next: Part | undefined;
}

/** Where a reader is, and which rows it wants. */
interface Place {
  part: Part;
  row: number;
  readonly fromUs: TimeUs;
}

/** The kept rows of one sink. */
export class History {
  readonly #source: OutputBatches;
  readonly #layout: BatchLayout;
  readonly #keep: KeptHistory;
  #first: Part;
  #last: Part;
  #rows = 0;
  #bytes = 0;
  #latestUs: TimeUs = -Infinity;
  readonly #places = new Set<Place>();
  #hasEnded = false;
  #failure: unknown;
  #waiting: (() => void)[] = [];

  /** @param layout - of the batches that `source` gives */
  constructor(source: OutputBatches, layout: BatchLayout, keep: KeptHistory) {
    this.#source = source;
    this.#layout = layout;
    this.#keep = keep;
    this.#first = this.#newPart(0);
    this.#last = this.#first;
    void this.#read();
  }

  /** A reader of its own. */
  open(start: HistoryStart): OutputBatches {
    const place = this.#placeOf(start);
    this.#places.add(place);
    return {
      next: () => this.#next(place),
      release: () => undefined,
      close: () => {
        this.#places.delete(place);
        this.#tell();
      },
    };
  }

  #placeOf(start: HistoryStart): Place {
    const { rows, forUs } = this.#keep;
    if (start.kind === 'now') {
      return { part: this.#last, row: this.#last.batch.rowCount, fromUs: -Infinity };
    }
    const wanted = start.kind === 'rows' ? Math.min(start.rows, rows) : rows;
    let skip = Math.max(0, this.#rows - wanted);
    let part = this.#first;
    while (part.next !== undefined && part.batch.rowCount <= skip) {
      skip -= part.batch.rowCount;
      part = part.next;
    }
    // A row is kept that is later than the latest less the time.
    const keptUs = forUs === Infinity ? -Infinity : this.#latestUs - forUs + 1;
    const fromUs = start.kind === 'time' ? Math.max(start.fromUs, keptUs) : keptUs;
    return { part, row: skip, fromUs };
  }

  async #next(place: Place): Promise<Batch | undefined> {
    for (;;) {
      const { part, row } = place;
      const { batch, next } = part;
      if (row < batch.rowCount) {
        place.row = batch.rowCount;
        const copy = this.#copyOf(batch, row, place.fromUs);
        if (copy !== undefined) return copy;
      } else if (next !== undefined) {
        place.part = next;
        place.row = 0;
        this.#tell();
      } else if (this.#failure !== undefined) {
        throw this.#failure;
      } else if (this.#hasEnded) {
        return undefined;
      } else {
        await this.#change();
      }
    }
  }

  /** The rows of a part from one on, as far as they are not too early. */
  #copyOf(source: Batch, from: number, fromUs: TimeUs): Batch | undefined {
    const rows: number[] = [];
    for (let row = from; row < source.rowCount; row++) {
      if (fromUs === -Infinity || source.timeUs(row) >= fromUs) rows.push(row);
    }
    if (rows.length === 0) return undefined;
    const copy = this.#allocate(rows.length, source.heap.used);
    appendRows(copy, source, Uint32Array.from(rows), 0, rows.length);
    return copy;
  }

  /** Takes rows as they come, until the end. */
  async #read(): Promise<void> {
    try {
      for (;;) {
        const batch = await this.#source.next();
        if (batch === undefined) break;
        this.#add(batch);
        this.#source.release();
        this.#tell();
        while (!this.#trim()) await this.#change();
      }
    } catch (error) {
      this.#failure = error;
    }
    this.#hasEnded = true;
    this.#tell();
  }

  #add(batch: Batch): void {
    const { hasTime } = this.#layout;
    for (let row = 0; hasTime && row < batch.rowCount; row++) {
      this.#latestUs = Math.max(this.#latestUs, batch.timeUs(row));
    }
    for (let from = 0; from < batch.rowCount;) {
      const count = appendRows(this.#last.batch, batch, batch.selection, from, batch.rowCount);
      if (count > 0) {
        from += count;
        this.#rows += count;
      } else {
        const part = this.#newPart(batch.heap.used);
        this.#last.next = part;
        this.#last = part;
      }
    }
  }

  /** Drops what nobody wants; false when a reader has to go on first. */
  #trim(): boolean {
    for (;;) {
      const { batch, bytes, next } = this.#first;
      if (next === undefined || this.#isKept(batch)) return true;
      for (const place of this.#places) if (place.part === this.#first) return false;
      this.#first = next;
      this.#rows -= batch.rowCount;
      this.#bytes -= bytes;
    }
  }

  #isKept(first: Batch): boolean {
    const { rows, forUs, limitBytes } = this.#keep;
    if (this.#bytes > limitBytes) return false;
    if (this.#rows - first.rowCount < rows && rows !== Infinity) return true;
    return forUs !== Infinity && first.maxTimeUs > this.#latestUs - forUs;
  }

  #newPart(heapBytes: number): Part {
    const batch = this.#allocate(PART_ROWS, Math.max(PART_HEAP_BYTES, heapBytes));
    const bytes = this.#layoutOf(PART_ROWS, Math.max(PART_HEAP_BYTES, heapBytes)).slotBytes;
    this.#bytes += bytes;
    return { batch, bytes, next: undefined };
  }

  #allocate(rows: number, heapBytes: number): Batch {
    const batch = Batch.allocate(this.#layoutOf(Math.ceil(rows / 64) * 64, heapBytes));
    batch.reset();
    return batch;
  }

  #layoutOf(rows: number, heapBytes: number): BatchLayout {
    const { schema, hasTime } = this.#layout;
    return layoutBatch({ schema, hasTime }, rows, heapBytes);
  }

  /** Settles when rows have come, or a reader has gone on. */
  #change(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
    });
  }

  #tell(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}
