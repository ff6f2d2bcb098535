/** `sunion` in documents. @module */

import * as z from 'zod';
import { listOf, object, positiveDuration, streamName } from '../document/parts.ts';
import type { SunionOperator } from '../model/sunion.ts';
import { durationUs } from '../normalize-values.ts';
import { BOUNDARIES_PORT, LATE_PORT, MAIN_PORT } from '../ports.ts';
import { common, type OperatorKind } from './operator-kind.ts';
import { limited } from './state-limit.ts';

const document = object('an operator', {
  type: z
    .literal('sunion')
    .describe('All rows of several inputs in one order that nothing but the rows decides.'),
  inputs: listOf('a list of streams such as ["a", "b"]', streamName()).describe(
    'The streams it reads; their columns must agree.',
  ),
  interval: positiveDuration('1s').describe(
    'Length of a bucket of event time: its rows leave together, when no input has more for it.',
  ),
  ...limited,
  ...common,
}).meta({ title: 'sunion operator' });

/** How the reader of topologies handles a sunion. */
export const sunionKind: OperatorKind<typeof document, SunionOperator> = {
  document,
  inputs: 'several',
  normalize: ({ interval }) => ({ type: 'sunion', intervalUs: durationUs(interval, 0) }),
  ports: () => [MAIN_PORT, LATE_PORT, BOUNDARIES_PORT],
};
