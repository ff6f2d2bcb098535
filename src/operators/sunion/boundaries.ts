/** Rows that say which buckets are complete. @module */

import type { Outbox } from '../../core/operator.ts';
import type { DurationUs, TimeUs } from '../../core/units.ts';
import { RowWriter } from '../../rows/row-writer.ts';
import { BOUNDARY, Port } from './spec.ts';

/** Counts the rows of buckets that leave, and says so when all of them have. */
export class Boundaries {
  readonly #intervalUs: DurationUs;
  readonly #writer = new RowWriter(BOUNDARY);
  readonly #waiting: { readonly startUs: TimeUs; rows: number }[] = [];
  #sent = 0;

  constructor(intervalUs: DurationUs) {
    this.#intervalUs = intervalUs;
  }

  /** A row of a bucket leaves, behind those of all earlier ones. */
  count(startUs: TimeUs): void {
    const last = this.#waiting.at(-1);
    if (last?.startUs === startUs) last.rows++;
    else this.#waiting.push({ startUs, rows: 1 });
  }

  /** Hands on a row for each bucket; false when the output is full: call it again. */
  flush(out: Outbox): boolean {
    while (this.#sent < this.#waiting.length) {
      const batch = out.claim(Port.BOUNDARIES);
      if (batch === undefined) return false;
      for (; this.#sent < this.#waiting.length; this.#sent++) {
        const { startUs, rows } = this.#waiting[this.#sent]!;
        const at = batch.rowCount;
        const endUs = startUs + this.#intervalUs;
        // Milliseconds, whose fractions carry microseconds.
        if (this.#writer.write(batch, [startUs / 1000, endUs / 1000, rows]) !== null) break;
        batch.setTimeUs(at, endUs - 1);
        batch.setLateBy(at, 0);
      }
      out.commit(Port.BOUNDARIES, this.#sent < this.#waiting.length);
    }
    this.#waiting.length = 0;
    this.#sent = 0;
    return true;
  }
}
