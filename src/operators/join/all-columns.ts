/** Which columns a join gives where none are selected. Pure. @module */

import type { InputStream, ReportIssue } from '../../core/operator.ts';
import type { Field } from '../../core/schema.ts';
import type { JoinOperator } from '../../core/topology/model.ts';
import { WINDOW_FIELDS } from '../window-scheme.ts';
import { isChangeColumn } from './plan-changes.ts';
import type { JoinOutput } from './plan-join.ts';

/**
 * All columns of the streams, in their order. A column whose name is taken is called `INPUT_NAME`, with
 * the name of its stream in front: `clicks_id`.
 */
export function allColumns(
  { reach }: JoinOperator,
  inputs: readonly InputStream[],
  report: ReportIssue,
): readonly JoinOutput[] | undefined {
  const first = reach.kind === 'window' ? WINDOW_FIELDS.map(({ name }) => name) : [];
  let width = 0;
  const all = inputs.flatMap((input, i) => {
    const base = width;
    width += input.stream.schema.length;
    return input.stream.schema.map((field, position) => ({
      input,
      output: columnOf(field, i, base + position, position),
    }));
  });
  const columns = all.filter(({ input, output }) => !isChangeColumn(input, output.expr));
  const taken = new Set([...first, ...columns.map(({ output }) => output.name)]);
  const used = new Set(first);
  const outputs: JoinOutput[] = [];
  let isSound = true;
  for (const { input, output } of columns) {
    if (!used.has(output.name)) {
      used.add(output.name);
      outputs.push(output);
      continue;
    }
    const name = `${input.name.replaceAll('.', '_')}_${output.name}`;
    if (taken.has(name)) {
      isSound = false;
      const several = inputs.length > 2 ? 'several inputs' : 'both inputs';
      const who = first.includes(output.name) ? 'window and inputs' : several;
      const message = `${who} have a column '${output.name}', and '${name}' is taken too`;
      report(['select'], `${message}: select the columns you need, with names of their own`);
    }
    taken.add(name);
    outputs.push({ ...output, name });
  }
  return isSound ? outputs : undefined;
}

function columnOf(field: Field, input: number, index: number, position: number): JoinOutput {
  const { name, type } = field;
  return { name, expr: { op: 'column', type, input, index, position, name } };
}
