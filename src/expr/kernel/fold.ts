/** Aggregates that a fused kernel keeps of the rows that pass. @module */

import type { Storage } from '../../core/types.ts';
import type { TypedExpr } from '../typed.ts';

const KINDS = ['exactSum', 'floatSum', 'min', 'max'] as const;

/** Sums take two cells: of integers 128 bits, of floats the sum and the summed errors. */
type FoldKind = (typeof KINDS)[number];

/** What is kept of an argument's values, in cells of eight bytes. */
export interface FoldOp {
  readonly kind: FoldKind;
  readonly cell: number;
}

/** Whether it is something that lanes keep. */
export function isFoldKind(kind: string): kind is FoldKind {
  return (KINDS as readonly string[]).includes(kind);
}

/** One argument, and the rows that count. */
export interface Fold {
  /** `undefined`: rows are counted. */
  readonly argument: TypedExpr | undefined;
  readonly storage: Storage | undefined;
  /** Only rows for which it is true. */
  readonly filter: TypedExpr | undefined;
  /** The cell with the number of its rows. */
  readonly countCell: number;
  readonly ops: readonly FoldOp[];
}

/** Whether lanes have what an argument needs: bools have no order there. */
export function isFoldable({ storage, ops }: Pick<Fold, 'storage' | 'ops'>): boolean {
  return ops.length === 0 || (storage !== 'view' && storage !== 'bits');
}
