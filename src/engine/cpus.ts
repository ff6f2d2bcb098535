/** How many cores this process may use, limits of containers included. @module */

import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';

/** Reads a file, or `undefined` when there is none. */
export type ReadText = (path: string) => string | undefined;

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

/**
 * The quota of the control group this process is in, in cores; `undefined` without one.
 *
 * `os.availableParallelism()` knows affinity but not quotas. Version 2 has `cpu.max`
 * ("200000 100000" or "max 100000"), version 1 `cpu.cfs_quota_us` (−1 for none) and its period.
 */
export function cgroupCores(read: ReadText = readText): number | undefined {
  const own = read('/proc/self/cgroup')?.split('\n') ?? [];
  const pathOf = (line: string | undefined): string => line?.split(':')[2]?.trim() ?? '/';
  const v2 = pathOf(own.find((line) => line.startsWith('0::')));
  for (const directory of [`/sys/fs/cgroup${v2}`, '/sys/fs/cgroup']) {
    const [quota, period] = (read(`${directory}/cpu.max`) ?? '').trim().split(/\s+/);
    if (quota !== undefined && quota !== '' && quota !== 'max')
      return Number(quota) / Number(period);
  }
  const v1 = pathOf(own.find((line) => /:(?:[^:]*,)?cpu(?:,[^:]*)?:/.test(line)));
  for (const directory of [`/sys/fs/cgroup/cpu${v1}`, '/sys/fs/cgroup/cpu']) {
    const quota = Number(read(`${directory}/cpu.cfs_quota_us`) ?? '-1');
    const period = Number(read(`${directory}/cpu.cfs_period_us`) ?? '100000');
    if (quota > 0) return quota / period;
  }
  return undefined;
}

/** Whole cores that this process may use: at least 1. */
export function availableCores(read: ReadText = readText): number {
  const quota = cgroupCores(read) ?? Infinity;
  return Math.max(1, Math.min(availableParallelism(), Math.floor(quota)));
}
