/** What `decision_table` means. @module */

import type { InputStream, OperatorPlan, OperatorSpec, ReportIssue } from '../../core/operator.ts';
import { fieldIndex, type Schema } from '../../core/schema.ts';
import type {
  DecisionTableOperator,
  RuleHit,
  TableFile,
  Unmatched,
} from '../../core/topology/model.ts';
import { INT32 } from '../../core/types.ts';
import { planAdded } from '../added-columns.ts';
import { columnOf } from '../added-columns.ts';
import { withErrorsPort } from '../row-failures.ts';
import type { PlannedRules } from './rules.ts';
import { planRules } from './rules.ts';

/** What the kernel goes by. */
export interface DecisionTableConfig {
  /** Rules, or the file that they are read from when the kernel is made. */
  readonly rules: PlannedRules | TableFile;
  /** The input's name, for messages. */
  readonly input: string;
  /** Columns behind those of the input. */
  readonly parameters: Schema;
  readonly results: Schema;
  readonly hit: RuleHit;
  readonly unmatched: Unmatched;
  /** A column with the number of the rule comes behind the results. */
  readonly hasNumber: boolean;
}

/**
 * `decision_table` adds to each row the results of the first rule whose conditions it meets; or, if all
 * rules count, it gives a row for each of them.
 *
 * Stateless; with `first` it keeps order and gives at most one row for each; event time, lateness and
 * changes are those of the input's row.
 */
export const decisionTableSpec: OperatorSpec<DecisionTableOperator> = {
  kind: 'decision_table',
  updates: ['rules', 'table', 'hit'],
  takesChanges: true,
  takesParameters: true,

  plan(
    node: DecisionTableOperator,
    inputs: readonly InputStream[],
    report: ReportIssue,
  ): OperatorPlan | undefined {
    const [input] = inputs as [InputStream];
    const { results, ruleColumn, rules } = node;
    const { parameters = [] } = input;
    const number = ruleColumn === undefined ? [] : [{ name: ruleColumn, type: INT32 }];
    const added = planAdded(input, [], [...results, ...number], ['results'], report);
    const planned =
      rules.kind === 'inline'
        ? planRules(
            rules.rules,
            { name: input.name, schema: input.stream.schema, parameters },
            results,
            (rule, path, message, suggestion) =>
              report(['rules', rule, ...path], message, suggestion),
          )
        : planFile(rules.table, results, input, report);
    if (planned === undefined || added === undefined) return undefined;
    const config: DecisionTableConfig = {
      rules: planned,
      input: input.name,
      parameters,
      results,
      hit: node.hit,
      unmatched: node.unmatched,
      hasNumber: ruleColumn !== undefined,
    };
    const out = { name: 'out', stream: added.stream };
    const ports =
      node.unmatched === 'port' ? [out, { name: 'unmatched', stream: input.stream }] : [out];
    return {
      kind: 'decision_table',
      config,
      inputs: [input.stream],
      outputs: withErrorsPort(ports, node.onError),
      distribution: { kind: 'any' },
      onError: node.onError,
    };
  },
};

/** The file whose conditions are columns of the input. */
function planFile(
  table: TableFile,
  results: Schema,
  input: InputStream,
  report: ReportIssue,
): TableFile | undefined {
  const conditions = table.schema.filter(({ name }) => fieldIndex(results, name) < 0);
  const found = conditions.map(({ name }, i) =>
    columnOf(name, input, ['table', 'conditions', i], report),
  );
  return found.includes(undefined) ? undefined : table;
}
