/** Partial aggregates that have not been handed on. @module */

import { invariant } from '../../core/invariant.ts';
import type { StateIo, Steps } from '../../core/state-io.ts';
import { stateOfList } from '../../core/state-io.ts';
import type { DurationUs, TimeUs } from '../../core/units.ts';
import type { GroupState, GroupStates } from '../../state/index.ts';
import type { WindowIndex } from '../window-scheme.ts';
import type { Share } from './open-slices.ts';
import type { SliceIndex, SliceScheme } from './slices.ts';

/** Groups of one slice of time, and what their rows are to say of it. */
export interface LocalShare extends Share {
  /** Time of the rows that it is handed on as, and how late they are. */
  readonly timeUs: TimeUs;
  readonly lateByUs: DurationUs;
  /** It has to be handed on before a watermark from here on. */
  readonly dueUs: TimeUs;
}

/** What a share of a slice says, beside its groups. */
type Place = Pick<LocalShare, 'timeUs' | 'lateByUs' | 'dueUs'>;

/** The shares of one task; few. */
export class LocalShares {
  /** No window is ever closed here: that is the final stage's to do. */
  readonly nextWindow: WindowIndex = -Infinity;
  readonly watermarkUs: TimeUs = -Infinity;
  open: LocalShare[] = [];
  readonly #states: GroupStates;
  readonly #placeOf: (slice: SliceIndex, fromWindow: WindowIndex) => Place;

  constructor(states: GroupStates, placeOf: (slice: SliceIndex, fromWindow: WindowIndex) => Place) {
    this.#states = states;
    this.#placeOf = placeOf;
  }

  /** Where rows of a slice go that count in windows from `fromWindow` on. */
  share(slice: SliceIndex, fromWindow: WindowIndex): LocalShare {
    for (let s = 0; s < this.open.length; s++) {
      const share = this.open[s]!;
      if (share.slice === slice && share.fromWindow === fromWindow) return share;
    }
    const state: GroupState = this.#states.acquire();
    const place = this.#placeOf(slice, fromWindow);
    const use = { lastIngestUs: -Infinity, batch: -1, bucket: -1 };
    const share: LocalShare = { slice, state, fromWindow, ...place, ...use };
    this.open.push(share);
    return share;
  }

  /** The share that has a state. */
  of(state: GroupState): LocalShare {
    const share = this.open.find((one) => one.state === state);
    invariant(share !== undefined, 'a state of no open share');
    return share;
  }

  /** The first share that is due. */
  dueBy(watermarkUs: TimeUs): LocalShare | undefined {
    return this.open.find(({ dueUs }) => dueUs <= watermarkUs);
  }

  /** The first watermark that a share is due before; `Infinity`: there is none. */
  get dueUs(): TimeUs {
    return this.open.reduce((least, { dueUs }) => Math.min(least, dueUs), Infinity);
  }

  /** Forgets a share. */
  close(share: LocalShare): void {
    this.#states.release(share.state);
    this.open.splice(this.open.indexOf(share), 1);
  }

  *state(io: StateIo): Steps {
    const states = this.#states;
    this.open = yield* stateOfList(io, this.open, function* (known): Steps<LocalShare> {
      const share = {
        slice: io.float(known?.slice ?? 0),
        fromWindow: io.float(known?.fromWindow ?? 0),
        timeUs: io.float(known?.timeUs ?? 0),
        lateByUs: io.float(known?.lateByUs ?? 0),
        dueUs: io.float(known?.dueUs ?? 0),
        lastIngestUs: io.float(known?.lastIngestUs ?? 0),
      };
      const state = yield* states.stateOf(io, known?.state);
      return known ?? { ...share, state, batch: -1, bucket: -1 };
    });
  }
}

/**
 * Where the shares of a window's slices lie: at the slice's last microsecond, and as late as a row is
 * whose source is about to close the first window that the share counts in. So the windows before are
 * closed to it, as they were to its rows.
 */
export function windowPlaces(
  scheme: SliceScheme,
): (slice: SliceIndex, fromWindow: WindowIndex) => Place {
  return (slice, fromWindow) => {
    const timeUs = scheme.endOfSliceUs(slice) - 1;
    const dueUs = scheme.endUs(Math.max(fromWindow, scheme.firstWindowOf(slice)));
    return { timeUs, lateByUs: dueUs - 1 - timeUs, dueUs };
  };
}

/** Where shares lie that count from one multiple of an interval to the next. */
export function intervalPlaces(everyUs: DurationUs): (slice: SliceIndex) => Place {
  return (slice) => {
    const endUs = (slice + 1) * everyUs;
    return { timeUs: endUs - 1, lateByUs: 0, dueUs: endUs };
  };
}
