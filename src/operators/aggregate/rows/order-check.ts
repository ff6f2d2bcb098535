/** Values that windows go by never fall in a group: rows that break it are in error. @module */

import type { Batch } from '../../../core/batch.ts';
import type { OperatorPlan } from '../../../core/operator.ts';
import type { Schema } from '../../../core/schema.ts';
import type { Arena } from '../../../state/index.ts';
import type { RowFailures } from '../../row-failures.ts';
import { nameColumns, rowText } from '../../row-text.ts';
import type { AggregatePlanConfig } from '../config.ts';
import type { ValueConfig } from './config.ts';
import type { RowLayout } from './layout.ts';
import type { RowFacts } from './row-facts.ts';

/** Looks at the values of rows. */
export class OrderCheck {
  readonly #values: readonly ValueConfig[];
  /** Where groups have their last value, by dimension. */
  readonly #lasts: Int32Array;
  readonly #floats: Float64Array;
  readonly #facts: RowFacts;
  readonly #failures: RowFailures;
  readonly #schema: Schema;

  /** @param cell - where the cells of groups begin */
  constructor(
    plan: OperatorPlan,
    layout: RowLayout,
    arena: Arena,
    cell: number,
    facts: RowFacts,
    failures: RowFailures,
  ) {
    this.#values = (plan.config as AggregatePlanConfig).rowWindow!.values;
    this.#lasts = Int32Array.from(layout.values, ({ last }) => cell + last);
    this.#floats = arena.floats;
    this.#facts = facts;
    this.#failures = failures;
    this.#schema = plan.inputs[0]!.schema;
  }

  /** Whether a row is in order. One that is not is reported. */
  holds(batch: Batch, group: number, row: number, position: number): boolean {
    const lasts = this.#lasts;
    for (let v = 0; v < lasts.length; v++) {
      const last = this.#floats[group + lasts[v]!]!;
      const value = this.#facts.value(v, position);
      if (value >= last) continue;
      // The time of rows may fall: that of a group does not.
      if (this.#values[v]!.on === undefined) this.#facts.raise(v, position, last);
      else {
        this.#fail(batch, row, this.#values[v]!.field, value, last);
        return false;
      }
    }
    return true;
  }

  #fail(batch: Batch, row: number, field: string, value: number, last: number): void {
    const message = Number.isNaN(value)
      ? 'a window has no place for null, NaN, and integers beyond ±2^53'
      : `out of order: the value is ${value}, and ${last} was there before`;
    const input = rowText(nameColumns(this.#schema, batch.columns), row);
    this.#failures.add({ code: 'ERR_ROW_EXPRESSION', message, field, input });
  }
}
