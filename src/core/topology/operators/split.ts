/** `split` in documents. @module */

import * as z from 'zod';
import { listOf, object, option, text } from '../document/parts.ts';
import { show } from '../issues.ts';
import type { SplitOperator } from '../model/split.ts';
import { common, oneInput, type OperatorKind } from './operator-kind.ts';

const expected = 'a list of names such as ["update", "read"]';

const document = object('an operator', {
  type: z
    .literal('split')
    .describe(
      'All rows on each of several outputs: what reads the first is done before the next gets them.',
    ),
  outputs: listOf(expected, text('a name for an output')).describe(
    'The outputs, in their order, two or more. They are read as NODE.NAME.',
  ),
  each: option('unit', ['batch', 'row'])
    .describe('What goes to all outputs before more does: "batch", some rows (default), or "row".')
    .optional(),
  ...oneInput,
  ...common,
}).meta({ title: 'split operator' });

/** How the reader of topologies handles a split; names of outputs become names of streams. */
export const splitKind: OperatorKind<typeof document, SplitOperator> = {
  document,
  inputs: 'one',
  check({ outputs }, report) {
    if (outputs === undefined || !report.isSound('outputs')) return;
    if (outputs.length < 2) report.add(['outputs'], `expected two outputs or more, found one`);
    outputs.forEach((name, i) => {
      if (name.trim() === '' || name.includes('.') || name === 'errors') {
        const message = `expected a name without '.', other than 'errors', found ${show(name)}`;
        report.add(['outputs', i], message);
      } else if (outputs.indexOf(name) < i) {
        report.add(['outputs', i], `there is another output '${name}'`);
      }
    });
  },
  normalize: (node) => ({ type: 'split', outputs: node.outputs, each: node.each ?? 'batch' }),
  ports: ({ outputs }) =>
    Array.isArray(outputs) ? outputs.filter((name) => typeof name === 'string') : [],
};
