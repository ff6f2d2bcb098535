/**
 * The rows of one input that may still find a match, and those of them that no longer can.
 *
 * Rows that were found are known by the address of their record, until rows are added or let go.
 *
 * @module
 */

import type { Column } from '../../core/column.ts';
import type { KernelMemory } from '../../core/memory.ts';
import { storageOf } from '../../core/types.ts';
import type { TimeUs } from '../../core/units.ts';
import { KeptRows, layoutRows } from '../../state/index.ts';
import type { ArrivingRows } from './arriving-rows.ts';
import type { JoinSide } from './config.ts';
import type { RowNotes } from './row-notes.ts';
import type { StatePages } from './state-pages.ts';
import type { TimeKernels } from './time-kernels.ts';

/** No row. */
export const NONE = 0;
const LEAST_DUE_ROWS = 64;

/** Rows of one side. */
export class SideStore implements RowNotes {
  readonly rows: KeptRows;
  readonly #kernels: TimeKernels;
  /** `#due[#dueFrom .. #dueTo)`: rows that are due. */
  readonly #due: Int32Array;
  #dueFrom = 0;
  #dueTo = 0;

  /**
   * @param hasTime - whether rows have time and mark, which matches are judged by
   * @param gathered - positions in what is kept of a row, of the columns to be gathered
   * @param isTracked - whether it is asked which rows found a match
   * @param isTold - whether {@link nextDue} will be used
   * @param mostRows - how many rows are kept at most; `undefined`: all
   */
  constructor(
    { keptSchema, keptKeys }: JoinSide,
    hasTime: boolean,
    gathered: readonly number[],
    isTracked: boolean,
    isTold: boolean,
    mostRows: number | undefined,
    pages: StatePages,
    kernels: TimeKernels,
    { memory, rowCapacity }: { readonly memory: KernelMemory; readonly rowCapacity: number },
  ) {
    this.#kernels = kernels;
    this.#due = memory.words(isTold ? Math.max(LEAST_DUE_ROWS, rowCapacity) : 1);
    const extras = { isTimed: hasTime, isTracked, isTold };
    const layout = layoutRows(
      keptSchema.map(({ type }) => storageOf(type)),
      extras,
    );
    const takeBytes = (bytes: number): void => pages.takeBytes(bytes);
    const options = { layout, keys: keptKeys, gathered, rowCapacity, takeBytes, mostRows };
    this.rows = new KeptRows(memory, pages.arena, pages, options);
  }

  /** Says where the columns lie of rows that may be kept or gathered. */
  bind(columns: readonly Column[], rows: Uint32Array, count: number): void {
    this.rows.kernel.bindColumns(columns, rows, count);
  }

  /**
   * Keeps rows `rows[0 .. count)` of the batch that is bound.
   *
   * @throws MillraceError `ERR_LIMIT_EXCEEDED`
   */
  append(arriving: ArrivingRows, rows: Uint32Array, count: number): void {
    this.rows.append(rows, count, arriving);
  }

  /**
   * A row with a time below `boundUs`, each once; {@link NONE} when there is none, and nothing may be
   * kept or let go before that.
   */
  nextDue(boundUs: TimeUs): number {
    if (this.#dueFrom === this.#dueTo) {
      this.#dueTo = this.rows.takeDue(boundUs, this.#due);
      this.#dueFrom = 0;
      if (this.#dueTo === 0) return NONE;
    }
    return this.#due[this.#dueFrom++]!;
  }

  /** Lets go of rows with times below `boundUs`, in time. */
  release(boundUs: TimeUs): void {
    if (boundUs > -Infinity) this.rows.release(boundUs);
  }

  matchesOf(record: number): number {
    return this.rows.matchesOf(record);
  }

  timeUs(record: number): TimeUs {
    return this.rows.timeUs(record);
  }

  markUs(record: number): TimeUs {
    return this.rows.markUs(record);
  }

  /** @hot */
  noteMatches(records: Int32Array, pairs: Uint32Array, count: number, bits: Int32Array): void {
    for (let i = 0; i < count; i++) {
      const pair = pairs[i]!;
      this.rows.addMatches(records[pair]!, bits[pair]!);
    }
  }

  /** @hot */
  noteMatch(record: number, bits: number): boolean {
    const isFirst = (this.rows.matchesOf(record) & bits) === 0;
    if (isFirst) this.rows.addMatches(record, bits);
    return isFirst;
  }

  readTimes(
    records: Int32Array,
    pairs: Uint32Array,
    count: number,
    times: Float64Array,
    lateBy: Float64Array,
  ): void {
    this.#kernels.readRecords(
      pairs.byteOffset,
      count,
      records.byteOffset,
      times.byteOffset,
      lateBy.byteOffset,
    );
  }
}
