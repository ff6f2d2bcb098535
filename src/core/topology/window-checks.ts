/** Checks of windows that go beyond their shape. @module */

import { parseDurationUs } from '../units.ts';
import type { OperatorDocument } from './document/document.ts';
import type { NodeReport } from './node-report.ts';

type Window = Extract<OperatorDocument, { type: 'aggregate' }>['window'];

/** A slide must leave no gaps. */
export function checkSlide(window: Window, report: NodeReport): void {
  if (window?.type !== 'hopping') return;
  const [sizeUs, slideUs] = [parseDurationUs(window.size), parseDurationUs(window.slide)];
  if (sizeUs === undefined || slideUs === undefined || slideUs <= sizeUs) return;
  const expected = `expected at most the size of the window, "${window.size}"`;
  report.add(['window', 'slide'], `${expected}, found "${window.slide}"`);
}
