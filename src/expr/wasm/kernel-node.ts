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
import { storageOf } from '../../core/types.ts';
import { compileModule, instantiate } from '../../wasm/index.ts';
import { canFail } from '../batch/can-fail.ts';
import { InterpretedRows } from '../batch/nodes/interpreted.ts';
import { RowErrors } from '../batch/row-errors.ts';
import { keepTrue, subtractRows } from '../batch/selections.ts';
import type { BatchOptions, Frame, TruthNode, VectorNode } from '../batch/vector-node.ts';
import type { TypedExpr } from '../typed.ts';
import type { KernelShape } from './kernel-module.ts';
import { buildKernel, FAILED, FrameWord, HAS_NULLS, kernelKey, RUN } from './kernel-module.ts';
import { PlacedInputs, WORDS_PER_INPUT } from './placed-inputs.ts';
import { Scratch } from './scratch.ts';

type Run = (frame: number, rows: number, selection: number) => number;

/** What a kernel reads. */
export interface KernelParts {
  /** Columns of the batch, and operands that are computed beforehand. */
  readonly inputs: readonly TypedExpr[];
  /** The nodes of the latter; `undefined` for columns. */
  readonly nodes: readonly (VectorNode | undefined)[];
}

/** Rows of a list cost about three times as much as those of blocks. */
const DENSE_SHARE = 0.4;

/** Added to the number of a variant that selects rows. */
const SELECTS = 2;

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
  readonly #inputs: PlacedInputs;
  readonly #frame: Int32Array;
  readonly #out: Column;
  /** By whether there are nulls, and whether rows are selected. */
  readonly #runs: (Run | undefined)[] = [undefined, undefined, undefined, undefined];
  /** Failures of what is computed beforehand. */
  readonly #errors: RowErrors;
  readonly #inner: Frame;
  readonly #mayFail: boolean;
  readonly #hasTexts: boolean;
  #interpreted: InterpretedRows | undefined;

  constructor(expr: TypedExpr, parts: KernelParts, options: BatchOptions) {
    const { rowCapacity, memory } = options;
    this.type = expr.type;
    this.#expr = expr;
    this.#parts = parts;
    this.#options = options;
    this.#scratch = Scratch.of(memory, rowCapacity);
    const inputs = parts.inputs.length;
    this.#frame = memory.words(FrameWord.INPUTS + WORDS_PER_INPUT * inputs);
    this.#inputs = new PlacedInputs(this.#frame, FrameWord.INPUTS, options);
    this.#out = Column.allocate(expr.type, rowCapacity, memory);
    this.#frame[FrameWord.TABLE] = this.#scratch.tableAt;
    this.#frame[FrameWord.OUT_VALIDITY] = this.#out.validityAt;
    this.#mayFail = canFail(expr);
    this.#hasTexts = parts.inputs.some(({ type }) => storageOf(type) === 'view');
    const hasFallibleParts = parts.inputs.some((input) => input.op !== 'column' && canFail(input));
    this.#errors = new RowErrors(hasFallibleParts ? rowCapacity : 0);
    this.#inner = { columns: [], errors: this.#errors };
  }

  evaluate(frame: Frame, selection: Uint32Array, selected: number): Column {
    const out = this.#out;
    this.#bind(frame, selection, selected);
    if (this.#errors.count > 0) return this.#search(frame, selection, selected);
    this.#frame[FrameWord.OUT] = out.valuesAt;
    const run = this.#run(this.#variant);
    // Of a list that has most rows, all are computed: in blocks they cost less. But other views are garbage.
    const rows = selection[selected - 1]! + 1;
    const isDense = selected > DENSE_SHARE * rows && !this.#mayFail && !this.#hasTexts;
    if (isDense) run(this.#frame.byteOffset, rows, 0);
    else run(this.#frame.byteOffset, selected, this.#scratch.listAt(selection, selected));
    const flags = this.#frame[FrameWord.FLAGS]!;
    if ((flags & FAILED) !== 0) return this.#search(frame, selection, selected);
    out.nullCount = (flags & HAS_NULLS) === 0 ? 0 : selected;
    return out;
  }

  select(frame: Frame, selection: Uint32Array, selected: number, out: Uint32Array): number {
    this.#bind(frame, selection, selected);
    if (this.#errors.count > 0) return this.#selectSearched(frame, selection, selected, out);
    const target = this.#targetOf(selection, out);
    this.#frame[FrameWord.OUT] = target.byteOffset;
    const list = this.#scratch.listAt(selection, selected);
    const kept = this.#run(this.#variant + SELECTS)(this.#frame.byteOffset, selected, list);
    const flags = this.#frame[FrameWord.FLAGS]!;
    if ((flags & FAILED) !== 0) return this.#selectSearched(frame, selection, selected, out);
    this.hadNulls = (flags & HAS_NULLS) !== 0;
    if (target !== out) for (let i = 0; i < kept; i++) out[i] = target[i]!;
    return kept;
  }

  /** Computes what is computed beforehand, and writes where the inputs lie. */
  #bind(frame: Frame, selection: Uint32Array, selected: number): void {
    const { inputs } = this.#parts;
    const places = this.#inputs;
    this.#inner.columns = frame.columns;
    if (this.#errors.count > 0) this.#errors.reset();
    places.begin();
    for (let i = 0; i < inputs.length; i++) {
      places.place(i, this.#inputColumn(i, frame, selection, selected));
    }
  }

  #inputColumn(i: number, frame: Frame, selection: Uint32Array, selected: number): Column {
    const node = this.#parts.nodes[i];
    if (node !== undefined) return node.evaluate(this.#inner, selection, selected);
    const input = this.#parts.inputs[i]!;
    return frame.columns[input.op === 'column' ? input.index : -1]!;
  }

  /** Where selected rows go first: elsewhere if the list is needed again, or lies in other memory. */
  #targetOf(selection: Uint32Array, out: Uint32Array): Uint32Array {
    const isInPlace = out.byteOffset === selection.byteOffset && out.buffer === selection.buffer;
    const isHere = out.buffer === this.#options.memory.buffer;
    return isHere && !(isInPlace && this.#mayFail) ? out : this.#scratch.rows;
  }

  get #variant(): number {
    return Number(this.#inputs.withNulls);
  }

  #run(variant: number): Run {
    const run = this.#runs[variant];
    if (run !== undefined) return run;
    const shape: KernelShape = {
      expr: this.#expr,
      inputs: this.#parts.inputs,
      storages: this.#parts.inputs.map(({ type }) => storageOf(type)),
      withNulls: (variant & 1) !== 0,
      selects: variant >= SELECTS,
    };
    const module = compileModule(kernelKey(shape), () => buildKernel(shape));
    const made = instantiate(module, this.#options.memory)[RUN] as Run;
    this.#runs[variant] = made;
    return made;
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
    this.#frame[FrameWord.OUT] = out.valuesAt;
    const search = { exact, found, hasNulls: false };
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
    const list = this.#scratch.listAt(part, part.length);
    this.#run(this.#variant)(this.#frame.byteOffset, part.length, list);
    const flags = this.#frame[FrameWord.FLAGS]!;
    if ((flags & FAILED) === 0) {
      if ((flags & HAS_NULLS) !== 0) search.hasNulls = true;
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

/** What a search has found so far. */
interface Search {
  /** Rows for the interpreter, as they were found. */
  readonly exact: Uint32Array;
  found: number;
  hasNulls: boolean;
}
