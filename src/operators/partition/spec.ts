/** What `partition` means. @module */

import type { InputStream, OperatorPlan, OperatorSpec, ReportIssue } from '../../core/operator.ts';
import { fieldIndex } from '../../core/schema.ts';
import type { PartitionOperator } from '../../core/topology/model.ts';
import { INT32, JSON_TYPE } from '../../core/types.ts';
import { columnOf, planAdded } from '../added-columns.ts';
import { withErrorsPort } from '../row-failures.ts';

/** A part of a key. */
export interface KeyPath {
  /** Position of a column. */
  readonly column: number;
  /** Members of its value, of members of that, and so on. */
  readonly members: readonly string[];
}

/** What the kernel goes by. */
export interface PartitionConfig {
  readonly paths: readonly KeyPath[];
  readonly partitions: number;
  /** A row without keys gives a row with nulls. */
  readonly keepsUnroutable: boolean;
  /** Positions of the input's columns. */
  readonly kept: readonly number[];
}

/**
 * `partition` gives a row for each partition to which one of its keys belongs, with these keys: an event
 * goes once to each partition that has to see it. The partition of a key is that of Yahoo! S4.
 *
 * Stateless; keeps order; event time, lateness and changes as those of the input's row.
 */
export const partitionSpec: OperatorSpec<PartitionOperator> = {
  kind: 'partition',
  takesChanges: true,

  plan(
    node: PartitionOperator,
    inputs: readonly InputStream[],
    report: ReportIssue,
  ): OperatorPlan | undefined {
    const [input] = inputs as [InputStream];
    const columns = [
      { name: node.as, type: INT32 },
      { name: node.keysAs, type: JSON_TYPE },
    ];
    const added = planAdded(input, [], columns, ['as'], report);
    const paths = node.keys.map((key, i) => planPath(key, input, i, report));
    if (added === undefined || paths.includes(undefined)) return undefined;
    const config: PartitionConfig = {
      paths: paths as readonly KeyPath[],
      partitions: node.partitions,
      keepsUnroutable: node.unroutable === 'null',
      kept: added.kept,
    };
    return {
      kind: 'partition',
      config,
      inputs: [input.stream],
      outputs: withErrorsPort([{ name: 'out', stream: added.stream }], node.onError),
      distribution: { kind: 'any' },
      onError: node.onError,
    };
  },
};

/** A column may have any name: a path is what is no column. */
function planPath(
  key: string,
  input: InputStream,
  i: number,
  report: ReportIssue,
): KeyPath | undefined {
  const { schema } = input.stream;
  const whole = fieldIndex(schema, key);
  if (whole >= 0) return { column: whole, members: [] };
  const [name = '', ...members] = key.split('/');
  const column = columnOf(name, input, ['keys', i], report);
  if (column === undefined) return undefined;
  const { kind } = schema[column]!.type;
  if (members.length === 0 || kind === 'json') return { column, members };
  report(['keys', i], `a path leads into json; '${name}' of '${input.name}' is ${kind}`);
  return undefined;
}
