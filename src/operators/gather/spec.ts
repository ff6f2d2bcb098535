/**
 * The meaning of a gather: when a row of each input has come with some key, they leave as one row.
 *
 * ```
 *   key columns │ other columns of input 0 │ other columns of input 1 │ …
 * ```
 *
 * Ports: the rows, in the order in which they became complete, and those that were given up, in which
 * columns of the inputs that gave none are null. A row has the latest event time of those that it is
 * made of.
 *
 * @module
 */

import type { InputStream, OperatorPlan, OperatorSpec, ReportIssue } from '../../core/operator.ts';
import type { Schema } from '../../core/schema.ts';
import { fieldIndex } from '../../core/schema.ts';
import type { GatherOperator } from '../../core/topology/model.ts';
import { sameType, storageOf, typeName } from '../../core/types.ts';
import type { DurationUs } from '../../core/units.ts';
import { findColumn, planGroups } from '../named-columns.ts';
import { noteIssues } from '../note-issues.ts';
import { withErrorsPort } from '../row-failures.ts';

/** Ports of the node; `errors` is behind them where there is one. */
export const Port = { OUT: 0, INCOMPLETE: 1 } as const;

/** What a gather takes of one input. */
export interface GatherInput {
  /** The stream, for messages. */
  readonly name: string;
  /** Positions of the key, and of the other columns. */
  readonly keys: readonly number[];
  readonly others: readonly number[];
  /** Position of the column that timeouts go by; -1: none. */
  readonly timeoutColumn: number;
}

/** Plain data. */
export interface GatherConfig {
  readonly inputs: readonly GatherInput[];
  readonly duplicates: GatherOperator['duplicates'];
  /** By event time; `undefined`: not. */
  readonly timeoutUs: DurationUs | undefined;
  /** By the column, in the units in which its values are kept. */
  readonly timeoutAfter: number;
}

/** What a gather means. */
export const gatherSpec: OperatorSpec<GatherOperator> = {
  kind: 'gather',
  replays: true,

  plan(node, inputs, report): OperatorPlan | undefined {
    const [first] = inputs as [InputStream];
    const { issue, isSound } = noteIssues(report);
    const parts = inputs.map((input) => planInput(node, input, first, issue));
    const timeoutAfter = planTimeout(node, inputs, issue);
    if (!isSound()) return undefined;
    const keys = parts[0]!.keys.map((column) => first.stream.schema[column]!);
    const schema = [...keys];
    parts.forEach(({ others }, i) => {
      for (const column of others) {
        const field = inputs[i]!.stream.schema[column]!;
        if (fieldIndex(schema, field.name) >= 0) {
          issue(
            ['inputs', i],
            `another input has a column '${field.name}' as well; rename one before`,
          );
        }
        schema.push(field);
      }
    });
    if (!isSound()) return undefined;
    return planned(node, inputs, schema, {
      inputs: parts,
      duplicates: node.duplicates,
      timeoutUs: node.timeout?.kind === 'time' ? node.timeout.afterUs : undefined,
      timeoutAfter,
    });
  },
};

function planned(
  { onError }: GatherOperator,
  inputs: readonly InputStream[],
  schema: Schema,
  config: GatherConfig,
): OperatorPlan {
  const hasTime = inputs.every(({ stream }) => stream.hasTime);
  // What leaves at the end, or by a column, is of no certain time.
  const isTimed = config.timeoutUs !== undefined;
  const ports = [
    { name: 'out', stream: { schema, hasTime } },
    { name: 'incomplete', stream: { schema, hasTime: isTimed } },
  ];
  const goesByColumn = config.inputs[0]!.timeoutColumn >= 0;
  return {
    kind: 'gather',
    config,
    inputs: inputs.map(({ stream }) => stream),
    outputs: withErrorsPort(ports, onError),
    // The largest value of a column is that of all rows.
    distribution: goesByColumn
      ? { kind: 'single' }
      : { kind: 'keys', columns: config.inputs.map(({ keys }) => keys) },
    onError,
  };
}

function planInput(
  { key, timeout }: GatherOperator,
  input: InputStream,
  first: InputStream,
  issue: ReportIssue,
): GatherInput {
  const { name, stream } = input;
  const keys = planGroups(key, 'key', input, issue);
  keys.forEach((column, k) => {
    const expected = first.stream.schema[fieldIndex(first.stream.schema, key[k]!)]?.type;
    const type = stream.schema[column]?.type;
    if (expected === undefined || type === undefined || sameType(type, expected)) return;
    const is = `'${key[k]}' is ${typeName(expected)} in '${first.name}'`;
    issue(['key', k], `${is} and ${typeName(type)} in '${name}'; cast one before`);
  });
  const others = stream.schema.flatMap((_, column) => (keys.includes(column) ? [] : [column]));
  const timeoutColumn =
    timeout?.kind === 'column'
      ? findColumn(timeout.column, input, ['timeout', 'column'], issue)
      : -1;
  return { name, keys, others, timeoutColumn };
}

/** How far apart values of the column may be, in the units in which they are kept. */
function planTimeout(
  { timeout }: GatherOperator,
  inputs: readonly InputStream[],
  issue: ReportIssue,
): number {
  if (timeout === undefined) return Infinity;
  if (timeout.kind === 'time') {
    inputs.forEach(({ name, stream }) => {
      if (!stream.hasTime)
        issue(['timeout'], `'${name}' has no event time; give its source a 'time'`);
    });
    return Infinity;
  }
  const types = inputs.map(
    ({ stream: { schema } }) => schema[fieldIndex(schema, timeout.column)]?.type,
  );
  const [type] = types;
  for (const other of types) {
    if (type === undefined || other === undefined) return Infinity;
    const storage = storageOf(other);
    if (storage === 'view' || storage === 'bits' || !sameType(type, other)) {
      const found = `'${timeout.column}' is ${typeName(other)}`;
      issue(
        ['timeout', 'column'],
        `expected a column of numbers, of one type in all inputs; ${found}`,
      );
      return Infinity;
    }
  }
  return type!.kind === 'decimal' ? timeout.after * 10 ** type.scale : timeout.after;
}
