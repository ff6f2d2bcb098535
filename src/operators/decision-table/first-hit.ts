/** Which rule rows meet first: rules a few at a time, each on the rows that those before it have left. @module */

import type { Batch } from '../../core/batch.ts';
import { Column } from '../../core/column.ts';
import type { KernelContext } from '../../core/operator.ts';
import { INT32 } from '../../core/types.ts';
import type { TypedExpr } from '../../expr/index.ts';
import { operandsOf } from '../../expr/index.ts';
import type { RowEvaluator } from '../row-evaluator.ts';
import { CompiledExpr } from '../row-evaluator.ts';
import type { PlannedRules } from './rules.ts';
import { firstRule } from './rules.ts';

/** Most nodes of conditions that are one expression: a kernel has room for them. */
const MOST_NODES = 48;

/** The number of a row that no rule takes. */
export const NO_RULE = 0;
/** The number of a row on which a condition has failed. */
export const FAILED = -1;

/** Rules that are evaluated together: the number, counted on from `first`, of the one that is met. */
export interface RuleChunk {
  readonly expr: TypedExpr;
  /** How many rules come before. */
  readonly first: number;
}

/** The rules in chunks, in order. */
export function chunksOf({ conditions }: PlannedRules): readonly RuleChunk[] {
  const chunks: RuleChunk[] = [];
  let from = 0;
  let nodes = 0;
  for (let r = 0; r <= conditions.length; r++) {
    const next = r < conditions.length ? nodesOf(conditions[r]!) : Infinity;
    if (r > from && nodes + next > MOST_NODES) {
      chunks.push({ expr: firstRule(conditions.slice(from, r)), first: from });
      from = r;
      nodes = 0;
    }
    nodes += next;
  }
  return chunks;
}

function nodesOf(expr: TypedExpr): number {
  return operandsOf(expr).reduce((sum, operand) => sum + nodesOf(operand), 1);
}

/** Finds the first rule of each row of a batch. */
export class FirstRules {
  /** By row: the number of its rule from 1, {@link NO_RULE} or {@link FAILED}. */
  readonly numbers: Int32Array;
  /** The numbers as a column. */
  readonly column: Column;
  /** Whether a row of the last batch is {@link FAILED}. */
  hasFailed = false;
  readonly #chunks: readonly { readonly expr: CompiledExpr; readonly first: number }[];
  readonly #left: Uint32Array;

  constructor(rules: PlannedRules, context: KernelContext) {
    this.#chunks = chunksOf(rules).map(({ expr, first }) => ({
      expr: new CompiledExpr(expr, 'rules', context),
      first,
    }));
    this.column = Column.allocate(INT32, context.rowCapacity, context.memory);
    this.numbers = this.column.words;
    this.#left = context.memory.rows(context.rowCapacity);
  }

  /** Numbers the rows of a batch. Rows on which a condition fails are reported. */
  find(batch: Batch, evaluator: RowEvaluator): void {
    const left = this.#left;
    let rows = batch.selection;
    let count = batch.selected;
    this.hasFailed = false;
    for (let c = 0; c < this.#chunks.length && count > 0; c++) {
      const { expr, first } = this.#chunks[c]!;
      evaluator.begin(batch, rows, count);
      const met = evaluator.evaluate(expr);
      if (evaluator.count < count) {
        mark(this.numbers, rows, count, FAILED);
        this.hasFailed = true;
      }
      const kept = number(this.numbers, evaluator.rows, evaluator.count, met, first, left);
      rows = left;
      count = kept;
    }
  }
}

/**
 * Takes the numbers of rows that have met a rule of a chunk, and gathers the others.
 *
 * @returns how many others there are
 * @hot
 */
function number(
  numbers: Int32Array,
  rows: Uint32Array,
  count: number,
  met: Column,
  first: number,
  left: Uint32Array,
): number {
  const { words, validity } = met;
  const isAllMet = met.nullCount === 0;
  let kept = 0;
  for (let i = 0; i < count; i++) {
    const row = rows[i]!;
    const isMet = isAllMet || ((validity[row >> 3]! >> (row & 7)) & 1) === 1;
    numbers[row] = isMet ? first + words[row]! : NO_RULE;
    left[kept] = row;
    kept += +!isMet;
  }
  return kept;
}

/** @hot */
function mark(numbers: Int32Array, rows: Uint32Array, count: number, value: number): void {
  for (let i = 0; i < count; i++) numbers[rows[i]!] = value;
}
