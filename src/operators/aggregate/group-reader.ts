/** From records of groups to columns of the output, a chunk of groups at a time. @module */

import { Batch } from '../../core/batch.ts';
import { Column } from '../../core/column.ts';
import type { KernelContext } from '../../core/operator.ts';
import type { WholeUnits } from '../../core/subsets.ts';
import { typeName } from '../../core/types.ts';
import type { TimeUs } from '../../core/units.ts';
import type { GroupState, GroupStates, GroupTable } from '../../state/index.ts';
import { CompiledExpr, RowEvaluator } from '../row-evaluator.ts';
import type { RowFailures } from '../row-failures.ts';
import { rowText } from '../row-text.ts';
import type { AggregatePlanConfig } from './config.ts';

/**
 * Reads chunks: {@link begin}, the window, keys and aggregates of each group, then {@link compute}.
 * Groups are rows `0 .. count` of the columns.
 */
export class GroupReader {
  /** Columns of the output, for the chunk at hand. */
  readonly output: Column[] = [];
  /** Groups of the chunk that did not fail: `rows[0 .. selected)`. */
  readonly rows: Uint32Array;
  selected = 0;
  /** Columns of window and keys, which are the first of the output. */
  readonly groupColumns: number;
  readonly #config: AggregatePlanConfig;
  readonly #states: GroupStates;
  readonly #failures: RowFailures;
  readonly #hasWindow: boolean;
  readonly #result: Batch;
  readonly #select: readonly CompiledExpr[];
  readonly #evaluator: RowEvaluator;
  readonly #overflowed: Uint8Array;
  #count = 0;
  /** The window that the first rows of its columns show, and how many do. */
  #startUs: TimeUs = -Infinity;
  #endUs: TimeUs = -Infinity;
  #shown = 0;

  constructor(
    config: AggregatePlanConfig,
    context: KernelContext,
    states: GroupStates,
    failures: RowFailures,
  ) {
    const { rowCapacity, memory } = context;
    this.#config = config;
    this.#states = states;
    this.#failures = failures;
    this.#hasWindow = config.window !== undefined || config.session !== undefined;
    this.#result = Batch.view(rowCapacity, false);
    this.#result.columns = config.result.map(({ type }) =>
      Column.allocate(type, rowCapacity, memory),
    );
    this.#select = config.select.map(({ name, expr }) => new CompiledExpr(expr, name, context));
    this.groupColumns = (this.#hasWindow ? 2 : 0) + config.keys.length;
    const shown = config.result.slice(0, this.groupColumns);
    this.#evaluator = new RowEvaluator(shown, context, failures);
    this.#overflowed = new Uint8Array(rowCapacity);
    this.rows = memory.rows(rowCapacity);
  }

  /** A chunk of so many groups begins. */
  begin(count: number): void {
    for (let i = 0; i < count; i++) this.rows[i] = i;
    this.selected = count;
    this.#count = count;
  }

  /** All are of one window. */
  readWindow(startUs: TimeUs, endUs: TimeUs): void {
    if (!this.#hasWindow) return;
    if (startUs !== this.#startUs || endUs !== this.#endUs) this.#shown = 0;
    const [start, end] = this.#result.columns;
    for (let i = this.#shown; i < this.#count; i++) {
      start!.setI64FromNumber(i, startUs);
      end!.setI64FromNumber(i, endUs);
    }
    this.#startUs = startUs;
    this.#endUs = endUs;
    this.#shown = Math.max(this.#shown, this.#count);
  }

  /** Each is of a window of its own. */
  readWindows(startsUs: Float64Array, endsUs: Float64Array): void {
    this.#shown = 0;
    const [start, end] = this.#result.columns;
    for (let i = 0; i < this.#count; i++) {
      start!.setI64FromNumber(i, startsUs[i]!);
      end!.setI64FromNumber(i, endsUs[i]!);
    }
  }

  readKeys(table: GroupTable, records: Int32Array): void {
    const first = this.#hasWindow ? 2 : 0;
    for (let k = 0; k < this.#config.keys.length; k++) {
      table.readKey(k, records, this.#count, this.#result.columns[first + k]!);
    }
  }

  readAggregates(state: GroupState, records: Int32Array): void {
    const { accumulators } = this.#states;
    for (let a = 0; a < accumulators.length; a++) {
      const column = this.#result.columns[this.groupColumns + a]!;
      column.clearNulls();
      column.heap = state.table.heap;
      const accumulator = accumulators[a]!;
      const failed = accumulator.read(records, this.#count, column, this.#overflowed, state);
      if (failed > 0) this.#dropOverflowed(a, column);
    }
  }

  /**
   * Takes groups without rows out of the chunk.
   *
   * @param rowCount - the aggregate that counts them
   */
  dropEmpty(rowCount: number): void {
    const { words } = this.#result.columns[this.groupColumns + rowCount]!;
    let kept = 0;
    for (let i = 0; i < this.selected; i++) {
      const row = this.rows[i]!;
      const high = words[2 * row + 1]!;
      if (high > 0 || (high === 0 && words[2 * row] !== 0)) this.rows[kept++] = row;
    }
    this.selected = kept;
  }

  /** Takes groups of which rows were shed out of the chunk; how many. */
  dropPartial(whole: WholeUnits): number {
    const units = this.#result.columns[this.#config.unit!.column]!;
    let kept = 0;
    for (let i = 0; i < this.selected; i++) {
      const row = this.rows[i]!;
      const unit = units.isNull(row) ? NaN : units.f64[row]!;
      if (whole.isWhole(unit)) this.rows[kept++] = row;
    }
    const dropped = this.selected - kept;
    this.selected = kept;
    return dropped;
  }

  /** Takes groups whose aggregate does not fit its type out of the chunk. */
  #dropOverflowed(aggregate: number, column: Column): void {
    const { field, kind } = this.#config.aggregates[aggregate]!;
    const message = `${kind.toUpperCase()}: ${typeName(column.type)} overflow`;
    let kept = 0;
    for (let i = 0; i < this.selected; i++) {
      const row = this.rows[i]!;
      if (this.#overflowed[row] === 0) this.rows[kept++] = row;
      else {
        this.#failures.add({
          code: 'ERR_ROW_EXPRESSION',
          message,
          field,
          input: this.rowText(row),
        });
      }
    }
    this.selected = kept;
    this.#overflowed.fill(0);
  }

  /** Computes the output of the groups that are left. */
  compute(): void {
    const evaluator = this.#evaluator;
    const columns = this.#result.columns;
    const keys = this.groupColumns;
    this.#result.setRowCount(this.#count);
    evaluator.begin(this.#result, this.rows, this.selected);
    for (let c = 0; c < keys; c++) this.output[c] = columns[c]!;
    for (let s = 0; s < this.#select.length; s++) {
      this.output[keys + s] = evaluator.evaluate(this.#select[s]!);
    }
    if (evaluator.count === this.selected) return;
    this.rows.set(evaluator.rows.subarray(0, evaluator.count));
    this.selected = evaluator.count;
  }

  /** Window and keys of a group. */
  rowText(row: number): string {
    const named = this.#config.result.slice(0, this.groupColumns).map(({ name }, c) => ({
      name,
      column: this.#result.columns[c]!,
    }));
    return rowText(named, row);
  }
}
