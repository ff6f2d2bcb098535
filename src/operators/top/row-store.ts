/**
 * The rows that may be among the best: their columns, in segments, and the bytes they take.
 *
 * ```
 *  row = segment × segmentRows + position
 * ```
 *
 * A row that is dropped leaves a gap. When there are more gaps than rows, all rows are moved together
 * into new segments, so that each row is moved about once for every row that was dropped.
 *
 * @module
 */

import { Batch } from '../../core/batch.ts';
import { layoutBatch, needsHeap } from '../../core/batch-layout.ts';
import type { Column } from '../../core/column.ts';
import { MillraceError } from '../../core/errors.ts';
import { appendColumns, longBytes } from '../../core/gather.ts';
import type { Schema } from '../../core/schema.ts';

const SEGMENT_ROWS = 256;
/** What lies beside a row's columns: its number in a list. */
const BESIDE_ROW_BYTES = 16;
const HEAP_BYTES_PER_ROW = 32;
const MIB = 1024 * 1024;
/** Fewer gaps than this are not worth moving rows. */
const FEWEST_GAPS = 4 * SEGMENT_ROWS;

/** Rows of one task. */
export class RowStore {
  readonly #schema: Schema;
  readonly #node: string;
  readonly #limitBytes: number;
  #segments: Batch[] = [];
  #segmentBytes = 0;
  #usedBytes = 0;
  #rows = 0;
  #gaps = 0;
  readonly #one = new Uint32Array(1);

  constructor(schema: Schema, node: string, limitBytes: number) {
    this.#schema = schema;
    this.#node = node;
    this.#limitBytes = limitBytes;
  }

  /** Rows of a segment, and most rows of {@link columnsOf}. */
  static readonly SEGMENT_ROWS = SEGMENT_ROWS;

  columnsOf(row: number): readonly Column[] {
    return this.#segments[Math.floor(row / SEGMENT_ROWS)]!.columns;
  }

  /** Where in its columns a row lies. */
  positionOf(row: number): number {
    return row % SEGMENT_ROWS;
  }

  /**
   * Keeps a copy of a row.
   *
   * @throws MillraceError `ERR_LIMIT_EXCEEDED`
   */
  add(columns: readonly Column[], position: number): number {
    this.#one[0] = position;
    let segment = this.#segments.at(-1);
    if (segment === undefined || appendColumns(segment, columns, this.#one, 0, 1) !== 1) {
      segment = this.#newSegment(longBytes(columns, position));
      appendColumns(segment, columns, this.#one, 0, 1);
    }
    this.#rows++;
    return (this.#segments.length - 1) * SEGMENT_ROWS + segment.rowCount - 1;
  }

  /** Lets go of `count` rows. */
  drop(count: number): void {
    this.#rows -= count;
    this.#gaps += count;
  }

  /** Counts memory beside rows. */
  take(bytes: number): void {
    if (this.#usedBytes + bytes > this.#limitBytes) throw this.#full(bytes);
    this.#usedBytes += bytes;
  }

  give(bytes: number): void {
    this.#usedBytes -= bytes;
  }

  /** Whether {@link compact} is worth its while. */
  get isSparse(): boolean {
    return this.#gaps > FEWEST_GAPS && this.#gaps > this.#rows;
  }

  /** Moves rows together. `lists` are all the lists of rows there are; they get the new numbers. */
  compact(lists: Iterable<number[]>): void {
    const old = this.#segments;
    this.give(this.#segmentBytes);
    this.#segments = [];
    this.#segmentBytes = 0;
    this.#rows = 0;
    this.#gaps = 0;
    for (const rows of lists) {
      for (let i = 0; i < rows.length; i++) {
        const row = rows[i]!;
        const { columns } = old[Math.floor(row / SEGMENT_ROWS)]!;
        rows[i] = this.add(columns, row % SEGMENT_ROWS);
      }
    }
  }

  #newSegment(neededHeapBytes: number): Batch {
    const heapBytes = needsHeap(this.#schema)
      ? Math.max(SEGMENT_ROWS * HEAP_BYTES_PER_ROW, neededHeapBytes)
      : 0;
    const stream = { schema: this.#schema, hasTime: false };
    const layout = layoutBatch(stream, SEGMENT_ROWS, heapBytes);
    const bytes = layout.slotBytes + SEGMENT_ROWS * BESIDE_ROW_BYTES;
    this.take(bytes);
    this.#segmentBytes += bytes;
    const segment = Batch.allocate(layout);
    this.#segments.push(segment);
    return segment;
  }

  #full(bytes: number): MillraceError {
    const used = (this.#usedBytes / MIB).toFixed(1);
    return new MillraceError(
      'ERR_LIMIT_EXCEEDED',
      `top '${this.#node}' keeps ${this.#rows} rows in ${used} MiB, and ${bytes} bytes more would ` +
        `exceed the limit of its state, ${this.#limitBytes} bytes: keep fewer rows for a group, ` +
        'group by fewer distinct keys, use smaller windows, or spread it over more tasks',
      { node: this.#node },
    );
  }
}
