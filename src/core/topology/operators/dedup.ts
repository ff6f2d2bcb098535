/** `dedup` in documents. @module */

import * as z from 'zod';
import { listOf, object, option, positiveDuration, text } from '../document/parts.ts';
import type { DedupOperator } from '../model/dedup.ts';
import { durationUs } from '../normalize-values.ts';
import { LATE_PORT, MAIN_PORT } from '../ports.ts';
import { common, oneInput, type OperatorKind } from './operator-kind.ts';
import { limited } from './state-limit.ts';
import { revisable } from './revisions.ts';

const document = object('an operator', {
  type: z.literal('dedup').describe('One row of those with the same key: the first or the last.'),
  key: listOf('a list of columns such as ["id"]', text('the name of a column')).describe(
    'Columns that the same rows have in common.',
  ),
  keep: option('row to keep', ['first', 'last'])
    .describe('Which row is kept: the first one to come (default), or the last.')
    .optional(),
  within: positiveDuration('10m')
    .describe(
      'Rows with one key are the same if each is at most so much later than the one before; at any distance if left out.',
    )
    .optional(),
  emit: option('time to emit', ['onClose', 'onChange'])
    .describe(
      'For the last row: when it is certain that no other will come (default), or each time that there is a newer ' +
        'one, as a stream of changes.',
    )
    .optional(),
  ...oneInput,
  ...limited,
  ...revisable,
  ...common,
}).meta({ title: 'dedup operator' });

/** How the reader of topologies handles a dedup. */
export const dedupKind: OperatorKind<typeof document, DedupOperator> = {
  document,
  inputs: 'one',
  check({ keep, emit, onLimit }, report) {
    if (keep === 'last' && onLimit === 'evict' && report.isSound('onLimit')) {
      report.add(
        ['onLimit'],
        'the last rows of keys that are forgotten would be lost: expected "error"',
      );
    }
    if (emit === undefined || keep === 'last') return;
    report.add(
      ['emit'],
      'the first row leaves as soon as it comes; leave it out, or keep the last',
    );
  },
  normalize: (node) => ({
    type: 'dedup',
    key: node.key,
    keep: node.keep ?? 'first',
    withinUs: durationUs(node.within, undefined),
    emit: node.emit ?? 'onClose',
  }),
  ports: ({ within }) => (within === undefined ? [MAIN_PORT] : [MAIN_PORT, LATE_PORT]),
};
