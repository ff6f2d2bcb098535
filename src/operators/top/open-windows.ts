/** The windows that still have to close. @module */

import type { StateIo, Steps } from '../../core/state-io.ts';
import { stateOfList } from '../../core/state-io.ts';
import type { TimeUs } from '../../core/units.ts';
import type { BestRows, BestState } from '../../state/index.ts';
import type { WindowIndex } from '../window-scheme.ts';

/** The best rows of one window. */
export interface OpenWindow {
  readonly index: WindowIndex;
  readonly state: BestState;
  /** When the last of the rows entered the engine. */
  lastIngestUs: TimeUs;
}

/** The windows of one task. */
export class OpenWindows {
  readonly #windows = new Map<WindowIndex, OpenWindow>();
  /** The first of them; `undefined`: to be looked for. */
  #first: OpenWindow | undefined;

  /** The window with this index; opened if need be. */
  at(index: WindowIndex, best: BestRows): OpenWindow {
    let window = this.#windows.get(index);
    if (window === undefined) {
      window = { index, state: best.acquire(), lastIngestUs: -Infinity };
      this.#windows.set(index, window);
      if (this.#first !== undefined && index < this.#first.index) this.#first = window;
    }
    return window;
  }

  /** The first window. */
  get first(): OpenWindow | undefined {
    if (this.#first === undefined) {
      for (const window of this.#windows.values()) {
        if (this.#first === undefined || window.index < this.#first.index) this.#first = window;
      }
    }
    return this.#first;
  }

  /** Forgets a window, and its rows. */
  close(window: OpenWindow, best: BestRows): void {
    best.release(window.state);
    this.#windows.delete(window.index);
    if (this.#first === window) this.#first = undefined;
  }

  *state(io: StateIo, best: BestRows): Steps {
    this.#first = undefined;
    const windows = [...this.#windows.values()];
    const read = yield* stateOfList(io, windows, function* (known): Steps<OpenWindow> {
      const index = io.float(known?.index ?? 0);
      const lastIngestUs = io.float(known?.lastIngestUs ?? 0);
      const state = yield* best.stateOf(io, known?.state);
      return known ?? { index, state, lastIngestUs };
    });
    for (const window of read) this.#windows.set(window.index, window);
  }

  /** What is held, for messages. */
  describe(best: BestRows): string {
    let groups = 0;
    for (const { state } of this.#windows.values()) groups += best.groupsOf(state);
    return `the best rows of ${groups} groups in ${this.#windows.size} windows not closed so far`;
  }
}
