/** Policies that admission is compared with, in the same simulation. @module */

import { Codel, DropTail, RandomDrop } from '../../../src/admission/index.ts';
import { hash32 } from '../../../src/admission/dither.ts';
import type { Policy } from './simulate.ts';
import type { Trace } from './trace.ts';

/** Names of the policies beside ours. */
export const BASELINES = ['none', 'dropTail', 'random', 'perfectRandom', 'codel', 'ctrl'] as const;
/** A policy beside ours. */
export type BaselineName = (typeof BASELINES)[number];

/** Everything is taken, and waits. */
class TakeAll implements Policy {
  offer(_nowMs: number, _rows: Uint32Array, count: number, _waitingRows: number): number {
    return count;
  }

  look(_nowMs: number, _waitingRows: number): void {}

  take(_nowMs: number, _rows: Uint32Array, _from: number, to: number, _arrivedMs: number): number {
    return to;
  }
}

/** A queue as long as the goal allows; what does not fit is dropped. */
class Tail extends TakeAll {
  readonly #tail: DropTail;

  constructor(trace: Trace, sloMs: number) {
    super();
    this.#tail = new DropTail(Math.floor((0.9 * sloMs) / meanWork(trace)));
  }

  override offer(_nowMs: number, _rows: Uint32Array, count: number, waitingRows: number): number {
    return this.#tail.admitted(count, waitingRows);
  }
}

/** Every row with the same probability, by the backlog and the rate of the last milliseconds. */
class Random extends TakeAll {
  readonly #drop: RandomDrop;
  readonly #workMs: number;
  readonly #trace: Trace;
  readonly #isPerfect: boolean;
  #sequence = 0;
  #rate = 0;

  constructor(trace: Trace, sloMs: number, isPerfect: boolean) {
    super();
    this.#drop = new RandomDrop(0.7 * sloMs);
    this.#workMs = meanWork(trace);
    this.#trace = trace;
    this.#isPerfect = isPerfect;
  }

  override offer(nowMs: number, rows: Uint32Array, count: number, waitingRows: number): number {
    const { workload } = this.#trace;
    // Four batches a millisecond.
    this.#rate += 0.1 * (4 * count * this.#workMs - this.#rate);
    if (this.#isPerfect) {
      const load = workload.load(Math.floor(nowMs)) / (workload.capacity?.(Math.floor(nowMs)) ?? 1);
      this.#drop.fraction = Math.min(1, 1 / load);
    } else this.#drop.update(waitingRows * this.#workMs, this.#rate);
    let kept = 0;
    for (let i = 0; i < count; i++) if (this.#drop.keeps(this.#sequence++)) rows[kept++] = rows[i]!;
    return kept;
  }
}

/** What has waited long is dropped while the queue stands. */
class Codeling extends TakeAll {
  readonly #codel = new Codel();

  override take(
    nowMs: number,
    _rows: Uint32Array,
    from: number,
    to: number,
    arrivedMs: number,
  ): number {
    return this.#codel.drops(nowMs, nowMs - arrivedMs) ? from : to;
  }
}

/** The controller of CTRL (VLDB 2006): poles at 0.7, once in 10 ms; drops by value. */
class Ctrl extends TakeAll {
  readonly #trace: Trace;
  readonly #workMs: number;
  readonly #targetMs: number;
  readonly #recent: Float64Array;
  #recentCount = 0;
  #offered = 0;
  #decidedMs = 0;
  #error = 0;
  #control = 0;
  #threshold = 0;

  constructor(trace: Trace, sloMs: number) {
    super();
    this.#trace = trace;
    this.#workMs = meanWork(trace);
    this.#targetMs = sloMs / 2;
    this.#recent = new Float64Array(4096);
  }

  override offer(nowMs: number, rows: Uint32Array, count: number, waitingRows: number): number {
    const { values } = this.#trace;
    this.#offered += count;
    let kept = 0;
    for (let i = 0; i < count; i++) {
      const row = rows[i]!;
      const at = this.#recentCount++;
      this.#recent[hash32(at) % Math.min(at + 1, this.#recent.length)] = values[row]!;
      if (values[row]! >= this.#threshold) rows[kept++] = row;
    }
    if (nowMs - this.#decidedMs >= 10) this.#decide(nowMs, waitingRows);
    return kept;
  }

  #decide(nowMs: number, waitingRows: number): void {
    const periodMs = nowMs - this.#decidedMs;
    const error = this.#targetMs - waitingRows * this.#workMs;
    const gain = 1 / (this.#workMs * periodMs);
    const wanted = gain * (0.4 * error - 0.31 * this.#error) + 0.8 * this.#control;
    this.#control = Math.max(-1 / this.#workMs, Math.min(this.#offered / periodMs, wanted));
    this.#error = error;
    const inflow = this.#control + 1 / this.#workMs;
    const drop = 1 - (inflow * periodMs) / Math.max(1, this.#offered);
    const seen = this.#recent.slice(0, Math.min(this.#recentCount, this.#recent.length)).sort();
    this.#threshold = drop <= 0 ? 0 : seen[Math.floor(Math.min(0.999, drop) * seen.length)]!;
    this.#offered = 0;
    this.#decidedMs = nowMs;
  }
}

/** A policy to compare with. */
export function baseline(name: BaselineName, trace: Trace, sloMs: number): Policy {
  switch (name) {
    case 'none':
      return new TakeAll();
    case 'dropTail':
      return new Tail(trace, sloMs);
    case 'random':
      return new Random(trace, sloMs, false);
    case 'perfectRandom':
      return new Random(trace, sloMs, true);
    case 'codel':
      return new Codeling();
    case 'ctrl':
      return new Ctrl(trace, sloMs);
  }
}

/** Milliseconds of work of a row, of all lanes alike. */
function meanWork({ workMs }: Trace): number {
  return workMs.reduce((sum, ms) => sum + ms, 0) / workMs.length;
}
