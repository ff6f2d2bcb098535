/** `revisions` of operators in documents. @module */

import { object, positiveDuration } from '../document/parts.ts';
import type { OperatorCommon } from '../model/parts.ts';
import { durationUs } from '../normalize-values.ts';

/** The property of operators whose rows may be replayed. */
export const revisable = {
  revisions: object('revisions such as {"keep": "1h"}', {
    keep: positiveDuration('1h').describe('How long rows are kept, by event time.'),
  })
    .describe(
      'Rows of the last while are kept and replayed when one of them is taken back or comes late; ' +
        'the result is a stream of changes.',
    )
    .optional(),
};

/** Those of a checked node. */
export function normalizeRevisions(node: object): OperatorCommon['revisions'] {
  const { revisions } = node as { readonly revisions?: { readonly keep: string } };
  return revisions && { keepUs: durationUs(revisions.keep, 0) };
}
