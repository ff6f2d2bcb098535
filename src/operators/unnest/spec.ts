/** What `unnest` means. @module */

import type { InputStream, OperatorPlan, OperatorSpec, ReportIssue } from '../../core/operator.ts';
import type { Schema } from '../../core/schema.ts';
import type { UnnestOperator } from '../../core/topology/model.ts';
import { INT64 } from '../../core/types.ts';
import { columnOfKind, planAdded } from '../added-columns.ts';
import { withErrorsPort } from '../row-failures.ts';

/** What the kernel goes by. */
export interface UnnestConfig {
  /** Position of the column with the list. */
  readonly list: number;
  /** Positions of the input's columns that stay. */
  readonly kept: readonly number[];
  readonly columns: Schema;
  readonly hasPosition: boolean;
  readonly isOuter: boolean;
}

/**
 * `unnest` gives a row for each element of a list: the input's columns beside those of the element.
 *
 * Stateless; keeps order; event time, lateness and changes as those of the input's row.
 */
export const unnestSpec: OperatorSpec<UnnestOperator> = {
  kind: 'unnest',
  takesChanges: true,

  plan(
    node: UnnestOperator,
    inputs: readonly InputStream[],
    report: ReportIssue,
  ): OperatorPlan | undefined {
    const [input] = inputs as [InputStream];
    const list = columnOfKind(node.column, 'json', input, ['column'], report);
    const position = node.position === undefined ? [] : [{ name: node.position, type: INT64 }];
    const dropped = node.keep ? [] : [node.column];
    const added = planAdded(input, dropped, [...node.columns, ...position], ['columns'], report);
    if (list === undefined || added === undefined) return undefined;
    const config: UnnestConfig = {
      list,
      kept: added.kept,
      columns: node.columns,
      hasPosition: node.position !== undefined,
      isOuter: node.outer,
    };
    return {
      kind: 'unnest',
      config,
      inputs: [input.stream],
      outputs: withErrorsPort([{ name: 'out', stream: added.stream }], node.onError),
      distribution: { kind: 'any' },
      onError: node.onError,
    };
  },
};
