/** The groups of the windows that still have to close. @module */

import type { Column } from '../../core/column.ts';
import type { TimeUs } from '../../core/units.ts';
import type { GroupState } from '../../state/index.ts';
import type { GroupStates } from '../../state/index.ts';
import type { WindowIndex } from '../window-scheme.ts';
import type { RowStore } from './row-store.ts';

/** About what a list of rows and its place in a map take. */
const GROUP_BYTES = 160;

/** The groups of one window. */
export interface OpenWindow {
  readonly index: WindowIndex;
  /** `undefined` where there is one group only. */
  readonly state: GroupState | undefined;
  /** By record: the rows of the group. */
  readonly groups: Map<number, number[]>;
  /** When the last of the rows entered the engine. */
  lastIngestUs: TimeUs;
}

/** The windows of one task. */
export class OpenWindows {
  readonly #windows = new Map<WindowIndex, OpenWindow>();
  /** The first of them; `undefined`: to be looked for. */
  #first: OpenWindow | undefined;
  readonly #states: GroupStates | undefined;
  readonly #store: RowStore;

  /** @param states - `undefined`: there are no keys */
  constructor(states: GroupStates | undefined, store: RowStore) {
    this.#states = states;
    this.#store = store;
  }

  /** The window with this index; opened if need be. */
  at(index: WindowIndex): OpenWindow {
    let window = this.#windows.get(index);
    if (window === undefined) {
      const state = this.#states?.acquire();
      window = { index, state, groups: new Map(), lastIngestUs: -Infinity };
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
  close(window: OpenWindow): void {
    let rows = 0;
    for (const list of window.groups.values()) rows += list.length;
    this.#store.drop(rows);
    this.#store.give(window.groups.size * GROUP_BYTES);
    if (window.state !== undefined) this.#states!.release(window.state);
    this.#windows.delete(window.index);
    if (this.#first === window) this.#first = undefined;
  }

  /** All lists of rows. */
  *lists(): Iterable<number[]> {
    for (const { groups } of this.#windows.values()) yield* groups.values();
  }

  /** What is held, for messages. */
  describe(): string {
    let groups = 0;
    for (const window of this.#windows.values()) groups += window.groups.size;
    return `${groups} groups in ${this.#windows.size} windows not closed so far`;
  }

  /** Says which rows {@link visit} means: `rows[0 .. count)`. */
  bind(keys: readonly Column[], rows: Uint32Array, count: number): void {
    this.#states?.bind(keys, [], rows, count);
  }

  /** Calls `visit` with each of `rows[from .. to)`, and the rows of its group. For groups with keys. */
  visit(
    window: OpenWindow,
    rows: Uint32Array,
    from: number,
    to: number,
    visit: (list: number[], row: number) => void,
  ): void {
    this.#states!.assign(window.state!, from, to);
    const { records } = this.#states!;
    for (let i = from; i < to; i++) visit(this.#listOf(window, records[i]!), rows[i]!);
  }

  /** The rows of the only group, where there are no keys. */
  onlyList(window: OpenWindow): number[] {
    return this.#listOf(window, 0);
  }

  #listOf(window: OpenWindow, record: number): number[] {
    let list = window.groups.get(record);
    if (list === undefined) {
      this.#store.take(GROUP_BYTES);
      list = [];
      window.groups.set(record, list);
    }
    return list;
  }
}
