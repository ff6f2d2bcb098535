/**
 * A node whose rows a kernel computes.
 *
 * A kernel does not say which row failed. Rows that may have are searched for by halves, and the interpreter
 * computes the few that are left, which finds the reasons.
 *
 * @module
 */

import { Column } from '../../core/column.ts';
import type { DataType } from '../../core/types.ts';
import { canFail } from '../batch/can-fail.ts';
import { InterpretedRows } from '../batch/nodes/interpreted.ts';
import { RowErrors } from '../batch/row-errors.ts';
import { keepTrue, subtractRows } from '../batch/selections.ts';
import type { BatchOptions, Frame, TruthNode, VectorNode } from '../batch/vector-node.ts';
import type { TypedExpr } from '../typed.ts';
import { frameWords } from './frame.ts';
import { KernelRun } from './kernel-run.ts';
import type { KernelProgram } from './program.ts';
import { rowsWhere, valuesOf } from './program.ts';
import { Scratch } from './scratch.ts';
import { kernelModule, planUnit } from './unit.ts';

/** What a kernel reads. */
export interface KernelParts {
  /** Columns of the batch, and operands that are computed beforehand. */
  readonly inputs: readonly TypedExpr[];
  /** The nodes of the latter; `undefined` for columns. */
  readonly nodes: readonly (VectorNode | undefined)[];
}

/** So few rows cost less one by one than by more halves. */
const FEW_ROWS = 8;

/** A node whose rows a kernel computes. Its inputs lie in the kernel's memory. */
export class KernelNode implements TruthNode {
  readonly type: DataType;
  hadNulls = false;
  readonly #expr: TypedExpr;
  readonly #parts: KernelParts;
  readonly #options: BatchOptions;
  readonly #scratch: Scratch;
  readonly #out: Column;
  /** The columns of the inputs. */
  readonly #given: Column[] = [];
  /** Computes {@link #out}. */
  readonly #values: LazyRun;
  /** Lists the rows for which it is true. */
  readonly #rows: LazyRun;
  /** Failures of what is computed beforehand. */
  readonly #errors: RowErrors;
  readonly #inner: Frame;
  readonly #mayFail: boolean;
  #interpreted: InterpretedRows | undefined;

  constructor(expr: TypedExpr, parts: KernelParts, options: BatchOptions) {
    const { rowCapacity, memory } = options;
    this.type = expr.type;
    this.#expr = expr;
    this.#parts = parts;
    this.#options = options;
    this.#scratch = Scratch.of(memory, rowCapacity);
    this.#out = Column.allocate(expr.type, rowCapacity, memory);
    this.#values = new LazyRun(valuesOf(expr), parts.inputs, [this.#out], options);
    this.#rows = new LazyRun(rowsWhere(expr), parts.inputs, [], options);
    this.#mayFail = canFail(expr);
    const hasFallibleParts = parts.inputs.some((input) => input.op !== 'column' && canFail(input));
    this.#errors = new RowErrors(hasFallibleParts ? rowCapacity : 0);
    this.#inner = { columns: [], errors: this.#errors };
  }

  evaluate(frame: Frame, selection: Uint32Array, selected: number): Column {
    this.#bind(frame, selection, selected);
    if (this.#errors.count > 0) return this.#search(frame, selection, selected);
    const kept = this.#values.placed(this.#given).run(selection, selected);
    return kept < 0 ? this.#search(frame, selection, selected) : this.#out;
  }

  select(frame: Frame, selection: Uint32Array, selected: number, out: Uint32Array): number {
    this.#bind(frame, selection, selected);
    if (this.#errors.count > 0) return this.#selectSearched(frame, selection, selected, out);
    const kernel = this.#rows.placed(this.#given);
    const target = this.#targetOf(selection, out);
    kernel.list = target;
    const kept = kernel.run(selection, selected);
    if (kept < 0) return this.#selectSearched(frame, selection, selected, out);
    this.hadNulls = kernel.hadNulls;
    if (target !== out) for (let i = 0; i < kept; i++) out[i] = target[i]!;
    return kept;
  }

  /** Finds the inputs: computes what is computed beforehand. */
  #bind(frame: Frame, selection: Uint32Array, selected: number): void {
    const { inputs, nodes } = this.#parts;
    this.#inner.columns = frame.columns;
    if (this.#errors.count > 0) this.#errors.reset();
    for (let i = 0; i < inputs.length; i++) {
      const input = inputs[i]!;
      const node = nodes[i];
      this.#given[i] =
        node === undefined
          ? frame.columns[input.op === 'column' ? input.index : -1]!
          : node.evaluate(this.#inner, selection, selected);
    }
  }

  /** Where selected rows go first: elsewhere if the list is needed again, or lies in other memory. */
  #targetOf(selection: Uint32Array, out: Uint32Array): Uint32Array {
    const isInPlace = out.byteOffset === selection.byteOffset && out.buffer === selection.buffer;
    const isHere = out.buffer === this.#options.memory.buffer;
    return isHere && !(isInPlace && this.#mayFail) ? out : this.#scratch.rows;
  }

  /** The rows for which it is true, where some may fail; the inputs are bound. */
  #selectSearched(
    frame: Frame,
    selection: Uint32Array,
    selected: number,
    out: Uint32Array,
  ): number {
    const column = this.#search(frame, selection, selected);
    this.hadNulls = column.nullCount !== 0;
    return keepTrue(selection, selected, column, out);
  }

  /** Computes rows of which some may fail, or have; the inputs are bound. */
  #search(frame: Frame, selection: Uint32Array, selected: number): Column {
    const out = this.#out;
    const { count: failed, rows: failedRows } = this.#errors;
    // Not in the kernels' memory: lists there may be needed for the kernel's own.
    const exact = new Uint32Array(selected);
    let rows = selection;
    let count = selected;
    let found = 0;
    if (failed > 0) {
      found = failed;
      exact.set(failedRows.subarray(0, failed));
      exact.subarray(0, failed).sort();
      rows = new Uint32Array(selected);
      count = subtractRows(selection, selected, exact, failed, rows);
    }
    const search = { kernel: this.#values.placed(this.#given), exact, found, hasNulls: false };
    if (count > 0) this.#halve(rows, 0, count, search);
    exact.subarray(0, search.found).sort();
    out.nullCount = search.hasNulls ? selected : 0;
    this.#interpreted ??= new InterpretedRows(this.#expr);
    this.#interpreted.compute(frame, exact, search.found, out);
    return out;
  }

  /** Has the kernel compute `rows[from .. to)`, by parts, without those that it cannot. */
  #halve(rows: Uint32Array, from: number, to: number, search: Search): void {
    const part = rows.subarray(from, to);
    if (search.kernel.run(part, part.length) >= 0) {
      if (this.#out.nullCount > 0) search.hasNulls = true;
      return;
    }
    if (part.length <= FEW_ROWS) {
      search.exact.set(part, search.found);
      search.found += part.length;
      return;
    }
    const middle = (from + to) >>> 1;
    this.#halve(rows, from, middle, search);
    this.#halve(rows, middle, to, search);
  }
}

/** A kernel with room for its frame, made when it is needed first: most nodes are asked for one of two. */
class LazyRun {
  readonly #program: KernelProgram;
  readonly #inputs: readonly TypedExpr[];
  readonly #stored: readonly Column[];
  readonly #options: BatchOptions;
  readonly #words: Int32Array;
  #kernel: KernelRun | undefined;

  constructor(
    program: KernelProgram,
    inputs: readonly TypedExpr[],
    stored: readonly Column[],
    options: BatchOptions,
  ) {
    this.#program = program;
    this.#inputs = inputs;
    this.#stored = stored;
    this.#options = options;
    this.#words = options.memory.words(frameWords({ ...program, inputs }));
  }

  /** The kernel, with its inputs placed. */
  placed(columns: readonly Column[]): KernelRun {
    const kernel = (this.#kernel ??= this.#make());
    const { inputs } = kernel;
    inputs.begin();
    for (let i = 0; i < columns.length; i++) inputs.place(i, columns[i]!);
    return kernel;
  }

  #make(): KernelRun {
    const unit = planUnit(this.#program, this.#inputs);
    const parts = { unit, stored: this.#stored, load: () => ({ kernelModule }) };
    return new KernelRun(parts, this.#options, this.#words);
  }
}

/** What a search has found so far. */
interface Search {
  readonly kernel: KernelRun;
  /** Rows for the interpreter, as they were found. */
  readonly exact: Uint32Array;
  found: number;
  hasNulls: boolean;
}
