/** A node that runs a kernel; the interpreter of columns, `batch/`, is its way out. @module */

import { Column } from '../../core/column.ts';
import type { DataType } from '../../core/types.ts';
import { storageOf } from '../../core/types.ts';
import { compileModule, instantiate } from '../../wasm/index.ts';
import { RowErrors } from '../batch/row-errors.ts';
import { canFail } from '../batch/can-fail.ts';
import { asTruth } from '../batch/nodes/truth.ts';
import type { BatchOptions, Frame, TruthNode, VectorNode } from '../batch/vector-node.ts';
import type { TypedExpr } from '../typed.ts';
import type { KernelShape } from './kernel-module.ts';
import { buildKernel, FAILED, FrameWord, HAS_NULLS, kernelKey, RUN } from './kernel-module.ts';
import { PlacedInputs, WORDS_PER_INPUT } from './placed-inputs.ts';
import { Scratch } from './scratch.ts';

type Run = (frame: number, rows: number, selection: number) => number;

/** What a kernel reads, and what takes its place when a row may have failed. */
export interface KernelParts {
  /** Columns of the batch, and operands that are computed beforehand. */
  readonly inputs: readonly TypedExpr[];
  /** The nodes of the latter; `undefined` for columns. */
  readonly nodes: readonly (VectorNode | undefined)[];
  /** Makes the node that reports failures exactly. */
  readonly exactly: () => VectorNode;
}

/** A node whose rows a kernel computes. */
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
  #exact: TruthNode | undefined;

  constructor(expr: TypedExpr, parts: KernelParts, options: BatchOptions) {
    const { rowCapacity, memory } = options;
    this.type = expr.type;
    this.#expr = expr;
    this.#parts = parts;
    this.#options = options;
    this.#scratch = Scratch.of(memory, rowCapacity);
    const inputs = parts.inputs.length;
    this.#frame = memory.words(FrameWord.INPUTS + WORDS_PER_INPUT * inputs);
    this.#inputs = new PlacedInputs(this.#frame, FrameWord.INPUTS, inputs, options);
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
    const withNulls = this.#bind(frame, selection, selected);
    if (withNulls < 0) return this.#exactly().evaluate(frame, selection, selected);
    this.#frame[FrameWord.OUT] = out.valuesAt;
    const run = this.#run(withNulls);
    // Of a list that has most rows, all are computed: in blocks they cost less. But other views are garbage.
    const rows = selection[selected - 1]! + 1;
    const isDense = selected > DENSE_SHARE * rows && !this.#mayFail && !this.#hasTexts;
    if (isDense) run(this.#frame.byteOffset, rows, 0);
    else run(this.#frame.byteOffset, selected, this.#scratch.listAt(selection, selected));
    const flags = this.#frame[FrameWord.FLAGS]!;
    if ((flags & FAILED) !== 0) return this.#exactly().evaluate(frame, selection, selected);
    out.nullCount = (flags & HAS_NULLS) === 0 ? 0 : selected;
    return out;
  }

  select(frame: Frame, selection: Uint32Array, selected: number, out: Uint32Array): number {
    const withNulls = this.#bind(frame, selection, selected);
    if (withNulls < 0) return this.#selectExactly(frame, selection, selected, out);
    const target = this.#targetOf(selection, out);
    this.#frame[FrameWord.OUT] = target.byteOffset;
    const list = this.#scratch.listAt(selection, selected);
    const kept = this.#run(withNulls + SELECTS)(this.#frame.byteOffset, selected, list);
    const flags = this.#frame[FrameWord.FLAGS]!;
    if ((flags & FAILED) !== 0) return this.#selectExactly(frame, selection, selected, out);
    this.hadNulls = (flags & HAS_NULLS) !== 0;
    if (target !== out) for (let i = 0; i < kept; i++) out[i] = target[i]!;
    return kept;
  }

  /**
   * Writes where the inputs lie. 1 with nulls, 0 without; -1 when a part failed, or has long strings where
   * the kernel does not find them.
   */
  #bind(frame: Frame, selection: Uint32Array, selected: number): number {
    const { inputs, nodes } = this.#parts;
    const rows = selection[selected - 1]! + 1;
    const places = this.#inputs;
    this.#inner.columns = frame.columns;
    places.begin();
    for (let i = 0; i < inputs.length; i++) {
      places.place(i, this.#inputColumn(i, frame, selection, selected), rows);
    }
    if (nodes.length > 0 && this.#errors.count > 0) {
      this.#errors.reset();
      return -1;
    }
    return places.isReachable ? Number(places.withNulls) : -1;
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

  #selectExactly(frame: Frame, selection: Uint32Array, selected: number, out: Uint32Array): number {
    const exact = this.#exactly();
    const kept = exact.select(frame, selection, selected, out);
    this.hadNulls = exact.hadNulls;
    return kept;
  }

  #exactly(): TruthNode {
    this.#exact ??= asTruth(this.#parts.exactly());
    return this.#exact;
  }
}

/** Rows of a list cost about three times as much as those of blocks. */
const DENSE_SHARE = 0.4;

/** Added to the number of a variant that selects rows. */
const SELECTS = 2;
