/** Runs of this process that have failed and whose threads are gone: what they held on disk is free. @module */

/** Of so many the last are known. */
const MOST = 256;
const ids: string[] = [];

/** A run has failed, and none of its threads is left. */
export function noteFailedRun(runId: string): void {
  ids.push(runId);
  if (ids.length > MOST) ids.shift();
}

/** Their numbers. */
export function failedRuns(): readonly string[] {
  return [...ids];
}
