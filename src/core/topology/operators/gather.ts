/** `gather` in documents. @module */

import * as z from 'zod';
import {
  expecting,
  listOf,
  number,
  object,
  option,
  positiveDuration,
  streamName,
  text,
} from '../document/parts.ts';
import type { GatherOperator, GatherTimeout } from '../model/gather.ts';
import { durationUs } from '../normalize-values.ts';
import { MAIN_PORT } from '../ports.ts';
import { common, type OperatorKind } from './operator-kind.ts';
import { limited } from './state-limit.ts';
import { revisable } from './revisions.ts';

/** The port of rows that stayed incomplete. */
const INCOMPLETE_PORT = 'incomplete';

const document = object('an operator', {
  type: z
    .literal('gather')
    .describe(
      'One row of a row of each input with the same key. Those that stay incomplete can be read as NODE.incomplete.',
    ),
  inputs: listOf('a list of streams such as ["a", "b"]', streamName()).describe(
    'The streams it reads, two or more.',
  ),
  key: listOf('a list of columns such as ["id"]', text('the name of a column')).describe(
    'Columns, of all inputs, that rows have in common which belong together.',
  ),
  duplicates: option('way with duplicates', ['first', 'last', 'error'])
    .describe(
      'Which row counts where an input gives several before the others gave theirs: "first" (default), ' +
        '"last", or the first, and the others are in error.',
    )
    .optional(),
  timeout: z
    .union(
      [
        positiveDuration('10s'),
        object('a timeout such as {"column": "seq", "after": 100}', {
          column: text('the name of a column').describe('A column of numbers, of all inputs.'),
          after: number('a number such as 100').describe(
            'A row that stays incomplete is given up when one has come whose value is larger by more than this.',
          ),
        }),
      ],
      expecting('a duration such as "10s", or {"column": "seq", "after": 100}'),
    )
    .describe('When a row that stays incomplete is given up; at the end if left out.')
    .optional(),
  ...limited,
  ...revisable,
  ...common,
}).meta({ title: 'gather operator' });

type Document = z.input<typeof document>;

/** How the reader of topologies handles a gather. */
export const gatherKind: OperatorKind<typeof document, GatherOperator> = {
  document,
  inputs: 'several',
  check({ inputs }, report) {
    if (inputs === undefined || !report.isOfKind('inputs') || inputs.length > 1) return;
    report.add(['inputs'], 'expected two streams or more, found one');
  },
  normalize: (node) => ({
    type: 'gather',
    key: node.key,
    duplicates: node.duplicates ?? 'first',
    timeout: normalizeTimeout(node.timeout),
  }),
  ports: () => [MAIN_PORT, INCOMPLETE_PORT],
};

function normalizeTimeout(timeout: Document['timeout']): GatherTimeout | undefined {
  if (timeout === undefined) return undefined;
  if (typeof timeout === 'string') return { kind: 'time', afterUs: durationUs(timeout, 0) };
  return { kind: 'column', column: timeout.column, after: timeout.after };
}
