/** What `iterate` means. @module */

import type { InputStream, OperatorPlan, OperatorSpec, ReportIssue } from '../../core/operator.ts';
import type { Expression, IterateOperator } from '../../core/topology/model.ts';
import { INT64, isInteger, typeName } from '../../core/types.ts';
import type { Scope, TypedExpr } from '../../expr/index.ts';
import { scopeOf } from '../../expr/index.ts';
import { planAdded } from '../added-columns.ts';
import { planCondition, planExpression } from '../expression-issues.ts';
import { withErrorsPort } from '../row-failures.ts';

/** What the kernel goes by. */
export interface IterateConfig {
  /** Whole numbers, over the input. */
  readonly from: TypedExpr;
  readonly to: TypedExpr | undefined;
  readonly step: number;
  /** Over the output. */
  readonly while: TypedExpr | undefined;
  readonly limit: number;
}

/**
 * `iterate` gives a row for each number of a range that each row says: the input's columns and the
 * number. A range with a null end is empty.
 *
 * Stateless; keeps order; event time, lateness and changes as those of the input's row.
 */
export const iterateSpec: OperatorSpec<IterateOperator> = {
  kind: 'iterate',
  takesChanges: true,

  plan(
    node: IterateOperator,
    inputs: readonly InputStream[],
    report: ReportIssue,
  ): OperatorPlan | undefined {
    const [input] = inputs as [InputStream];
    const scope = scopeOf(input.stream.schema, input.name);
    const added = planAdded(input, [], [{ name: node.as, type: INT64 }], ['as'], report);
    const from = planWhole(node.from, 'from', scope, report);
    const to = node.to && planWhole(node.to, 'to', scope, report);
    if (added === undefined) return undefined;
    const condition =
      node.while &&
      planCondition(node.while.text, scopeOf(added.stream.schema, node.name), ['while'], report);
    const isWhole = (node.to === undefined) === (to === undefined);
    const isChecked = (node.while === undefined) === (condition === undefined);
    if (from === undefined || !isWhole || !isChecked) return undefined;
    const { step, limit } = node;
    const config: IterateConfig = { from, to, step, while: condition, limit };
    return {
      kind: 'iterate',
      config,
      inputs: [input.stream],
      outputs: withErrorsPort([{ name: 'out', stream: added.stream }], node.onError),
      distribution: { kind: 'any' },
      onError: node.onError,
    };
  },
};

function planWhole(
  { text }: Expression,
  property: string,
  scope: Scope,
  report: ReportIssue,
): TypedExpr | undefined {
  const typed = planExpression(text, scope, [property], report);
  if (typed === undefined || isInteger(typed.type)) return typed;
  report([property], `expected a whole number (int32 or int64), found ${typeName(typed.type)}`);
  return undefined;
}
