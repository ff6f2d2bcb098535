/** `union` in documents. @module */

import * as z from 'zod';
import { listOf, object, streamName } from '../document/parts.ts';
import type { UnionOperator } from '../model/union.ts';
import { common, type OperatorKind } from './operator-kind.ts';

const document = object('an operator', {
  type: z.literal('union').describe('All rows of all inputs.'),
  inputs: listOf('a list of streams such as ["a", "b"]', streamName()).describe(
    'The streams it reads; their columns must agree.',
  ),
  ...common,
}).meta({ title: 'union operator' });

/** How the reader of topologies handles a union: it is right if its shape is. */
export const unionKind: OperatorKind<typeof document, UnionOperator> = {
  document,
  inputs: 'several',
  normalize: () => ({ type: 'union' }),
};
