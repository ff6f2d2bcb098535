/**
 * What a row does to the windows of its group. Windows of a group close in the order in which they
 * opened, whatever dimensions they have: counts and values only rise, and a condition closes all.
 *
 * For each row, in this order:
 *
 * 1. Windows whose value has been left close without the row, and those that it closes by a condition
 *    that excludes it; those that reach a value to emit at do so.
 * 2. Windows open.
 * 3. The row counts in all windows that are open, and rows to be evicted leave.
 * 4. Windows that are full close with the row, and those that it closes by a condition; others emit.
 *
 * @module
 */

import type { StateIo, Steps } from '../../../core/state-io.ts';
import type { Arena } from '../../../state/index.ts';
import { BlockPool } from '../../../state/index.ts';
import type { RowWindowConfig } from './config.ts';
import type { Contents } from './contents.ts';
import { firstOpenAt, gridFloor, nextMultiple } from './grid.ts';
import type { FiredWindows } from './fired.ts';
import { type RowLayout, GroupCell, WindowCell } from './layout.ts';
import type { PaneList } from './pane-list.ts';
import type { RowFacts } from './row-facts.ts';

/** What the machine is made of. */
export interface MachineParts {
  readonly arena: Arena;
  readonly config: RowWindowConfig;
  readonly layout: RowLayout;
  /** Where the cells of groups begin in their records. */
  readonly groupCell: number;
  readonly contents: Contents;
  readonly panes: PaneList;
  readonly fired: FiredWindows;
  readonly facts: RowFacts;
}

/** Opens, fires and closes windows. */
export class WindowMachine {
  readonly #config: RowWindowConfig;
  readonly #layout: RowLayout;
  readonly #words: Int32Array;
  readonly #floats: Float64Array;
  readonly #group: number;
  readonly #contents: Contents;
  readonly #panes: PaneList;
  readonly #fired: FiredWindows;
  readonly #facts: RowFacts;
  readonly #windows: BlockPool;
  /** Of counts that open windows: by how many rows, and where the group has the next one. */
  readonly #slides: Float64Array;
  readonly #nextOpens: Int32Array;
  /** Of values: where a window ends, where the group has the last one. */
  readonly #ends: Int32Array;
  readonly #lasts: Int32Array;
  /** Cells of a group that are as in a new one when it begins anew. */
  readonly #anew: readonly number[];
  readonly #hasOpener: boolean;
  /** What a row is asked, beside counts. */
  readonly #goesByValues: boolean;
  readonly #goesByRows: boolean;
  readonly #emits: boolean;
  readonly #evicts: boolean;
  readonly #size: number;
  readonly #single: boolean;
  readonly #givesEmpty: boolean;

  constructor(parts: MachineParts) {
    const { arena, config, layout } = parts;
    this.#config = config;
    this.#layout = layout;
    this.#words = arena.words;
    this.#floats = arena.floats;
    this.#group = parts.groupCell;
    this.#contents = parts.contents;
    this.#panes = parts.panes;
    this.#fired = parts.fired;
    this.#facts = parts.facts;
    this.#windows = new BlockPool(arena, Int32Array.from(layout.window));
    const { counts, values, predicates, keptRows, keptUs } = config;
    const opening = counts.flatMap(({ slide }, c) => (slide < Infinity ? [c] : []));
    this.#slides = Float64Array.from(opening, (c) => counts[c]!.slide);
    this.#nextOpens = Int32Array.from(opening, (c) => layout.counts[c]!.nextOpen);
    this.#ends = Int32Array.from(layout.values, ({ end }) => end);
    this.#lasts = Int32Array.from(layout.values, ({ last }) => last);
    this.#anew = [
      GroupCell.ROWS,
      GroupCell.MARK,
      ...layout.counts.map(({ nextOpen }) => nextOpen),
      ...layout.values.flatMap(({ last, origin, nextOpen }) => [last, origin, nextOpen]),
    ];
    this.#hasOpener = config.hasOpener;
    this.#goesByValues = values.length > 0 || predicates.length > 0;
    this.#goesByRows = predicates.length > 0;
    this.#emits =
      [...counts, ...values].some(({ emit }) => emit < Infinity) ||
      predicates.some(({ emit }) => emit !== undefined);
    this.#evicts = keptRows < Infinity || keptUs < Infinity;
    this.#size = Math.min(Infinity, ...counts.map(({ size }) => size));
    this.#single = config.edges !== undefined;
    this.#givesEmpty = this.#single && !config.dropEmpty;
  }

  /**
   * Takes the row at a position of the batch, which is in order.
   *
   * @returns false when it stopped midway, the list of results being full: call it again
   */
  step(group: number, position: number): boolean {
    if (this.#goesByValues && !this.#before(group, position)) return false;
    this.#open(group, position);
    const at = group + this.#group;
    const floats = this.#floats;
    if (this.#words[2 * (at + GroupCell.WINDOWS)] !== 0) this.#contents.add(group, position);
    floats[at + GroupCell.ROWS] = floats[at + GroupCell.ROWS]! + 1;
    if (this.#evicts) this.#evict(group);
    this.#after(group, position);
    return true;
  }

  /** What happens before the row counts. */
  #before(group: number, position: number): boolean {
    for (;;) {
      const window = this.firstWindow(group);
      if (window === 0 || !this.#isLeft(window, position)) break;
      this.#close(group, window);
    }
    if (this.#emits) this.#emitBefore(group, position);
    if (this.#goesByRows) this.#closeByRow(group, position, true);
    if (this.#givesEmpty && !this.#fireEmpty(group, position)) return false;
    const lasts = this.#lasts;
    for (let v = 0; v < lasts.length; v++) {
      this.#floats[group + this.#group + lasts[v]!] = this.#facts.value(v, position);
    }
    return true;
  }

  /** Whether the value of a row lies behind a window. */
  #isLeft(window: number, position: number): boolean {
    const ends = this.#ends;
    for (let v = 0; v < ends.length; v++) {
      if (this.#facts.value(v, position) >= this.#floats[window + ends[v]!]!) return true;
    }
    return false;
  }

  /** Closes all windows where a row says so by a condition that excludes it, or includes it. */
  #closeByRow(group: number, position: number, excludes: boolean): void {
    const { predicates } = this.#config;
    for (let p = 0; p < predicates.length; p++) {
      if (predicates[p]!.excludesClosing !== excludes) continue;
      if (this.#facts.closes(p, position)) this.closeAll(group);
    }
  }

  /** Gives windows of one value that no row lies in. */
  #fireEmpty(group: number, position: number): boolean {
    const floats = this.#floats;
    const at = group + this.#group;
    const { size, slide } = this.#config.values[0]!;
    const { origin, nextOpen } = this.#layout.values[0]!;
    const value = this.#facts.value(0, position);
    const last = floats[at + nextOpen]!;
    if (last === -Infinity || Number.isNaN(floats[at + origin]!)) return true;
    for (let k = last; ; k++) {
      const start = floats[at + origin]! + k * slide;
      if (start + size > value) return true;
      if (this.#fired.isFull) return false;
      const rows = floats[at + GroupCell.ROWS]!;
      this.#fired.add(group, true, rows + 1, rows);
      this.#fired.setEdges(start, start + size);
      this.#contents.result(group, 0);
      floats[at + nextOpen] = k + 1;
    }
  }

  #open(group: number, position: number): void {
    const at = group + this.#group;
    const floats = this.#floats;
    let opens = !this.#hasOpener && this.#words[2 * (at + GroupCell.WINDOWS)] === 0;
    const slides = this.#slides;
    const nextOpens = this.#nextOpens;
    for (let c = 0; c < slides.length; c++) {
      const next = at + nextOpens[c]!;
      if (floats[at + GroupCell.ROWS]! < floats[next]!) continue;
      floats[next] = floats[next]! + slides[c]!;
      opens = true;
    }
    if (this.#single) this.#openGrid(group, position);
    else if (this.#goesByValues && this.#opensOtherwise(group, position)) opens = true;
    if (opens) this.#openWindow(group, this.#contents.open(group), position);
  }

  /** Whether a value or a condition opens a window. */
  #opensOtherwise(group: number, position: number): boolean {
    const { values, predicates } = this.#config;
    let opens = false;
    for (let v = 0; v < values.length; v++) {
      if (this.#opensByValue(group, v, position)) opens = true;
    }
    for (let p = 0; p < predicates.length; p++) {
      if (this.#facts.opens(p, position)) opens = true;
    }
    return opens;
  }

  /** Opens all windows over a value that its row lies in. */
  #openGrid(group: number, position: number): void {
    const { size, slide, offset, emit } = this.#config.values[0]!;
    const { origin, nextOpen, start, end, nextEmit } = this.#layout.values[0]!;
    const floats = this.#floats;
    const at = group + this.#group;
    const value = this.#facts.value(0, position);
    // Mostly the next window begins beyond the row.
    if (floats[at + origin]! + floats[at + nextOpen]! * slide > value) return;
    if (Number.isNaN(floats[at + origin]!)) floats[at + origin] = value + offset;
    const from = floats[at + origin]!;
    let k = Math.max(floats[at + nextOpen]!, firstOpenAt(value, from, slide, size));
    let pane = 0;
    for (; from + k * slide <= value; k++) {
      if (pane === 0) pane = this.#contents.open(group);
      const window = this.#openWindow(group, pane, position);
      floats[window + start] = from + k * slide;
      floats[window + end] = from + k * slide + size;
      floats[window + nextEmit] = nextMultiple(value, from + k * slide, emit);
    }
    floats[at + nextOpen] = k;
  }

  /** Whether a value has come to the next beginning of windows. */
  #opensByValue(group: number, v: number, position: number): boolean {
    const { slide, offset } = this.#config.values[v]!;
    if (slide === Infinity) return false;
    const { origin, nextOpen } = this.#layout.values[v]!;
    const floats = this.#floats;
    const at = group + this.#group;
    const value = this.#facts.value(v, position);
    if (Number.isNaN(floats[at + origin]!)) floats[at + origin] = value + offset;
    const k = gridFloor(value, floats[at + origin]!, slide);
    if (k < floats[at + nextOpen]!) return false;
    floats[at + nextOpen] = k + 1;
    return true;
  }

  #openWindow(group: number, pane: number, position: number): number {
    const window = this.#windows.take();
    const words = this.#words;
    const ends = 2 * (group + this.#group + GroupCell.WINDOWS);
    const last = words[ends + 1]!;
    if (last === 0) words[ends] = window;
    else words[2 * (last + WindowCell.LINK)] = window;
    words[ends + 1] = window;
    words[2 * (window + WindowCell.LINK) + 1] = pane;
    const rows = this.#floats[group + this.#group + GroupCell.ROWS]!;
    this.#floats[window + WindowCell.FIRST] = rows;
    if (this.#emits || this.#goesByValues) this.#begin(group, window, rows, position);
    return window;
  }

  /** Where a window ends and emits, by its dimensions. */
  #begin(group: number, window: number, rows: number, position: number): void {
    const { counts, values } = this.#config;
    const { counts: countCells, values: valueCells } = this.#layout;
    const floats = this.#floats;
    for (let c = 0; c < counts.length; c++) {
      floats[window + countCells[c]!.nextEmit] = rows + counts[c]!.emit;
    }
    for (let v = 0; v < values.length; v++) {
      const { size, emit, align, offset, slide } = values[v]!;
      const { start, end, nextEmit, origin } = valueCells[v]!;
      const value = this.#facts.value(v, position);
      const from = align === 'epoch' ? offset : floats[group + this.#group + origin]!;
      const own = size < Infinity ? size : emit;
      const step = slide < Infinity ? slide : align === 'epoch' ? own : Infinity;
      const begin = step < Infinity ? from + gridFloor(value, from, step) * step : value;
      floats[window + start] = begin;
      floats[window + end] = begin + size;
      floats[window + nextEmit] = nextMultiple(value, begin, emit);
    }
  }

  /** What happens when the row counts. */
  #after(group: number, position: number): void {
    const at = group + this.#group;
    const floats = this.#floats;
    const rows = floats[at + GroupCell.ROWS]!;
    for (;;) {
      const window = this.firstWindow(group);
      if (window === 0 || rows - floats[window + WindowCell.FIRST]! < this.#size) break;
      this.#close(group, window);
    }
    if (this.#goesByRows) this.#closeByRow(group, position, false);
    if (this.#emits) this.#emitAfter(group, position, rows);
  }

  /** Intermediate results of windows whose value has come so far. */
  #emitBefore(group: number, position: number): void {
    const { values } = this.#config;
    const floats = this.#floats;
    for (let window = this.firstWindow(group); window !== 0; window = this.#nextWindow(window)) {
      let emits = false;
      for (let v = 0; v < values.length; v++) {
        const { emit } = values[v]!;
        const { nextEmit } = this.#layout.values[v]!;
        const value = this.#facts.value(v, position);
        const due = floats[window + nextEmit]!;
        if (value < due) continue;
        emits = true;
        floats[window + nextEmit] = nextMultiple(value, due, emit);
      }
      if (emits) this.#emit(group, window);
    }
  }

  /** Intermediate results of windows that have so many rows, or whose row asks for it. */
  #emitAfter(group: number, position: number, rows: number): void {
    const { counts, predicates } = this.#config;
    const floats = this.#floats;
    let byRow = false;
    for (let p = 0; p < predicates.length; p++) {
      if (this.#facts.emits(p, position)) byRow = true;
    }
    for (let window = this.firstWindow(group); window !== 0; window = this.#nextWindow(window)) {
      let emits = byRow;
      for (let c = 0; c < counts.length; c++) {
        const { nextEmit } = this.#layout.counts[c]!;
        if (rows < floats[window + nextEmit]!) continue;
        floats[window + nextEmit] = floats[window + nextEmit]! + counts[c]!.emit;
        emits = true;
      }
      if (emits) this.#emit(group, window);
    }
  }

  /** Rows that are too many or too old leave the windows. */
  #evict(group: number): void {
    const { keptRows, keptUs } = this.#config;
    const at = group + this.#group;
    const first = this.#panes.first(group);
    if (first === 0) return;
    const leastRow = this.#floats[at + GroupCell.ROWS]! - keptRows;
    const leastUs = keptUs < Infinity ? this.#floats[at + GroupCell.MARK]! - keptUs : -Infinity;
    let pane = first;
    while (this.#panes.rowsBefore(pane) < leastRow || this.#panes.markUs(pane) < leastUs) {
      pane = this.#panes.next(pane);
    }
    if (pane === first) return;
    const row = this.#panes.rowsBefore(pane);
    for (let window = this.firstWindow(group); window !== 0; window = this.#nextWindow(window)) {
      const begin = 2 * (window + WindowCell.LINK) + 1;
      if (this.#panes.rowsBefore(this.#words[begin]!) >= row) break;
      this.#words[begin] = pane;
    }
    this.#contents.keepFrom(group, pane);
  }

  /** The oldest open window; 0: none. */
  firstWindow(group: number): number {
    return this.#words[2 * (group + this.#group + GroupCell.WINDOWS)]!;
  }

  #nextWindow(window: number): number {
    return this.#words[2 * (window + WindowCell.LINK)]!;
  }

  #paneOf(window: number): number {
    return this.#words[2 * (window + WindowCell.LINK) + 1]!;
  }

  /** Closes all windows of a group, the oldest first. */
  closeAll(group: number): void {
    for (;;) {
      const window = this.firstWindow(group);
      if (window === 0) return;
      this.#close(group, window);
    }
  }

  *state(io: StateIo): Steps {
    yield* this.#windows.state(io);
  }

  /** Closes all windows of a group and begins anew: its next row is its first. */
  closeIdle(group: number): void {
    this.closeAll(group);
    const at = 2 * (group + this.#group);
    const first = this.#layout.group;
    for (const cell of this.#anew) {
      this.#words[at + 2 * cell] = first[2 * cell]!;
      this.#words[at + 2 * cell + 1] = first[2 * cell + 1]!;
    }
  }

  #close(group: number, window: number): void {
    this.#fire(group, window, true);
    const next = this.#nextWindow(window);
    const ends = 2 * (group + this.#group + GroupCell.WINDOWS);
    this.#words[ends] = next;
    if (next === 0) {
      this.#words[ends + 1] = 0;
      this.#contents.resultOfAll(group);
    } else {
      const pane = this.#paneOf(window);
      const kept = this.#paneOf(next);
      if (pane === kept) this.#contents.result(group, pane);
      else this.#contents.resultAndKeepFrom(group, pane, kept);
    }
    this.#windows.release(window);
  }

  #emit(group: number, window: number): void {
    this.#fire(group, window, false);
    this.#contents.result(group, this.#paneOf(window));
  }

  #fire(group: number, window: number, isClosed: boolean): void {
    const floats = this.#floats;
    const rows = floats[group + this.#group + GroupCell.ROWS]!;
    this.#fired.add(group, isClosed, floats[window + WindowCell.FIRST]! + 1, rows);
    if (!this.#single) return;
    const { start, end } = this.#layout.values[0]!;
    this.#fired.setEdges(floats[window + start]!, floats[window + end]!);
  }
}
