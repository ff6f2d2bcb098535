/**
 * Rows as they are: what aggregates are fed with is kept until no window needs it, and a result is
 * computed of the rows of its window, all over. For aggregates that do not lie in a record as a
 * whole, such as those of strings, of distinct values and of first and last ones.
 *
 * @module
 */

import { Batch, identitySelection } from '../../../core/batch.ts';
import { Column } from '../../../core/column.ts';
import type { KernelContext, OperatorPlan } from '../../../core/operator.ts';
import type { StateIo, Steps } from '../../../core/state-io.ts';
import { BOOL, INT32 } from '../../../core/types.ts';
import type { DataType } from '../../../core/types.ts';
import type { TypedExpr } from '../../../expr/index.ts';
import type { Accumulator, Arena, GroupState } from '../../../state/index.ts';
import { BlockPool } from '../../../state/index.ts';
import type { AggregatePlanConfig } from '../config.ts';
import { Groups } from '../groups.ts';
import type { InputColumns, RowInputs } from '../row-inputs.ts';
import type { Contents } from './contents.ts';
import { KeptInputs, layoutKept, type KeptLayout } from './kept-inputs.ts';
import { GroupCell, PANE_CELLS } from './layout.ts';
import { PaneList } from './pane-list.ts';

/** Behind the cells of a pane: its first row and its last one, in words. */
const ROWS = PANE_CELLS;

/** Long strings of rows that are fed at once, about. */
const HEAP_BYTES = 1 << 20;

/** How rows are kept for these aggregates: behind a column with the number of the result. Pure. */
export function keptLayout({ inputs }: AggregatePlanConfig): KeptLayout {
  return layoutKept(inputs, 1);
}

/** Cells of the largest block. */
export function keptCells(config: AggregatePlanConfig): number {
  return Math.max(KeptInputs.cells(keptLayout(config)), PANE_CELLS + 1);
}

/** Rows that are kept. */
export class KeptPanes implements Contents {
  readonly accumulators: readonly Accumulator[];
  readonly panes: PaneList;
  readonly #words: Int32Array;
  readonly #group: number;
  readonly #isRowwise: boolean;
  readonly #pool: BlockPool;
  readonly #kept: KeptInputs;
  readonly #feeder: ResultFeeder;
  #inputs: readonly InputColumns[] = [];
  #rows: Uint32Array = new Uint32Array(0);
  #keptCount = 0;

  /**
   * @param groupCell - where the cells of groups begin
   * @param limitBytes - bound on the results that are computed at once
   */
  constructor(
    plan: OperatorPlan,
    context: KernelContext,
    arena: Arena,
    groupCell: number,
    isRowwise: boolean,
    limitBytes: number,
  ) {
    const layout = keptLayout(plan.config as AggregatePlanConfig);
    this.#words = arena.words;
    this.#group = groupCell;
    this.#isRowwise = isRowwise;
    this.#pool = new BlockPool(arena, new Int32Array(2 * (PANE_CELLS + 1)));
    this.#kept = new KeptInputs(arena, layout);
    this.panes = new PaneList(arena, groupCell, 0);
    const feeding = { ...context, stateLimitBytes: limitBytes };
    this.#feeder = new ResultFeeder(plan, feeding, layout, this.#kept);
    this.accumulators = this.#feeder.accumulators;
  }

  get state(): GroupState {
    return this.#feeder.state;
  }

  describe(): string {
    return `${this.#keptCount} rows of open windows`;
  }

  get steps(): number {
    return this.#feeder.steps;
  }

  bind({ inputs }: RowInputs, rows: Uint32Array): void {
    this.#inputs = inputs;
    this.#rows = rows;
  }

  open(group: number): number {
    const pane = this.#pool.take();
    this.panes.append(group, pane);
    this.#words[2 * (group + this.#group + GroupCell.STATE)] = 1;
    return pane;
  }

  add(group: number, position: number): void {
    const words = this.#words;
    const state = 2 * (group + this.#group + GroupCell.STATE);
    const pane = words[state] === 1 ? this.panes.last(group) : this.open(group);
    const kept = this.#kept.keep(this.#inputs, this.#rows[position]!);
    this.#keptCount++;
    const ends = 2 * (pane + ROWS);
    if (words[ends] === 0) words[ends] = kept;
    else this.#kept.setNext(words[ends + 1]!, kept);
    words[ends + 1] = kept;
    if (this.#isRowwise) words[state] = 0;
  }

  result(_group: number, pane: number): void {
    this.#feeder.begin();
    for (let at = pane; at !== 0; at = this.panes.next(at)) {
      for (let kept = this.#words[2 * (at + ROWS)]!; kept !== 0; kept = this.#kept.next(kept)) {
        this.#feeder.feed(kept);
      }
    }
  }

  resultOfAll(group: number): void {
    this.result(group, this.panes.first(group));
    this.clearGroup(group);
  }

  resultAndKeepFrom(group: number, pane: number, next: number): void {
    this.result(group, pane);
    this.keepFrom(group, next);
  }

  keepFrom(group: number, pane: number): void {
    for (let at = this.panes.first(group); at !== pane;) {
      const next = this.panes.next(at);
      this.#release(at);
      at = next;
    }
    this.panes.setFirst(group, pane);
  }

  clearGroup(group: number): void {
    this.keepFrom(group, 0);
    this.#words[2 * (group + this.#group + GroupCell.STATE)] = 0;
  }

  #release(pane: number): void {
    for (let kept = this.#words[2 * (pane + ROWS)]!; kept !== 0;) {
      const next = this.#kept.next(kept);
      this.#kept.release(kept);
      this.#keptCount--;
      kept = next;
    }
    this.#pool.release(pane);
  }

  settle(): void {
    this.#feeder.settle();
  }

  list(from: number, count: number, records: Int32Array): void {
    this.#feeder.list(from, count, records);
  }

  clear(): void {
    this.#feeder.clear();
  }

  /** Without the aggregates of results, of which there are none. */
  *stateOf(io: StateIo): Steps {
    yield* this.#pool.state(io);
    yield* this.#kept.state(io);
    this.#keptCount = io.float(this.#keptCount);
  }
}

/** Aggregates kept rows: the number of a result is its key. */
class ResultFeeder {
  readonly accumulators: readonly Accumulator[];
  state: GroupState;
  /** Rows that were fed for the results at hand. */
  steps = 0;
  readonly #groups: Groups;
  readonly #kept: KeptInputs;
  readonly #batch: Batch;
  readonly #identity: Uint32Array;
  #count = 0;
  #results = 0;
  /** By result: the number of its record, or that it has no rows. */
  #ordinals = new Int32Array(256);
  #fedResults = 0;

  constructor(plan: OperatorPlan, context: KernelContext, layout: KeptLayout, kept: KeptInputs) {
    const { memory, rowCapacity } = context;
    const types: readonly DataType[] = [INT32, ...layout.columns];
    const schema = types.map((type, i) => ({ name: `$${i}`, type }));
    const fed = {
      ...plan,
      config: fedConfig(plan.config as AggregatePlanConfig, layout),
      inputs: [{ schema, hasTime: false }],
    };
    this.#groups = new Groups(fed, context, () => `${this.#results} results`);
    this.accumulators = this.#groups.states.accumulators;
    this.state = this.#groups.states.acquire();
    this.#kept = kept;
    this.#batch = Batch.view(rowCapacity, false);
    this.#batch.columns = types.map((type) => Column.allocate(type, rowCapacity, memory));
    this.#identity = identitySelection(rowCapacity);
  }

  /** Begins with the next result. */
  begin(): void {
    if (this.#results === this.#ordinals.length) {
      const larger = new Int32Array(2 * this.#results);
      larger.set(this.#ordinals);
      this.#ordinals = larger;
    }
    this.#ordinals[this.#results++] = EMPTY;
  }

  /** Adds a kept row to the result. */
  feed(kept: number): void {
    this.steps++;
    const result = this.#results - 1;
    if (this.#ordinals[result] === EMPTY) this.#ordinals[result] = this.#fedResults++;
    const { columns } = this.#batch;
    columns[0]!.words[this.#count] = result;
    this.#kept.restore(kept, columns, this.#count);
    this.#count++;
    if (this.#count === this.#batch.rowCapacity || this.#isLarge()) this.settle();
  }

  #isLarge(): boolean {
    const { columns } = this.#batch;
    for (let c = 1; c < columns.length; c++) {
      if (columns[c]!.heap.used > HEAP_BYTES) return true;
    }
    return false;
  }

  settle(): void {
    const count = this.#count;
    if (count === 0) return;
    const groups = this.#groups;
    this.#batch.setRowCount(count);
    groups.evaluate(this.#batch, this.#identity, count);
    groups.bind(groups.rows, count);
    groups.add(this.state, groups.rows, 0, count);
    groups.release();
    for (const column of this.#batch.columns) {
      column.clearNulls();
      column.heap.used = 0;
    }
    this.#count = 0;
  }

  list(from: number, count: number, records: Int32Array): void {
    const { table } = this.state;
    for (let i = 0; i < count; i++) {
      const ordinal = this.#ordinals[from + i]!;
      if (ordinal === EMPTY) records[i] = this.#groups.states.blankRecords(1)[0]!;
      else table.listRecords(ordinal, 1, ONE);
      if (ordinal !== EMPTY) records[i] = ONE[0]!;
    }
  }

  clear(): void {
    if (this.#fedResults > 0) {
      this.#groups.states.release(this.state);
      this.state = this.#groups.states.acquire();
    }
    this.#results = 0;
    this.#fedResults = 0;
    this.steps = 0;
  }
}

const EMPTY = -1;
const ONE = new Int32Array(1);

/** The plan of an aggregate over kept rows, by the number of the result. */
function fedConfig(config: AggregatePlanConfig, layout: KeptLayout): AggregatePlanConfig {
  const column = (type: DataType, index: number): TypedExpr => {
    const name = `$${index}`;
    return { op: 'column', type, input: 0, index, position: index, name };
  };
  return {
    ...config,
    rowWindow: undefined,
    emit: { kind: 'end' },
    hasTime: false,
    keys: [{ name: '$0', expr: column(INT32, 0) }],
    inputs: layout.inputs.map(({ type, column: at, filter }) => ({
      argument: type && column(type, at),
      filter: filter < 0 ? undefined : column(BOOL, filter),
    })),
    result: [
      { name: '$0', type: INT32 },
      ...config.result.slice(config.result.length - config.aggregates.length),
    ],
    select: [],
  };
}
