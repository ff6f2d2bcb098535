/** `CASE` of texts whose conditions are one kernel. @module */

import type { Heap } from '../../../core/column.ts';
import { Column } from '../../../core/column.ts';
import type { DataType } from '../../../core/types.ts';
import { INT32 } from '../../../core/types.ts';
import { canFail } from '../../batch/can-fail.ts';
import { LiteralNode } from '../../batch/nodes/leaf.ts';
import type { BatchOptions, Frame, VectorNode } from '../../batch/vector-node.ts';
import type { TypedCase, TypedExpr } from '../../typed.ts';
import { CHOOSE_VIEWS, ROWS_WITH } from './move-code.ts';
import { TextKernels } from './text-kernels.ts';

const constant = (value: number): TypedExpr => ({ op: 'literal', type: INT32, value });

/** The number of the branch that each row takes; `undefined` when a condition may fail. */
export function branchNumber({ branches }: TypedCase): TypedExpr | undefined {
  if (branches.some(({ when }) => canFail(when))) return undefined;
  return {
    op: 'case',
    type: INT32,
    branches: branches.map(({ when }, i) => ({ when, then: constant(i) })),
    otherwise: constant(branches.length),
  };
}

/** What a {@link ChoiceNode} is made of. */
export interface ChoiceParts {
  /** Gives the number of each row's branch, none null. */
  readonly choice: VectorNode;
  /** The value of each branch; that of `ELSE` comes last. */
  readonly values: readonly VectorNode[];
  /** Which of them are not columns or constants, and see only the rows of their branch. */
  readonly areComputed: readonly boolean[];
  /** Makes the node for batches that this one cannot do. */
  readonly otherwise: () => VectorNode;
}

/**
 * Computes which branch each row takes, then copies views. Their bytes stay where they are: where they lie in
 * more than one heap, another node copies them.
 */
export class ChoiceNode implements VectorNode {
  readonly type: DataType;
  readonly #parts: ChoiceParts;
  readonly #kernels: TextKernels;
  readonly #rows: Uint32Array;
  /** Two words a branch: where its values and its nulls are. */
  readonly #table: Int32Array;
  readonly #out: Column;
  readonly #heap: Heap;
  #otherwise: VectorNode | undefined;

  constructor(type: DataType, parts: ChoiceParts, options: BatchOptions) {
    const { memory, rowCapacity } = options;
    this.type = type;
    this.#parts = parts;
    this.#kernels = TextKernels.of(options);
    this.#rows = memory.rows(rowCapacity);
    this.#table = memory.words(2 * parts.values.length);
    this.#out = Column.allocate(type, rowCapacity, memory);
    this.#heap = this.#out.heap;
    joinHeaps(parts.values.filter((node) => node instanceof LiteralNode));
  }

  evaluate(frame: Frame, selection: Uint32Array, selected: number): Column {
    if (this.#otherwise !== undefined) {
      return this.#otherwise.evaluate(frame, selection, selected);
    }
    const kernels = this.#kernels;
    const out = this.#out;
    out.clearNulls();
    out.heap = this.#heap;
    const choice = this.#parts.choice.evaluate(frame, selection, selected);
    const hasNulls = this.#takeValues(frame, selection, selected, choice);
    if (hasNulls === undefined) {
      this.#otherwise = this.#parts.otherwise();
      return this.#otherwise.evaluate(frame, selection, selected);
    }
    kernels.begin(selection, selected, out);
    kernels.argument(0, choice.valuesAt);
    kernels.argument(1, this.#table.byteOffset);
    if (hasNulls) kernels.allowNulls(out);
    kernels.run(CHOOSE_VIEWS);
    if (hasNulls) kernels.takeNulls(out);
    return out;
  }

  /** Computes the branches; whether they have nulls, `undefined` if their bytes are not in one heap. */
  #takeValues(
    frame: Frame,
    selection: Uint32Array,
    selected: number,
    choice: Column,
  ): boolean | undefined {
    const { values, areComputed } = this.#parts;
    let hasNulls = false;
    for (let i = 0; i < values.length; i++) {
      let rows = selection;
      let count = selected;
      if (areComputed[i] === true) {
        rows = this.#rows;
        count = this.#listRows(selection, selected, choice, i);
        if (count === 0) continue;
      }
      const column = values[i]!.evaluate(frame, rows, count);
      if (!this.#share(column.heap)) return undefined;
      this.#table[2 * i] = column.valuesAt;
      this.#table[2 * i + 1] = column.nullCount === 0 ? 0 : column.validityAt;
      if (column.nullCount !== 0) hasNulls = true;
    }
    return hasNulls;
  }

  #listRows(selection: Uint32Array, selected: number, choice: Column, branch: number): number {
    const kernels = this.#kernels;
    kernels.begin(selection, selected, choice);
    kernels.argument(0, choice.valuesAt);
    kernels.argument(1, branch);
    return kernels.runAndLeave(ROWS_WITH, this.#rows);
  }

  /** Lets the result's bytes lie in a heap; false if others lie in another. */
  #share(heap: Heap): boolean {
    if (heap.used === 0) return true;
    if (this.#out.heap === this.#heap) this.#out.heap = heap;
    return this.#out.heap === heap;
  }
}

/** Lets the bytes of all constants lie in one heap. */
function joinHeaps(constants: readonly LiteralNode[]): void {
  const long = constants.map((node) => node.evaluate()).filter(({ heap }) => heap.used > 0);
  const [first, ...others] = long;
  for (const column of others) {
    const { words, capacity } = column;
    const start = column.viewStart(0);
    const length = column.viewLength(0);
    const offset = first!.heap.reserve(length);
    first!.heap.bytes.set(column.heap.bytes.subarray(start, start + length), offset);
    for (let row = 0; row < capacity; row++) words[4 * row + 3] = offset;
    column.heap = first!.heap;
  }
}
