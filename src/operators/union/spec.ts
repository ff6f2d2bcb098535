/** What `union` means. @module */

import type { InputStream, OperatorPlan, OperatorSpec, ReportIssue } from '../../core/operator.ts';
import { describeSchema, sameSchema } from '../../core/schema.ts';
import type { UnionOperator } from '../../core/topology/model.ts';
import { typeName } from '../../core/types.ts';
import { withErrorsPort } from '../row-failures.ts';

/**
 * `union` is all rows of all inputs, each input in its own order. Their columns must be the same.
 *
 * The result has event time if all inputs have; its watermark is the least of theirs.
 */
export const unionSpec: OperatorSpec<UnionOperator> = {
  kind: 'union',
  takesChanges: true,

  plan(
    node: UnionOperator,
    inputs: readonly InputStream[],
    report: ReportIssue,
  ): OperatorPlan | undefined {
    const [first] = inputs as [InputStream];
    let isSame = true;
    inputs.forEach((input, i) => {
      if (sameSchema(first.stream.schema, input.stream.schema)) return;
      isSame = false;
      report(['inputs', i], difference(first, input));
    });
    const { change } = first.stream;
    inputs.forEach((input, i) => {
      if (!isSame || input.stream.change === change) return;
      isSame = false;
      const [changing, other] = change === undefined ? [input, first] : [first, input];
      report(['inputs', i], `'${changing.name}' is a stream of changes, '${other.name}' is not`);
    });
    if (!isSame) return undefined;
    const hasTime = inputs.every((input) => input.stream.hasTime);
    return {
      kind: 'union',
      config: undefined,
      inputs: inputs.map((input) => input.stream),
      // No row of a union fails; the port is there because every node may be asked for one.
      outputs: withErrorsPort(
        [{ name: 'out', stream: { schema: first.stream.schema, hasTime, change } }],
        node.onError,
      ),
      distribution: { kind: 'any' },
      onError: node.onError,
    };
  },
};

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
