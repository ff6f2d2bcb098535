/** The kept rows that rows of a batch take back. @module */

import type { KernelMemory } from '../../core/memory.ts';
import { floatsOf } from './arriving-rows.ts';
import type { Side } from './config.ts';
import type { JoinParts } from './join-parts.ts';
import { tracksMatches } from './kinds.ts';

/** Finds and removes them. */
export class RetractedRows {
  readonly #parts: JoinParts;
  /** The least time and the largest mark of rows that are looked for. */
  readonly #earliest: Float64Array;
  readonly #latest: Float64Array;
  /** Pairs of rows that take back, and records. */
  readonly #found: Int32Array;
  readonly #records: Int32Array;
  /** By row: 1 where it has taken one back. */
  readonly #isDone: Uint8Array;
  readonly unknown: Uint32Array;

  constructor(parts: JoinParts, memory: KernelMemory, rowCapacity: number) {
    this.#parts = parts;
    this.#earliest = floatsOf(memory, rowCapacity);
    this.#latest = floatsOf(memory, rowCapacity).fill(Infinity);
    this.#found = memory.words(rowCapacity);
    this.#records = memory.words(rowCapacity);
    this.#isDone = new Uint8Array(rowCapacity);
    this.unknown = new Uint32Array(rowCapacity);
  }

  /**
   * For each live row of a side, removes a kept row that is equal in all that is kept, if
   * it is not older than any is wanted. Rows that found one then look for what that one was near to, and
   * have its matches; others are no longer live.
   *
   * @returns how many these are; {@link unknown} has them, from 0 on
   */
  find(side: Side): number {
    const arriving = this.#parts.arriving[side];
    const { rows: kept } = this.#parts.stores[side];
    const { live, liveCount, keys, hashes, earliest, latest, marks, matches } = arriving;
    const { reach, config } = this.#parts;
    const isTimed = config.time !== 'none';
    const isTracked = tracksMatches(config.kind, side);
    for (let i = 0; i < liveCount; i++) {
      const row = live[i]!;
      this.#isDone[row] = 0;
      // Not a row that is let go some time: so it does not matter when.
      this.#earliest[row] = isTimed ? reach.earliestUs(side, marks[row]!) : -Infinity;
    }
    kept.kernel.bindKeys(keys, live, liveCount);
    kept.beginProbe(live, liveCount, { hashes, earliest: this.#earliest, latest: this.#latest });
    const found = this.#found;
    const records = this.#records;
    for (;;) {
      const pairs = kept.probe(found, records, found.length);
      if (pairs === 0) break;
      const count = kept.keepSame(found, records, pairs);
      for (let i = 0; i < count; i++) {
        const row = found[i]!;
        const record = records[i]!;
        if (this.#isDone[row] === 1 || kept.isRemoved(record)) continue;
        this.#isDone[row] = 1;
        if (isTimed) {
          const markUs = Math.max(kept.markUs(record), marks[row]!);
          earliest[row] = reach.earliestUs(side, markUs);
          latest[row] = reach.latestUs(side, kept.timeUs(record));
        }
        if (isTracked) matches[row] = kept.matchesOf(record);
        kept.remove(record);
      }
    }
    let done = 0;
    let unknown = 0;
    for (let i = 0; i < liveCount; i++) {
      const row = live[i]!;
      if (this.#isDone[row] === 1) live[done++] = row;
      else this.unknown[unknown++] = row;
    }
    arriving.liveCount = done;
    return unknown;
  }
}
