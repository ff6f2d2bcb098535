/** Sessions in documents. @module */

import * as z from 'zod';
import { object, positiveDuration } from '../../document/parts.ts';
import type { SessionWindow } from '../../model/parts.ts';
import { durationUs } from '../../normalize-values.ts';
import { allowedLateness, normalizeTime, windowTime } from './parts.ts';

/** The document. */
export const session = object('a window', {
  type: z
    .literal('session')
    .describe('Rows of a group that are nearer to each other in time than a gap.'),
  gap: positiveDuration('10s').describe('How long no row comes after the last one of a session.'),
  time: windowTime,
  allowedLateness,
});

/** The normal form. */
export function normalizeSession(node: z.input<typeof session>): SessionWindow {
  const latenessUs = durationUs(node.allowedLateness, 0);
  const normal = {
    kind: 'session',
    gapUs: durationUs(node.gap, 0),
    ...normalizeTime(node.time),
  } as const;
  return latenessUs === 0 ? normal : { ...normal, latenessUs };
}
