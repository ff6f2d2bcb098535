/** Reads and changes rows of a table that are known by their slots. @module */

import type { Column } from '../../core/column.ts';
import type { KernelContext, OperatorPlan } from '../../core/operator.ts';
import type { BatchPredicate } from '../../expr/index.ts';
import { compilePredicate, expressionColumns, RowErrors } from '../../expr/index.ts';
import { CompiledExpr, type RowEvaluator } from '../row-evaluator.ts';
import type { RowFailures } from '../row-failures.ts';
import { nameColumns } from '../row-text.ts';
import type { QueryConfig } from './config.ts';
import type { OrderedRows } from './ordered-rows.ts';
import type { Pairs } from './pairs.ts';
import { RowState } from './row-state.ts';
import type { Table } from './table.ts';

/** What the rows of one call have in common. */
export interface RowParts {
  readonly table: Table;
  readonly pairs: Pairs;
  /** By row. */
  readonly slots: Int32Array;
  /** By row: what became of it. */
  readonly states: Uint8Array;
}

/** A column of the table that gets new values. */
interface NewColumn {
  readonly position: number;
  readonly expr: CompiledExpr;
}

/** The steps of one query. No two rows of a list have the same slot, unless the table is only read. */
export class RowChanges {
  readonly #plan: OperatorPlan;
  readonly #config: QueryConfig;
  readonly #parts: RowParts;
  readonly #failures: RowFailures;
  readonly #evaluator: RowEvaluator;
  readonly #where: BatchPredicate | undefined;
  readonly #errors: RowErrors;
  readonly #inserted: readonly NewColumn[];
  readonly #updated: readonly NewColumn[];
  /** Indexes of columns that are updated. */
  readonly #ordered: readonly OrderedRows[];
  /** Columns of the table that expressions look at. */
  readonly #needed: readonly number[];
  readonly #known: Uint32Array;
  readonly #fresh: Uint32Array;
  readonly #results: Column[] = [];

  constructor(
    plan: OperatorPlan,
    context: KernelContext,
    failures: RowFailures,
    evaluator: RowEvaluator,
    parts: RowParts,
  ) {
    const config = plan.config as QueryConfig;
    const { rowCapacity, memory } = context;
    this.#plan = plan;
    this.#config = config;
    this.#parts = parts;
    this.#failures = failures;
    this.#evaluator = evaluator;
    this.#where = config.where && compilePredicate(config.where, { rowCapacity, memory });
    this.#errors = new RowErrors(rowCapacity);
    const { schema } = config.table;
    const compile = (exprs: QueryConfig['inserted']): NewColumn[] =>
      exprs.map((expr, position) => ({
        position,
        expr: new CompiledExpr(expr, schema[position]!.name, context),
      }));
    const width = plan.inputs[0]!.schema.length;
    this.#inserted = compile(config.inserted).filter((_, c) => !parts.table.key.includes(c));
    this.#updated = compile(config.updated).filter(
      ({ position, expr }) => expr.index !== width + position,
    );
    this.#ordered = parts.table.orderedBy(this.#updated.map(({ position }) => position));
    const { where, select } = config;
    const read = [...select, ...(where === undefined ? [] : [where])].flatMap(expressionColumns);
    this.#needed = schema
      .map((_, c) => c)
      .filter((c) => config.action !== 'read' || read.includes(width + c));
    this.#known = memory.rows(rowCapacity);
    this.#fresh = memory.rows(rowCapacity);
  }

  /** Reads the rows that `rows[0 .. count)` have found. */
  read(rows: Uint32Array, count: number): void {
    const { pairs, slots } = this.#parts;
    pairs.gather(this.#needed, slots, rows, count);
    this.#mark(this.#known, this.#filter(rows, count), RowState.READ);
  }

  /** Changes the rows whose slots `rows[0 .. count)` have, as far as there are any. */
  change(rows: Uint32Array, count: number): void {
    const { table, slots } = this.#parts;
    const { action } = this.#config;
    let known = 0;
    let fresh = 0;
    for (let i = 0; i < count; i++) {
      const row = rows[i]!;
      if (table.isPresent(slots[row]!)) this.#known[known++] = row;
      else this.#fresh[fresh++] = row;
    }
    if (action === 'insert') this.#mark(this.#known, known, RowState.MISS);
    else if (action === 'delete') this.#delete(known);
    else if (known > 0) this.#update(known);
    if (action === 'insert' || action === 'upsert') this.#insert(fresh);
    else this.#mark(this.#fresh, fresh, RowState.MISS);
  }

  #mark(rows: Uint32Array, count: number, state: number): void {
    const { states } = this.#parts;
    for (let i = 0; i < count; i++) states[rows[i]!] = state;
  }

  /**
   * Puts the rows for which the condition holds, of what was gathered, to the front of the known ones; the
   * others are misses.
   */
  #filter(rows: Uint32Array, count: number): number {
    if (this.#where === undefined) {
      if (rows !== this.#known) for (let i = 0; i < count; i++) this.#known[i] = rows[i]!;
      return count;
    }
    this.#mark(rows, count, RowState.MISS);
    const errors = this.#errors;
    const { batch } = this.#parts.pairs;
    let kept = this.#where.select(batch, rows, count, this.#known, errors);
    if (errors.count > 0) {
      this.#mark(errors.rows, errors.count, RowState.NONE);
      const named = nameColumns(this.#plan.inputs[0]!.schema, batch.columns);
      kept = this.#failures.drop(errors, this.#known, kept, 'where', named);
    }
    return kept;
  }

  #insert(count: number): void {
    if (count === 0) return;
    const { table, pairs, slots } = this.#parts;
    const evaluator = this.#evaluator;
    evaluator.begin(pairs.nones, this.#fresh, count);
    for (let c = 0; c < this.#inserted.length; c++) {
      this.#results[c] = evaluator.evaluate(this.#inserted[c]!.expr);
    }
    const { rows, count: left } = evaluator;
    for (let c = 0; c < this.#inserted.length; c++) {
      const column = table.columns[this.#inserted[c]!.position]!;
      column.scatter(this.#results[c]!, slots, rows, 0, left);
    }
    for (let i = 0; i < left; i++) table.admit(slots[rows[i]!]!);
    this.#mark(rows, left, RowState.INSERTED);
    pairs.gather(this.#needed, slots, rows, left);
  }

  #update(count: number): void {
    const { table, pairs, slots } = this.#parts;
    const evaluator = this.#evaluator;
    pairs.gather(this.#needed, slots, this.#known, count);
    const kept = this.#filter(this.#known, count);
    this.#mark(this.#known, kept, RowState.NONE);
    evaluator.begin(pairs.batch, this.#known, kept);
    for (let c = 0; c < this.#updated.length; c++) {
      this.#results[c] = evaluator.evaluate(this.#updated[c]!.expr);
    }
    const { rows, count: left } = evaluator;
    pairs.gatherBefore(slots, rows, left);
    for (const ordered of this.#ordered) {
      for (let i = 0; i < left; i++) ordered.remove(slots[rows[i]!]!);
    }
    for (let c = 0; c < this.#updated.length; c++) {
      const column = table.columns[this.#updated[c]!.position]!;
      column.scatter(this.#results[c]!, slots, rows, 0, left);
    }
    for (const ordered of this.#ordered) {
      for (let i = 0; i < left; i++) ordered.add(slots[rows[i]!]!);
    }
    const { journal } = table;
    if (journal !== undefined) for (let i = 0; i < left; i++) journal.put(slots[rows[i]!]!);
    this.#mark(rows, left, RowState.UPDATED);
    pairs.gather(this.#needed, slots, rows, left);
  }

  #delete(count: number): void {
    const { table, pairs, slots } = this.#parts;
    pairs.gather(this.#needed, slots, this.#known, count);
    const kept = this.#filter(this.#known, count);
    for (let i = 0; i < kept; i++) table.dismiss(slots[this.#known[i]!]!);
    this.#mark(this.#known, kept, RowState.DELETED);
  }
}
