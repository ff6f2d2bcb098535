/** What a gate computes of each row. Pure. @module */

import type { Expression, SourceNode } from '../../core/topology/index.ts';
import { FLOAT64 } from '../../core/types.ts';
import {
  addModules,
  convert,
  inferExpression,
  parseExpression,
  scopeOf,
  type TypedExpr,
} from '../../expr/index.ts';
import type { ModuleList } from '../../wasm/index.ts';
import type { GateProgram } from '../../workers/protocol-admission.ts';

/**
 * The expressions of a source's `admission`, which have been checked.
 *
 * @param keys - what says which group a row is of, where whole groups are shed
 */
export function planGateProgram(
  { name, schema, admission }: SourceNode,
  keys?: readonly TypedExpr[],
): GateProgram<TypedExpr> {
  const typed = (expression: Expression | undefined): TypedExpr | undefined =>
    expression && inferExpression(parseExpression(expression.text), scopeOf(schema, name));
  const value = typed(admission?.value);
  return {
    value: value && convert(value, FLOAT64),
    class: typed(admission?.class),
    droppable: typed(admission?.droppable),
    tenant: typed(admission?.tenant),
    ...(keys === undefined ? {} : { keys }),
  };
}

/** Compiles what a gate will need. */
export function addGateModules(program: GateProgram<TypedExpr>, list: ModuleList): void {
  const { value, droppable, tenant, keys = [] } = program;
  for (const expr of [value, program.class, droppable, tenant, ...keys]) {
    if (expr !== undefined && expr.op !== 'column') addModules(expr, false, list);
  }
}
