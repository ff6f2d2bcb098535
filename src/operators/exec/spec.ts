/** What `exec` means. @module */

import type { InputStream, OperatorPlan, OperatorSpec } from '../../core/operator.ts';
import type { ExecOperator } from '../../core/topology/model.ts';
import { withErrorsPort } from '../row-failures.ts';

/** What the kernel goes by. */
export type ExecConfig = Pick<
  ExecOperator,
  'command' | 'args' | 'per' | 'format' | 'timeoutUs' | 'restarts'
>;

/**
 * `exec` writes rows to the standard input of a process and reads rows from its standard output. By
 * `row` each row is answered by one, and what is given has the event time of the row that asked; by
 * `stream` the process gives rows as it likes, which have no event time.
 *
 * Each task has a process of its own.
 */
export const execSpec: OperatorSpec<ExecOperator> = {
  kind: 'exec',

  plan(node: ExecOperator, inputs: readonly InputStream[]): OperatorPlan {
    const { stream } = inputs[0]!;
    const { command, args, per, format, timeoutUs, restarts } = node;
    const config: ExecConfig = { command, args, per, format, timeoutUs, restarts };
    const hasTime = stream.hasTime && per === 'row';
    return {
      kind: 'exec',
      note: command,
      // It is told the time to be called when output comes without a row.
      time: 'both',
      config,
      inputs: [stream],
      outputs: withErrorsPort(
        [{ name: 'out', stream: { schema: node.schema, hasTime } }],
        node.onError,
      ),
      distribution: { kind: 'any' },
      onError: node.onError,
    };
  },
};
