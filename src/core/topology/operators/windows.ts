/** Windows, as documents write them. @module */

import * as z from 'zod';
import { parseDurationUs } from '../../units.ts';
import { object, positiveDuration, tagged } from '../document/parts.ts';
import type { AggregateWindow, JoinWindow, Window } from '../model/parts.ts';
import type { NodeReport } from '../node-report.ts';
import { durationUs } from '../normalize-values.ts';
import { isObject } from '../place.ts';
import { LATE_PORT, MAIN_PORT } from '../ports.ts';
import type { RawNode } from './operator-kind.ts';
import { checkStep, cumulatingShape, normalizeCumulating } from './windows/cumulating.ts';
import { allowedLateness, normalizeTime, windowOffset, windowTime } from './windows/parts.ts';
import { normalizeSession, session } from './windows/session.ts';

const PLANNED = ['allowedLateness'];

const words = {
  noun: 'window type',
  expected: 'a window such as {"type": "tumbling", "size": "10s"}',
};

const tumblingShape = {
  type: z.literal('tumbling').describe('Windows side by side.'),
  size: positiveDuration('10s').describe('How long a window is.'),
  offset: windowOffset,
  time: windowTime,
};

const hoppingShape = {
  type: z.literal('hopping').describe('Windows that overlap: one begins every slide.'),
  size: positiveDuration('10s').describe('How long a window is.'),
  slide: positiveDuration('2s').describe('The distance from one beginning to the next.'),
  offset: windowOffset,
  time: windowTime,
};

const tumbling = object('a window', tumblingShape, PLANNED);
const hopping = object('a window', hoppingShape, PLANNED);

/** A window. */
export const window = tagged('type', { ...words, planned: ['session', 'count'] }, [
  tumbling,
  hopping,
  object('a window', cumulatingShape, PLANNED),
]);

/** A window of an aggregate. */
export const aggregateWindow = tagged('type', { ...words, planned: ['count'] }, [
  object('a window', { ...tumblingShape, allowedLateness }),
  object('a window', { ...hoppingShape, allowedLateness }),
  object('a window', { ...cumulatingShape, allowedLateness }),
  session,
]);

/** A window of a join. */
export const joinWindow = tagged(
  'type',
  { ...words, planned: ['cumulating', 'session', 'count'] },
  [tumbling, hopping],
);

/** A window as it is written. */
export type WindowDocument = z.input<typeof window>;

/** The same of an aggregate. */
export type AggregateWindowDocument = z.input<typeof aggregateWindow>;

/** A slide must leave no gaps, and steps must make up the size. */
export function checkWindow(node: AggregateWindowDocument | undefined, report: NodeReport): void {
  if (node?.type === 'cumulating') checkStep(node, report);
  if (node?.time === 'processing' && node.allowedLateness) {
    const message = 'no row is late for a window of processing time';
    report.add(['window', 'allowedLateness'], `${message}: leave it out`);
  }
  if (node?.type !== 'hopping') return;
  const [sizeUs, slideUs] = [parseDurationUs(node.size), parseDurationUs(node.slide)];
  if (sizeUs === undefined || slideUs === undefined || slideUs <= sizeUs) return;
  const expected = `expected at most the size of the window, "${node.size}"`;
  report.add(['window', 'slide'], `${expected}, found "${node.slide}"`);
}

/** The normal form of a window of a join. */
export function normalizeJoinWindow(node: z.input<typeof joinWindow>): JoinWindow {
  const sizeUs = durationUs(node.size, 0);
  const offsetUs = durationUs(node.offset, 0);
  const time = normalizeTime(node.time);
  if (node.type === 'tumbling') return { kind: 'tumbling', sizeUs, offsetUs, ...time };
  return { kind: 'hopping', sizeUs, slideUs: durationUs(node.slide, 0), offsetUs, ...time };
}

/** The normal form of a window. */
export function normalizeWindow(node: WindowDocument | undefined): Window | undefined {
  if (node === undefined) return undefined;
  return node.type === 'cumulating' ? normalizeCumulating(node) : normalizeJoinWindow(node);
}

/** The normal form of a window of an aggregate. */
export function normalizeAggregateWindow(
  node: AggregateWindowDocument | undefined,
): AggregateWindow | undefined {
  if (node?.type === 'session') return normalizeSession(node);
  const normal = normalizeWindow(node);
  const latenessUs = durationUs(node?.allowedLateness, 0);
  return normal === undefined || latenessUs === 0 ? normal : { ...normal, latenessUs };
}

/** The outputs of an operator over windows: rows can be late for those of event time. */
export function windowPorts({ window: node }: RawNode): readonly string[] {
  const goesByEvents = node !== undefined && !(isObject(node) && node['time'] === 'processing');
  return goesByEvents ? [MAIN_PORT, LATE_PORT] : [MAIN_PORT];
}
