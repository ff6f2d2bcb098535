/**
 * A join of more than two streams as joins of two: what came out of those before with the next stream, in the
 * order of the inputs.
 *
 * ```
 *   a, b ──▶ NAME/1: columns of both that are read later, as "a.x", "b.y"
 *   NAME/1, c ──▶ NAME: select
 * ```
 *
 * Conditions and columns are typed over all streams at once, so that mistakes are reported where they are
 * written; a condition belongs to the step of the last stream that it reads.
 *
 * @module
 */

import type { InputStream, OperatorPlan, PlanStep, ReportIssue } from '../../core/operator.ts';
import type { JoinOperator } from '../../core/topology/model.ts';
import { BOOL } from '../../core/types.ts';
import type { Scope, TypedColumn, TypedExpr } from '../../expr/index.ts';
import {
  conjunction,
  conjuncts,
  expressionColumns,
  expressionInputs,
  substituteColumns,
} from '../../expr/index.ts';
import { planCondition, planExpression } from '../expression-issues.ts';
import { WINDOW_FIELDS } from '../window-scheme.ts';
import { LEFT, RIGHT } from './config.ts';
import { allColumns } from './all-columns.ts';
import type { JoinOutput } from './plan-join.ts';
import { planJoin } from './plan-join.ts';

/** A column of one of the streams, and what it is called between two steps. */
interface Carried {
  readonly name: string;
  readonly expr: TypedColumn;
}

/** Plans a join of three streams or more: the last step, with those before it. */
export function planJoinSteps(
  node: JoinOperator,
  inputs: readonly InputStream[],
  report: ReportIssue,
): OperatorPlan | undefined {
  if (!checkNames(inputs, report)) return undefined;
  const scope: Scope = {
    inputs: inputs.map(({ name, stream }) => ({ names: [name], schema: stream.schema })),
  };
  const on = planCondition(node.on.text, scope, ['on'], report);
  const outputs = planOutputs(node, inputs, scope, report);
  if (on === undefined || outputs === undefined) return undefined;
  if (!checkChanges(inputs, on, outputs, report)) return undefined;
  const steps: PlanStep[] = [];
  let left = inputs[0]!;
  let carried: readonly Carried[] | undefined;
  for (let last = 1; last < inputs.length; last++) {
    const isLast = last === inputs.length - 1;
    const right = inputs[last]!;
    const next = isLast ? [] : carriedBehind(inputs, last, on, outputs);
    const given: readonly JoinOutput[] = isLast ? outputs : next;
    const place = placeOf(node, inputs, left, carried, last);
    const plan = planJoin(
      node,
      left,
      right,
      {
        on: conditionOf(on, last, place),
        outputs: given.map(({ name, expr }) => ({ name, expr: substituteColumns(expr, place) })),
      },
      (path, ...rest) => {
        // The left side of a step has no place of its own but for the first.
        const isRight = path[0] === 'inputs' && path[1] === RIGHT;
        report(isRight ? ['inputs', last, ...path.slice(2)] : path, ...rest);
      },
    );
    if (plan === undefined) return undefined;
    const from = last === 1 ? 0 : ('step' as const);
    steps.push({ plan, inputs: [from, last] });
    left = { name: `${left.name} and ${right.name}`, stream: plan.outputs[0]!.stream };
    carried = next;
  }
  return { ...steps.at(-1)!.plan, steps };
}

/** Expressions name columns by their streams. */
function checkNames(inputs: readonly InputStream[], report: ReportIssue): boolean {
  const first = inputs.findIndex(({ name }, i) => inputs.findIndex((of) => of.name === name) < i);
  if (first < 0) return true;
  const { name } = inputs[first]!;
  const message = `'${name}' is there twice, and its columns could be those of either`;
  report(['inputs', first], `${message}: give one of them a name of its own, by a filter or a map`);
  return false;
}

function planOutputs(
  node: JoinOperator,
  inputs: readonly InputStream[],
  scope: Scope,
  report: ReportIssue,
): readonly JoinOutput[] | undefined {
  if (node.select.length === 0) return allColumns(node, inputs, report);
  const outputs = node.select.map(({ name, text }) => {
    const expr = planExpression(text, scope, ['select', name], report);
    return expr && { name, expr };
  });
  return outputs.every((output) => output !== undefined) ? outputs : undefined;
}

/** What a row of a stream changes is not carried along. */
function checkChanges(
  inputs: readonly InputStream[],
  on: TypedExpr,
  outputs: readonly JoinOutput[],
  report: ReportIssue,
): boolean {
  const columns = new Set<number>();
  let base = 0;
  for (const { stream } of inputs) {
    if (stream.change !== undefined) columns.add(base + stream.change);
    base += stream.schema.length;
  }
  const message = 'the column that says what a row changes is not read by a join, which follows it';
  let isSound = true;
  for (const { path, expr } of [
    { path: ['on'], expr: on },
    ...outputs.map(({ name, expr }) => ({ path: ['select', name], expr })),
  ]) {
    if (!expressionColumns(expr).some((column) => columns.has(column))) continue;
    isSound = false;
    report(path, message);
  }
  return isSound;
}

/** Columns of the streams up to one that conditions of later steps, or the outputs, read. */
function carriedBehind(
  inputs: readonly InputStream[],
  last: number,
  on: TypedExpr,
  outputs: readonly JoinOutput[],
): readonly Carried[] {
  const read = [
    ...conjuncts(on).filter((condition) => stepOf(condition) > last),
    ...outputs.map(({ expr }) => expr),
  ];
  const columns = new Set(read.flatMap(expressionColumns));
  return columnsOf(inputs).flatMap((expr) => {
    if (expr.input > last || !columns.has(expr.index)) return [];
    return [{ name: `${inputs[expr.input]!.name}.${expr.name}`, expr }];
  });
}

/** The columns of all streams, as expressions read them. */
function columnsOf(inputs: readonly InputStream[]): readonly TypedColumn[] {
  let index = 0;
  return inputs.flatMap(({ stream }, input) =>
    stream.schema.map(({ name, type }, position): TypedColumn => {
      return { op: 'column', type, input, index: index++, position, name };
    }),
  );
}

/** The step of a condition: that of the last stream that it reads. */
function stepOf(condition: TypedExpr): number {
  return Math.max(1, ...expressionInputs(condition));
}

function conditionOf(
  on: TypedExpr,
  step: number,
  place: (index: number) => TypedColumn,
): TypedExpr {
  const own = conjuncts(on).filter((condition) => stepOf(condition) === step);
  const condition = conjunction(own) ?? { op: 'literal', type: BOOL, value: true };
  return substituteColumns(condition, place);
}

/** Where the columns of the streams are in a step: `[...left, ...right]`. */
function placeOf(
  { reach }: JoinOperator,
  inputs: readonly InputStream[],
  left: InputStream,
  carried: readonly Carried[] | undefined,
  last: number,
): (index: number) => TypedColumn {
  const columns = columnsOf(inputs);
  const width = left.stream.schema.length;
  const first = reach.kind === 'window' ? WINDOW_FIELDS.length : 0;
  return (index) => {
    const column = columns[index]!;
    const { input, position } = column;
    if (input === last) return { ...column, input: RIGHT, index: width + position };
    if (carried === undefined) return { ...column, input: LEFT, index: position };
    const at = first + carried.findIndex(({ expr }) => expr.index === index);
    return { ...column, input: LEFT, index: at, position: at };
  };
}
