/** What parameters mean for the plan of an operator. Pure. @module */

import { nearestName } from '../../core/nearest-name.ts';
import type { InputStream, OperatorPlan, ParameterPlan, ReportIssue } from '../../core/operator.ts';
import type { Schema } from '../../core/schema.ts';
import { fieldIndex } from '../../core/schema.ts';
import type { OperatorNode, ParameterDefinition } from '../../core/topology/model.ts';
import { sameType, typeName } from '../../core/types.ts';
import type { Scope } from '../../expr/index.ts';
import { scopeOf } from '../../expr/index.ts';

/** Columns of an input as expressions see them: its own, then the parameters of the node. */
export function inputScope({ name, stream, parameters = [] }: InputStream): Scope {
  return scopeOf([...stream.schema, ...parameters], name);
}

/** The parameters of a node, as columns. */
export function parameterFields(parameters: readonly ParameterDefinition[]): Schema {
  return parameters.map(({ name, type }) => ({ name: `$${name}`, type }));
}

/** The streams that a node reads, and the one that changes its parameters. */
export function takeControl(
  node: OperatorNode,
  inputs: readonly InputStream[],
): { readonly streams: readonly InputStream[]; readonly control: InputStream | undefined } {
  if (node.control === undefined) return { streams: inputs, control: undefined };
  return { streams: inputs.slice(0, -1), control: inputs.at(-1) };
}

/**
 * The plan of a node whose tasks hand parameters in behind the columns of their input; with a control
 * stream that is one more input, of which every task sees all rows.
 *
 * @returns `undefined` when something was reported
 */
export function withParameters(
  plan: OperatorPlan,
  node: OperatorNode,
  control: InputStream | undefined,
  report: ReportIssue,
): OperatorPlan | undefined {
  const { parameters: definitions } = node;
  if (definitions === undefined) return plan;
  let isSound = plan.inputs.length === 1;
  const issue: ReportIssue = (path, message, suggestion) => {
    isSound = false;
    report(path, message, suggestion);
  };
  if (plan.inputs[0]!.change !== undefined) {
    const message = 'the input is a stream of changes: a row could be taken back by another value';
    issue(['parameters'], `${message} of a parameter than it was given by`);
  }
  const parameters: ParameterPlan = {
    fields: parameterFields(definitions),
    values: definitions.map(({ initial }) => initial),
    control: control && planControl(plan, node, control, issue),
  };
  if (!isSound) return undefined;
  const added = (own: OperatorPlan): OperatorPlan => ({
    ...own,
    parameters,
    inputs: control === undefined ? own.inputs : [...own.inputs, control.stream],
  });
  const { stages } = plan;
  return { ...added(plan), stages: stages && { ...stages, local: added(stages.local) } };
}

function planControl(
  plan: OperatorPlan,
  { parameters = [], control }: OperatorNode,
  { name, stream }: InputStream,
  issue: ReportIssue,
): ParameterPlan['control'] {
  const { effect, historyUs } = control!;
  if (effect === 'event') {
    const [lacking] = [
      ...(plan.inputs[0]!.hasTime && plan.time !== 'processing' ? [] : ['the input']),
      ...(stream.hasTime ? [] : [`'${name}'`]),
    ];
    if (lacking !== undefined) {
      const message = `${lacking} has no event time, by which changes would take effect`;
      issue(['control'], `${message}; give its source a 'time', or write "effect": "arrival"`);
    }
  }
  if (stream.change !== undefined) {
    issue(['control'], `'${name}' is a stream of changes, of which some take rows back`);
  }
  const { schema } = stream;
  const columns = parameters.map((parameter) => {
    const at = fieldIndex(schema, parameter.column);
    const path = ['parameters', parameter.name];
    if (at < 0) {
      const names = schema.map((field) => field.name);
      const message = `'${name}' has no column '${parameter.column}' (${names.join(', ')})`;
      issue(path, message, nearestName(parameter.column, names));
    } else if (!sameType(schema[at]!.type, parameter.type)) {
      const [found, wanted] = [schema[at]!.type, parameter.type].map(typeName);
      issue(path, `column '${parameter.column}' of '${name}' is ${found}; expected ${wanted}`);
    }
    return at;
  });
  return { columns, effect, historyUs };
}
