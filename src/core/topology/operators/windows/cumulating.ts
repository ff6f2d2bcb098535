/** Cumulating windows in documents. @module */

import * as z from 'zod';
import { parseDurationUs } from '../../../units.ts';
import { positiveDuration } from '../../document/parts.ts';
import type { CumulatingWindow } from '../../model/parts.ts';
import type { NodeReport } from '../../node-report.ts';
import { durationUs } from '../../normalize-values.ts';
import { normalizeTime, windowOffset, windowTime } from './parts.ts';

/** The properties of the document. */
export const cumulatingShape = {
  type: z
    .literal('cumulating')
    .describe('Windows that begin together, every size, and end one step after the other.'),
  size: positiveDuration('1d').describe('How long the longest window is.'),
  step: positiveDuration('1h').describe(
    'How much longer each window is than the one before; the size is a multiple of it.',
  ),
  offset: windowOffset,
  time: windowTime,
};

type Document = z.input<z.ZodObject<typeof cumulatingShape>>;

/** The longest window ends with a step. */
export function checkStep({ size, step }: Document, report: NodeReport): void {
  const [sizeUs, stepUs] = [parseDurationUs(size), parseDurationUs(step)];
  if (sizeUs === undefined || stepUs === undefined || sizeUs % stepUs === 0) return;
  const expected = `expected a duration of which the size of the window, "${size}", is a multiple`;
  report.add(['window', 'step'], `${expected}, found "${step}"`);
}

/** The normal form. */
export function normalizeCumulating({ size, step, offset, time }: Document): CumulatingWindow {
  return {
    kind: 'cumulating',
    sizeUs: durationUs(size, 0),
    stepUs: durationUs(step, 0),
    offsetUs: durationUs(offset, 0),
    ...normalizeTime(time),
  };
}
