/** What a chain computes: plain data, made by the thread that plans. @module */

import type { Fold, KernelProgram, ChainedSteps, KernelUnit } from '../../expr/index.ts';
import { computedTypes, expressionColumns, neededSteps } from '../../expr/index.ts';

/** Columns that a map hands on, which must not be more than a slot holds. */
export interface WidthCheck {
  readonly member: number;
  /** Positions of strings among the columns of the batch. */
  readonly columns: readonly number[];
}

/** What a chain computes. */
export interface ChainProgram {
  /** Without the aggregate. */
  readonly program: ChainedSteps;
  /** Aggregates at the end; empty: rows are handed on. */
  readonly folds: readonly Fold[];
  /** By filter, in the order of the program: the operator it is. */
  readonly filters: readonly number[];
  readonly checks: readonly WidthCheck[];
  /** Its kernel: that of {@link foldCode} if there are aggregates, else that of {@link rowCode}. */
  readonly unit: KernelUnit;
}

/** A program without what is worked out from it. */
export type ChainParts = Omit<ChainProgram, 'unit'>;

/** The kernel that adds up what a chain leaves. */
export function foldCode({ program: { steps }, folds }: ChainParts): KernelProgram {
  const readers = folds.flatMap(({ argument, filter }) => [argument ?? [], filter ?? []].flat());
  const needed = new Set(readers.flatMap(expressionColumns));
  return { steps: neededSteps(steps, needed), stored: [], folds };
}

/** The kernel that lists what a chain leaves, and computes its columns, in one pass. */
export function rowCode({ program: { steps, outputs } }: ChainParts): KernelProgram {
  const types = computedTypes(steps);
  return { steps, stored: [...new Set(outputs)].filter((column) => types.has(column)), folds: [] };
}
