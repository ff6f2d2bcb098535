/** What `filter` does: shorter selections of the same columns. @module */

import { Batch } from '../../core/batch.ts';
import type { Kernel, KernelContext, OperatorPlan, Outbox, Progress } from '../../core/operator.ts';
import type { Schema } from '../../core/schema.ts';
import type { BatchPredicate } from '../../expr/index.ts';
import { compilePredicate, RowErrors } from '../../expr/index.ts';
import { RowFailures } from '../row-failures.ts';
import type { FilterConfig } from './spec.ts';

/** Makes the kernel of a `filter`. */
export function createFilterKernel(plan: OperatorPlan, context: KernelContext): Kernel {
  return new FilterKernel(plan, context);
}

class FilterKernel implements Kernel {
  readonly #schema: Schema;
  readonly #predicates: readonly BatchPredicate[];
  readonly #hasRest: boolean;
  /** By port: the input's columns through a selection of the port's own. */
  readonly #views: readonly Batch[];
  readonly #selections: readonly Uint32Array[];
  /** Rows that no condition has taken yet. */
  readonly #left: Uint32Array;
  readonly #errors: RowErrors;
  readonly #failures: RowFailures;

  constructor(plan: OperatorPlan, context: KernelContext) {
    const { conditions, hasRest } = plan.config as FilterConfig;
    const { rowCapacity, memory } = context;
    const [{ schema, hasTime }] = plan.inputs as [OperatorPlan['inputs'][number]];
    this.#schema = schema;
    this.#predicates = conditions.map((condition) =>
      compilePredicate(condition, { rowCapacity, memory }),
    );
    this.#hasRest = hasRest;
    const ports = conditions.length + (hasRest ? 1 : 0);
    this.#views = Array.from({ length: ports }, () => Batch.view(rowCapacity, hasTime));
    this.#selections = this.#views.map(() => memory.rows(rowCapacity));
    this.#left = memory.rows(rowCapacity);
    this.#errors = new RowErrors(rowCapacity);
    this.#failures = new RowFailures(plan, context);
  }

  onBatch(_port: number, batch: Batch, out: Outbox): Progress {
    const isOnly = this.#predicates.length === 1 && !this.#hasRest;
    if (isOnly) {
      this.#offer(0, this.#select(0, batch, batch.selection, batch.selected), batch, out);
    } else {
      this.#route(batch, out);
    }
    return this.resume(out);
  }

  resume(out: Outbox): Progress {
    return this.#failures.flush(out) ? 'done' : 'blocked';
  }

  #route(batch: Batch, out: Outbox): void {
    const left = this.#left;
    let count = batch.selected;
    for (let i = 0; i < count; i++) left[i] = batch.selection[i]!;
    for (let port = 0; port < this.#predicates.length; port++) {
      const before = count;
      const taken = this.#select(port, batch, left, before);
      count = without(left, before, this.#selections[port]!, taken);
      if (this.#errors.count > 0) count = this.#drop(batch, left, count);
      this.#offer(port, taken, batch, out);
    }
    if (!this.#hasRest) return;
    const rest = this.#predicates.length;
    const selection = this.#selections[rest]!;
    for (let i = 0; i < count; i++) selection[i] = left[i]!;
    this.#offer(rest, count, batch, out);
  }

  /** Rows for which a port's condition is true, into its selection; the count. */
  #select(port: number, batch: Batch, rows: Uint32Array, count: number): number {
    const selection = this.#selections[port]!;
    const taken = this.#predicates[port]!.select(batch, rows, count, selection, this.#errors);
    if (this.#errors.count > 0 && this.#predicates.length === 1 && !this.#hasRest) {
      return this.#drop(batch, selection, taken);
    }
    return taken;
  }

  #drop(batch: Batch, rows: Uint32Array, count: number): number {
    const named = this.#schema.map(({ name }, c) => ({ name, column: batch.columns[c]! }));
    return this.#failures.drop(this.#errors, rows, count, 'where', named);
  }

  #offer(port: number, selected: number, batch: Batch, out: Outbox): void {
    const view = this.#views[port]!;
    view.shareColumns(batch);
    view.selection = this.#selections[port]!;
    view.selected = selected;
    out.offer(port, view);
  }
}

/**
 * Removes `taken[0 .. takenCount)` from `rows[0 .. count)`, both ascending, in place.
 *
 * @hot
 */
function without(rows: Uint32Array, count: number, taken: Uint32Array, takenCount: number): number {
  let kept = 0;
  let t = 0;
  for (let i = 0; i < count; i++) {
    const row = rows[i]!;
    if (t < takenCount && taken[t] === row) t++;
    else rows[kept++] = row;
  }
  return kept;
}
