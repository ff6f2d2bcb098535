/** What documents of several kinds of windows share. @module */

import type * as z from 'zod';
import { duration, option } from '../../document/parts.ts';

/** `time` of a window. */
export const windowTime = option('window time', ['event', 'processing'])
  .describe(
    'Which time windows go by: "event" (default), or "processing", the moment in which a row ' +
      'arrives.',
  )
  .optional();

/** `offset` of windows that are aligned. */
export const windowOffset = duration('15m')
  .describe('Moves the windows, which are aligned to 1970-01-01T00:00:00Z; "0s" by default.')
  .optional();

/** `allowedLateness` of windows of an aggregate. */
export const allowedLateness = duration('1m')
  .describe(
    'How long after it has closed a window takes rows, which revise its results; "0s" by default.',
  )
  .optional();

/** What goes with every kind. */
export type WindowTimeDocument = z.input<typeof windowTime>;

/** The normal form of `time`. */
export function normalizeTime(time: WindowTimeDocument): { readonly time?: 'processing' } {
  return time === 'processing' ? { time } : {};
}
