/**
 * The kept rows whose time has come, each once.
 *
 * Rows that are adjacent in the log, some dozens, are a *run*; runs lie in a queue by the least time of
 * the rows that are not due. A run is gone over when that time has come, and goes back to the queue
 * with the least time of those that are left. So in a stream that is nearly in order a row is looked at
 * once or twice, and in any other at most as often as its run has rows.
 *
 * @module
 */

import type { TimeUs } from '../../core/units.ts';
import type { StateIo, Steps } from '../../core/state-io.ts';
import { ExpiryQueue } from '../expiry-queue.ts';
import type { RowKernel } from './row-kernel.ts';
import type { RowLog } from './row-log.ts';
import { RowWord } from './shape.ts';

/** Most rows of a run. */
export const RUN_ROWS = 32;
/** Bytes for a run: its item of the queue, page, first row, count and place among those that are free. */
const RUN_BYTES = ExpiryQueue.ITEM_BYTES + 8 + 3 * 4;
const FIRST_RUNS = 16;
const NONE = -1;

/** Rows of one log, by time. */
export class DueRows {
  readonly #kernel: RowKernel;
  readonly #log: RowLog;
  readonly #pageShift: number;
  readonly #takeBytes: (bytes: number) => void;
  readonly #queue = new ExpiryQueue();
  /** By run: its page, counted from the log's first one ever; its first row; how many it has. */
  #pages = new Float64Array(0);
  #rows = new Int32Array(0);
  #counts = new Int32Array(0);
  /** `#free[0 .. #freeCount)`: runs to be used again. */
  #free = new Int32Array(0);
  #freeCount = 0;
  #runs = 0;
  /** The run that takes rows: its first row, that one's page, how many there are, the least time of those not due. */
  #openRow = 0;
  #openPage = 0;
  #openCount = 0;
  #openLeastUs: TimeUs = Infinity;

  /** @param takeBytes - counts bytes that are about to be allocated */
  constructor(
    kernel: RowKernel,
    log: RowLog,
    pageCells: number,
    takeBytes: (bytes: number) => void,
  ) {
    this.#kernel = kernel;
    this.#log = log;
    this.#pageShift = Math.log2(pageCells);
    this.#takeBytes = takeBytes;
  }

  /** Takes the next row of the log. @hot */
  add(row: number, timeUs: TimeUs): void {
    const isFull = this.#openCount === RUN_ROWS;
    if (isFull || row >>> this.#pageShift !== this.#openRow >>> this.#pageShift) this.#close();
    if (this.#openCount === 0) {
      this.#openRow = row;
      this.#openPage = this.#log.pageOf(row);
    }
    this.#openCount++;
    if (timeUs < this.#openLeastUs) this.#openLeastUs = timeUs;
  }

  #close(): void {
    if (this.#openCount === 0) return;
    if (this.#openLeastUs !== Infinity) {
      const run = this.#freeCount > 0 ? this.#free[--this.#freeCount]! : this.#newRun();
      this.#pages[run] = this.#openPage;
      this.#rows[run] = this.#openRow;
      this.#counts[run] = this.#openCount;
      this.#queue.push(run, this.#openLeastUs);
    }
    this.#openCount = 0;
    this.#openLeastUs = Infinity;
  }

  #newRun(): number {
    const capacity = this.#rows.length;
    if (this.#runs === capacity) this.#grow(Math.max(FIRST_RUNS, 2 * capacity));
    return this.#runs++;
  }

  #grow(capacity: number): void {
    this.#takeBytes((capacity - this.#rows.length) * RUN_BYTES);
    const pages = new Float64Array(capacity);
    const [rows, counts, free] = [0, 0, 0].map(() => new Int32Array(capacity));
    pages.set(this.#pages);
    rows!.set(this.#rows);
    counts!.set(this.#counts);
    free!.set(this.#free);
    [this.#pages, this.#rows, this.#counts, this.#free] = [pages, rows!, counts!, free!];
    this.#queue.grow(capacity);
  }

  /**
   * Lists rows with times below `boundUs`, by the addresses of their records.
   *
   * @param records - in the engine's memory, longer than {@link RUN_ROWS}
   * @returns how many there are; 0: there is none
   */
  take(boundUs: TimeUs, records: Int32Array): number {
    let count = 0;
    while (count + RUN_ROWS <= records.length) {
      if (this.#openLeastUs < boundUs) {
        count = this.#list(this.#openRow, this.#openCount, boundUs, records, count);
        this.#openLeastUs = this.#leastUs;
        continue;
      }
      const run = this.#queue.take(boundUs);
      if (run === NONE) break;
      // The rows of a page that was let go were moved, or are gone.
      if (this.#pages[run]! < this.#log.firstPage) {
        this.#free[this.#freeCount++] = run;
        continue;
      }
      count = this.#list(this.#rows[run]!, this.#counts[run]!, boundUs, records, count);
      const leastUs = this.#leastUs;
      if (leastUs === Infinity) this.#free[this.#freeCount++] = run;
      else this.#queue.push(run, leastUs);
    }
    return count;
  }

  #list(row: number, rows: number, boundUs: TimeUs, records: Int32Array, from: number): number {
    const { block, code } = this.#kernel;
    return code.due(block, this.#log.addressOf(row), rows, boundUs, records.byteOffset, from);
  }

  get #leastUs(): TimeUs {
    return this.#kernel.floats[RowWord.LEAST_TIME / 2]!;
  }

  *state(io: StateIo): Steps {
    yield* this.#queue.state(io);
    this.#pages = yield* io.floats(this.#pages);
    this.#rows = yield* io.ints(this.#rows);
    this.#counts = yield* io.ints(this.#counts);
    this.#free = yield* io.ints(this.#free);
    this.#freeCount = io.int(this.#freeCount);
    this.#runs = io.int(this.#runs);
    this.#openRow = io.int(this.#openRow);
    this.#openPage = io.float(this.#openPage);
    this.#openCount = io.int(this.#openCount);
    this.#openLeastUs = io.float(this.#openLeastUs);
  }

  /** To be called when the log lets go of pages: forgets the run that takes rows if it is in one of them. */
  forget(): void {
    if (this.#openPage >= this.#log.firstPage) return;
    this.#openCount = 0;
    this.#openLeastUs = Infinity;
  }
}
