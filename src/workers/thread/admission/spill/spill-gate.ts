/** What a gate does with rows for which there is no room: to disk, and back when there is. @module */

import type { IngressGate, ValuedRows } from '../../../../admission/index.ts';
import { laneOfTag } from '../../../../admission/queue-contents.ts';
import { Tally } from '../../../../admission/tally.ts';
import type { Batch } from '../../../../core/batch.ts';
import type { TimeUs } from '../../../../core/units.ts';
import type { CounterReader } from '../../../../ringbuf/index.ts';
import { TaskMetric } from '../../../protocol.ts';
import type { TaskMetrics } from '../../task-metrics.ts';
import type { Spill } from './spill.ts';

/** A ring behind the gate: rows that went in, and rows that were taken out. */
export interface WatchedRing {
  readonly in: CounterReader;
  readonly out: CounterReader;
  /** The counter of `out` for rows taken. */
  readonly taken: number;
}

/** What a {@link SpillGate} is made of. */
export interface SpillGateParts {
  readonly spill: Spill;
  readonly metrics: TaskMetrics;
  readonly rings: readonly WatchedRing[];
  readonly lanes: number;
  /** Rows for which there is no room on disk either are shed; otherwise they wait, and the source does. */
  readonly mayShed: boolean;
  /** The watermark waits for rows on disk; otherwise they come late. */
  readonly isHolding: boolean;
}

/** Keeps count of rows that go to disk and come back. */
export class SpillGate {
  /** Rows on disk by lane. */
  readonly spilled: Tally;
  readonly isHolding: boolean;
  readonly #parts: SpillGateParts;
  /** Rows of an earlier process that are still on disk: no ledger of this one has them. */
  #recoveredRows: number;
  /** The first ones of them, which that process had begun to hand on. */
  #rereadRows: number;
  /** Rows that went into the rings before the round began have to be taken before it ends. */
  #round = 0;
  readonly #goals: Float64Array;

  constructor(parts: SpillGateParts) {
    const { spill, metrics, rings, lanes, isHolding } = parts;
    this.#parts = parts;
    this.isHolding = isHolding;
    this.spilled = new Tally(lanes);
    this.#goals = new Float64Array(rings.length);
    this.#recoveredRows = spill.recoveredRows;
    this.#rereadRows = spill.rereadRows;
    metrics.add(TaskMetric.ROWS_IN, this.#recoveredRows);
    metrics.add(TaskMetric.SPILLED, this.#recoveredRows);
  }

  /** Whether rows are on disk, or come from there and have not been worked on. */
  get isPending(): boolean {
    const { spill } = this.#parts;
    return spill.waitingRows > 0 || spill.replayedFrames > 0;
  }

  /** Rows on disk. */
  get waitingRows(): number {
    return this.#parts.spill.waitingRows;
  }

  /** No watermark may pass this while rows are on disk. */
  holdUs(): TimeUs {
    return this.isHolding ? this.#parts.spill.leastTimeUs() : Infinity;
  }

  /**
   * Writes rows to disk that a gate has shed, and takes them off its account.
   *
   * @param tally - of the gate, in which they were counted
   * @returns how many, from the first on, are settled: written, or shed for good; the others have to wait
   */
  put(
    batch: Batch,
    { tags, values }: ValuedRows,
    rows: Uint32Array,
    count: number,
    tally: Tally,
  ): number {
    const { spill, metrics, mayShed } = this.#parts;
    const written = spill.put(batch, rows, count);
    for (let i = 0; i < written; i++) {
      const row = rows[i]!;
      const lane = laneOfTag(tags[row]!);
      this.spilled.add(lane, 1, finite(values[row]!));
      tally.add(lane, -1, -finite(values[row]!));
    }
    metrics.add(TaskMetric.SPILLED, written);
    if (mayShed) {
      metrics.add(TaskMetric.SHED, count - written);
      return count;
    }
    for (let i = written; i < count; i++) {
      const row = rows[i]!;
      tally.add(laneOfTag(tags[row]!), -1, -finite(values[row]!));
    }
    return written;
  }

  /** Rows that have been on disk; to be handed on at once. */
  take(): Batch | undefined {
    return this.#parts.spill.take(this.#round + 1);
  }

  /** Counts rows that come from disk as admitted. */
  noteReplayed(
    gate: IngressGate,
    { tags, values }: ValuedRows,
    rows: Uint32Array,
    count: number,
  ): void {
    const { metrics } = this.#parts;
    metrics.add(TaskMetric.ROWS_OUT, count);
    metrics.add(TaskMetric.SPILLED, -count);
    const recovered = this.#recoveredRows > 0;
    this.#recoveredRows = Math.max(0, this.#recoveredRows - count);
    const twice = Math.min(this.#rereadRows, count);
    this.#rereadRows -= twice;
    metrics.add(TaskMetric.REPLAYED_TWICE, twice);
    for (let i = 0; i < count; i++) {
      const row = rows[i]!;
      const lane = laneOfTag(tags[row]!);
      if (recovered) gate.offered.add(lane, 1, finite(values[row]!));
      else this.spilled.add(lane, -1, -finite(values[row]!));
    }
  }

  /** Lets go of what has been worked on. */
  endRound(): void {
    const { rings, spill } = this.#parts;
    if (spill.replayedFrames === 0) return;
    for (let r = 0; r < rings.length; r++) {
      const { out, taken } = rings[r]!;
      if (out.read(taken) < this.#goals[r]!) return;
    }
    spill.release(this.#round);
    this.#round++;
    for (let r = 0; r < rings.length; r++) this.#goals[r] = rings[r]!.in.read(0);
  }

  /** What is on disk stays there. */
  close(): void {
    this.#parts.spill.close();
  }
}

/** Rows that are never dropped are worth more than any number: the ledger has them as 0. */
function finite(value: number): number {
  return Number.isFinite(value) ? value : 0;
}
