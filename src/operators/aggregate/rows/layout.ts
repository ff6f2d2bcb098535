/**
 * Where things lie in the record of a group, in the block of an open window and behind the
 * aggregates of a pane. Pure.
 *
 * ```
 *   group   rows │ windows: first, last │ panes: first, last │ middle, back │ open, item │ mark │ dimensions …
 *   window  next, pane │ rows before it │ dimensions …
 *   pane    next, previous │ windows, is in front │ rows before it │ mark
 * ```
 *
 * Cells have 8 bytes: a float64, or two words.
 *
 * @module
 */

import type { RowWindowConfig } from './config.ts';

/** Cells of a group. */
export const GroupCell = { ROWS: 0, WINDOWS: 1, PANES: 2, BACK: 3, STATE: 4, MARK: 5 } as const;
const GROUP_CELLS = 6;

/** Cells of a window. */
export const WindowCell = { LINK: 0, FIRST: 1 } as const;
const WINDOW_CELLS = 2;

/** Cells of a pane. */
export const PaneCell = { LINK: 0, STATE: 1, FIRST: 2, MARK: 3 } as const;
export const PANE_CELLS = 4;

/** Where a dimension has its cells. */
export interface CountCells {
  /** In the group: the row at which the next window opens. */
  readonly nextOpen: number;
  /** In the window: the row at which it emits. */
  readonly nextEmit: number;
}

/** The same of a value. */
export interface ValueCells {
  /** In the group: the value of the last row; where windows are counted from; the next to open. */
  readonly last: number;
  readonly origin: number;
  readonly nextOpen: number;
  /** In the window: where it begins and ends, and where it emits. */
  readonly start: number;
  readonly end: number;
  readonly nextEmit: number;
}

/** Everything about cells, by dimension. */
export interface RowLayout {
  readonly counts: readonly CountCells[];
  readonly values: readonly ValueCells[];
  /** Words of the cells of a new group, and of a new window. */
  readonly group: readonly number[];
  readonly window: readonly number[];
}

/** Lays out groups and windows. */
export function layoutRowWindows({ counts, values }: RowWindowConfig): RowLayout {
  const group = new Cells(GROUP_CELLS);
  const window = new Cells(WINDOW_CELLS);
  group.set(GroupCell.MARK, -Infinity);
  return {
    counts: counts.map(({ offset }) => ({
      nextOpen: group.reserve(offset),
      nextEmit: window.reserve(0),
    })),
    values: values.map(({ align, offset }) => ({
      last: group.reserve(-Infinity),
      origin: group.reserve(align === 'epoch' ? offset : NaN),
      nextOpen: group.reserve(align === 'epoch' ? -Infinity : 0),
      start: window.reserve(0),
      end: window.reserve(0),
      nextEmit: window.reserve(0),
    })),
    group: group.words,
    window: window.words,
  };
}

/** Cells that are being laid out. */
class Cells {
  readonly #values: number[];

  constructor(count: number) {
    this.#values = Array.from({ length: count }, () => 0);
  }

  set(cell: number, value: number): void {
    this.#values[cell] = value;
  }

  reserve(initial: number): number {
    return this.#values.push(initial) - 1;
  }

  get words(): readonly number[] {
    return [...new Int32Array(Float64Array.from(this.#values).buffer)];
  }
}
