/** What `filter` means. @module */

import type { InputStream, OperatorPlan, OperatorSpec, ReportIssue } from '../../core/operator.ts';
import type { FilterOperator } from '../../core/topology/model.ts';
import type { TypedExpr } from '../../expr/index.ts';
import { planCondition } from '../expression-issues.ts';
import { inputScope } from '../parameters/plan.ts';
import { sameColumns } from '../named-columns.ts';
import { withErrorsPort } from '../row-failures.ts';

/** What the kernel goes by: one condition per output port, in port order. */
export interface FilterConfig {
  readonly conditions: readonly TypedExpr[];
  /** The last port takes what no condition took. */
  readonly hasRest: boolean;
}

/**
 * `filter` keeps the rows for which `where` is true, or sends each row to the first of its `routes`
 * that is true for it, else to the rest. Null counts as false.
 *
 * Stateless; keeps order; adds no rows and no columns.
 */
export const filterSpec: OperatorSpec<FilterOperator> = {
  kind: 'filter',
  updates: ['where', 'routes'],
  takesChanges: true,
  takesParameters: true,
  takesWeights: true,
  takesSubsets: 'all',

  plan(
    node: FilterOperator,
    inputs: readonly InputStream[],
    report: ReportIssue,
  ): OperatorPlan | undefined {
    const { stream } = inputs[0]!;
    const scope = inputScope(inputs[0]!);
    const { mode } = node;
    const conditions =
      mode.kind === 'where'
        ? [planCondition(mode.where.text, scope, ['where'], report)]
        : mode.routes.map((route) =>
            planCondition(route.text, scope, ['routes', route.name], report),
          );
    if (conditions.includes(undefined)) return undefined;
    const names = mode.kind === 'where' ? ['out'] : mode.routes.map((route) => route.name);
    const rest = mode.kind === 'routes' ? mode.rest : undefined;
    if (rest !== undefined) names.push(rest);
    const repeats = sameColumns(stream.schema);
    const config: FilterConfig = {
      conditions: conditions as readonly TypedExpr[],
      hasRest: rest !== undefined,
    };
    return {
      kind: 'filter',
      config,
      inputs: [stream],
      outputs: withErrorsPort(
        names.map((port) => ({ name: port, stream, repeats })),
        node.onError,
      ),
      distribution: { kind: 'any' },
      onError: node.onError,
    };
  },
};
