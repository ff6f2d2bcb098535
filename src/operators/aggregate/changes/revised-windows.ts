/** Windows whose results may be revised: those that are open, and those that have closed of late. @module */

import type { StateIo, Steps } from '../../../core/state-io.ts';
import { stateOfList } from '../../../core/state-io.ts';
import type { TimeUs } from '../../../core/units.ts';
import type { GroupState, GroupStates } from '../../../state/index.ts';
import type { WindowIndex, WindowScheme } from '../../window-scheme.ts';

/** Rows of a window that have not been shown so far, and become part of it at once. */
export interface Pane {
  /** At which watermark. */
  readonly dueUs: TimeUs;
  readonly state: GroupState;
  /** When the last of the rows entered the engine. */
  lastIngestUs: TimeUs;
}

/** A window. */
export interface RevisedWindow {
  readonly index: WindowIndex;
  readonly startUs: TimeUs;
  readonly endUs: TimeUs;
  /** What has been shown; `undefined`: nothing. */
  shown: GroupState | undefined;
  /** By time. */
  readonly panes: Pane[];
}

/** The windows of one task; some dozens. */
export class RevisedWindows {
  readonly #scheme: WindowScheme;
  readonly #states: GroupStates;
  readonly #windows = new Map<WindowIndex, RevisedWindow>();
  /** Those with panes, and such as had some. */
  readonly #waiting = new Set<RevisedWindow>();
  /** No window ends before. */
  #leastEndUs: TimeUs = Infinity;
  /** Windows before this one take no more rows. */
  first: WindowIndex = -Infinity;

  constructor(scheme: WindowScheme, states: GroupStates) {
    this.#scheme = scheme;
    this.#states = states;
  }

  /** A window, opened if need be. */
  at(index: WindowIndex): RevisedWindow {
    const known = this.#windows.get(index);
    if (known !== undefined) return known;
    const [startUs, endUs] = [this.#scheme.startUs(index), this.#scheme.endUs(index)];
    const window: RevisedWindow = { index, startUs, endUs, shown: undefined, panes: [] };
    this.#windows.set(index, window);
    this.#leastEndUs = Math.min(this.#leastEndUs, endUs);
    return window;
  }

  /** The pane of a window that is due at a time, made if need be. */
  pane(window: RevisedWindow, dueUs: TimeUs): Pane {
    const { panes } = window;
    let at = panes.length;
    while (at > 0 && panes[at - 1]!.dueUs > dueUs) at--;
    const known = panes[at - 1];
    if (known?.dueUs === dueUs) return known;
    const pane: Pane = { dueUs, state: this.#states.acquire(), lastIngestUs: -Infinity };
    panes.splice(at, 0, pane);
    this.#waiting.add(window);
    return pane;
  }

  /** The window whose next pane is due first; `undefined`: no pane waits. */
  get next(): RevisedWindow | undefined {
    let next: RevisedWindow | undefined;
    for (const window of this.#waiting) {
      const [pane] = window.panes;
      if (pane === undefined) this.#waiting.delete(window);
      else if (next === undefined || pane.dueUs < next.panes[0]!.dueUs) next = window;
    }
    return next;
  }

  /** No window ends before; `Infinity`: there is none. */
  get leastEndUs(): TimeUs {
    return this.#leastEndUs;
  }

  /** Forgets the windows that end at or before a time, but for those with panes. */
  forget(endUs: TimeUs): void {
    if (this.#leastEndUs <= endUs) this.#forgetSome(endUs);
    // Infinity may only mean that the input is idle.
    if (endUs < Infinity) this.first = Math.max(this.first, this.#scheme.firstOpenWindow(endUs));
  }

  *state(io: StateIo): Steps {
    this.first = io.float(this.first);
    this.#leastEndUs = io.float(this.#leastEndUs);
    const windows = [...this.#windows.values()];
    yield* stateOfList(io, windows, (known) => this.#stateOfWindow(io, known));
  }

  *#stateOfWindow(io: StateIo, known: RevisedWindow | undefined): Steps<RevisedWindow> {
    const states = this.#states;
    const window = this.at(io.float(known?.index ?? 0));
    const isShown = io.flag(known?.shown !== undefined);
    if (isShown) window.shown = yield* states.stateOf(io, known?.shown);
    const panes = yield* stateOfList(io, window.panes, function* (pane): Steps<Pane> {
      const dueUs = io.float(pane?.dueUs ?? 0);
      const lastIngestUs = io.float(pane?.lastIngestUs ?? 0);
      const state = yield* states.stateOf(io, pane?.state);
      return pane ?? { dueUs, state, lastIngestUs };
    });
    if (io.isReading) {
      window.panes.push(...panes);
      if (panes.length > 0) this.#waiting.add(window);
    }
    return window;
  }

  #forgetSome(endUs: TimeUs): void {
    this.#leastEndUs = Infinity;
    for (const window of this.#windows.values()) {
      if (window.endUs > endUs || window.panes.length > 0) {
        this.#leastEndUs = Math.min(this.#leastEndUs, window.endUs);
        continue;
      }
      if (window.shown !== undefined) this.#states.release(window.shown);
      this.#windows.delete(window.index);
      this.first = Math.max(this.first, window.index + 1);
    }
  }

  /** What is held, for messages. */
  describe(): string {
    let groups = 0;
    for (const { shown, panes } of this.#windows.values()) {
      groups += shown?.table.count ?? 0;
      for (const { state } of panes) groups += state.table.count;
    }
    return `${groups} groups in ${this.#windows.size} windows whose results may change`;
  }
}
