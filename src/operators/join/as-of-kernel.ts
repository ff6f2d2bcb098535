/**
 * The motion of an as-of join: each left row with the latest right row of its key.
 *
 * A left row is kept until the right watermark is beyond its time: then no right row can come any more
 * that it would have. Right rows are kept as versions; one that has come to be the latest for all left
 * rows to come removes those before it.
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
import type { StateIo, Steps } from '../../core/state-io.ts';
import type { DurationUs, TimeUs } from '../../core/units.ts';
import type { LatestRows } from '../../state/index.ts';
import type { Side } from './config.ts';
import { LEFT, RIGHT } from './config.ts';
import type { JoinParts } from './join-parts.ts';
import { joinParts } from './join-parts.ts';

/** Rows that leave, or versions that are looked at, at once. */
const LEAST_DUE_ROWS = 64;

type Stage = 'idle' | 'keyless' | 'due';

/** A join of rows with versions. */
export class AsOfJoinKernel implements Kernel {
  readonly #parts: JoinParts;
  readonly #latest: LatestRows;
  readonly #counters: KernelCounters;
  readonly #isLeft: boolean;
  readonly #toleranceUs: DurationUs;
  readonly #watermarks: [TimeUs, TimeUs] = [-Infinity, -Infinity];
  readonly #hasEnded: [boolean, boolean] = [false, false];
  readonly #output = new OutputWatermark();
  #stage: Stage = 'idle';
  readonly #current: Batch[] = [];
  /** `#due[#dueFrom .. #dueTo)`: left rows that leave. */
  readonly #due: Int32Array;
  readonly #found: Int32Array;
  #dueFrom = 0;
  #dueTo = 0;

  constructor(plan: OperatorPlan, context: KernelContext) {
    const parts = joinParts(plan, context);
    const { memory, rowCapacity } = context;
    const { kind, reach } = parts.config;
    this.#parts = parts;
    this.#latest = parts.latestRows();
    this.#counters = context.counters;
    this.#isLeft = kind === 'left';
    this.#toleranceUs = reach.kind === 'asOf' ? (reach.beforeUs ?? Infinity) : Infinity;
    const most = Math.max(LEAST_DUE_ROWS, rowCapacity);
    this.#due = memory.words(most);
    this.#found = memory.words(most);
  }

  onBatch(port: number, batch: Batch, out: Outbox): Progress {
    const side: Side = port === LEFT ? LEFT : RIGHT;
    const { arriving, stores, failures } = this.#parts;
    const rows = arriving[side];
    const tooLate = rows.take(batch, failures);
    if (tooLate > 0) this.#counters.addLate(tooLate);
    this.#current[0] = batch;
    stores[side].bind(rows.kept, batch.selection, batch.selected);
    const isAskedFor = !this.#hasEnded[LEFT] || stores[LEFT].rows.pages > 0;
    if (side === LEFT || isAskedFor) {
      stores[side].append(rows, rows.live, rows.liveCount);
    }
    this.#stage = side === LEFT && this.#isLeft && rows.keylessCount > 0 ? 'keyless' : 'due';
    return this.resume(out);
  }

  onWatermark(port: number, watermarkUs: TimeUs, out: Outbox): Progress {
    this.#watermarks[port === LEFT ? LEFT : RIGHT] = watermarkUs;
    this.#stage = 'due';
    return this.resume(out);
  }

  onEnd(port: number, out: Outbox): Progress {
    this.#hasEnded[port === LEFT ? LEFT : RIGHT] = true;
    this.#stage = 'due';
    return this.resume(out);
  }

  resume(out: Outbox): Progress {
    const { joined, failures } = this.#parts;
    do {
      if (!joined.flush(out)) return 'blocked';
      if (!failures.flush(out)) return 'blocked';
    } while (this.#goOn());
    this.#output.raise(Math.min(...this.#watermarks), out);
    return 'done';
  }

  *state(io: StateIo): Steps {
    yield* this.#parts.state(io, this.#watermarks, this.#hasEnded);
    this.#output.state(io);
  }

  #goOn(): boolean {
    switch (this.#stage) {
      case 'keyless':
        this.#joinKeyless();
        this.#stage = 'due';
        return true;
      case 'due':
        if (this.#joinDue()) return true;
        this.#letGo();
        break;
      case 'idle':
        return false;
    }
    this.#stage = 'idle';
    this.#current.length = 0;
    return false;
  }

  /** Left rows without a key leave at once. */
  #joinKeyless(): void {
    const { arriving, joined, currentRows } = this.#parts;
    const { keyless, keylessCount } = arriving[LEFT];
    for (let i = 0; i < keylessCount; i++) joined.rows[LEFT][i] = keyless[i]!;
    joined.begin(keylessCount, this.#current[0]!.ingestTimeUs);
    joined.gather(LEFT, currentRows[LEFT]);
    joined.gatherNulls(RIGHT);
    joined.takeTimes(LEFT, arriving[LEFT]);
    joined.compute(this.#parts.failures);
  }

  /** A chunk of left rows for which no right row is to come; false: there is none. */
  #joinDue(): boolean {
    const { joined, stores, keptRows } = this.#parts;
    const rightUs = this.#hasEnded[RIGHT] ? Infinity : this.#watermarks[RIGHT];
    if (this.#dueFrom === this.#dueTo) {
      this.#dueFrom = 0;
      this.#dueTo = stores[LEFT].rows.takeDue(rightUs, this.#due);
      if (this.#dueTo === 0) return false;
      this.#latest.find(this.#due, this.#dueTo, this.#toleranceUs, this.#found);
    }
    const most = joined.chunkRows;
    const [lefts, rights] = joined.rows;
    let count = 0;
    for (; this.#dueFrom < this.#dueTo && count < most; this.#dueFrom++) {
      const version = this.#found[this.#dueFrom]!;
      if (version === this.#latest.none && !this.#isLeft) continue;
      lefts[count] = this.#due[this.#dueFrom]!;
      rights[count++] = version;
    }
    joined.begin(count, this.#current[0]?.ingestTimeUs ?? Infinity);
    if (joined.isWhole) {
      joined.wait(keptRows[LEFT], keptRows[RIGHT]);
    } else {
      joined.gather(LEFT, keptRows[LEFT]);
      joined.gather(RIGHT, keptRows[RIGHT]);
    }
    joined.takeTimes(LEFT, stores[LEFT]);
    joined.compute(this.#parts.failures);
    return true;
  }

  /** Lets go of left rows that have left, and of versions that no left row will have. */
  #letGo(): void {
    const [left, right] = this.#parts.stores;
    const leftUs = this.#hasEnded[LEFT] ? Infinity : this.#watermarks[LEFT];
    const rightUs = this.#hasEnded[RIGHT] ? Infinity : this.#watermarks[RIGHT];
    left.release(rightUs);
    const nowUs = Math.min(leftUs, rightUs);
    if (nowUs === -Infinity) return;
    for (;;) {
      const count = right.rows.takeDue(nowUs, this.#due);
      if (count === 0) break;
      this.#latest.supersede(this.#due, count, nowUs);
    }
    if (this.#hasEnded[LEFT] && nowUs === Infinity) right.release(Infinity);
    else right.release(nowUs - this.#toleranceUs);
    right.rows.compact(nowUs);
  }
}
