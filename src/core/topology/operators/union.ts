/** `union` in documents. @module */

import * as z from 'zod';
import { listOf, object, option, streamName } from '../document/parts.ts';
import type { UnionOperator } from '../model/union.ts';
import { common, type OperatorKind } from './operator-kind.ts';

const document = object('an operator', {
  type: z.literal('union').describe('All rows of all inputs.'),
  inputs: listOf('a list of streams such as ["a", "b"]', streamName()).describe(
    'The streams it reads.',
  ),
  columns: option('union mode', ['strict', 'loose', 'cast'])
    .describe(
      'What columns they must have: "strict", the same (default); "loose", any, what an input ' +
        'lacks is null; "cast", any, and types may differ that have a common one.',
    )
    .optional(),
  ...common,
}).meta({ title: 'union operator' });

/** How the reader of topologies handles a union: it is right if its shape is. */
export const unionKind: OperatorKind<typeof document, UnionOperator> = {
  document,
  inputs: 'several',
  normalize: ({ columns }) => ({ type: 'union', columns: columns ?? 'strict' }),
};
