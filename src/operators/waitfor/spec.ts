/**
 * The meaning of a waitfor: a row of the first input waits until a row comes on the second that
 * fulfils the condition and has the same key. What came on the second before it does not count.
 *
 * With a timeout the row that lets it go may be at most so much later. A row that nothing can let go any
 * more goes to the port `late`.
 *
 * @module
 */

import type { InputStream, OperatorPlan, OperatorSpec } from '../../core/operator.ts';
import type { WaitforOperator } from '../../core/topology/model.ts';
import { sameType, typeName } from '../../core/types.ts';
import type { DurationUs } from '../../core/units.ts';
import type { TypedExpr } from '../../expr/index.ts';
import { scopeOf } from '../../expr/index.ts';
import { planCondition } from '../expression-issues.ts';
import { groupDistribution, planGroups } from '../named-columns.ts';
import { noteIssues } from '../note-issues.ts';
import { withErrorsPort } from '../row-failures.ts';

/** Ports of the node, and inputs. */
export const Port = { OUT: 0, LATE: 1 } as const;
export const Input = { ROWS: 0, SIGNALS: 1 } as const;

/** Plain data. */
export interface WaitforConfig {
  /** By input: positions of the key. */
  readonly keys: readonly [readonly number[], readonly number[]];
  /** `undefined`: any row. */
  readonly where: TypedExpr | undefined;
  /** Infinity: none. */
  readonly timeoutUs: DurationUs;
}

/** What a waitfor means. */
export const waitforSpec: OperatorSpec<WaitforOperator> = {
  kind: 'waitfor',
  replays: true,

  plan(node, inputs, report): OperatorPlan | undefined {
    const [rows, signals] = inputs as [InputStream, InputStream];
    const { issue, isSound } = noteIssues(report);
    const keys = [
      planGroups(node.key, 'key', rows, issue),
      planGroups(node.key, 'key', signals, issue),
    ] as const;
    node.key.forEach((name, k) => {
      const [a, b] = [rows.stream.schema[keys[0][k]!], signals.stream.schema[keys[1][k]!]];
      if (a === undefined || b === undefined || sameType(a.type, b.type)) return;
      const is = `'${name}' is ${typeName(a.type)} in '${rows.name}'`;
      issue(['key', k], `${is} and ${typeName(b.type)} in '${signals.name}'; cast one before`);
    });
    const scope = scopeOf(signals.stream.schema, signals.name);
    const where = node.where && planCondition(node.where.text, scope, ['where'], issue);
    const hasTime = rows.stream.hasTime && signals.stream.hasTime;
    if (node.timeoutUs !== undefined && !hasTime) {
      const { name } = rows.stream.hasTime ? signals : rows;
      issue(['timeout'], `'${name}' has no event time; give its source a 'time'`);
    }
    if (!isSound()) return undefined;
    const config: WaitforConfig = { keys, where, timeoutUs: node.timeoutUs ?? Infinity };
    const stream = { schema: rows.stream.schema, hasTime };
    const ports = [
      { name: 'out', stream },
      { name: 'late', stream },
    ];
    return {
      kind: 'waitfor',
      config,
      inputs: [rows.stream, signals.stream],
      outputs: withErrorsPort(ports, node.onError),
      distribution: groupDistribution(keys),
      onError: node.onError,
    };
  },
};
