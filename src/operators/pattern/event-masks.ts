/** Which events the rows of a batch are. @module */

import type { Batch } from '../../core/batch.ts';
import type { Column } from '../../core/column.ts';
import type { KernelContext, OperatorPlan } from '../../core/operator.ts';
import type { Schema } from '../../core/schema.ts';
import type { BatchPredicate } from '../../expr/index.ts';
import { compilePredicate, RowErrors } from '../../expr/index.ts';
import type { RowFailures } from '../row-failures.ts';
import { nameColumns } from '../row-text.ts';
import type { PatternConfig } from './config.ts';

interface Condition {
  readonly bit: number;
  readonly field: string;
  readonly predicate: BatchPredicate;
}

/** Asks the conditions of events, of one input after the other. */
export class EventMasks {
  /** `rows[0 .. count)`: those that are an event at all. */
  readonly rows: Uint32Array;
  /** By row: a bit for each event that it is. */
  readonly masks: Int32Array;
  readonly #schemas: readonly Schema[];
  /** By input: the events that any row is, and those with a condition. */
  readonly #always: readonly number[];
  readonly #conditions: readonly (readonly Condition[])[];
  /** By input: the field of the window; a row in which it is null is in no match. */
  readonly #fields: readonly number[];
  readonly #found: Uint32Array;
  readonly #errors: RowErrors;
  readonly #failures: RowFailures;

  constructor(plan: OperatorPlan, context: KernelContext, failures: RowFailures) {
    const { events, within } = plan.config as PatternConfig;
    const { memory, rowCapacity } = context;
    this.rows = memory.rows(rowCapacity);
    this.masks = new Int32Array(rowCapacity);
    this.#schemas = plan.inputs.map(({ schema }) => schema);
    const own = plan.inputs.map((_, input) =>
      events.flatMap((event, e) => (event.input === input ? [{ ...event, bit: 1 << e }] : [])),
    );
    this.#always = own.map((list) =>
      list.reduce((mask, { where, bit }) => (where === undefined ? mask | bit : mask), 0),
    );
    this.#conditions = own.map((list) =>
      list.flatMap(({ where, bit, name }) => {
        if (where === undefined) return [];
        return [{ bit, field: `events.${name}`, predicate: compilePredicate(where, context) }];
      }),
    );
    this.#fields = within.kind === 'field' ? within.positions : [];
    this.#found = memory.rows(rowCapacity);
    this.#errors = new RowErrors(rowCapacity);
    this.#failures = failures;
  }

  /** Looks at rows `rows[0 .. count)` of a batch; how many are an event. */
  take(port: number, batch: Batch, rows: Uint32Array, count: number): number {
    const { masks } = this;
    const always = this.#always[port]!;
    const conditions = this.#conditions[port]!;
    for (let i = 0; i < count; i++) masks[rows[i]!] = always;
    for (let c = 0; c < conditions.length; c++) this.#ask(port, conditions[c]!, batch, rows, count);
    const field = this.#fields[port];
    if (field !== undefined) this.#leaveOutNulls(batch.columns[field]!, rows, count);
    let kept = 0;
    for (let i = 0; i < count; i++) {
      const row = rows[i]!;
      this.rows[kept] = row;
      kept += masks[row] === 0 ? 0 : 1;
    }
    return kept;
  }

  #leaveOutNulls(field: Column, rows: Uint32Array, count: number): void {
    if (field.nullCount === 0) return;
    for (let i = 0; i < count; i++) if (field.isNull(rows[i]!)) this.masks[rows[i]!] = 0;
  }

  #ask(port: number, condition: Condition, batch: Batch, rows: Uint32Array, count: number): void {
    const found = this.#found;
    const errors = this.#errors;
    const { masks } = this;
    let selected = condition.predicate.select(batch, rows, count, found, errors);
    if (errors.count > 0) {
      const named = nameColumns(this.#schemas[port]!, batch.columns);
      selected = this.#failures.drop(errors, found, selected, condition.field, named);
    }
    for (let i = 0; i < selected; i++) masks[found[i]!]! |= condition.bit;
  }
}
