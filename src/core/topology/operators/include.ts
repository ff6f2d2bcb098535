/** `include` in documents: another file stands here as an operator; see `../parts/expand.ts`. @module */

import * as z from 'zod';
import { anyValue } from '../document/distributions.ts';
import { expecting, listOf, namesTo, object, option, streamName, text } from '../document/parts.ts';

const PATH = 'a path such as "./sessions.json"';
const PATHS = 'a path such as "./sessions.json", or a list of paths';

/** The shape of an include. It has no normal form: its place is taken by the operators of its file. */
export const includeDocument = object('an operator', {
  type: z.literal('include').describe('The operators of another file, as one.'),
  file: z
    .union([text(PATH), listOf(PATHS, text(PATH))], expecting(PATHS))
    .describe(
      'The file, a part, relative to the topology file; or several with the same inputs and outputs.',
    ),
  by: object('a dispatch such as {"dispatch": "broadcast"}', {
    dispatch: option('dispatch', ['broadcast', 'number']).describe(
      '"broadcast": to all, the default. "number": to the one with the number of a column\'s value, ' +
        'modulo their number.',
    ),
    columns: listOf('a list with one column', text('the name of a column'))
      .describe('For "number": the column.')
      .optional(),
  })
    .describe('With several files: which of them a row goes to.')
    .optional(),
  inputs: namesTo('streams by the name of the input, such as {"clicks": "orders"}', streamName())
    .describe("The streams it reads: name of the part's input → stream.")
    .optional(),
  parameters: namesTo('values by name, such as {"size": "10s"}', anyValue)
    .describe("The part's parameters: name → value. Those left out have their defaults.")
    .optional(),
}).meta({ title: 'include operator' });

/** An include as it is written. */
export type IncludeDocument = z.input<typeof includeDocument>;
