/**
 * What a kernel does with the rows of a batch, as plain data: one expression, or conditions and computed columns of
 * several operators in a row, all over the columns of the first one's input.
 *
 * @module
 */

import type { TypedExpr } from '../typed.ts';
import type { Fold } from './fold.ts';

/** Drops the rows for which a condition is not true: those behind it are not evaluated for them. */
export interface FilterStep {
  readonly kind: 'filter';
  readonly expr: TypedExpr;
  /** Whether it is said that the condition was null for some row. */
  readonly tellsNulls?: true;
}

/** Computes a column, which expressions behind it read like one of the batch. */
export interface ValueStep {
  readonly kind: 'value';
  /** Its position behind the columns of the batch. */
  readonly column: number;
  readonly expr: TypedExpr;
}

export type KernelStep = FilterStep | ValueStep;

/** A kernel's steps, in order, and what is kept of them. */
export interface KernelProgram {
  readonly steps: readonly KernelStep[];
  /** Computed columns that are written. */
  readonly stored: readonly number[];
  /** Aggregates of the rows left. With some, rows are not listed. */
  readonly folds: readonly Fold[];
}

/** The column of {@link valuesOf}: no expression reads it. */
const RESULT = -1;

/** The program that computes one expression. */
export function valuesOf(expr: TypedExpr): KernelProgram {
  return { steps: [{ kind: 'value', column: RESULT, expr }], stored: [RESULT], folds: [] };
}

/** The program that lists the rows for which one condition is true. */
export function rowsWhere(expr: TypedExpr): KernelProgram {
  return { steps: [{ kind: 'filter', expr, tellsNulls: true }], stored: [], folds: [] };
}

/** Whether rows are dropped. */
export function hasFilter({ steps }: Pick<KernelProgram, 'steps'>): boolean {
  return steps.some(({ kind }) => kind === 'filter');
}
