/** Where the kernels of parts put their results. @module */

import type { Batch } from '../../../core/batch.ts';
import type { Outbox } from '../../../core/operator.ts';
import type { TimeUs } from '../../../core/units.ts';

/** Hands rows on; watermarks are those of one part, and rows must be gone before another part is called. */
export class PartOutbox implements Outbox {
  /** That of the call at hand. */
  out!: Outbox;
  /** A batch was offered in this call, which must stay as it is. */
  hasOffered = false;
  /** Room for results was asked for in this call. */
  hasWritten = false;
  /** What the part that was called has said since; `undefined`: nothing. */
  watermarkUs: TimeUs | undefined;

  offer(port: number, batch: Batch): void {
    if (batch.selected === 0) return;
    this.hasOffered = true;
    this.out.offer(port, batch);
  }

  claim(port: number): Batch | undefined {
    this.hasWritten = true;
    return this.out.claim(port);
  }

  commit(port: number, isFull: boolean): void {
    this.out.commit(port, isFull);
  }

  watermark(watermarkUs: TimeUs): void {
    this.watermarkUs = watermarkUs;
  }
}
