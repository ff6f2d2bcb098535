/** Rows of a source that wait on disk until there is room. @module */

import { RowCopier } from '../../../../columns/index.ts';
import type { BatchLayout } from '../../../../core/batch-layout.ts';
import { mostBatchBytes, readBatch, writeBatch } from '../../../../core/batch-bytes.ts';
import { Batch } from '../../../../core/batch.ts';
import { MillraceError } from '../../../../core/errors.ts';
import type { KernelMemory } from '../../../../core/memory.ts';
import { describeSchema } from '../../../../core/schema.ts';
import type { TimeUs } from '../../../../core/units.ts';
import { type SegmentLog, fingerprintOf } from '../../../../storage/index.ts';

/** A log of another schema is refused by this number. */
export function spillFingerprint({ schema, hasTime }: BatchLayout): number {
  return fingerprintOf(`${describeSchema(schema)} ${hasTime}`);
}

/** A frame that was read and is not done with. */
interface Replayed {
  readonly sequence: number;
  /** What {@link Spill.release} must be told for it to be done with. */
  readonly mark: number;
}

/**
 * A queue of rows on disk, in the order in which they came.
 *
 * A frame is let go of when its rows have been worked on, so a process that is killed finds them again.
 */
export class Spill {
  /** Writes that failed: the disk is full, or gone. */
  failures = 0;
  /** Rows that an earlier process left. */
  readonly recoveredRows: number;
  /** The first ones of them, which it had begun to hand on. */
  readonly rereadRows: number;
  readonly #log: SegmentLog;
  readonly #staging: Batch;
  readonly #replay: Batch;
  readonly #bytes: Uint8Array;
  readonly #copier: RowCopier;
  readonly #replayed: Replayed[] = [];
  /** By frame on disk, oldest first: its least event time; of an earlier process's, unknown. */
  readonly #times: TimeUs[] = [];
  /** Of all frames on disk; `NaN` when it is to be looked for again. */
  #leastUs: TimeUs = Number.NaN;

  constructor(log: SegmentLog, layout: BatchLayout, memory: KernelMemory) {
    this.#log = log;
    this.#staging = Batch.allocate(layout, memory);
    this.#replay = Batch.allocate(layout, memory);
    this.#bytes = new Uint8Array(mostBatchBytes(this.#staging));
    this.#copier = new RowCopier(memory, layout.schema.length);
    this.recoveredRows = log.waitingItems;
    this.rereadRows = log.rereadItems;
    for (let frame = 0; frame < log.waitingFrames; frame++) this.#times.push(-Infinity);
  }

  /** Rows on disk that have not been read back. */
  get waitingRows(): number {
    return this.#log.waitingItems;
  }

  /** Frames that were read and are not known to have been worked on. */
  get replayedFrames(): number {
    return this.#replayed.length;
  }

  /** The least event time of rows on disk; `Infinity` when there are none. */
  leastTimeUs(): TimeUs {
    if (Number.isNaN(this.#leastUs))
      this.#leastUs = this.#times.reduce((a, b) => Math.min(a, b), Infinity);
    return this.#leastUs;
  }

  /**
   * Writes rows of a batch.
   *
   * @param rows - `rows[0 .. count)`
   * @returns how many, from the first on, are on disk; fewer when the limit is reached or the disk is full
   */
  put(batch: Batch, rows: Uint32Array, count: number): number {
    let done = 0;
    while (done < count) {
      const staging = this.#staging;
      staging.reset();
      const copied = this.#copier.appendRows(staging, batch, rows, done, count);
      if (copied <= 0) {
        const message = 'a row is too large to be spilled; raise /engine/ring/heap';
        throw new MillraceError('ERR_TUPLE_TOO_LARGE', message);
      }
      const bytes = writeBatch(staging, this.#bytes);
      if (!this.#append(this.#bytes.subarray(0, bytes), copied)) return done;
      this.#times.push(leastTimeOf(staging));
      this.#leastUs = Number.NaN;
      done += copied;
    }
    return done;
  }

  /** The oldest rows, which stay as they are until the next call; `undefined` when there are none. */
  take(mark: number): Batch | undefined {
    const frame = this.#log.read();
    if (frame === undefined) return undefined;
    this.#times.shift();
    this.#leastUs = Number.NaN;
    this.#replayed.push({ sequence: frame.sequence, mark });
    this.#replay.reset();
    readBatch(frame.payload, this.#replay);
    return this.#replay;
  }

  /** Rows up to a mark have been worked on. */
  release(mark: number): void {
    let last = 0;
    while (this.#replayed.length > 0 && this.#replayed[0]!.mark <= mark) {
      last = this.#replayed.shift()!.sequence;
    }
    if (last > 0) this.#log.release(last);
  }

  close(): void {
    this.#log.close();
  }

  #append(bytes: Uint8Array, rows: number): boolean {
    try {
      return this.#log.append(bytes, rows) > 0;
    } catch (error) {
      if (!(error instanceof MillraceError) || error.code !== 'ERR_FILE') throw error;
      this.failures++;
      return false;
    }
  }
}

/** @hot */
function leastTimeOf(batch: Batch): TimeUs {
  if (!batch.hasTime) return Infinity;
  let least = Infinity;
  for (let row = 0; row < batch.rowCount; row++) least = Math.min(least, batch.timeUs(row));
  return least;
}
