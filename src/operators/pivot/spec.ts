/** What `pivot` means. @module */

import type { InputStream, OperatorPlan, OperatorSpec, ReportIssue } from '../../core/operator.ts';
import type { Schema } from '../../core/schema.ts';
import type { PivotOperator } from '../../core/topology/model.ts';
import { columnOfKind, planAdded } from '../added-columns.ts';
import { withErrorsPort } from '../row-failures.ts';

/** What the kernel goes by. */
export interface PivotConfig {
  /** Position of the json column. */
  readonly source: number;
  /** Positions of the input's columns that stay. */
  readonly kept: readonly number[];
  readonly columns: Schema;
  readonly entries: { readonly key: string; readonly value: string } | undefined;
}

/**
 * `pivot` makes columns of the members of an object, or of a list of objects of which one member names
 * the column and another is its value: of entries with one name, the last counts.
 *
 * Stateless; keeps order; one row for each row.
 */
export const pivotSpec: OperatorSpec<PivotOperator> = {
  kind: 'pivot',
  takesChanges: true,

  plan(
    node: PivotOperator,
    inputs: readonly InputStream[],
    report: ReportIssue,
  ): OperatorPlan | undefined {
    const [input] = inputs as [InputStream];
    const source = columnOfKind(node.column, 'json', input, ['column'], report);
    const dropped = node.keep ? [] : [node.column];
    const added = planAdded(input, dropped, node.columns, ['columns'], report);
    if (source === undefined || added === undefined) return undefined;
    const { columns, entries } = node;
    const config: PivotConfig = { source, kept: added.kept, columns, entries };
    return {
      kind: 'pivot',
      config,
      inputs: [input.stream],
      outputs: withErrorsPort([{ name: 'out', stream: added.stream }], node.onError),
      distribution: { kind: 'any' },
      onError: node.onError,
    };
  },
};
