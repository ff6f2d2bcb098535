/** The slices that still have to fire, oldest first. @module */

import type { StateIo, Steps } from '../../core/state-io.ts';
import { stateOfList } from '../../core/state-io.ts';
import type { TimeUs } from '../../core/units.ts';
import type { GroupState, GroupStates } from '../../state/index.ts';
import type { WindowIndex } from '../window-scheme.ts';
import type { SliceIndex, SliceScheme } from './slices.ts';

/** Rows of one slice that count in the same windows. */
export interface Share {
  readonly slice: SliceIndex;
  state: GroupState;
  /**
   * The rows count in windows from this one on; `-Infinity`: in all that the slice belongs to. A late
   * row, whose source had closed the first windows of its slice, is not in those.
   */
  readonly fromWindow: WindowIndex;
  /** When the last of the rows entered the engine. */
  lastIngestUs: TimeUs;
  /** The batch that last added rows, and which of the batch's buckets they are in. */
  batch: number;
  bucket: number;
}

/** What a window that fires consists of. */
export interface FiringWindow {
  readonly window: WindowIndex;
  readonly shares: readonly Share[];
}

/** Where the states of slices come from. */
export type StateKeeper = Pick<GroupStates, 'acquire' | 'release' | 'isEmpty' | 'stateOf'>;

/** The open slices of one task. */
export class OpenSlices {
  readonly #scheme: SliceScheme;
  readonly #states: StateKeeper;
  readonly #slices = new Map<SliceIndex, Share[]>();
  /** Open slices, ascending, from `#oldest` on. */
  #order: SliceIndex[] = [];
  #oldest = 0;
  /** Windows before this one have fired, or were passed without rows. */
  #nextWindow: WindowIndex = -Infinity;
  #watermarkUs: TimeUs = -Infinity;

  constructor(scheme: SliceScheme, states: StateKeeper) {
    this.#scheme = scheme;
    this.#states = states;
  }

  /** The first window that takes rows. */
  get nextWindow(): WindowIndex {
    return this.#nextWindow;
  }

  /** The last watermark that was passed. */
  get watermarkUs(): TimeUs {
    return this.#watermarkUs;
  }

  /** The end of the first window that may have rows; `Infinity`: no slice is open. */
  get dueUs(): TimeUs {
    if (this.#oldest === this.#order.length) return Infinity;
    const first = this.#scheme.firstWindowOf(this.#order[this.#oldest]!);
    return this.#scheme.endUs(Math.max(first, this.#nextWindow));
  }

  /** What is held, for messages. */
  describe(): string {
    let groups = 0;
    for (const shares of this.#slices.values()) {
      for (const share of shares) groups += share.state.table.count;
    }
    return `${groups} groups in ${this.#slices.size} windows (or slices of them) not closed so far`;
  }

  /** Where rows of a slice go that count in windows from `fromWindow` on. */
  share(slice: SliceIndex, fromWindow: WindowIndex): Share {
    const shares = this.#slices.get(slice) ?? this.#open(slice);
    for (let s = 0; s < shares.length; s++) {
      if (shares[s]!.fromWindow === fromWindow) return shares[s]!;
    }
    const share: Share = {
      slice,
      state: this.#states.acquire(),
      fromWindow,
      lastIngestUs: -Infinity,
      batch: -1,
      bucket: -1,
    };
    shares.push(share);
    return share;
  }

  #open(slice: SliceIndex): Share[] {
    const shares: Share[] = [];
    this.#slices.set(slice, shares);
    const order = this.#order;
    let at = order.length;
    // Slices open in nearly the order of time, so this is a step or none.
    while (at > this.#oldest && order[at - 1]! > slice) at--;
    if (at === order.length) order.push(slice);
    else order.splice(at, 0, slice);
    return shares;
  }

  /**
   * The next window that a watermark closes and that has rows; `undefined` when there is none.
   *
   * Hand it to {@link close} before asking for the next.
   */
  nextClosed(watermarkUs: TimeUs): FiringWindow | undefined {
    const scheme = this.#scheme;
    while (this.#oldest < this.#order.length) {
      const oldest = this.#order[this.#oldest]!;
      const window = Math.max(scheme.firstWindowOf(oldest), this.#nextWindow);
      if (scheme.endUs(window) > watermarkUs) return undefined;
      const shares = this.#sharesOf(window);
      if (shares.length > 0) return { window, shares };
      this.close(window);
    }
    return undefined;
  }

  #sharesOf(window: WindowIndex): readonly Share[] {
    const last = this.#scheme.lastSliceOf(window);
    const found: Share[] = [];
    for (let i = this.#oldest; i < this.#order.length && this.#order[i]! <= last; i++) {
      for (const share of this.#slices.get(this.#order[i]!)!) {
        if (share.fromWindow <= window && !this.#states.isEmpty(share.state)) found.push(share);
      }
    }
    return found;
  }

  /** Forgets the shares of a window that has fired but for the first, which has taken them in. */
  absorb({ shares }: FiringWindow): void {
    const [first, ...rest] = shares;
    for (const share of rest) {
      first!.lastIngestUs = Math.max(first!.lastIngestUs, share.lastIngestUs);
      const found = this.#slices.get(share.slice)!;
      found.splice(found.indexOf(share), 1);
      this.#states.release(share.state);
    }
  }

  /** Forgets a window that has fired, and the slices that no later window needs. */
  close(window: WindowIndex): void {
    this.#nextWindow = window + 1;
    const needed = this.#scheme.firstSliceOf(window + 1);
    while (this.#oldest < this.#order.length && this.#order[this.#oldest]! < needed) {
      const slice = this.#order[this.#oldest++]!;
      for (const share of this.#slices.get(slice)!) this.#states.release(share.state);
      this.#slices.delete(slice);
    }
    if (this.#oldest > 64 && this.#oldest * 2 > this.#order.length) {
      this.#order.splice(0, this.#oldest);
      this.#oldest = 0;
    }
  }

  /**
   * Takes note that a watermark has passed all windows that end at or before it.
   *
   * `Infinity` may only mean that the input is idle: it closes the windows that were open, and no
   * others, so that rows which come later still find theirs.
   */
  pass(watermarkUs: TimeUs): void {
    this.#watermarkUs = watermarkUs;
    if (watermarkUs === Infinity) return;
    const next = this.#scheme.firstOpenWindow(watermarkUs);
    if (next > this.#nextWindow) this.#nextWindow = next;
  }

  /** Puts others in the place of all states; not while a window fires. */
  *replace(make: (state: GroupState) => Steps<GroupState>): Steps {
    for (const shares of this.#slices.values()) {
      for (const share of shares) share.state = yield* make(share.state);
    }
  }

  *state(io: StateIo): Steps {
    this.#nextWindow = io.float(this.#nextWindow);
    this.#watermarkUs = io.float(this.#watermarkUs);
    const order = this.#order.slice(this.#oldest);
    this.#oldest = 0;
    this.#order = yield* stateOfList(io, order, (known) => this.#stateOfSlice(io, known));
  }

  *#stateOfSlice(io: StateIo, known: SliceIndex | undefined): Steps<SliceIndex> {
    const slice = io.float(known ?? 0);
    const shares = known === undefined ? [] : this.#slices.get(known)!;
    const walk = (share: Share | undefined): Steps<Share> => this.#stateOfShare(io, slice, share);
    this.#slices.set(slice, yield* stateOfList(io, shares, walk));
    return slice;
  }

  *#stateOfShare(io: StateIo, slice: SliceIndex, share: Share | undefined): Steps<Share> {
    const fromWindow = io.float(share?.fromWindow ?? 0);
    const lastIngestUs = io.float(share?.lastIngestUs ?? 0);
    const state = yield* this.#states.stateOf(io, share?.state);
    return share ?? { slice, state, fromWindow, lastIngestUs, batch: -1, bucket: -1 };
  }
}
