/** The way of whole batches past a gate and its ring while there is nothing to decide. @module */

import type { IngressGate, ValuedRows } from '../../../admission/index.ts';
import type { Batch } from '../../../core/batch.ts';
import { TaskMetric } from '../../protocol.ts';
import type { RingEdge, Shortcut } from '../edges/ring-edge.ts';
import type { TaskMetrics } from '../task-metrics.ts';
import type { RowWorth } from './row-worth.ts';

/** Of so many batches one is looked at: counted by value and timed. */
const LOOK_EVERY = 32;
/** The same where classes have costs of their own, which are learnt by looking. */
const LOOK_OFTEN = 4;
/** So many are looked at, one after the other, at first and when one took too long. */
const DOUBTED = 8;
/** A batch that takes so many times what was expected, and this many milliseconds more, was interrupted. */
const INTERRUPTED = 4;
const GRACE_MS = 0.02;
/** What was measured so many looks ago weighs a third. */
const MEMORY_LOOKS = 10;

/** What a {@link DirectPath} is made of. */
export interface DirectPathParts {
  readonly gate: IngressGate;
  readonly worth: RowWorth;
  readonly valued: ValuedRows;
  readonly metrics: TaskMetrics;
  /** Its epoch changes when thresholds have to be looked at; it is told whether rows go this way. */
  readonly admission: { readonly epoch: number; isPassing: boolean };
  /** The gate's only ring, and its only reader, on the same worker. */
  readonly ring: Pick<RingEdge, 'settle'>;
  readonly reader: Shortcut;
  readonly lanes: { readonly lanes: number };
}

/**
 * Gives batches to their reader as if there were no gate. It is opened by a look at a batch, and open for some
 * batches more, until a price changes, or until one is too large or takes too long: then the next one is looked at.
 *
 * The clock is not read for it. How long a batch takes from the source's read to the end of its work is known; which part
 * of that is work is known from looks.
 */
export class DirectPath {
  readonly #parts: DirectPathParts;
  /** Batches that may go before the next look. */
  #left = 0;
  #doubts = DOUBTED;
  #epoch = -1;
  /** What has gone and was not told. */
  #rows = 0;
  #batches = 0;
  #tookMs = 0;
  /** Rows of the batch that is on its way; 0 if its time is not of interest. */
  #underway = 0;
  /** Of the batch that was looked at: milliseconds of work; -1: none. */
  #lookMs = -1;
  /** Of batches that were looked at: work, all that they took, and their rows. */
  #workSum = 0;
  #allSum = 0;
  #rowSum = 0;

  constructor(parts: DirectPathParts) {
    this.#parts = parts;
  }

  /** Whether a batch may go now. @hot */
  mayTake(batch: Batch): boolean {
    if (this.#left === 0) return false;
    const { admission, reader } = this.#parts;
    if (admission.epoch === this.#epoch && !batch.isShowing && reader.mayTake(batch)) return true;
    this.#left = 0;
    return false;
  }

  /** Gives a batch to the reader, valued as far as it need be. Only after {@link mayTake}. @hot */
  take(batch: Batch): void {
    const { gate, worth, valued, metrics, reader } = this.#parts;
    const { count } = worth;
    this.#left--;
    gate.passUnseen(valued, worth.rows, count, worth.total);
    metrics.add(TaskMetric.ROWS_OUT, count);
    this.#rows += count;
    this.#batches++;
    this.#underway = count;
    reader.takeUnseen(batch);
  }

  /** Before rows go another way, or are looked at: tells what has gone this way. @hot */
  settle(): void {
    this.#left = 0;
    this.#underway = 0;
    this.#parts.admission.isPassing = false;
    if (this.#rows === 0) return;
    const share = this.#allSum > 0 ? this.#workSum / this.#allSum : 0;
    this.#parts.ring.settle(this.#rows, this.#batches, this.#tookMs * share);
    this.#rows = 0;
    this.#batches = 0;
    this.#tookMs = 0;
  }

  /**
   * A batch was looked at, and nothing was to be decided.
   *
   * @param workMs - that it took; 0: its work is not over
   * @hot
   */
  open(rows: number, workMs: number): void {
    this.#lookMs = workMs > 0 ? workMs : -1;
    this.#underway = rows;
    this.#epoch = this.#parts.admission.epoch;
    if (this.#doubts > 0) this.#doubts--;
    else if (this.#rowSum > 0) this.#left = this.#parts.lanes.lanes > 1 ? LOOK_OFTEN : LOOK_EVERY;
    this.#parts.admission.isPassing = this.#left > 0;
  }

  /**
   * The source's last batch was read and worked on.
   *
   * @param elapsedMs - in so much time; not a number: it is not known
   * @hot
   */
  note(elapsedMs: number): void {
    const rows = this.#underway;
    if (rows === 0 || !(elapsedMs > 0)) return;
    this.#underway = 0;
    if (this.#lookMs >= 0) {
      this.#learn(rows, elapsedMs);
      return;
    }
    const expectedMs = (this.#allSum / this.#rowSum) * rows;
    if (elapsedMs <= INTERRUPTED * expectedMs + GRACE_MS) {
      this.#tookMs += elapsedMs;
      return;
    }
    this.#tookMs += expectedMs;
    this.#left = 0;
    this.#doubts = DOUBTED;
  }

  /** @hot */
  #learn(rows: number, elapsedMs: number): void {
    const keep = 1 - 1 / MEMORY_LOOKS;
    this.#workSum = this.#workSum * keep + Math.min(this.#lookMs, elapsedMs);
    this.#allSum = this.#allSum * keep + elapsedMs;
    this.#rowSum = this.#rowSum * keep + rows;
    this.#lookMs = -1;
  }
}
