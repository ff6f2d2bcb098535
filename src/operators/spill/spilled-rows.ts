/**
 * Rows on disk, in partitions by the hash of their keys, so that some of the keys can be read back at a
 * time.
 *
 * Rows are gathered in memory, of all runs and partitions together; when there are some thousand, each
 * partition's are written as a piece of its own, one behind the other. So what is written is written in
 * order, some hundred KiB at a time, and what is read back of a partition is pieces of some KiB.
 *
 * @module
 */

import { RowCopier } from '../../columns/index.ts';
import { mostBatchBytes, readBatch, writeBatch } from '../../core/batch-bytes.ts';
import { layoutBatch } from '../../core/batch-layout.ts';
import { Batch } from '../../core/batch.ts';
import { MillraceError } from '../../core/errors.ts';
import type { KernelContext } from '../../core/operator.ts';
import type { StreamType } from '../../core/schema.ts';
import type { SpillStore } from '../../core/spill-store.ts';
import type { StateIo, Steps } from '../../core/state-io.ts';

/** Partitions of a run, a power of two. */
export const PARTITIONS = 32;
const PARTITION_BITS = 5;

/** Rows that are gathered before they are written, and bytes of long strings; less for a small state. */
const STAGED_ROWS = 16384;
const STAGED_HEAP_BYTES = 1024 * 1024;
/** Of the state's limit: the bytes for each row gathered, and what long strings of all may take. */
const LIMIT_PER_ROW = 64;
const HEAP_SHARE = 1 / 16;

/** Odd numbers by which hashes are multiplied: keys of one partition are spread over those of the next level. */
const MIXERS = [0x9e3779b1, 0x85ebca6b, 0xc2b2ae35, 0x27d4eb2f] as const;

/** A piece of a partition: where it lies, its bytes and its rows. */
interface Piece {
  readonly at: number;
  readonly bytes: number;
  readonly rows: number;
}

/** Rows that belong together. */
export class SpilledRun {
  /** Which bits of a hash choose the partition: rows of one partition differ in those of the next level. */
  readonly level: number;
  readonly partitions: readonly Piece[][] = Array.from({ length: PARTITIONS }, () => []);

  constructor(level: number) {
    this.level = level;
  }
}

/** The partition of a hash. @hot */
export function partitionOf(hash: number, level: number): number {
  const mixed = Math.imul(hash ^ (hash >>> 15) ^ level, MIXERS[level & 3]!);
  return mixed >>> (32 - PARTITION_BITS);
}

/** Which columns of rows are kept. */
export interface SpilledColumns {
  /** What is kept, as a stream of its own. */
  readonly stream: StreamType;
  /** By column of it: the column of the rows. */
  readonly positions: readonly number[];
}

/** The rows of one task, of all its runs. */
export class SpilledRows {
  readonly #context: KernelContext;
  readonly #store: SpillStore;
  readonly #positions: readonly number[];
  /** What rows show of themselves. */
  readonly #view: Batch;
  readonly #staging: Batch;
  readonly #piece: Batch;
  /** Most rows of a piece: it is a batch like those that come in. */
  readonly #mostRows: number;
  readonly #back: Batch;
  readonly #shown: Batch;
  readonly #copier: RowCopier;
  readonly #bytes: Uint8Array;
  /** By staged row: run · partitions + partition. */
  readonly #marks: Int32Array;
  readonly #order: Uint32Array;
  /** Runs of which rows are staged. */
  readonly #runs: SpilledRun[] = [];

  constructor(columns: SpilledColumns, store: SpillStore, context: KernelContext) {
    const { memory, rowCapacity, slotHeapBytes, stateLimitBytes } = context;
    const { stream, positions } = columns;
    const capacity = Math.ceil(rowCapacity / 64) * 64;
    this.#context = context;
    this.#store = store;
    this.#positions = positions;
    const mostHeap = Math.min(STAGED_HEAP_BYTES, stateLimitBytes * HEAP_SHARE);
    const heapBytes = Math.max(slotHeapBytes, Math.ceil(mostHeap / 64) * 64);
    const mostRows = Math.min(STAGED_ROWS, Math.ceil(stateLimitBytes / LIMIT_PER_ROW / 64) * 64);
    const staged = Math.max(capacity, mostRows);
    this.#view = Batch.view(rowCapacity, stream.hasTime);
    this.#staging = Batch.allocate(layoutBatch(stream, staged, heapBytes), memory);
    const layout = layoutBatch(stream, capacity, heapBytes);
    this.#piece = Batch.allocate(layout, memory);
    this.#mostRows = rowCapacity;
    this.#back = Batch.allocate(layout, memory);
    this.#shown = Batch.view(rowCapacity, stream.hasTime);
    this.#copier = new RowCopier(memory, stream.schema.length);
    this.#bytes = new Uint8Array(mostBatchBytes(this.#piece));
    this.#marks = new Int32Array(staged);
    this.#order = memory.rows(staged);
  }

  /**
   * Takes rows of a batch.
   *
   * @param rows - `rows[0 .. count)`
   * @param hashes - of their keys, by position
   */
  add(run: SpilledRun, batch: Batch, rows: Uint32Array, hashes: Int32Array, count: number): void {
    const staging = this.#staging;
    const view = this.#view;
    view.shareRows(batch);
    this.#positions.forEach((position, c) => (view.columns[c] = batch.columns[position]!));
    for (let done = 0; done < count;) {
      const start = staging.rowCount;
      const taken = this.#copier.appendRows(staging, view, rows, done, count);
      if (taken < 0) {
        const message = 'a row is too large to be kept on disk; raise /engine/ring/heap';
        throw new MillraceError('ERR_TUPLE_TOO_LARGE', message);
      }
      this.#mark(run, hashes, start, done, taken);
      done += taken;
      if (done < count || staging.rowCount === staging.rowCapacity) this.flush();
    }
    this.#context.counters.addSpilled?.(count, 0);
  }

  #mark(run: SpilledRun, hashes: Int32Array, start: number, from: number, count: number): void {
    let number = this.#runs.lastIndexOf(run);
    if (number < 0) number = this.#runs.push(run) - 1;
    markAll(this.#marks, hashes, start, from, count, number * PARTITIONS, run.level);
  }

  /** Writes what was gathered. */
  flush(): void {
    const staging = this.#staging;
    const runs = this.#runs;
    const count = staging.rowCount;
    const ends = new Int32Array(runs.length * PARTITIONS);
    sortByMark(this.#marks, count, ends, this.#order);
    let from = 0;
    ends.forEach((end, mark) => {
      const run = runs[mark >>> PARTITION_BITS]!;
      const pieces = run.partitions[mark & (PARTITIONS - 1)]!;
      while (from < end) from += this.#write(pieces, from, end);
    });
    staging.reset();
    runs.length = 0;
  }

  /** Writes rows of a partition; how many. */
  #write(pieces: Piece[], from: number, to: number): number {
    const piece = this.#piece;
    piece.reset();
    const end = Math.min(to, from + this.#mostRows);
    const rows = this.#copier.appendRows(piece, this.#staging, this.#order, from, end);
    const bytes = writeBatch(piece, this.#bytes);
    this.#append(pieces, this.#bytes.subarray(0, bytes), rows);
    return rows;
  }

  #append(pieces: Piece[], bytes: Uint8Array, rows: number): void {
    pieces.push({ at: this.#store.append(bytes), bytes: bytes.length, rows });
    this.#context.counters.addSpilled?.(0, bytes.length);
  }

  /**
   * Reads a piece of a partition.
   *
   * @param keeps - whether it will be read again
   * @returns its rows as a batch that has no other columns; `undefined`: there are no more. Valid until the
   * next call
   */
  read(run: SpilledRun, partition: number, number: number, keeps: boolean): Batch | undefined {
    const piece = run.partitions[partition]![number];
    if (piece === undefined) return undefined;
    const bytes = this.#bytes.subarray(0, piece.bytes);
    this.#store.read(piece.at, bytes);
    if (!keeps) this.#store.release(piece.at, piece.bytes);
    const back = this.#back;
    back.reset();
    readBatch(bytes, back);
    const shown = this.#shown;
    shown.shareRows(back);
    this.#positions.forEach((position, c) => (shown.columns[position] = back.columns[c]!));
    this.#context.counters.addRestored?.(piece.rows);
    return shown;
  }

  /** Forgets pieces that were read and not kept. */
  forget(run: SpilledRun, partition: number): void {
    run.partitions[partition]!.length = 0;
  }

  /** Forgets all rows of a run. */
  release(run: SpilledRun): void {
    if (this.#runs.includes(run)) this.flush();
    for (let partition = 0; partition < PARTITIONS; partition++) {
      this.releasePartition(run, partition);
    }
  }

  /** Forgets the rows of a partition; none of the run is gathered. */
  releasePartition(run: SpilledRun, partition: number): void {
    const pieces = run.partitions[partition]!;
    for (const { at, bytes } of pieces) this.#store.release(at, bytes);
    pieces.length = 0;
  }

  /** The rows of a run, none of which is gathered; a new run when reading. */
  *stateOf(io: StateIo, known: SpilledRun | undefined): Steps<SpilledRun> {
    const run = known ?? new SpilledRun(io.int(0));
    if (known !== undefined) io.int(run.level);
    for (const pieces of run.partitions) {
      const count = io.int(pieces.length);
      for (let p = 0; p < count; p++) yield* this.#stateOfPiece(io, pieces, p);
    }
    return run;
  }

  *#stateOfPiece(io: StateIo, pieces: Piece[], number: number): Steps {
    const known = pieces[number];
    const rows = io.int(known?.rows ?? 0);
    const bytes = new Uint8Array(known?.bytes ?? 0);
    if (known !== undefined) this.#store.read(known.at, bytes);
    const given = yield* io.bytes(bytes);
    if (known === undefined)
      pieces.push({ at: this.#store.append(given), bytes: given.length, rows });
  }
}

/** @hot */
function markAll(
  marks: Int32Array,
  hashes: Int32Array,
  start: number,
  from: number,
  count: number,
  first: number,
  level: number,
): void {
  for (let i = 0; i < count; i++) {
    marks[start + i] = first + partitionOf(hashes[from + i]!, level);
  }
}

/**
 * Lists rows by their marks.
 *
 * @param ends - as many as there are marks; gets where the rows of each end
 * @hot
 */
function sortByMark(marks: Int32Array, count: number, ends: Int32Array, order: Uint32Array): void {
  for (let i = 0; i < count; i++) ends[marks[i]!]!++;
  let start = 0;
  for (let mark = 0; mark < ends.length; mark++) {
    const rows = ends[mark]!;
    ends[mark] = start;
    start += rows;
  }
  for (let i = 0; i < count; i++) order[ends[marks[i]!]!++] = i;
}
