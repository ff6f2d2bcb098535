/**
 * The rows of one input that may still find a match, and in a left join the order in which they stop to.
 *
 * Rows that were found are known by the address of their record, until rows are added or let go.
 *
 * @module
 */

import type { Column } from '../../core/column.ts';
import type { KernelMemory } from '../../core/memory.ts';
import { storageOf } from '../../core/types.ts';
import type { TimeUs } from '../../core/units.ts';
import { ExpiryQueue, KeptRows, layoutRows } from '../../state/index.ts';
import type { ArrivingRows } from './arriving-rows.ts';
import type { JoinSide } from './config.ts';
import type { RowNotes } from './row-notes.ts';
import type { StatePages } from './state-pages.ts';
import type { TimeKernels } from './time-kernels.ts';

/** No row. */
export const NONE = -1;
const FIRST_TICKETS = 64;

/** Rows of one side. */
export class SideStore implements RowNotes {
  readonly rows: KeptRows;
  readonly #pages: StatePages;
  readonly #kernels: TimeKernels;
  /** Rows by time, where each is wanted as soon as it expires; items are tickets. */
  readonly #expiring: ExpiryQueue | undefined;
  readonly #freeTickets: number[] = [];
  #tickets = 0;
  #ticketCapacity = 0;

  /**
   * @param hasTime - whether rows have time and mark, which matches are judged by
   * @param gathered - positions in what is kept of a row, of the columns to be gathered
   * @param expiresRows - whether {@link takeExpired} will be used
   */
  constructor(
    { keptSchema, keptKeys }: JoinSide,
    hasTime: boolean,
    gathered: readonly number[],
    expiresRows: boolean,
    pages: StatePages,
    kernels: TimeKernels,
    { memory, rowCapacity }: { readonly memory: KernelMemory; readonly rowCapacity: number },
  ) {
    this.#pages = pages;
    this.#kernels = kernels;
    this.#expiring = expiresRows ? new ExpiryQueue() : undefined;
    const extras = { isTimed: hasTime, isTracked: expiresRows };
    const layout = layoutRows(
      keptSchema.map(({ type }) => storageOf(type)),
      extras,
    );
    const options = { layout, keys: keptKeys, gathered, rowCapacity };
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
    const expiring = this.#expiring;
    if (expiring !== undefined) {
      for (let i = 0; i < count; i++) {
        const row = rows[i]!;
        const ticket = this.#takeTicket();
        arriving.tickets[row] = ticket;
        expiring.push(ticket, arriving.times[row]!);
      }
    }
    this.rows.append(rows, count, arriving);
  }

  #takeTicket(): number {
    const free = this.#freeTickets.pop();
    if (free !== undefined) return free;
    if (this.#tickets === this.#ticketCapacity) {
      const capacity = Math.max(FIRST_TICKETS, 2 * this.#tickets);
      this.#pages.takeTickets(capacity - this.#ticketCapacity);
      this.#ticketCapacity = capacity;
      this.#expiring!.grow(capacity);
      this.rows.growTickets(capacity);
    }
    return this.#tickets++;
  }

  /** The record of a row with a time below `boundUs`, each once; {@link NONE} when there is none. */
  takeExpired(boundUs: TimeUs): number {
    const ticket = this.#expiring!.take(boundUs);
    if (ticket === NONE) return NONE;
    this.#freeTickets.push(ticket);
    return this.rows.takeTicket(ticket);
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
