/** Which columns of its input an aggregate needs to add a row. Pure. @module */

import type { Schema } from '../../../core/schema.ts';
import type { DataType } from '../../../core/types.ts';
import type { TypedExpr } from '../../../expr/index.ts';
import { operandsOf } from '../../../expr/index.ts';
import type { SpilledColumns } from '../../spill/spilled-rows.ts';
import type { AggregatePlanConfig } from '../config.ts';

/** The columns that keys, arguments and filters read, and the event time where it is an argument. */
export function spilledColumns({ keys, inputs }: AggregatePlanConfig): SpilledColumns {
  const types = new Map<number, DataType>();
  const visit = (expr: TypedExpr): void => {
    if (expr.op === 'column') types.set(expr.index, expr.type);
    for (const operand of operandsOf(expr)) visit(operand);
  };
  for (const { expr } of keys) visit(expr);
  for (const { argument, filter } of inputs) {
    if (argument !== undefined) visit(argument);
    if (filter !== undefined) visit(filter);
  }
  const positions = [...types.keys()].toSorted((a, b) => a - b);
  const schema: Schema = positions.map((c) => ({ name: `${c}`, type: types.get(c)! }));
  return { stream: { schema, hasTime: inputs.some(({ isTime }) => isTime === true) }, positions };
}
