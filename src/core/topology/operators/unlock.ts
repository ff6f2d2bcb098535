/** `unlock` in documents. @module */

import * as z from 'zod';
import { object } from '../document/parts.ts';
import type { UnlockOperator } from '../model/unlock.ts';
import { lockProperties } from './lock.ts';
import { common, oneInput, type OperatorKind } from './operator-kind.ts';

const document = object('an operator', {
  type: z
    .literal('unlock')
    .describe('Hands rows on, and lets the next row of their key pass the lock of its lock set.'),
  ...lockProperties,
  ...oneInput,
  ...common,
}).meta({ title: 'unlock operator' });

/** How the reader of topologies handles an unlock. */
export const unlockKind: OperatorKind<typeof document, UnlockOperator> = {
  document,
  inputs: 'one',
  normalize: ({ key, lockset }) => ({ type: 'unlock', key, lockset }),
};
