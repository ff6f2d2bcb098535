/**
 * `join` pairs rows of two streams that are near in time: whose times differ by at most so much, or
 * lie in the same window. An inner join may also do without a bound; it then keeps both sides for ever.
 *
 * Keeps no order. A left row with k matches gives k rows; with none it gives, in a left or full join,
 * one row in which the right columns are null, as soon as the right watermark rules a match out; so a
 * right row in a right or full join. A semi join gives a left row once, when it has a match, an anti
 * join those that have none. A null key matches nothing. With a bound there need not be a key: then
 * each row is compared with all that are near. Of more than two streams it is joins of two, see `join-steps.ts`.
 *
 * @module
 */

import type { InputStream, OperatorSpec, ReportIssue } from '../../core/operator.ts';
import type { JoinOperator } from '../../core/topology/model.ts';
import type { Scope } from '../../expr/index.ts';
import { expressionInputs, joinScope } from '../../expr/index.ts';
import { planCondition, planExpression } from '../expression-issues.ts';
import { allColumns } from './all-columns.ts';
import { LEFT, RIGHT } from './config.ts';
import { planJoinSteps } from './join-steps.ts';
import { isLeftOnly } from './kinds.ts';
import type { JoinOutput } from './plan-join.ts';
import { checkTimes, planJoin } from './plan-join.ts';

/** What a join means. */
export const joinSpec: OperatorSpec<JoinOperator> = {
  kind: 'join',
  takesChanges: true,

  plan(node, inputs, report) {
    const [left, right] = inputs;
    if (left === undefined || right === undefined) {
      report(['inputs'], `a join has two inputs or more, found ${inputs.length}`);
      return undefined;
    }
    if (inputs.length > 2) return planJoinSteps(node, inputs, report);
    const areTimed = checkTimes(node, left, right, report);
    if (!checkNames(left, right, report) || !areTimed) return undefined;
    const scope = joinScope(left.stream.schema, right.stream.schema, left.name, right.name);
    const on = planCondition(node.on.text, scope, ['on'], report);
    const outputs = planSelect(node, left, right, scope, report);
    if (on === undefined || outputs === undefined) return undefined;
    return planJoin(node, left, right, { on, outputs }, report);
  },
};

function checkNames(left: InputStream, right: InputStream, report: ReportIssue): boolean {
  if (left.name === right.name || (left.name !== 'r' && right.name !== 'l')) return true;
  const [i, name] = left.name === 'r' ? [LEFT, 'r'] : [RIGHT, 'l'];
  const meant = name === 'r' ? 'right' : 'left';
  const message = `in a join '${name}' is the ${meant} input, and here a stream of this name is the other one`;
  report(['inputs', i], `${message}: swap the inputs, or rename the stream`);
  return false;
}

/** The output's columns; all of both sides, or of the left one alone, when nothing is selected. */
function planSelect(
  node: JoinOperator,
  left: InputStream,
  right: InputStream,
  scope: Scope,
  report: ReportIssue,
): readonly JoinOutput[] | undefined {
  if (node.select.length === 0) {
    return allColumns(node, isLeftOnly(node.kind) ? [left] : [left, right], report);
  }
  const outputs = node.select.map(({ name, text }) => {
    const expr = planExpression(text, scope, ['select', name], report);
    if (expr === undefined || !isLeftOnly(node.kind)) return expr && { name, expr };
    if (!expressionInputs(expr).includes(RIGHT)) return { name, expr };
    const message = `a row of a${node.kind === 'semi' ? '' : 'n'} ${node.kind} join is a left row`;
    report(['select', name], `${message}: '${right.name}' has no columns in it`);
    return undefined;
  });
  return outputs.every((output) => output !== undefined) ? outputs : undefined;
}
