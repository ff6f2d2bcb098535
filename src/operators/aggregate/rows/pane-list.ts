/** The panes of groups, as lists through their blocks. @module */

import type { Arena } from '../../../state/index.ts';
import { GroupCell, PaneCell } from './layout.ts';

/** Links blocks of panes; `next` is in the first word of the first cell, `previous` in the second. */
export class PaneList {
  readonly #words: Int32Array;
  readonly #floats: Float64Array;
  /** Where the cells of groups and panes begin in their records. */
  readonly #group: number;
  readonly #pane: number;

  constructor(arena: Arena, groupCell: number, paneCell: number) {
    this.#words = arena.words;
    this.#floats = arena.floats;
    this.#group = groupCell;
    this.#pane = paneCell;
  }

  first(group: number): number {
    return this.#words[2 * (group + this.#group + GroupCell.PANES)]!;
  }

  last(group: number): number {
    return this.#words[2 * (group + this.#group + GroupCell.PANES) + 1]!;
  }

  next(pane: number): number {
    return this.#words[2 * (pane + this.#pane + PaneCell.LINK)]!;
  }

  previous(pane: number): number {
    return this.#words[2 * (pane + this.#pane + PaneCell.LINK) + 1]!;
  }

  /** Makes a new pane the last one of a group, whose next row it begins with. */
  append(group: number, pane: number): void {
    const words = this.#words;
    const ends = 2 * (group + this.#group + GroupCell.PANES);
    const last = words[ends + 1]!;
    if (last === 0) words[ends] = pane;
    else words[2 * (last + this.#pane + PaneCell.LINK)] = pane;
    words[2 * (pane + this.#pane + PaneCell.LINK) + 1] = last;
    words[ends + 1] = pane;
    const at = pane + this.#pane;
    this.#floats[at + PaneCell.FIRST] = this.#floats[group + this.#group + GroupCell.ROWS]!;
    this.#floats[at + PaneCell.MARK] = this.#floats[group + this.#group + GroupCell.MARK]!;
  }

  /** Takes the last pane of several out. */
  dropLast(group: number): void {
    const words = this.#words;
    const ends = 2 * (group + this.#group + GroupCell.PANES);
    const previous = this.previous(words[ends + 1]!);
    words[ends + 1] = previous;
    words[2 * (previous + this.#pane + PaneCell.LINK)] = 0;
  }

  /** Makes a pane the first one; 0: there is none. */
  setFirst(group: number, pane: number): void {
    const words = this.#words;
    const ends = 2 * (group + this.#group + GroupCell.PANES);
    words[ends] = pane;
    if (pane === 0) words[ends + 1] = 0;
    else words[2 * (pane + this.#pane + PaneCell.LINK) + 1] = 0;
  }

  /** Rows of the group before a pane. */
  rowsBefore(pane: number): number {
    return this.#floats[pane + this.#pane + PaneCell.FIRST]!;
  }

  /** The time of its first row, or the latest of the group's before it. */
  markUs(pane: number): number {
    return this.#floats[pane + this.#pane + PaneCell.MARK]!;
  }
}
