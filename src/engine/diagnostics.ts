/**
 * What the engine tells `node:diagnostics_channel`: the life of runs, never rows.
 *
 * - `millrace:start` `{ name, workers }` when worker threads have been asked for
 * - `millrace:end` `{ name, summary }` when a run has ended well or was stopped
 * - `millrace:error` `{ name, error }` when a run has failed
 *
 * @module
 */

import { channel } from 'node:diagnostics_channel';
import type { MillraceError } from '../core/errors.ts';
import type { RunSummary } from './metrics.ts';

const started = channel('millrace:start');
const ended = channel('millrace:end');
const failed = channel('millrace:error');

/** A run begins. */
export function tellStart(name: string, workers: number): void {
  if (started.hasSubscribers) started.publish({ name, workers });
}

/** A run has ended. */
export function tellEnd(name: string, summary: RunSummary): void {
  if (ended.hasSubscribers) ended.publish({ name, summary });
}

/** A run has failed. */
export function tellError(name: string, error: MillraceError): void {
  if (failed.hasSubscribers) failed.publish({ name, error });
}
