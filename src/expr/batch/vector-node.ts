/** The nodes of a compiled expression: each computes a column for the selected rows of a batch. @module */

import type { Column } from '../../core/column.ts';
import type { KernelMemory, RowMemory } from '../../core/memory.ts';
import type { DataType } from '../../core/types.ts';
import type { RowErrors } from './row-errors.ts';

/** What nodes are made for. */
export interface NodeOptions {
  /** Most rows of a batch; scratch memory is reserved for as many. */
  readonly rowCapacity: number;
  /** Where results and scratch lie. */
  readonly memory: RowMemory;
}

/** How large the batches are that a compiled expression will see. */
export interface BatchOptions extends NodeOptions {
  readonly memory: KernelMemory;
}

/** What one evaluation reads and reports to; the same object for all nodes of an expression. */
export interface Frame {
  columns: readonly Column[];
  errors: RowErrors;
}

/**
 * A node. Instances belong to one thread and keep scratch memory.
 *
 * `selection[0 .. selected)` are the rows to compute, ascending; `selected` is at least 1. Values
 * of other rows are garbage. `nullCount` of the result may be too high, but is 0 only when no
 * selected row is null.
 */
export interface VectorNode {
  readonly type: DataType;
  /**
   * Computes the rows. Failed rows are reported and null.
   *
   * @returns an input column or scratch of some node: valid, and not to be changed, until the next
   * call of any node of the expression
   */
  evaluate(frame: Frame, selection: Uint32Array, selected: number): Column;
}

/** A node of type bool that can pick the rows for which it is true. */
export interface TruthNode extends VectorNode {
  /**
   * Writes the rows for which it is true to `out`, ascending.
   *
   * @param out - may be `selection` itself
   * @returns how many
   */
  select(frame: Frame, selection: Uint32Array, selected: number, out: Uint32Array): number;
  /** Whether rows of the last `select` may have been null rather than false. */
  readonly hadNulls: boolean;
}
