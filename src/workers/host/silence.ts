/**
 * When a silent worker is lost, and when it only waits for a processor.
 *
 * A thread whose code never returns uses processor time, and one that was forgotten sleeps; one on a crowded host, or
 * that waits for a slow disk, does neither. Only Linux tells them apart.
 *
 * @module
 */

import { readFileSync } from 'node:fs';

/** What is known of a thread. */
export interface ThreadSign {
  /** Whether it would go on if it had a processor, or its disk answered. */
  readonly isHeldUp: boolean;
  /** Processor time it has used since it started. */
  readonly usedMs: number;
}

/** A worker that has not beaten for some ticks of the supervisor. */
export interface Silence {
  readonly ticks: number;
  /** When it was first seen silent, and now; `undefined` where the system does not say. */
  readonly first: ThreadSign | undefined;
  readonly last: ThreadSign | undefined;
}

/** After so many silent ticks a worker may be lost, or is, whatever it waits for. */
export interface SilenceLimits {
  readonly least: number;
  readonly most: number;
}

/** A thread that works for so long without a beat is in a loop: a turn takes a few milliseconds. */
const LOOP_MS = 250;

/** Whether a silent worker is lost. */
export function isLost({ ticks, first, last }: Silence, { least, most }: SilenceLimits): boolean {
  if (ticks < least) return false;
  if (ticks >= most || first === undefined || last === undefined) return true;
  return !last.isHeldUp || last.usedMs - first.usedMs >= LOOP_MS;
}

/** The unit of times in `stat`: a hundredth of a second on every architecture that Node runs on. */
const STAT_TICK_MS = 10;

/**
 * What the system says of a thread of this process.
 *
 * @param systemId - the thread's number in the system, see proc_pid_stat(5)
 */
export function readThreadSign(systemId: number | undefined): ThreadSign | undefined {
  if (systemId === undefined) return undefined;
  try {
    return parseThreadSign(readFileSync(`/proc/self/task/${systemId}/stat`, 'utf8'));
  } catch {
    return undefined;
  }
}

/** Reads a line of `stat`. The name of the thread stands in parentheses and may contain anything. */
export function parseThreadSign(stat: string): ThreadSign | undefined {
  const [state, ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  // utime and stime are the 14th and 15th of all fields; the state is the third.
  const usedMs = (Number(fields[10]) + Number(fields[11])) * STAT_TICK_MS;
  if (state === undefined || !Number.isFinite(usedMs)) return undefined;
  return { isHeldUp: state === 'R' || state === 'D', usedMs };
}
