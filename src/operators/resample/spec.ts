/**
 * The meaning of a resample: each row of the first input, with values of the second at its time.
 *
 * ```
 *   columns of the first input │ values, as float64
 * ```
 *
 * A value is null where there is nothing to take it from. Late rows of the first input go to the port
 * `late`; those of the second are counted and dropped. So the result depends on no order of arrival.
 *
 * @module
 */

import type { InputStream, OperatorPlan, OperatorSpec, ReportIssue } from '../../core/operator.ts';
import type { Field } from '../../core/schema.ts';
import { fieldIndex } from '../../core/schema.ts';
import type { ResampleOperator } from '../../core/topology/model.ts';
import { FLOAT64, isNumeric, sameType, typeName, unitsInOne } from '../../core/types.ts';
import type { DurationUs } from '../../core/units.ts';
import { findColumn, groupDistribution, planGroups } from '../named-columns.ts';
import { noteIssues } from '../note-issues.ts';
import { withErrorsPort } from '../row-failures.ts';

/** Ports of the node, and inputs. */
export const Port = { OUT: 0, LATE: 1 } as const;
export const Input = { ROWS: 0, VALUES: 1 } as const;

/** Plain data. */
export interface ResampleConfig {
  /** By input: positions of the key. */
  readonly keys: readonly [readonly number[], readonly number[]];
  /** Positions in the second input, and what its values are divided by. */
  readonly values: readonly { readonly column: number; readonly divisor: number }[];
  readonly method: ResampleOperator['method'];
  /** Infinity: any distance. */
  readonly withinUs: DurationUs;
}

/** What a resample means. */
export const resampleSpec: OperatorSpec<ResampleOperator> = {
  kind: 'resample',
  replays: true,

  plan(node, inputs, report): OperatorPlan | undefined {
    const [rows, values] = inputs as [InputStream, InputStream];
    const { issue, isSound } = noteIssues(report);
    inputs.forEach(({ name, stream }, i) => {
      if (!stream.hasTime)
        issue(['inputs', i], `'${name}' has no event time; give its source a 'time'`);
    });
    const keys = planKeys(node, rows, values, issue);
    const found = node.values.map((name, i) => planValue(name, i, values, issue));
    const schema = [...rows.stream.schema];
    node.values.forEach((name, i) => {
      const added: Field = { name, type: FLOAT64 };
      if (fieldIndex(schema, name) >= 0) {
        issue(['values', i], `the output has another column '${name}'; rename one before`);
      }
      schema.push(added);
    });
    if (!isSound()) return undefined;
    const config: ResampleConfig = {
      keys,
      values: found,
      method: node.method,
      withinUs: node.withinUs ?? Infinity,
    };
    const ports = [
      { name: 'out', stream: { schema, hasTime: true } },
      { name: 'late', stream: rows.stream },
    ];
    return {
      kind: 'resample',
      note: node.method,
      config,
      inputs: [rows.stream, values.stream],
      outputs: withErrorsPort(ports, node.onError),
      distribution: groupDistribution(keys),
      onError: node.onError,
    };
  },
};

function planKeys(
  { key }: ResampleOperator,
  rows: InputStream,
  values: InputStream,
  issue: ReportIssue,
): ResampleConfig['keys'] {
  const keys = [
    planGroups(key, 'key', rows, issue),
    planGroups(key, 'key', values, issue),
  ] as const;
  key.forEach((name, k) => {
    const [a, b] = [rows.stream.schema[keys[0][k]!], values.stream.schema[keys[1][k]!]];
    if (a === undefined || b === undefined || sameType(a.type, b.type)) return;
    const is = `'${name}' is ${typeName(a.type)} in '${rows.name}'`;
    issue(['key', k], `${is} and ${typeName(b.type)} in '${values.name}'; cast one before`);
  });
  return keys;
}

function planValue(
  name: string,
  position: number,
  input: InputStream,
  issue: ReportIssue,
): ResampleConfig['values'][number] {
  const column = findColumn(name, input, ['values', position], issue);
  const type = input.stream.schema[column]?.type;
  if (type !== undefined && !isNumeric(type)) {
    issue(['values', position], `expected a column of numbers, '${name}' is ${typeName(type)}`);
  }
  return { column, divisor: (type && unitsInOne(type)) ?? 1 };
}
