/** Logs of tables on disk. @module */

import { crc32 } from 'node:zlib';
import { resolve } from 'node:path';
import type { FrameLog, LogFrame } from '../../core/frame-log.ts';
import type { TableDefinition, TableDisk } from '../../core/topology/model.ts';
import type { LockOwner } from '../../storage/directory-lock.ts';
import { SegmentLog } from '../../storage/segment-log.ts';

/** Opens the log of a table: see `KernelContext.openTableLog`. */
export function openTableLog(
  { schema, key }: TableDefinition,
  { dir }: TableDisk,
  baseDirectory: string,
  beat: () => void,
  run: LockOwner,
): TableLog {
  // Rows of other columns, or by another key, mean something else.
  const fingerprint = crc32(JSON.stringify([schema, key]));
  const log = new SegmentLog({
    directory: resolve(baseDirectory, dir),
    limitBytes: Number.MAX_SAFE_INTEGER,
    fingerprint,
    run,
  });
  return new TableLog(log, beat);
}

/** A log that gives signs of life while it is read. */
export class TableLog implements FrameLog {
  readonly #log: SegmentLog;
  readonly #beat: () => void;

  constructor(log: SegmentLog, beat: () => void) {
    this.#log = log;
    this.#beat = beat;
  }

  get bytes(): number {
    return this.#log.bytes;
  }

  read(): LogFrame | undefined {
    this.#beat();
    return this.#log.read();
  }

  passOver(sequence: number): void {
    this.#log.passOver(sequence);
  }

  append(payload: Uint8Array, items: number): number {
    return this.#log.append(payload, items);
  }

  release(sequence: number): void {
    this.#log.release(sequence);
  }

  sync(): void {
    this.#log.sync();
  }

  /** Lets go of the folder; afterwards nothing is left to be written by the system. */
  close(): void {
    try {
      this.#log.sync();
    } finally {
      this.#log.close();
    }
  }
}
