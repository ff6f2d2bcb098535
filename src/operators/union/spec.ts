/** What `union` means. @module */

import type { InputStream, OperatorPlan, OperatorSpec, ReportIssue } from '../../core/operator.ts';
import { describeSchema, sameSchema } from '../../core/schema.ts';
import type { UnionOperator } from '../../core/topology/model.ts';
import { typeName } from '../../core/types.ts';
import { withErrorsPort } from '../row-failures.ts';
import type { UnionColumn } from './by-name.ts';
import { planByName } from './by-name.ts';

/** What the kernel goes by; `undefined`: rows are handed on as they are. */
export interface UnionConfig {
  /** By input: the columns of the output. */
  readonly columns: readonly (readonly UnionColumn[])[];
}

/**
 * `union` is all rows of all inputs, each input in its own order. Their columns are the same, or meet by
 * their names.
 *
 * The result has event time if all inputs have; its watermark is the least of theirs.
 */
export const unionSpec: OperatorSpec<UnionOperator> = {
  kind: 'union',
  takesChanges: true,
  takesWeights: true,
  takesSubsets: 'all',

  plan(
    node: UnionOperator,
    inputs: readonly InputStream[],
    report: ReportIssue,
  ): OperatorPlan | undefined {
    const [first] = inputs as [InputStream];
    const isStrict = node.columns === 'strict';
    const byName = isStrict ? undefined : planByName(inputs, node.columns === 'cast', report);
    let isSound = isStrict ? areSame(inputs, report) : byName !== undefined;
    if (!isSound) return undefined;
    const { change, weight, unit } = first.stream;
    const isSubset = inputs.some((input) => input.stream.isSubset === true) ? true : undefined;
    const nameOf = ({ stream }: InputStream): string | undefined =>
      stream.change === undefined ? undefined : stream.schema[stream.change]!.name;
    inputs.forEach((input, i) => {
      if (nameOf(input) === nameOf(first)) return;
      isSound = false;
      const [changing, other] = change === undefined ? [input, first] : [first, input];
      report(['inputs', i], `'${changing.name}' is a stream of changes, '${other.name}' is not`);
    });
    for (const input of inputs) {
      const { weight } = input.stream;
      if ((weight === undefined) === (first.stream.weight === undefined)) continue;
      isSound = false;
      const [weighted, other] = weight === undefined ? [first, input] : [input, first];
      const message = `rows of '${weighted.name}' stand for others that were shed`;
      report(['inputs', inputs.indexOf(input)], `${message}, those of '${other.name}' do not`);
    }
    for (const input of inputs) {
      if ((input.stream.unit === undefined) === (unit === undefined)) continue;
      isSound = false;
      const [shed, other] = unit === undefined ? [input, first] : [first, input];
      const message = `rows of '${shed.name}' are shed by whole groups ("windows": "subset")`;
      report(['inputs', inputs.indexOf(input)], `${message}, those of '${other.name}' are not`);
    }
    if (!isSound) return undefined;
    const config: UnionConfig | undefined = byName && { columns: byName.columns };
    const schema = byName?.schema ?? first.stream.schema;
    const hasTime = inputs.every((input) => input.stream.hasTime);
    return {
      kind: 'union',
      config,
      inputs: inputs.map((input) => input.stream),
      // The columns of the first input come first, so that its change, weight and unit stay where they are.
      outputs: withErrorsPort(
        [{ name: 'out', stream: { schema, hasTime, change, weight, unit, isSubset } }],
        node.onError,
      ),
      distribution: { kind: 'any' },
      onError: node.onError,
    };
  },
};

/** Whether all inputs have the columns of the first. */
function areSame(inputs: readonly InputStream[], report: ReportIssue): boolean {
  const [first] = inputs as [InputStream];
  const others = inputs.filter((input) => !sameSchema(first.stream.schema, input.stream.schema));
  for (const other of others) report(['inputs', inputs.indexOf(other)], difference(first, other));
  return others.length === 0;
}

/** The first thing in which the columns of two streams differ. */
export function difference(first: InputStream, other: InputStream): string {
  const expected = first.stream.schema;
  const found = other.stream.schema;
  for (const [i, field] of expected.entries()) {
    const there = found[i];
    if (there === undefined) break;
    const want = `${field.name} ${typeName(field.type)}`;
    const has = `${there.name} ${typeName(there.type)}`;
    if (want !== has) {
      return `column ${i + 1} of '${other.name}' is ${has}, that of '${first.name}' is ${want}`;
    }
  }
  return (
    `'${other.name}' has the columns ${describeSchema(found)}; ` +
    `'${first.name}' has ${describeSchema(expected)}`
  );
}
