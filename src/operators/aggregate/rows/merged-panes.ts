/**
 * Rows as aggregates of panes: a row costs one update, and a result a few merges, however long and
 * however many the windows are.
 *
 * The panes of a group are a queue: rows enter at its back, windows leave at its front. It is kept as
 * two stacks. A pane of the *front* part has the aggregates from itself to the end of that part; the
 * *back* part has its panes as they are, and a record of them together. So the rows from a pane on
 * are the pane and the back. When panes of the back are left first, they become the front: one merge
 * for each, once in its life.
 *
 * ```
 *   front: a+b+c │ b+c │ c      back: d │ e │ f      together: d+e+f (f, while it takes rows, is added)
 * ```
 *
 * Nothing is computed at once: rows to add and records to merge are listed, in order, and the lists
 * are worked off by compiled code. A pane that was merged into something takes no more rows.
 *
 * @module
 */

import { invariant } from '../../../core/invariant.ts';
import type { KernelMemory } from '../../../core/memory.ts';
import type { StateIo, Steps } from '../../../core/state-io.ts';
import type { Accumulator, Arena, PaneRecords } from '../../../state/index.ts';
import type { RowInputs } from '../row-inputs.ts';
import type { Contents } from './contents.ts';
import { GroupCell, PaneCell } from './layout.ts';
import type { PaneList } from './pane-list.ts';

/** What the parts of {@link MergedPanes} are given. */
export interface PaneParts {
  readonly memory: KernelMemory;
  readonly arena: Arena;
  readonly records: PaneRecords;
  readonly panes: PaneList;
  /** Where the cells of groups begin. */
  readonly groupCell: number;
  /** Each row is a pane: it may be evicted by itself. */
  readonly isRowwise: boolean;
  readonly rowCapacity: number;
}

/** What the last pane of a group is: `FULL` has its one row and is not part of the back so far. */
const PaneState = { ENDED: 0, TAKES_ROWS: 1, FULL: 2 } as const;

/** Aggregates of panes. */
export class MergedPanes implements Contents {
  readonly accumulators: readonly Accumulator[];
  readonly state = undefined;
  readonly #words: Int32Array;
  readonly #records: PaneRecords;
  readonly #panes: PaneList;
  readonly #group: number;
  readonly #pane: number;
  readonly #isRowwise: boolean;
  readonly #log: MergeLog;
  /** Records that are free when the results have been read. */
  #retired: Int32Array;
  #retiredCount = 0;
  #results: Int32Array;
  #resultCount = 0;
  #paneCount = 0;

  constructor(parts: PaneParts) {
    const { arena, records, panes, groupCell, isRowwise, rowCapacity } = parts;
    this.accumulators = records.accumulators;
    this.#words = arena.words;
    this.#records = records;
    this.#panes = panes;
    this.#group = groupCell;
    this.#pane = records.ownCell;
    this.#isRowwise = isRowwise;
    this.#log = new MergeLog(parts);
    this.#retired = new Int32Array(rowCapacity);
    this.#results = new Int32Array(rowCapacity);
  }

  describe(): string {
    return `${this.#paneCount} parts of open windows`;
  }

  get steps(): number {
    return this.#log.merged >> 2;
  }

  bind({ inputs }: RowInputs, rows: Uint32Array, count: number): void {
    this.#records.bind(inputs, rows, count);
    this.#log.rows = rows;
  }

  open(group: number): number {
    const pane = this.#begin(group);
    this.#words[2 * (pane + this.#pane + PaneCell.STATE)] = 1;
    return pane;
  }

  /** @hot */
  add(group: number, position: number): void {
    const state = 2 * (group + this.#group + GroupCell.STATE);
    const takesRows = this.#words[state] === PaneState.TAKES_ROWS;
    const pane = takesRows ? this.#panes.last(group) : this.#begin(group);
    this.#log.add(pane, position);
    if (this.#isRowwise) this.#words[state] = PaneState.FULL;
  }

  #begin(group: number): number {
    this.#end(group);
    const pane = this.#records.take();
    this.#paneCount++;
    this.#panes.append(group, pane);
    const words = this.#words;
    words[2 * (group + this.#group + GroupCell.STATE)] = PaneState.TAKES_ROWS;
    const back = 2 * (group + this.#group + GroupCell.BACK);
    if (words[back] === 0) words[back] = pane;
    return pane;
  }

  /** No more rows for the last pane: the back has it. */
  #end(group: number): void {
    const words = this.#words;
    const state = 2 * (group + this.#group + GroupCell.STATE);
    if (words[state] === PaneState.ENDED) return;
    words[state] = PaneState.ENDED;
    const pane = this.#panes.last(group);
    const back = 2 * (group + this.#group + GroupCell.BACK);
    const middle = words[back]!;
    if (pane === middle) return;
    if (!this.#isRowwise && words[2 * (pane + this.#pane + PaneCell.STATE)] === 0) {
      // No window begins here: it may as well be a part of the pane before.
      this.#log.merge(this.#panes.previous(pane), pane);
      if (words[back + 1] !== 0) this.#log.merge(words[back + 1]!, pane);
      this.#panes.dropLast(group);
      this.#retirePane(pane);
      return;
    }
    if (words[back + 1] === 0) {
      words[back + 1] = this.#records.take();
      this.#log.merge(words[back + 1]!, middle);
    }
    this.#log.merge(words[back + 1]!, pane);
  }

  result(group: number, pane: number): void {
    const result = this.#records.take();
    this.#addResult(result);
    this.#retire(result);
    if (pane === 0) return;
    this.#end(group);
    const words = this.#words;
    const back = 2 * (group + this.#group + GroupCell.BACK);
    const middle = words[back]!;
    const together = words[back + 1] === 0 ? middle : words[back + 1]!;
    if (words[2 * (pane + this.#pane + PaneCell.STATE) + 1] === 1) {
      this.#log.merge(result, pane);
      if (together !== 0) this.#log.merge(result, together);
    } else if (pane === middle) {
      this.#log.merge(result, together);
    } else {
      for (let at = pane; at !== 0; at = this.#panes.next(at)) this.#log.merge(result, at);
    }
  }

  resultOfAll(group: number): void {
    const first = this.#panes.first(group);
    if (first === 0 || this.#panes.next(first) !== 0) this.result(group, first);
    else this.#addResult(first);
    this.clearGroup(group);
  }

  #addResult(record: number): void {
    if (this.#resultCount === this.#results.length) this.#results = doubled(this.#results);
    this.#results[this.#resultCount++] = record;
  }

  /** A record that is about to be given up becomes the result: nothing is copied. */
  resultAndKeepFrom(group: number, pane: number, next: number): void {
    this.#end(group);
    const words = this.#words;
    const back = 2 * (group + this.#group + GroupCell.BACK);
    const middle = words[back]!;
    const together = words[back + 1] === 0 ? middle : words[back + 1]!;
    if (words[2 * (pane + this.#pane + PaneCell.STATE) + 1] === 1) {
      if (together !== 0) this.#log.merge(pane, together);
      this.#addResult(pane);
    } else if (pane === middle) {
      this.#addResult(together);
    } else {
      this.result(group, pane);
    }
    this.keepFrom(group, next);
  }

  keepFrom(group: number, pane: number): void {
    const words = this.#words;
    const back = 2 * (group + this.#group + GroupCell.BACK);
    let leavesBack = false;
    for (let at = this.#panes.first(group); at !== pane;) {
      const next = this.#panes.next(at);
      if (at === words[back]) leavesBack = true;
      this.#retirePane(at);
      at = next;
    }
    this.#panes.setFirst(group, pane);
    if (leavesBack) this.#turn(group, pane);
  }

  /** What is left of the back becomes the front. */
  #turn(group: number, first: number): void {
    const words = this.#words;
    const back = 2 * (group + this.#group + GroupCell.BACK);
    if (words[back + 1] !== 0) this.#retire(words[back + 1]!);
    words[back + 1] = 0;
    words[back] = first;
    let pane = this.#panes.last(group);
    if (pane === first) return;
    words[2 * (group + this.#group + GroupCell.STATE)] = PaneState.ENDED;
    words[back] = 0;
    this.#setFront(pane);
    while (pane !== first) {
      const previous = this.#panes.previous(pane);
      this.#log.merge(previous, pane);
      this.#setFront(previous);
      pane = previous;
    }
  }

  #setFront(pane: number): void {
    this.#words[2 * (pane + this.#pane + PaneCell.STATE) + 1] = 1;
  }

  clearGroup(group: number): void {
    for (let at = this.#panes.first(group); at !== 0;) {
      const next = this.#panes.next(at);
      this.#retirePane(at);
      at = next;
    }
    this.#panes.setFirst(group, 0);
    const words = this.#words;
    const back = 2 * (group + this.#group + GroupCell.BACK);
    if (words[back + 1] !== 0) this.#retire(words[back + 1]!);
    words[back] = 0;
    words[back + 1] = 0;
    words[2 * (group + this.#group + GroupCell.STATE)] = PaneState.ENDED;
  }

  #retirePane(pane: number): void {
    this.#paneCount--;
    this.#retire(pane);
  }

  #retire(record: number): void {
    if (this.#retiredCount === this.#retired.length) this.#retired = doubled(this.#retired);
    this.#retired[this.#retiredCount++] = record;
  }

  settle(): void {
    this.#log.workOff();
  }

  list(from: number, count: number, records: Int32Array): void {
    for (let i = 0; i < count; i++) records[i] = this.#results[from + i]!;
  }

  clear(): void {
    this.#log.merged = 0;
    this.#resultCount = 0;
    for (let i = 0; i < this.#retiredCount; i++) this.#records.release(this.#retired[i]!);
    this.#retiredCount = 0;
  }

  *stateOf(io: StateIo): Steps {
    invariant(this.#retiredCount === 0, 'results were not read');
    yield* this.#records.state(io);
    this.#paneCount = io.float(this.#paneCount);
  }
}

/** Rows to add and records to merge, in order. */
class MergeLog {
  /** Rows of the batch, by position. */
  rows: Uint32Array = new Uint32Array(0);
  /** Records that were merged, or will be. */
  merged = 0;
  readonly #records: PaneRecords;
  readonly #targetsOfRows: Int32Array;
  readonly #rows: Uint32Array;
  #rowCount = 0;
  readonly #targets: Int32Array;
  readonly #sources: Int32Array;
  #count = 0;

  constructor({ memory, records, rowCapacity }: PaneParts) {
    this.#records = records;
    this.#targetsOfRows = records.targets;
    this.#rows = memory.rows(rowCapacity);
    this.#targets = memory.words(rowCapacity);
    this.#sources = memory.words(rowCapacity);
  }

  /** @hot */
  add(record: number, position: number): void {
    const at = this.#rowCount++;
    this.#targetsOfRows[at] = record;
    this.#rows[at] = this.rows[position]!;
  }

  merge(target: number, source: number): void {
    if (this.#count === this.#targets.length) this.workOff();
    this.merged++;
    this.#targets[this.#count] = target;
    this.#sources[this.#count++] = source;
  }

  /** Records that are merged have all their rows by then, so that rows go first. */
  workOff(): void {
    if (this.#rowCount > 0) this.#records.add(this.#rows, this.#rowCount);
    if (this.#count > 0) this.#records.merge(this.#targets, this.#sources, this.#count);
    this.#rowCount = 0;
    this.#count = 0;
  }
}

function doubled(list: Int32Array): Int32Array {
  const larger = new Int32Array(2 * list.length);
  larger.set(list);
  return larger;
}
