/**
 * The motion of a join: a symmetric hash join of two streams.
 *
 * A batch first looks for its matches among the rows kept of the other side, then its own rows are
 * kept for those to come. What is found is joined and handed on in chunks, so that a full output
 * stops the work anywhere, and `resume` goes on from there.
 *
 * Which rows are near, and how late rows are judged, is said by {@link Reach}.
 *
 * @module
 */

import { OutputWatermark } from '../output-watermark.ts';
import type { Batch } from '../../core/batch.ts';
import type {
  Kernel,
  KernelContext,
  KernelCounters,
  OperatorPlan,
  Outbox,
  Progress,
} from '../../core/operator.ts';
import { invariant } from '../../core/invariant.ts';
import type { StateIo, Steps } from '../../core/state-io.ts';
import type { TimeUs } from '../../core/units.ts';
import type { RowFailures } from '../row-failures.ts';
import type { RowsOf } from '../row-gather.ts';
import { SlidingWindows } from '../window-scheme.ts';
import type { ArrivingRows } from './arriving-rows.ts';
import { AsOfJoinKernel } from './as-of-kernel.ts';
import { ChangeJoinKernel } from './change-kernel.ts';
import type { JoinConfig, Side } from './config.ts';
import { LEFT, otherThan, RIGHT } from './config.ts';
import type { JoinParts } from './join-parts.ts';
import type { JoinSpill } from './join-spill.ts';
import { joinParts } from './join-parts.ts';
import type { JoinedRows } from './joined-rows.ts';
import { givesUnmatched, isLeftOnly } from './kinds.ts';
import type { Probe } from './probe.ts';
import type { Reach } from './reach.ts';
import type { RowNotes } from './row-notes.ts';
import type { SideStore } from './side-store.ts';
import { NONE } from './side-store.ts';
import type { StateBudget } from './state-budget.ts';

/**
 * What the current call is about:
 *
 * - `probe`: the rows of a batch look for matches; then they are kept
 * - `unmatched`: rows of the batch that cannot match any more leave, where unmatched ones are wanted
 * - `expire`: kept rows that cannot match any more leave, matched or not
 */
type Stage = 'idle' | 'probe' | 'unmatched' | 'expire';

/** Pieces of rows from disk that are joined in one call. */
const MOST_PIECES = 4;

/** Makes the kernel of a join; opens room on disk where the plan says so. */
export async function openJoinKernel(plan: OperatorPlan, context: KernelContext): Promise<Kernel> {
  if ((plan.config as JoinConfig).onLimit !== 'spill') return createJoinKernel(plan, context);
  const { JoinSpill } = await import('./join-spill.ts');
  invariant(context.openSpillStore !== undefined, 'there is no room on disk');
  const store = await context.openSpillStore();
  return new JoinKernel(plan, context, (budget) => new JoinSpill(plan, budget, store, context));
}

/** The same where nothing is to be opened. */
export function createJoinKernel(plan: OperatorPlan, context: KernelContext): Kernel {
  const { changes, reach } = plan.config as JoinConfig;
  if (reach.kind === 'asOf') return new AsOfJoinKernel(plan, context);
  return changes === undefined
    ? new JoinKernel(plan, context)
    : new ChangeJoinKernel(plan, context);
}

class JoinKernel implements Kernel {
  readonly #parts: JoinParts;
  readonly #config: JoinConfig;
  readonly #counters: KernelCounters;
  readonly #failures: RowFailures;
  /** By side: whether rows without a match are rows of the result. */
  readonly #givesUnmatched: readonly [boolean, boolean];
  /** A left row that has found a match has nothing to wait for. */
  readonly #isSettledByMatch: boolean;
  readonly #reach: Reach;
  readonly #arriving: readonly [ArrivingRows, ArrivingRows];
  readonly #stores: readonly [SideStore, SideStore];
  readonly #probe: Probe;
  readonly #joined: JoinedRows;
  readonly #countsLate: readonly [boolean, boolean];
  /** The batch of the current call, as its only element. */
  readonly #current: Batch[] = [];
  /** By side: the rows of pairs, where they are of the batch, and where they are kept ones. */
  readonly #currentRows: readonly [RowsOf, RowsOf];
  readonly #keptRows: readonly [RowsOf, RowsOf];
  readonly #watermarks: [TimeUs, TimeUs] = [-Infinity, -Infinity];
  readonly #hasEnded: [boolean, boolean] = [false, false];
  readonly #output = new OutputWatermark();
  /** Both inputs have ended, and rows come back from disk. */
  #isOver = false;
  #stage: Stage = 'idle';
  /** The side the current call is about. */
  #side: Side = LEFT;
  /** `#unmatched[#unmatchedFrom .. #unmatchedTo)`: rows of the batch that are to leave. */
  readonly #unmatched: Uint32Array;
  #unmatchedFrom = 0;
  #unmatchedTo = 0;
  /** Rows of the batch to be kept. */
  readonly #keep: Uint32Array;
  /** `undefined`: all rows are kept in memory. */
  readonly #spill: JoinSpill | undefined;

  constructor(
    plan: OperatorPlan,
    context: KernelContext,
    makeSpill?: (budget: StateBudget) => JoinSpill,
  ) {
    const parts = joinParts(plan, context);
    this.#spill = makeSpill?.(parts.budget);
    const { config } = parts;
    this.#parts = parts;
    const { rowCapacity, memory } = context;
    const { kind, further, reach } = config;
    this.#config = config;
    this.#counters = context.counters;
    this.#countsLate = parts.countsLate;
    this.#givesUnmatched = [givesUnmatched(kind, LEFT), givesUnmatched(kind, RIGHT)];
    const sharesOne =
      reach.kind !== 'window' || new SlidingWindows(reach.window).windowsPerRow === 1;
    this.#isSettledByMatch = isLeftOnly(kind) && further === undefined && sharesOne;
    this.#failures = parts.failures;
    this.#reach = parts.reach;
    this.#stores = parts.stores;
    this.#arriving = parts.arriving;
    this.#probe = parts.probe;
    this.#joined = parts.joined;
    this.#currentRows = parts.currentRows;
    this.#keptRows = parts.keptRows;
    this.#unmatched = memory.rows(rowCapacity);
    this.#keep = memory.rows(rowCapacity);
  }

  onBatch(port: number, batch: Batch, out: Outbox): Progress {
    this.#begin(port === LEFT ? LEFT : RIGHT, batch);
    return this.resume(out);
  }

  #begin(side: Side, batch: Batch): void {
    const arriving = this.#arriving[side];
    const tooLate = arriving.take(batch, this.#failures);
    if (tooLate > 0 && this.#countsLate[side]) this.#counters.addLate(tooLate);
    this.#side = side;
    this.#current[0] = batch;
    this.#stores[side].bind(arriving.kept, batch.selection, batch.selected);
    this.#probe.begin(side, arriving, this.#stores[otherThan(side)]);
    this.#stage = 'probe';
  }

  onWatermark(port: number, watermarkUs: TimeUs, out: Outbox): Progress {
    const side: Side = port === LEFT ? LEFT : RIGHT;
    this.#watermarks[side] = watermarkUs;
    this.#side = otherThan(side);
    this.#stage = 'expire';
    return this.resume(out);
  }

  /** The other side needs to be kept no longer. */
  onEnd(port: number, out: Outbox): Progress {
    const side: Side = port === LEFT ? LEFT : RIGHT;
    this.#hasEnded[side] = true;
    this.#side = otherThan(side);
    this.#stage = 'expire';
    return this.resume(out);
  }

  resume(out: Outbox): Progress {
    for (let left = MOST_PIECES; ; left--) {
      do {
        if (!this.#joined.flush(out)) return 'blocked';
        if (!this.#failures.flush(out)) return 'blocked';
      } while (this.#nextChunk());
      if (this.#spill === undefined || !this.#beginBack(this.#spill)) break;
      if (left === 0) return 'yielded';
    }
    this.#raiseWatermark(out);
    return 'done';
  }

  /** Goes on with rows that come back from disk; false: there are none, or not yet. */
  #beginBack(spill: JoinSpill): boolean {
    if (!this.#isOver && !(this.#hasEnded[LEFT] && this.#hasEnded[RIGHT])) return false;
    this.#isOver = true;
    const back = spill.next();
    if (back === undefined) return false;
    const { side, batch, isFirst } = back;
    if (isFirst) for (const store of this.#stores) store.release(Infinity);
    // All left rows of a partition come before the right ones, which wait for none then.
    this.#hasEnded[LEFT] = side === RIGHT;
    this.#hasEnded[RIGHT] = false;
    this.#begin(side, batch);
    return true;
  }

  *state(io: StateIo): Steps {
    yield* this.#parts.state(io, this.#watermarks, this.#hasEnded);
    this.#output.state(io);
    if (this.#spill !== undefined) yield* this.#spill.state(io);
  }

  /** Fills the next chunk of the current stage; false when the call has done all it had to. */
  #nextChunk(): boolean {
    switch (this.#stage) {
      case 'probe':
        if (this.#joinMatches()) return true;
        this.#keepRows();
        this.#stage = 'unmatched';
        return true;
      case 'unmatched':
        if (this.#joinUnmatched()) return true;
        break;
      case 'expire':
        if (this.#givesUnmatched[this.#side] && this.#joinExpired()) return true;
        this.#stores[this.#side].release(this.#deadlineUs(this.#side));
        break;
      case 'idle':
        return false;
    }
    this.#stage = 'idle';
    this.#current.length = 0;
    return false;
  }

  /** A row of `side` before this time can find no match any more. */
  #deadlineUs(side: Side): TimeUs {
    const other = otherThan(side);
    if (this.#hasEnded[other]) return Infinity;
    return this.#reach.deadlineUs(side, this.#watermarks[other]);
  }

  #joinMatches(): boolean {
    const joined = this.#joined;
    const side = this.#side;
    const count = this.#probe.next(joined, joined.chunkRows);
    if (count === 0) return false;
    joined.begin(count, this.#current[0]!.ingestTimeUs);
    const left = side === LEFT ? this.#currentRows[LEFT] : this.#keptRows[LEFT];
    const right = side === RIGHT ? this.#currentRows[RIGHT] : this.#keptRows[RIGHT];
    if (isLeftOnly(this.#config.kind)) this.#matchLeftOnly(left, right);
    else this.#matchBoth(left, right);
    this.#takeTimes();
    joined.compute(this.#failures);
    return true;
  }

  #matchBoth(left: RowsOf, right: RowsOf): void {
    const joined = this.#joined;
    if (joined.isWhole) {
      joined.wait(left, right);
    } else {
      joined.gather(LEFT, left);
      joined.gather(RIGHT, right);
      joined.narrow(this.#failures);
    }
    for (const side of [LEFT, RIGHT] as const) {
      if (this.#givesUnmatched[side]) joined.noteMatches(side, this.#notesOf(side));
    }
  }

  /** Of a semi join, left rows with their first match; of an anti join, nothing yet. */
  #matchLeftOnly(left: RowsOf, right: RowsOf): void {
    const joined = this.#joined;
    const { kind, further } = this.#config;
    const notes = this.#notesOf(LEFT);
    if (further !== undefined) {
      joined.gather(LEFT, left);
      joined.gather(RIGHT, right);
      joined.narrow(this.#failures);
    }
    if (kind === 'anti') {
      joined.noteMatches(LEFT, notes);
      joined.drop();
      return;
    }
    joined.keepFirstMatches(LEFT, notes);
    if (further !== undefined) return;
    joined.compact();
    if (joined.isWhole) joined.wait(left);
    else joined.gather(LEFT, left);
  }

  #takeTimes(): void {
    const { time } = this.#config;
    const joined = this.#joined;
    if (time === 'left' || time === 'later') joined.takeTimes(LEFT, this.#notesOf(LEFT));
    if (time === 'right') joined.takeTimes(RIGHT, this.#notesOf(RIGHT));
    if (time === 'later') joined.takeLaterTimes(RIGHT, this.#notesOf(RIGHT));
  }

  /** Where the facts of one side's rows in the current pairs are. */
  #notesOf(side: Side): RowNotes {
    return side === this.#side ? this.#arriving[side] : this.#stores[side];
  }

  /** Keeps the rows that may find a match later, and lists those that must leave without one. */
  #keepRows(): void {
    const side = this.#side;
    const arriving = this.#arriving[side];
    const deadlineUs = this.#deadlineUs(side);
    const leaves = this.#givesUnmatched[side];
    if (this.#spill?.take(side, this.#current[0]!, arriving) === true) {
      this.#unmatchedTo = this.#unmatchedFrom;
      return;
    }
    const isSettledByMatch = this.#isSettledByMatch && side === LEFT;
    const { minTimeUs } = this.#current[0]!;
    const isWhole = deadlineUs === -Infinity || (deadlineUs < Infinity && minTimeUs >= deadlineUs);
    if (isWhole && !leaves && !isSettledByMatch) {
      this.#stores[side].append(arriving, arriving.live, arriving.liveCount);
      this.#unmatchedTo = this.#unmatchedFrom;
      return;
    }
    let kept = 0;
    let unmatched = 0;
    for (let i = 0; i < arriving.liveCount; i++) {
      const row = arriving.live[i]!;
      if (isSettledByMatch && arriving.matches[row] !== 0) continue;
      if (arriving.times[row]! >= deadlineUs) this.#keep[kept++] = row;
      else if (leaves) this.#unmatched[unmatched++] = row;
    }
    if (leaves) {
      for (let i = 0; i < arriving.keylessCount; i++) {
        this.#unmatched[unmatched++] = arriving.keyless[i]!;
      }
    }
    this.#stores[side].append(arriving, this.#keep, kept);
    this.#unmatchedFrom = 0;
    this.#unmatchedTo = unmatched;
  }

  /** A chunk of rows of the batch that leave without a match. */
  #joinUnmatched(): boolean {
    const side = this.#side;
    const unmatched = this.#joined.unmatched[side];
    unmatched.begin(this.#joined.chunkRows);
    while (this.#unmatchedFrom < this.#unmatchedTo && unmatched.hasRoom) {
      unmatched.add(this.#unmatched[this.#unmatchedFrom++]!, this.#arriving[side]);
    }
    if (unmatched.count === 0) return false;
    const { ingestTimeUs } = this.#current[0]!;
    this.#joinWithNulls(
      unmatched.count,
      this.#currentRows[side],
      this.#arriving[side],
      ingestTimeUs,
    );
    return true;
  }

  /** A chunk of kept rows that leave without a match. */
  #joinExpired(): boolean {
    const side = this.#side;
    const store = this.#stores[side];
    const deadlineUs = this.#deadlineUs(side);
    const unmatched = this.#joined.unmatched[side];
    unmatched.begin(this.#joined.chunkRows);
    while (unmatched.hasRoom) {
      const row = store.nextDue(deadlineUs);
      if (row === NONE) break;
      unmatched.add(row, store);
    }
    if (unmatched.count === 0) return false;
    this.#joinWithNulls(unmatched.count, this.#keptRows[side], store, Infinity);
    return true;
  }

  #joinWithNulls(count: number, rows: RowsOf, from: RowNotes, ingestTimeUs: TimeUs): void {
    const joined = this.#joined;
    const side = this.#side;
    joined.begin(count, ingestTimeUs);
    if (joined.isWhole && isLeftOnly(this.#config.kind)) {
      joined.wait(rows);
    } else {
      joined.gather(side, rows);
      joined.gatherNulls(otherThan(side));
    }
    // An unmatched row has its own time whatever `time` says: there is no other.
    joined.takeTimes(side, from);
    joined.compute(this.#failures);
  }

  #raiseWatermark(out: Outbox): void {
    // Rows of pairs that are still to come may be of any time up to now.
    if (this.#spill?.holds === true) return;
    this.#output.raise(this.#reach.watermarkUs(...this.#watermarks), out);
  }
}
