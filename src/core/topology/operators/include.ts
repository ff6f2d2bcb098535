/** `include` in documents: another file stands here as an operator; see `../parts/expand.ts`. @module */

import * as z from 'zod';
import { anyValue } from '../document/distributions.ts';
import { namesTo, object, streamName, text } from '../document/parts.ts';

/** The shape of an include. It has no normal form: its place is taken by the operators of its file. */
export const includeDocument = object('an operator', {
  type: z.literal('include').describe('The operators of another file, as one.'),
  file: text('a path such as "./sessions.json"').describe(
    'The file, a part, relative to the topology file.',
  ),
  inputs: namesTo('streams by the name of the input, such as {"clicks": "orders"}', streamName())
    .describe("The streams it reads: name of the part's input → stream.")
    .optional(),
  parameters: namesTo('values by name, such as {"size": "10s"}', anyValue)
    .describe("The part's parameters: name → value. Those left out have their defaults.")
    .optional(),
}).meta({ title: 'include operator' });

/** An include as it is written. */
export type IncludeDocument = z.input<typeof includeDocument>;
