/** `waitfor` in documents. @module */

import * as z from 'zod';
import { expression, listOf, object, positiveDuration, streamName } from '../document/parts.ts';
import type { WaitforOperator } from '../model/waitfor.ts';
import { durationUs } from '../normalize-values.ts';
import { LATE_PORT, MAIN_PORT } from '../ports.ts';
import { columnNames, common, type OperatorKind } from './operator-kind.ts';
import { limited } from './state-limit.ts';
import { revisable } from './revisions.ts';

const document = object('an operator', {
  type: z
    .literal('waitfor')
    .describe(
      'Holds each row of the first input until a row of the second lets it go. Rows that waited too long can be read as NODE.late.',
    ),
  inputs: listOf('a list of two streams such as ["orders", "approvals"]', streamName()).describe(
    'The rows that wait, and those that let them go.',
  ),
  key: columnNames(
    'Columns that a row and the one that lets it go have in common. None if left out.',
  ),
  where: expression('approved')
    .describe('Which rows of the second input let rows go; all if left out.')
    .optional(),
  timeout: positiveDuration('1h')
    .describe('How much later in event time a row may be that lets one go; any time if left out.')
    .optional(),
  ...limited,
  ...revisable,
  ...common,
}).meta({ title: 'waitfor operator' });

/** How the reader of topologies handles a waitfor. */
export const waitforKind: OperatorKind<typeof document, WaitforOperator> = {
  document,
  inputs: 'several',
  check({ inputs }, report) {
    if (inputs === undefined || !report.isOfKind('inputs') || inputs.length === 2) return;
    report.add(['inputs'], `expected two streams, found ${inputs.length}`);
  },
  normalize: (node, at) => ({
    type: 'waitfor',
    key: node.key ?? [],
    where: node.where === undefined ? undefined : { text: node.where, pointer: `${at}/where` },
    timeoutUs: durationUs(node.timeout, undefined),
  }),
  ports: () => [MAIN_PORT, LATE_PORT],
};
