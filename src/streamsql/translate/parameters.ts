/** Variables that expressions read, as parameters of their operator. @module */

import { objectOf } from '../../core/topology/key-order.ts';
import { childrenOf, type Expr, type Span } from '../../expr/index.ts';
import { mistake } from '../problems.ts';
import type { ColumnScope } from './column-scope.ts';
import type { Context } from './context.ts';
import type { NodeDocument } from './document-builder.ts';

/** `parameters` and `control` for the variables that a scope has met. */
export function parametersOf(scope: ColumnScope, context: Context, span: Span): NodeDocument {
  return parametersFor(scope.takeVariables(), context, span);
}

/** The variables that rewritten expressions read. */
export function variablesIn(exprs: readonly Expr[]): readonly string[] {
  const own = exprs.flatMap((expr) =>
    expr.kind === 'column' && expr.qualifier === undefined && expr.name.startsWith('$')
      ? [expr.name.slice(1)]
      : variablesIn(childrenOf(expr)),
  );
  return [...new Set(own)];
}

/** `parameters` and `control` for these variables. */
export function parametersFor(used: readonly string[], context: Context, span: Span): NodeDocument {
  // A column of the stream may begin with a $ as well.
  const declared = used.filter((name) => context.declarations.variables.has(name));
  if (declared.length === 0) return {};
  const variables = declared.map((name) => ({ name, ...context.variable(name) }));
  const parameters = variables.map(({ name, type, initial, column }) => {
    const renamed = column === undefined || column === name ? {} : { column };
    return [name, { type, ...(initial === null ? {} : { initial }), ...renamed }] as const;
  });
  const controls = new Map(
    variables.flatMap(({ control, options, name }) =>
      control === undefined ? [] : [[control.ref, { control, options, name }] as const],
    ),
  );
  const [first, second] = [...controls.values()];
  if (second !== undefined) {
    const message = `'${first!.name}' and '${second.name}' are changed by different streams`;
    throw mistake(span, `${message}: an operator has one; read them in two SELECTs`);
  }
  return {
    parameters: objectOf(parameters),
    ...(first === undefined
      ? {}
      : { control: { input: first.control.ref, effect: 'arrival', ...first.options } }),
  };
}

/** Refuses variables where operators have no parameters. */
export function refuseVariables(scope: ColumnScope, what: string, span: Span): void {
  const [name] = scope.takeVariables();
  if (name === undefined) return;
  const message = `${what} reads no variables`;
  throw mistake(span, `${message}: a SELECT in front makes a column of '${name}'`);
}
