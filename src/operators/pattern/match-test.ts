/** Conditions over single matches, where they must be known at once. @module */

import type { KernelContext, OperatorPlan } from '../../core/operator.ts';
import type { BatchPredicate, TypedExpr } from '../../expr/index.ts';
import { compilePredicate, RowErrors } from '../../expr/index.ts';
import type { HeldRows } from '../../state/index.ts';
import type { RowFailures } from '../row-failures.ts';
import type { PatternConfig } from './config.ts';
import { MatchColumns } from './match-columns.ts';

/** Asks conditions of one combination of rows after the other: its records stand at 0. */
export class MatchTest {
  /** By event. */
  readonly records: readonly Int32Array[];
  readonly #columns: MatchColumns;
  readonly #where: BatchPredicate | undefined;
  readonly #against: readonly (BatchPredicate | undefined)[];
  readonly #selection: Uint32Array;
  readonly #errors = new RowErrors(1);
  readonly #failures: RowFailures;

  constructor(
    plan: OperatorPlan,
    context: KernelContext,
    inputs: readonly HeldRows[],
    failures: RowFailures,
  ) {
    const { events, where, against } = plan.config as PatternConfig;
    const all = events.map((_, e) => e);
    this.#columns = new MatchColumns(plan, context, inputs, all, 1);
    this.records = this.#columns.records;
    const options = { memory: context.memory, rowCapacity: 1 };
    const compile = (condition: TypedExpr | undefined): BatchPredicate | undefined =>
      condition && compilePredicate(condition, options);
    this.#where = compile(where);
    this.#against = against.map(compile);
    this.#selection = context.memory.rows(1);
    this.#failures = failures;
  }

  /** Whether a match fulfils the condition. */
  isMatch(): boolean {
    return this.#ask(this.#where, 'where');
  }

  /** Whether a row of an event is one that must stay out, whatever the match. */
  isAlways(event: number): boolean {
    return this.#against[event] === undefined;
  }

  /** Whether the row of an event is one that must stay out, beside the rows of a partial match. */
  isAgainst(event: number): boolean {
    return this.#ask(this.#against[event], 'where');
  }

  #ask(condition: BatchPredicate | undefined, field: string): boolean {
    if (condition === undefined) return true;
    const columns = this.#columns;
    const selection = this.#selection;
    const errors = this.#errors;
    columns.gather(1);
    selection[0] = 0;
    const count = condition.select(columns.batch, selection, 1, selection, errors);
    if (errors.count === 0) return count > 0;
    return this.#failures.drop(errors, selection, count, field, columns.named) > 0;
  }
}
