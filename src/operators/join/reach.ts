/**
 * Which rows of a join are near enough in time to match, and how long a row has to be kept.
 *
 * Let `t` be a row's event time and `m`, its *mark*, the larger of `t` and the watermark of the
 * row's source when it entered: `m = t + lateBy`. Every kind of join says of a row, by its time and
 * mark alone, which times and marks the rows of the other side must have:
 *
 * ```
 *   t_other ≥ earliest(m)   and   m_other ≤ latest(t)
 * ```
 *
 * Nothing in it depends on when rows arrive, so the result is the same for every interleaving of the
 * inputs. A row is let go when no later row can fulfil it: a later row has m ≥ W, whether it is on
 * time (t ≥ W) or late by a watermark of its source.
 *
 * @module
 */

import type { Batch } from '../../core/batch.ts';
import type { DurationUs, TimeUs } from '../../core/units.ts';
import type { WindowConfig } from '../window-scheme.ts';
import { SlidingWindows } from '../window-scheme.ts';
import type { JoinConfig, Side } from './config.ts';
import { LEFT, RIGHT } from './config.ts';
import { givesUnmatched } from './kinds.ts';
import type { NotePlaces, TimeKernels } from './time-kernels.ts';

/** How far a join reaches in time. */
export interface Reach {
  /** Whether no row at all could match this one. */
  isTooLate(timeUs: TimeUs, markUs: TimeUs, side: Side): boolean;
  /** The least time of a match of a row of `side` with this mark. */
  earliestUs(side: Side, markUs: TimeUs): TimeUs;
  /** The largest mark of a match of a row of `side` with this time. */
  latestUs(side: Side, timeUs: TimeUs): TimeUs;
  /** Writes time, mark, and these two of the rows of `side` at some places; they are those of `batch`. */
  note(kernels: TimeKernels, side: Side, batch: Batch, places: NotePlaces): void;
  /** A row of `side` before this time has no match to come when the other side stands there. */
  deadlineUs(side: Side, otherUs: TimeUs): TimeUs;
  /** The watermark of the output. */
  watermarkUs(leftUs: TimeUs, rightUs: TimeUs): TimeUs;
}

/** The reach of a join. */
export function reachOf(config: JoinConfig): Reach {
  const { reach } = config;
  switch (reach.kind) {
    case 'interval':
      return new IntervalReach(reach.beforeUs, reach.afterUs, config);
    case 'window':
      return new WindowReach(reach.window);
    case 'unbounded':
      return reach.ttlUs === undefined
        ? UNBOUNDED
        : new IntervalReach(reach.ttlUs, reach.ttlUs, config);
    case 'asOf':
      return AS_OF;
  }
}

/**
 * `-before ≤ t_right − t_left ≤ after`, where neither source had ruled the other row out when it
 * gave its own: `m_left ≤ t_right + before` and `m_right ≤ t_left + after`.
 */
class IntervalReach implements Reach {
  readonly #beforeUs: DurationUs;
  readonly #afterUs: DurationUs;
  readonly #timed: JoinConfig['time'];
  readonly #kind: JoinConfig['kind'];

  constructor(beforeUs: DurationUs, afterUs: DurationUs, { time, kind }: JoinConfig) {
    this.#beforeUs = beforeUs;
    this.#afterUs = afterUs;
    this.#timed = time;
    this.#kind = kind;
  }

  isTooLate(timeUs: TimeUs, markUs: TimeUs): boolean {
    return markUs - timeUs > this.#beforeUs + this.#afterUs;
  }

  earliestUs(side: Side, markUs: TimeUs): TimeUs {
    return markUs - (side === LEFT ? this.#beforeUs : this.#afterUs);
  }

  latestUs(side: Side, timeUs: TimeUs): TimeUs {
    return timeUs + (side === LEFT ? this.#afterUs : this.#beforeUs);
  }

  note(kernels: TimeKernels, side: Side, _batch: Batch, places: NotePlaces): void {
    const [backUs, aheadUs] =
      side === LEFT ? [this.#beforeUs, this.#afterUs] : [this.#afterUs, this.#beforeUs];
    kernels.noteInterval(...places, backUs, aheadUs);
  }

  deadlineUs(side: Side, otherUs: TimeUs): TimeUs {
    return otherUs - (side === LEFT ? this.#afterUs : this.#beforeUs);
  }

  /**
   * Rows to come pair with kept or later rows, so those with left times cannot be earlier than W_left
   * or W_right − `after`, those with right times than W_right or W_left − `before`. A row that leaves
   * without a match has its own time, and does so when the other watermark has passed it by that much.
   */
  watermarkUs(leftUs: TimeUs, rightUs: TimeUs): TimeUs {
    // A row is made when the later of two arrives, and has its time: see UNBOUNDED.
    if (this.#timed === 'later') return Math.min(leftUs, rightUs);
    const ofLeftUs = Math.min(leftUs, rightUs - this.#afterUs);
    const ofRightUs = Math.min(rightUs, leftUs - this.#beforeUs);
    const givesLeft = this.#timed === 'left' || givesUnmatched(this.#kind, LEFT);
    const givesRight = this.#timed === 'right' || givesUnmatched(this.#kind, RIGHT);
    if (!givesRight) return ofLeftUs;
    return givesLeft ? Math.min(ofLeftUs, ofRightUs) : ofRightUs;
  }
}

/**
 * Both rows lie in a window that neither's source had closed when it gave its row: the windows of a
 * row are those from the first that is open at its mark to the last that its time lies in.
 *
 * Two rows share a window iff the first window of each is not beyond the last one of the other,
 * which is said here by the edges of these windows.
 */
class WindowReach implements Reach {
  readonly #windows: SlidingWindows;
  readonly #config: WindowConfig;

  constructor(window: WindowConfig) {
    this.#config = window;
    this.#windows = new SlidingWindows(window);
  }

  isTooLate(timeUs: TimeUs, markUs: TimeUs): boolean {
    return this.#windows.firstOpenWindow(markUs) > this.#windows.lastWindowAt(timeUs);
  }

  earliestUs(_side: Side, markUs: TimeUs): TimeUs {
    return this.#windows.startUs(this.#windows.firstOpenWindow(markUs));
  }

  latestUs(_side: Side, timeUs: TimeUs): TimeUs {
    return this.#windows.endUs(this.#windows.lastWindowAt(timeUs)) - 1;
  }

  note(kernels: TimeKernels, side: Side, batch: Batch, places: NotePlaces): void {
    const { minTimeUs, maxTimeUs, lateCount } = batch;
    const earliestUs = this.earliestUs(side, minTimeUs);
    const latestUs = this.latestUs(side, minTimeUs);
    const areSame =
      earliestUs === this.earliestUs(side, maxTimeUs) &&
      latestUs === this.latestUs(side, maxTimeUs);
    if (lateCount === 0 && areSame) {
      kernels.noteSame(...places, earliestUs, latestUs);
      return;
    }
    const { offsetUs, sizeUs, slideUs } = this.#config;
    kernels.noteWindow(...places, offsetUs, sizeUs, slideUs);
  }

  deadlineUs(_side: Side, otherUs: TimeUs): TimeUs {
    return this.#windows.startUs(this.#windows.firstOpenWindow(otherUs));
  }

  /** Rows to come are in windows that are open, so they cannot be earlier than the first of these. */
  watermarkUs(leftUs: TimeUs, rightUs: TimeUs): TimeUs {
    return this.#windows.startUs(this.#windows.firstOpenWindow(Math.min(leftUs, rightUs)));
  }
}

/**
 * All rows are near. A pair has the later of both times and marks, and it is made when the later of
 * both rows arrives, with m ≥ W: so the least of both watermarks holds for the output.
 */
const UNBOUNDED: Reach = {
  isTooLate: () => false,
  earliestUs: () => -Infinity,
  latestUs: () => Infinity,
  note: (kernels, _side, _batch, places) => kernels.noteSame(...places, -Infinity, Infinity),
  // Infinity may mean that the other side is silent for a while; the kernel knows of its end.
  deadlineUs: () => -Infinity,
  watermarkUs: (leftUs, rightUs) => Math.min(leftUs, rightUs),
};

/**
 * A left row has the versions whose time and mark are not beyond its own time: those that were there for a
 * source that had not passed it. It leaves when the right watermark is beyond its time, so one that is
 * late may come when versions that it would have are gone.
 */
const AS_OF: Reach = {
  ...UNBOUNDED,
  isTooLate: (timeUs, markUs, side) => side === LEFT && markUs > timeUs,
};
