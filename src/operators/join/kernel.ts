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

import type { Batch } from '../../core/batch.ts';
import { layoutBatch } from '../../core/batch-layout.ts';
import type {
  Kernel,
  KernelContext,
  KernelCounters,
  OperatorPlan,
  Outbox,
  Progress,
} from '../../core/operator.ts';
import type { TimeUs } from '../../core/units.ts';
import { RowFailures } from '../row-failures.ts';
import { WindowScheme } from '../window-scheme.ts';
import { ArrivingRows } from './arriving-rows.ts';
import type { JoinConfig, Side } from './config.ts';
import { LEFT, RIGHT } from './config.ts';
import type { RowsAt } from './joined-rows.ts';
import { JoinedRows } from './joined-rows.ts';
import { ONE_BATCH } from './pair-gather.ts';
import { Probe } from './probe.ts';
import type { Reach } from './reach.ts';
import { reachOf } from './reach.ts';
import { NONE } from './row-chains.ts';
import type { RowNotes } from './row-notes.ts';
import { SideStore } from './side-store.ts';
import { StateBudget } from './state-budget.ts';

const MOST_SEGMENT_ROWS = 1024;
const FEWEST_SEGMENT_ROWS = 64;
/** Segments of both sides that should fit the limit of the state, so that it is used well. */
const SEGMENTS_IN_LIMIT = 32;

/**
 * What the current call is about:
 *
 * - `probe`: the rows of a batch look for matches; then they are kept
 * - `unmatched`: rows of the batch that cannot match any more leave (left join)
 * - `expire`: kept rows that cannot match any more leave, matched or not
 */
type Stage = 'idle' | 'probe' | 'unmatched' | 'expire';

/** Makes the kernel of a join. */
export function createJoinKernel(plan: OperatorPlan, context: KernelContext): Kernel {
  return new JoinKernel(plan, context);
}

class JoinKernel implements Kernel {
  readonly #config: JoinConfig;
  readonly #counters: KernelCounters;
  readonly #failures: RowFailures;
  readonly #keepsUnmatched: boolean;
  readonly #reach: Reach;
  readonly #arriving: readonly [ArrivingRows, ArrivingRows];
  readonly #stores: readonly [SideStore, SideStore];
  readonly #probe: Probe;
  readonly #joined: JoinedRows;
  /** The batch of the current call, as its only element. */
  readonly #current: Batch[] = [];
  readonly #currentAt: readonly [RowsAt, RowsAt];
  readonly #keptAt: readonly [RowsAt, RowsAt];
  readonly #watermarks: [TimeUs, TimeUs] = [-Infinity, -Infinity];
  readonly #hasEnded: [boolean, boolean] = [false, false];
  #outputWatermarkUs = -Infinity;
  #stage: Stage = 'idle';
  /** The side the current call is about. */
  #side: Side = LEFT;
  /** `#unmatched[#unmatchedFrom .. #unmatchedTo)`: rows of the batch that are to leave. */
  readonly #unmatched: Uint32Array;
  #unmatchedFrom = 0;
  #unmatchedTo = 0;
  /** Rows of the batch to be kept. */
  readonly #keep: Uint32Array;

  constructor(plan: OperatorPlan, context: KernelContext) {
    const config = plan.config as JoinConfig;
    const { node, rowCapacity, memory } = context;
    this.#config = config;
    this.#counters = context.counters;
    this.#failures = new RowFailures(plan, context);
    this.#keepsUnmatched = config.kind === 'left';
    this.#reach = reachOf(config);
    const budget = new StateBudget(node, context.stateLimitBytes, ADVICE[config.reach.kind]);
    const segmentRows = segmentRowsFor(config, context.stateLimitBytes);
    const store = (side: Side): SideStore => {
      const expiresRows = this.#keepsUnmatched && side === LEFT;
      return new SideStore(config.sides[side].keptSchema, segmentRows, expiresRows, budget);
    };
    const arriving = (side: Side): ArrivingRows =>
      new ArrivingRows(config.sides[side], plan.inputs[side]!, this.#reach, context);
    this.#stores = [store(LEFT), store(RIGHT)];
    this.#arriving = [arriving(LEFT), arriving(RIGHT)];
    const windows =
      config.reach.kind === 'window' ? new WindowScheme(config.reach.window) : undefined;
    this.#probe = new Probe(config, this.#reach, windows);
    this.#joined = new JoinedRows(plan, context, windows);
    const current = (side: Side): RowsAt => ({
      batches: this.#current,
      shift: ONE_BATCH,
      positions: config.sides[side].used,
    });
    const kept = (side: Side): RowsAt => ({
      batches: this.#stores[side].segments,
      shift: this.#stores[side].shift,
      positions: config.sides[side].keptUsed,
    });
    this.#currentAt = [current(LEFT), current(RIGHT)];
    this.#keptAt = [kept(LEFT), kept(RIGHT)];
    this.#unmatched = memory.rows(rowCapacity);
    this.#keep = memory.rows(rowCapacity);
  }

  onBatch(port: number, batch: Batch, out: Outbox): Progress {
    const side: Side = port === LEFT ? LEFT : RIGHT;
    const arriving = this.#arriving[side];
    const tooLate = arriving.take(batch, this.#failures);
    if (tooLate > 0) this.#counters.addLate(tooLate);
    this.#side = side;
    this.#current[0] = batch;
    this.#probe.begin(side, arriving, this.#stores[otherThan(side)]);
    this.#stage = 'probe';
    return this.resume(out);
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
    do {
      if (!this.#joined.flush(out)) return 'blocked';
      if (!this.#failures.flush(out)) return 'blocked';
    } while (this.#nextChunk());
    this.#raiseWatermark(out);
    return 'done';
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
        if (this.#keepsUnmatched && this.#side === LEFT && this.#joinExpired()) return true;
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
    const other = otherThan(side);
    const count = this.#probe.next(joined, joined.chunkRows);
    if (count === 0) return false;
    joined.begin(count, this.#current[0]!.ingestTimeUs);
    joined.gather(side, this.#currentAt[side]);
    joined.gather(other, this.#keptAt[other]);
    joined.narrow(this.#failures);
    if (this.#keepsUnmatched) joined.noteMatches(LEFT, this.#notesOf(LEFT));
    this.#takeTimes();
    joined.compute(this.#failures);
    return true;
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
    return side === this.#side ? this.#arriving[side] : this.#stores[side].chains;
  }

  /** Keeps the rows that may find a match later, and lists those that must leave without one. */
  #keepRows(): void {
    const side = this.#side;
    const arriving = this.#arriving[side];
    const deadlineUs = this.#deadlineUs(side);
    const leaves = this.#keepsUnmatched && side === LEFT;
    let kept = 0;
    let unmatched = 0;
    for (let i = 0; i < arriving.liveCount; i++) {
      const row = arriving.live[i]!;
      if (arriving.times[row]! >= deadlineUs) this.#keep[kept++] = row;
      else if (leaves) this.#unmatched[unmatched++] = row;
    }
    if (leaves) {
      for (let i = 0; i < arriving.keylessCount; i++) {
        this.#unmatched[unmatched++] = arriving.keyless[i]!;
      }
    }
    this.#stores[side].append(arriving.kept, this.#keep, kept, arriving);
    this.#unmatchedFrom = 0;
    this.#unmatchedTo = unmatched;
  }

  /** A chunk of rows of the batch, all of the left side, that leave without a match. */
  #joinUnmatched(): boolean {
    const { unmatched, chunkRows } = this.#joined;
    unmatched.begin(chunkRows);
    while (this.#unmatchedFrom < this.#unmatchedTo && unmatched.hasRoom) {
      unmatched.add(this.#unmatched[this.#unmatchedFrom++]!, this.#arriving[LEFT]);
    }
    if (unmatched.count === 0) return false;
    const { ingestTimeUs } = this.#current[0]!;
    this.#joinWithNulls(this.#currentAt[LEFT], this.#arriving[LEFT], ingestTimeUs);
    return true;
  }

  /** A chunk of kept rows of the left side that leave without a match. */
  #joinExpired(): boolean {
    const store = this.#stores[LEFT];
    const deadlineUs = this.#deadlineUs(LEFT);
    const { unmatched, chunkRows } = this.#joined;
    unmatched.begin(chunkRows);
    while (unmatched.hasRoom) {
      const row = store.takeExpired(deadlineUs);
      if (row === NONE) break;
      unmatched.add(row, store.chains);
    }
    if (unmatched.count === 0) return false;
    this.#joinWithNulls(this.#keptAt[LEFT], store.chains, Infinity);
    return true;
  }

  #joinWithNulls(at: RowsAt, from: RowNotes, ingestTimeUs: TimeUs): void {
    const joined = this.#joined;
    joined.begin(joined.unmatched.count, ingestTimeUs);
    joined.gather(LEFT, at);
    joined.gatherNulls(RIGHT);
    // An unmatched row has its own time whatever `time` says: there is no other.
    joined.takeTimes(LEFT, from);
    joined.compute(this.#failures);
  }

  #raiseWatermark(out: Outbox): void {
    const watermarkUs = this.#reach.watermarkUs(...this.#watermarks);
    // It falls only from infinity, when an idle input speaks again.
    const isLower = watermarkUs < this.#outputWatermarkUs && this.#outputWatermarkUs !== Infinity;
    if (isLower || watermarkUs === this.#outputWatermarkUs) return;
    this.#outputWatermarkUs = watermarkUs;
    out.watermark(watermarkUs);
  }
}

function otherThan(side: Side): Side {
  return side === LEFT ? RIGHT : LEFT;
}

/** How a join can keep less. */
const ADVICE: Readonly<Record<JoinConfig['reach']['kind'], string>> = {
  interval: "shorten 'within'",
  window: 'use smaller windows or less lateness',
  unbounded: "bound it by 'within' or 'window'",
};

/** Rows of a segment: many, unless the state is small. */
function segmentRowsFor(config: JoinConfig, limitBytes: number): number {
  const perRow = config.sides.map(({ keptSchema }) => {
    const stream = { schema: keptSchema, hasTime: false };
    return layoutBatch(stream, 1024, 16 * 1024).slotBytes / 1024;
  });
  const bytes = Math.max(...perRow) * SEGMENTS_IN_LIMIT;
  let rows = MOST_SEGMENT_ROWS;
  while (rows > FEWEST_SEGMENT_ROWS && rows * bytes > limitBytes) rows >>= 1;
  return rows;
}
