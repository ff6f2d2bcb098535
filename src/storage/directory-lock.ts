/** One owner of a folder at a time. @module */

import { closeSync, openSync, readFileSync, unlinkSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { kill, pid, uptime } from 'node:process';
import { MillraceError } from '../core/errors.ts';
import { fileError } from './segment.ts';

/** Two reckonings of when this process began differ by less. */
const SAME_START_MS = 2000;

/** Whose threads take folders. */
export interface LockOwner {
  readonly runId: string;
  /** Runs of this process of which no thread is left: folders that they hold are free. */
  readonly failedRuns: readonly string[];
}

/** Keeps others out of a folder until it is released or its process ends. */
export class DirectoryLock {
  readonly #path: string;

  private constructor(path: string) {
    this.#path = path;
  }

  /**
   * Takes a folder, also one whose owner was killed.
   *
   * @param run - which run of this process takes it; left out: threads are not told apart
   * @throws MillraceError `ERR_USAGE` when its owner is alive, `ERR_FILE` when it cannot be written
   */
  static take(directory: string, run?: LockOwner): DirectoryLock {
    const path = join(directory, 'lock');
    for (;;) {
      try {
        const fd = openSync(path, 'wx');
        try {
          writeSync(fd, JSON.stringify({ pid, startedAtMs: startedAtMs(), runId: run?.runId }));
        } finally {
          closeSync(fd);
        }
        return new DirectoryLock(path);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') {
          throw fileError(path, 'created', error);
        }
      }
      const owner = readOwner(path);
      if (owner !== undefined && isAlive(owner, run?.failedRuns)) {
        const hint = `if that is another program, remove '${path}'`;
        const message = `'${directory}' is in use by process ${owner.pid}; ${hint}`;
        throw new MillraceError('ERR_USAGE', message);
      }
      unlinkSync(path);
    }
  }

  release(): void {
    unlinkSync(this.#path);
  }
}

interface Owner {
  readonly pid: number;
  readonly startedAtMs: number;
  readonly runId: string | undefined;
}

/** `undefined` when its process was killed while it wrote. */
function readOwner(path: string): Owner | undefined {
  try {
    const owner = JSON.parse(readFileSync(path, 'utf8')) as Partial<Owner>;
    if (typeof owner.pid !== 'number' || typeof owner.startedAtMs !== 'number') return undefined;
    return { pid: owner.pid, startedAtMs: owner.startedAtMs, runId: owner.runId };
  } catch {
    return undefined;
  }
}

/** In a container every process may have the same number: ours is told by when it began. */
function isAlive(owner: Owner, failedRuns: readonly string[] = []): boolean {
  if (owner.pid === pid) {
    const isOurs = Math.abs(owner.startedAtMs - startedAtMs()) < SAME_START_MS;
    return isOurs && !(owner.runId !== undefined && failedRuns.includes(owner.runId));
  }
  try {
    kill(owner.pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function startedAtMs(): number {
  return Date.now() - uptime() * 1000;
}
