/** What `map` means. @module */

import type { InputStream, OperatorPlan, OperatorSpec, ReportIssue } from '../../core/operator.ts';
import type { Field } from '../../core/schema.ts';
import type { MapOperator } from '../../core/topology/model.ts';
import type { TypedExpr } from '../../expr/index.ts';
import { scopeOf } from '../../expr/index.ts';
import { planExpression } from '../expression-issues.ts';
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

  plan(
    node: MapOperator,
    inputs: readonly InputStream[],
    report: ReportIssue,
  ): OperatorPlan | undefined {
    const { name, stream } = inputs[0]!;
    const scope = scopeOf(stream.schema, name);
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
    if (!isComplete) return undefined;
    const config: MapConfig = { columns };
    const schema = columns.map((column) => ({ name: column.name, type: column.expr.type }));
    return {
      kind: 'map',
      config,
      inputs: [stream],
      outputs: withErrorsPort(
        [{ name: 'out', stream: { schema, hasTime: stream.hasTime } }],
        node.onError,
      ),
      distribution: { kind: 'any' },
      onError: node.onError,
    };
  },
};

function inputColumn({ name, type }: Field, index: number): TypedExpr {
  return { op: 'column', type, input: 0, index, position: index, name };
}
