/** What `format` means. @module */

import type { InputStream, OperatorPlan, OperatorSpec, ReportIssue } from '../../core/operator.ts';
import type { FileFormat, FormatOperator } from '../../core/topology/model.ts';
import { STRING } from '../../core/types.ts';
import { columnOf, planAdded } from '../added-columns.ts';
import { withErrorsPort } from '../row-failures.ts';

/** What the kernel goes by. */
export interface FormatConfig {
  /** Positions of the columns that are written. */
  readonly written: readonly number[];
  /** Positions of the input's columns that stay. */
  readonly kept: readonly number[];
  readonly format: FileFormat;
}

/**
 * `format` writes columns as a text: a JSON object, or a CSV record, as file sinks write them, without
 * the line end.
 *
 * Stateless; keeps order; one row for each row.
 */
export const formatSpec: OperatorSpec<FormatOperator> = {
  kind: 'format',
  takesChanges: true,

  plan(
    node: FormatOperator,
    inputs: readonly InputStream[],
    report: ReportIssue,
  ): OperatorPlan | undefined {
    const [input] = inputs as [InputStream];
    const { schema, change } = input.stream;
    const changes = change === undefined ? [] : [schema[change]!.name];
    const names =
      node.columns ?? schema.map(({ name }) => name).filter((n) => !changes.includes(n));
    const written = names.map((name, i) => columnOf(name, input, ['columns', i], report));
    // What says how rows change stays, whatever else is written.
    const dropped = node.keep ? [] : names.filter((name) => !changes.includes(name));
    const text = [{ name: node.as, type: STRING }];
    const added = planAdded(input, dropped, text, ['as'], report);
    if (added === undefined || !written.every((at) => at !== undefined)) return undefined;
    const config: FormatConfig = { written, kept: added.kept, format: node.format };
    return {
      kind: 'format',
      note: node.format.kind === 'csv' ? 'csv' : 'json',
      config,
      inputs: [input.stream],
      outputs: withErrorsPort([{ name: 'out', stream: added.stream }], node.onError),
      distribution: { kind: 'any' },
      onError: node.onError,
    };
  },
};
