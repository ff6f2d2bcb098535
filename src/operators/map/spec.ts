/** What `map` means. @module */

import type { InputStream, OperatorPlan, OperatorSpec, ReportIssue } from '../../core/operator.ts';
import type { Field, StreamType } from '../../core/schema.ts';
import type { MapOperator } from '../../core/topology/model.ts';
import type { TypedExpr } from '../../expr/index.ts';
import { planExpression } from '../expression-issues.ts';
import { inputScope } from '../parameters/plan.ts';
import { withErrorsPort } from '../row-failures.ts';

/** What the kernel goes by: the output's columns, in order. */
export interface MapConfig {
  readonly columns: readonly MappedColumn[];
}

/** One output column. */
export interface MappedColumn {
  readonly name: string;
  readonly expr: TypedExpr;
}

/**
 * `map` computes columns. With `"*": true` the input's columns come first; a computed column of the
 * same name takes the place of the input's.
 *
 * Stateless; keeps order; one row out for each row in, event time and lateness as they were.
 */
export const mapSpec: OperatorSpec<MapOperator> = {
  kind: 'map',
  updates: ['select'],
  takesChanges: true,
  takesParameters: true,
  takesWeights: true,
  takesSubsets: 'all',

  plan(
    node: MapOperator,
    inputs: readonly InputStream[],
    report: ReportIssue,
  ): OperatorPlan | undefined {
    const { stream } = inputs[0]!;
    const scope = inputScope(inputs[0]!);
    const columns: MappedColumn[] = node.select.keepInput
      ? stream.schema.map((field, index) => ({ name: field.name, expr: inputColumn(field, index) }))
      : [];
    let isComplete = true;
    for (const { name: column, text } of node.select.columns) {
      const expr = planExpression(text, scope, ['select', column], report);
      if (expr === undefined) {
        isComplete = false;
        continue;
      }
      const at = columns.findIndex((known) => known.name === column);
      columns[at < 0 ? columns.length : at] = { name: column, expr };
    }
    const change = keepColumn(columns, stream, stream.change, MEANING.change, report);
    const weight = keepColumn(columns, stream, stream.weight, MEANING.weight, report);
    const unit = keepColumn(columns, stream, stream.unit, MEANING.unit, report);
    if (!isComplete) return undefined;
    const config: MapConfig = { columns };
    const schema = columns.map((column) => ({ name: column.name, type: column.expr.type }));
    const { hasTime, isSubset } = stream;
    return {
      kind: 'map',
      config,
      inputs: [stream],
      outputs: withErrorsPort(
        [{ name: 'out', stream: { schema, hasTime, change, weight, unit, isSubset } }],
        node.onError,
      ),
      distribution: { kind: 'any' },
      onError: node.onError,
    };
  },
};

const MEANING = {
  change: 'says what rows of this stream of changes do',
  weight: 'says how many rows each row of this stream stands for',
  unit: 'says which group each row of this stream is shed with',
} as const;

/** Where the output has a column that it must have: behind its own ones, if it is not among them already. */
function keepColumn(
  columns: MappedColumn[],
  { schema }: StreamType,
  position: number | undefined,
  meaning: string,
  report: ReportIssue,
): number | undefined {
  if (position === undefined) return undefined;
  const field = schema[position]!;
  const at = columns.findIndex(({ name }) => name === field.name);
  if (at < 0) return columns.push({ name: field.name, expr: inputColumn(field, position) }) - 1;
  const { expr } = columns[at]!;
  if (expr.op === 'column' && expr.index === position) return at;
  report(['select', field.name], `'${field.name}' ${meaning}: give the column another name`);
  return undefined;
}

function inputColumn({ name, type }: Field, index: number): TypedExpr {
  return { op: 'column', type, input: 0, index, position: index, name };
}
