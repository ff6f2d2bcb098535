/** Runs that have to fail, and what they must leave behind: nothing. @module */

import { expect } from 'vitest';
import { Millrace, MillraceError, type StartOptions } from '../../src/index.ts';
import type { Workspace } from './run-topology.ts';
import { until, within } from './until.ts';

/** Starts a topology that must fail, at its start or later; gives the error. */
export async function failureOf(
  topology: string | object,
  workspace: Workspace,
  options: StartOptions = {},
): Promise<MillraceError> {
  let engine: Millrace;
  try {
    engine = await Millrace.start(topology, { baseDirectory: workspace.directory, ...options });
  } catch (error) {
    return asMillrace(error);
  }
  try {
    const summary = await within(engine.completed, 'a run that must fail', 30_000);
    throw new Error(`the run was ${summary.status}`);
  } catch (error) {
    expect(engine.summary().status).toBe('failed');
    return asMillrace(error);
  } finally {
    await within(engine.stop(), 'stop after a failure');
  }
}

function asMillrace(error: unknown): MillraceError {
  if (!(error instanceof MillraceError)) throw error;
  return error;
}

/** What keeps this process alive, timers of the test itself left out. */
export function activeResources(): string[] {
  return process
    .getActiveResourcesInfo()
    .filter((name) => !/Timeout|Immediate/.test(name))
    .toSorted();
}

/** Waits until nothing more keeps the process alive than did `before`. */
export async function expectNothingActive(before: readonly string[]): Promise<void> {
  const isQuiet = (): boolean => activeResources().length <= before.length;
  await until(isQuiet, 'threads and handles are gone', 5_000).catch(() => undefined);
  expect(activeResources()).toEqual(before);
}
