/** `lock` in documents. @module */

import * as z from 'zod';
import { listOf, object, text } from '../document/parts.ts';
import type { LockOperator } from '../model/lock.ts';
import { MAIN_PORT } from '../ports.ts';
import { common, oneInput, type OperatorKind } from './operator-kind.ts';
import { limited } from './state-limit.ts';

/** The port of rows that nothing has let pass when the input ends. */
const WAITING_PORT = 'waiting';

/** What `lock` and `unlock` have in common. */
export const lockProperties = {
  key: listOf('a list of columns such as ["id"]', text('the name of a column')).describe(
    'Columns that rows have in common of which one at a time may be between lock and unlock.',
  ),
  lockset: text('a name such as "accounts"').describe(
    'The name by which a lock and its unlock belong together.',
  ),
};

const document = object('an operator', {
  type: z
    .literal('lock')
    .describe(
      'Lets one row of each key pass, until the unlock of its lock set has it. What still waits at the end can be read as NODE.waiting.',
    ),
  ...lockProperties,
  ...oneInput,
  ...limited,
  ...common,
}).meta({ title: 'lock operator' });

/** How the reader of topologies handles a lock. */
export const lockKind: OperatorKind<typeof document, LockOperator> = {
  document,
  inputs: 'one',
  normalize: ({ key, lockset }) => ({ type: 'lock', key, lockset }),
  ports: () => [MAIN_PORT, WAITING_PORT],
};
