/** What `module` means. @module */

import type { InputStream, OperatorPlan, OperatorSpec } from '../../core/operator.ts';
import type { ModuleOperator } from '../../core/topology/model.ts';
import { withErrorsPort } from '../row-failures.ts';

/** What the kernel goes by. */
export interface ModuleConfig {
  /** Path of the module, relative to the topology's folder. */
  readonly module: string;
  readonly export: string;
  readonly per: 'row' | 'batch';
}

/**
 * `module` calls a function of the user's with each row, as an object. It returns nothing (the row
 * is dropped), a row, or a list of rows with the columns of `schema`. Or it calls it with each batch,
 * see `contract.ts`.
 *
 * Rows that it returns carry the event time of the row they were made from.
 */
export const moduleSpec: OperatorSpec<ModuleOperator> = {
  kind: 'module',
  replays: true,

  plan(node: ModuleOperator, inputs: readonly InputStream[]): OperatorPlan {
    const { stream } = inputs[0]!;
    const config: ModuleConfig = { module: node.module, export: node.export, per: node.per };
    return {
      kind: 'module',
      config,
      inputs: [stream],
      outputs: withErrorsPort(
        [{ name: 'out', stream: { schema: node.schema, hasTime: stream.hasTime } }],
        node.onError,
      ),
      distribution: { kind: 'any' },
      onError: node.onError,
    };
  },
};
