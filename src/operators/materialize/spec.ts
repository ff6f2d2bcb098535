/** What `materialize` means. @module */

import type { InputStream, OperatorPlan, OperatorSpec, ReportIssue } from '../../core/operator.ts';
import { describeSchema, sameSchema } from '../../core/schema.ts';
import type { MaterializeOperator, TableDefinition } from '../../core/topology/model.ts';
import { sharedName } from '../query/config.ts';
import { tableOf } from '../query/spec.ts';
import { withErrorsPort } from '../row-failures.ts';

/** What the kernel goes by. */
export interface MaterializeConfig {
  readonly table: TableDefinition;
}

/**
 * `materialize` keeps the last rows of a stream in a table, for queries to read, and passes the rows on:
 * StreamBase's materialized window, and the history that a connection point of Borealis has.
 */
export const materializeSpec: OperatorSpec<MaterializeOperator> = {
  kind: 'materialize',

  plan(
    node: MaterializeOperator,
    inputs: readonly InputStream[],
    report: ReportIssue,
    tables: readonly TableDefinition[] = [],
  ): OperatorPlan | undefined {
    const { name, stream } = inputs[0]!;
    const table = tableOf(node.table, tables, report);
    if (table === undefined) return undefined;
    if (table.keep === undefined) {
      report(['table'], `table '${table.name}' has a key: rows get into it by a query`);
      return undefined;
    }
    if (!sameSchema(table.schema, stream.schema)) {
      const message = `'${name}' has the columns ${describeSchema(stream.schema)}`;
      report(['table'], `${message}; table '${table.name}' has ${describeSchema(table.schema)}`);
      return undefined;
    }
    if (table.keep.kind === 'time' && !stream.hasTime) {
      report(['table'], `'${name}' has no event time to keep rows by; give its source a 'time'`);
      return undefined;
    }
    const config: MaterializeConfig = { table };
    return {
      kind: 'materialize',
      note: table.name,
      config,
      inputs: [stream],
      outputs: withErrorsPort([{ name: 'out', stream }], node.onError),
      distribution: { kind: 'single' },
      shares: sharedName(table.name),
      onError: node.onError,
    };
  },
};
