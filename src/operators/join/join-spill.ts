/**
 * Rows of a join for which there is no room: they go to disk, of both sides, and those that were kept stay.
 *
 * A row that goes to disk looks for its matches among the kept ones before. What is left when both inputs have
 * ended are pairs of rows that are both on disk: their partitions, by the hash of the key, are joined one after
 * the other, and what has no room there goes to partitions of its own. Each step takes some rows off.
 *
 * @module
 */

import type { Batch } from '../../core/batch.ts';
import type { KernelContext, OperatorPlan } from '../../core/operator.ts';
import type { SpillStore } from '../../core/spill-store.ts';
import type { StateIo, Steps } from '../../core/state-io.ts';
import { PARTITIONS, SpilledRows, SpilledRun } from '../spill/spilled-rows.ts';
import type { ArrivingRows } from './arriving-rows.ts';
import type { Side } from './config.ts';
import { LEFT, RIGHT } from './config.ts';
import type { StateBudget } from './state-budget.ts';

/** Of the limit: with more in use no further rows are kept. */
const FULL_SHARE = 3 / 4;

type Runs = readonly [SpilledRun, SpilledRun];

/** A partition of both sides. */
interface Part {
  readonly runs: Runs;
  readonly partition: number;
}

/** Rows that are read back. */
interface RowsBack {
  readonly side: Side;
  readonly batch: Batch;
  /** Whether these are the first of a partition: nothing that was kept before is near. */
  readonly isFirst: boolean;
}

/** The rows on disk of one task. */
export class JoinSpill {
  readonly #budget: StateBudget;
  readonly #fullBytes: number;
  /** By side. */
  readonly #rows: readonly [SpilledRows, SpilledRows];
  readonly #hashes: Int32Array;
  /** Where rows go for which there is no room. */
  #runs: Runs = runsOf(0);
  #isFull = false;
  readonly #parts: Part[] = [];
  #part: Part | undefined;
  #side: Side = LEFT;
  #piece = 0;

  constructor(plan: OperatorPlan, budget: StateBudget, store: SpillStore, context: KernelContext) {
    this.#budget = budget;
    this.#fullBytes = budget.limitBytes * FULL_SHARE;
    this.#hashes = new Int32Array(context.rowCapacity);
    const rowsOf = (side: Side): SpilledRows => {
      const { schema, hasTime } = plan.inputs[side]!;
      const positions = schema.map((_, c) => c);
      return new SpilledRows({ stream: { schema, hasTime }, positions }, store, context);
    };
    this.#rows = [rowsOf(LEFT), rowsOf(RIGHT)];
  }

  /** Whether pairs are still to come of rows that came before. */
  get holds(): boolean {
    return this.#isFull || this.#part !== undefined || this.#parts.length > 0;
  }

  /** Takes the rows of a batch if there is no room for them; false: they are to be kept. */
  take(side: Side, batch: Batch, { live, liveCount, hashes }: ArrivingRows): boolean {
    if (!this.#isFull && this.#budget.usedBytes <= this.#fullBytes) return false;
    this.#isFull = true;
    for (let i = 0; i < liveCount; i++) this.#hashes[i] = hashes[live[i]!]!;
    this.#rows[side].add(this.#runs[side], batch, live, this.#hashes, liveCount);
    return true;
  }

  /** The next rows that come back after both inputs have ended; valid until the next call. */
  next(): RowsBack | undefined {
    for (;;) {
      const part = (this.#part ??= this.#nextPart());
      if (part === undefined) return undefined;
      const side = this.#side;
      const number = this.#piece++;
      const batch = this.#rows[side].read(part.runs[side], part.partition, number, false);
      if (batch !== undefined) return { side, batch, isFirst: side === LEFT && number === 0 };
      this.#rows[side].forget(part.runs[side], part.partition);
      this.#piece = 0;
      this.#side = side === LEFT ? RIGHT : LEFT;
      if (side === RIGHT) this.#part = undefined;
    }
  }

  /** The next partition, before others of those that have found no room while the last one was joined. */
  #nextPart(): Part | undefined {
    if (this.#isFull) {
      for (const rows of this.#rows) rows.flush();
      const runs = this.#runs;
      for (let partition = 0; partition < PARTITIONS; partition++) {
        const hasBoth = runs.every(({ partitions }) => partitions[partition]!.length > 0);
        if (hasBoth) this.#parts.push({ runs, partition });
        else
          for (const side of [LEFT, RIGHT] as const)
            this.#rows[side].releasePartition(runs[side], partition);
      }
    }
    this.#isFull = false;
    const part = this.#parts.pop();
    if (part !== undefined) this.#runs = runsOf(part.runs[LEFT].level + 1);
    return part;
  }

  *state(io: StateIo): Steps {
    io.section('join on disk', 1);
    this.#isFull = io.flag(this.#isFull);
    for (const rows of this.#rows) rows.flush();
    const [left, right] = this.#runs;
    const known = io.isReading ? [undefined, undefined] : [left, right];
    const read = [
      yield* this.#rows[LEFT].stateOf(io, known[LEFT]),
      yield* this.#rows[RIGHT].stateOf(io, known[RIGHT]),
    ] as const;
    this.#runs = read;
  }
}

function runsOf(level: number): Runs {
  return [new SpilledRun(level), new SpilledRun(level)];
}
