/**
 * What is kept of a table on disk: a log of its changes.
 *
 * When the log has become twice as long as the rows would need, all rows are written to its end once more, a few with each
 * batch, and then what was there before is released. So the log has a bound, and no batch waits for
 * the whole table.
 *
 * @module
 */

import type { FrameLog } from '../../core/frame-log.ts';
import type { TableDisk } from '../../core/topology/model.ts';
import { Entry, EntryWriter } from './row-codec.ts';
import type { Table, TableJournal } from './table.ts';

/** A frame is written when it has so many bytes, though its batch has more. */
const MOST_FRAME_BYTES = 1 << 20;

/** When the log is written anew, and how fast. */
export interface RewriteOptions {
  /** A shorter log is left as it is. */
  readonly leastBytes: number;
  /** With each batch at least so many bytes. */
  readonly stepBytes: number;
}

const REWRITE: RewriteOptions = { leastBytes: 1 << 22, stepBytes: 1 << 14 };

/** Writes the changes of a table to a log. */
export class DiskJournal implements TableJournal {
  readonly #table: Table;
  readonly #log: FrameLog;
  readonly #syncs: boolean;
  readonly #options: RewriteOptions;
  readonly #writer = new EntryWriter();
  readonly #keyColumns: Table['columns'];
  #entries = 0;
  #lastSequence: number;
  /** Bytes of the log when it was last no longer than its rows. */
  #restBytes = 0;
  /** The next slot that is written anew; -1: none is. */
  #slot = -1;
  #endSlot = 0;
  /** Frames up to here are released when all rows have been written. */
  #oldSequence = 0;

  /** @param lastSequence - number of the last frame of the log, which have all been read; 0: there is none */
  constructor(
    table: Table,
    log: FrameLog,
    { durability }: TableDisk,
    lastSequence: number,
    options = REWRITE,
  ) {
    this.#table = table;
    this.#log = log;
    this.#syncs = durability === 'machine';
    this.#options = options;
    this.#keyColumns = table.key.map((c) => table.columns[c]!);
    this.#lastSequence = lastSequence;
  }

  put(slot: number): void {
    this.#write(Entry.PUT, this.#table.columns, slot);
  }

  remove(slot: number): void {
    this.#write(Entry.REMOVE, this.#keyColumns, slot);
  }

  commit(): void {
    if (this.#entries === 0) return;
    const { leastBytes } = this.#options;
    const isLong = this.#log.bytes > Math.max(leastBytes, 2 * this.#restBytes);
    if (this.#slot < 0 && isLong) this.#beginRewrite();
    if (this.#slot >= 0) this.#rewrite();
    this.#append();
    if (this.#syncs) this.#log.sync();
    if (this.#slot >= this.#endSlot) this.#endRewrite();
  }

  /** How many bytes were written. */
  #write(kind: number, columns: Table['columns'], slot: number): number {
    const before = this.#writer.used;
    this.#writer.write(kind, columns, slot);
    const { used } = this.#writer;
    this.#entries++;
    if (used >= MOST_FRAME_BYTES) this.#append();
    return used - before;
  }

  #append(): void {
    if (this.#entries === 0) return;
    this.#lastSequence = this.#log.append(this.#writer.bytes, this.#entries);
    this.#writer.used = 0;
    this.#entries = 0;
  }

  #beginRewrite(): void {
    this.#slot = 0;
    this.#endSlot = this.#table.slots;
    this.#oldSequence = this.#lastSequence;
    this.#restBytes = 0;
  }

  /** Writes twice as much as the batch has, so that the end comes before the log has grown much. */
  #rewrite(): void {
    const table = this.#table;
    let left = Math.max(this.#options.stepBytes, 2 * this.#writer.used);
    while (left > 0 && this.#slot < this.#endSlot) {
      const slot = this.#slot++;
      const bytes = table.isPresent(slot) ? this.#write(Entry.PUT, table.columns, slot) : 1;
      left -= bytes;
      this.#restBytes += bytes;
    }
  }

  #endRewrite(): void {
    if (this.#slot < 0) return;
    // What is released must not be needed even if the machine stops now.
    this.#log.sync();
    this.#log.passOver(this.#oldSequence);
    this.#log.release(this.#oldSequence);
    this.#slot = -1;
  }
}
