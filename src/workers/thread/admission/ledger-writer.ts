/** Makes tallies by lane visible to the host. @module */

import type { Tally } from '../../../admission/tally.ts';
import { SeqlockWriter } from '../../../ringbuf/index.ts';
import { LEDGER_LANES, type LedgerAddress } from '../../protocol-admission.ts';

/** A figure of each lane behind its counts. */
export type LaneLevel = (lane: number) => number;

/** Publishes tallies: of each a count and a value, by lane. */
export class LedgerWriter {
  readonly #tallies: readonly Tally[];
  readonly #parts: readonly SeqlockWriter[];
  readonly #values: Float64Array;
  /** By part: all its counts, when it was written last. */
  readonly #written: Float64Array;
  readonly #level: LaneLevel | undefined;

  constructor(
    buffer: SharedArrayBuffer,
    address: LedgerAddress,
    tallies: readonly Tally[],
    level?: LaneLevel,
  ) {
    this.#tallies = tallies;
    this.#level = level;
    this.#parts = address.parts.map((part) => new SeqlockWriter(buffer, part));
    this.#values = new Float64Array(address.parts[0]!.values);
    this.#written = new Float64Array(address.parts.length);
  }

  /** Publishes what has changed in the first `lanes` lanes. @hot */
  publish(lanes: number): void {
    for (let part = 0; part * LEDGER_LANES < lanes; part++) {
      const sum = this.#load(part * LEDGER_LANES, lanes);
      if (sum === this.#written[part]) continue;
      this.#written[part] = sum;
      this.#parts[part]!.write(this.#values);
    }
  }

  /** Fills the values of some lanes; the sum of their counts. @hot */
  #load(first: number, lanes: number): number {
    const values = this.#values;
    const count = Math.min(LEDGER_LANES, lanes - first);
    let sum = 0;
    let at = 0;
    for (let i = 0; i < count; i++) {
      for (let t = 0; t < this.#tallies.length; t++) {
        const tally = this.#tallies[t]!;
        const rows = tally.counts[first + i]!;
        sum += rows;
        values[at++] = rows;
        values[at++] = tally.value(first + i);
      }
      if (this.#level !== undefined) values[at++] = this.#level(first + i);
    }
    return sum;
  }
}
