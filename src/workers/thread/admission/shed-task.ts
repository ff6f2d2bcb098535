/** The source of the stream `$shed`: reads the ledgers of all gates once a second, and at the end. @module */

import { SharedCell } from '../../../ringbuf/index.ts';
import type { WorkerJob } from '../../protocol.ts';
import { type SourceHead, SourceStream, type SourceTaskParts } from '../tasks/source-task.ts';
import { ShedRows } from './shed-rows.ts';

const OUT = 0;
const EVERY_US = 1_000_000;

/**
 * Ends when every ledger is final, not before, also when the sources were told to end: so the sums of its rows
 * are those of the ledgers.
 */
export class ShedTask implements SourceHead {
  readonly #parts: SourceTaskParts;
  readonly #stream: SourceStream;
  readonly #rows: ShedRows;
  /** How many ledgers are final, and how many there are. */
  readonly #settled: SharedCell | undefined;
  readonly #ledgers: number;
  #nextUs: number;
  #isLast = false;
  #hasEnded = false;

  constructor(parts: SourceTaskParts, { plan, shared }: WorkerJob, buffer: SharedArrayBuffer) {
    this.#parts = parts;
    this.#stream = new SourceStream(parts);
    this.#rows = new ShedRows(plan, shared);
    const words = shared.admission;
    this.#settled = words && new SharedCell(buffer, words.settled);
    this.#ledgers = words?.ledgerCount ?? 0;
    this.#nextUs = this.#after(parts.clock.nowUs());
  }

  hasEnded(): boolean {
    return this.#hasEnded;
  }

  sleepMs(): number {
    if (this.#hasEnded) return Infinity;
    if (this.#isSettled()) return 0;
    const dueMs = (this.#nextUs - this.#parts.clock.nowUs()) / 1000;
    return Math.max(0, Math.min(dueMs, this.#stream.idleInMs()));
  }

  run(): boolean {
    let moved = false;
    while (!this.#hasEnded && this.#parts.outbox.isSettled()) {
      if (this.#rows.hasMore) {
        if (!this.#write()) break;
      } else if (this.#isLast) {
        this.#hasEnded = true;
        this.#stream.end();
      } else if (!this.#look()) {
        this.#stream.checkIdle();
        break;
      }
      moved = true;
    }
    return moved;
  }

  close(): void {
    // It holds nothing.
  }

  /** Looks at the ledgers if it is time; false: it is not. */
  #look(): boolean {
    const nowUs = this.#parts.clock.nowUs();
    // Before the ledgers: what is final then stays so.
    this.#isLast = this.#isSettled();
    if (!this.#isLast && nowUs < this.#nextUs) return false;
    this.#nextUs = this.#after(nowUs);
    this.#rows.look(nowUs);
    return true;
  }

  /** Rows of the last look, as many as there is room for; false when nothing can be written now. */
  #write(): boolean {
    const { outbox, control, id } = this.#parts;
    const batch = outbox.claim(OUT);
    if (batch === undefined) return false;
    control.enter(id);
    const from = batch.rowCount;
    const isFull = !this.#rows.write(batch);
    this.#stream.admit(batch, from);
    outbox.commit(OUT, isFull);
    this.#stream.raise();
    return true;
  }

  #isSettled(): boolean {
    return (this.#settled?.get() ?? 0) === this.#ledgers;
  }

  #after(nowUs: number): number {
    return (Math.floor(nowUs / EVERY_US) + 1) * EVERY_US;
  }
}
