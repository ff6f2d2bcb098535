/** Gates that do not look at values: which rows of a batch go on by other policies. @module */

import {
  type AdmissionLimits,
  type IngressGate,
  RandomDrop,
  Throttle,
  type ValuedRows,
} from '../../../admission/index.ts';
import type { Admission } from '../../../core/topology/model.ts';

/** What waits behind a gate. */
export interface Backlog {
  /** Milliseconds until what waits would be worked off, on the worker that has most. */
  readonly backlogMs: number;
  /** Milliseconds of work of a row on that worker. */
  readonly rowMs: number;
}

/** The rate of rows is looked at so often, and has a memory of as long. */
const RATE_MS = 5;
const MEMORY_LOOKS = 4;

/** Drops rows of a source by another policy than value. What may not be shed passes. */
export class BlindGate {
  readonly #limits: AdmissionLimits;
  readonly #random: RandomDrop | undefined;
  readonly #throttle: Throttle | undefined;
  readonly #isDropTail: boolean;
  #sequence = 0;
  /** Rows offered in a millisecond, lately, and those since it was last looked at. */
  #rowsPerMs = 0;
  #rows = 0;
  #ratedMs = Number.NaN;

  /** @returns `undefined` for policies that look at values, or at how long rows have waited */
  static of(settings: Admission, limits: AdmissionLimits): BlindGate | undefined {
    const { policy } = settings;
    return policy === 'value' || policy === 'codel' ? undefined : new BlindGate(settings, limits);
  }

  private constructor({ policy, maxRowsPerSecond }: Admission, limits: AdmissionLimits) {
    this.#limits = limits;
    this.#isDropTail = policy === 'dropTail';
    if (policy === 'random') this.#random = new RandomDrop(limits.gateMs);
    if (policy === 'throttle') this.#throttle = new Throttle(maxRowsPerSecond);
  }

  /**
   * Moves the rows that go on to the front; the others are counted as offered and shed.
   *
   * @returns how many go on
   * @hot
   */
  choose(
    gate: IngressGate,
    batch: ValuedRows,
    rows: Uint32Array,
    count: number,
    nowMs: number,
    behind: Backlog,
  ): number {
    this.#rate(nowMs, count);
    const passing = this.#passing(count, nowMs, behind);
    const random = this.#random;
    if (passing === count && random === undefined) return count;
    const { kept, tags, values } = batch;
    let keep = 0;
    for (let i = 0; i < count; i++) {
      const row = rows[i]!;
      const passes = random === undefined ? i < passing : random.keeps(this.#sequence + i);
      if (passes || kept?.[row] === 1) {
        rows[keep++] = row;
        continue;
      }
      gate.offered.add(tags[row]!, 1, values[row]!);
      gate.shed.add(tags[row]!, 1, values[row]!);
    }
    this.#sequence += count;
    return keep;
  }

  /** How many rows, from the first on, go on if chance has no say. @hot */
  #passing(count: number, nowMs: number, { backlogMs, rowMs }: Backlog): number {
    this.#random?.update(backlogMs, this.#rowsPerMs * rowMs);
    if (this.#throttle !== undefined) return this.#throttle.admitted(nowMs, count);
    return this.#isDropTail && backlogMs >= this.#limits.fullMs ? 0 : count;
  }

  /** @hot */
  #rate(nowMs: number, count: number): void {
    if (Number.isNaN(this.#ratedMs)) this.#ratedMs = nowMs;
    const passedMs = nowMs - this.#ratedMs;
    if (passedMs >= RATE_MS) {
      const share = Math.min(1, passedMs / (RATE_MS * MEMORY_LOOKS));
      this.#rowsPerMs += share * (this.#rows / passedMs - this.#rowsPerMs);
      this.#rows = 0;
      this.#ratedMs = nowMs;
    }
    this.#rows += count;
  }
}
