/** What `parse` means. @module */

import type { InputStream, OperatorPlan, OperatorSpec, ReportIssue } from '../../core/operator.ts';
import type { Schema } from '../../core/schema.ts';
import type { FileFormat, ParseOperator } from '../../core/topology/model.ts';
import { columnOfKind, planAdded } from '../added-columns.ts';
import { withErrorsPort } from '../row-failures.ts';

/** What the kernel goes by. */
export interface ParseConfig {
  /** Position of the column with the text. */
  readonly text: number;
  /** Positions of the input's columns that stay. */
  readonly kept: readonly number[];
  readonly columns: Schema;
  readonly format: FileFormat;
}

/**
 * `parse` makes columns of a text: of the members of a JSON object by their names, or of the fields of
 * a CSV record in order. A text that is null gives nulls; one that does not parse is a row in error.
 *
 * Stateless; keeps order; one row for each row.
 */
export const parseSpec: OperatorSpec<ParseOperator> = {
  kind: 'parse',
  takesChanges: true,

  plan(
    node: ParseOperator,
    inputs: readonly InputStream[],
    report: ReportIssue,
  ): OperatorPlan | undefined {
    const [input] = inputs as [InputStream];
    const text = columnOfKind(node.column, 'string', input, ['column'], report);
    const dropped = node.keep ? [] : [node.column];
    const added = planAdded(input, dropped, node.columns, ['columns'], report);
    if (text === undefined || added === undefined) return undefined;
    const { columns, format } = node;
    const config: ParseConfig = { text, kept: added.kept, columns, format };
    return {
      kind: 'parse',
      note: format.kind === 'csv' ? 'csv' : 'json',
      config,
      inputs: [input.stream],
      outputs: withErrorsPort([{ name: 'out', stream: added.stream }], node.onError),
      distribution: { kind: 'any' },
      onError: node.onError,
    };
  },
};
