/** Which node is named when a worker is lost. Pure. @module */

import { MillraceError } from '../../core/errors.ts';
import { runsUserCode, type TaskPlan } from '../protocol.ts';

/** What became of a worker. */
export interface Loss {
  readonly worker: number;
  /** What happened, as a predicate: `did not answer for 3 s`. */
  readonly what: string;
  /** Position of the task that ran, or -1. */
  readonly task: number;
  /** Whether its heap is full, or on the way there. */
  readonly isHeapFull: boolean;
  readonly cause?: unknown;
}

/**
 * The error of a lost worker: it names the node that ran.
 *
 * A full heap is another matter. The engine keeps rows and state in shared memory: what fills a heap
 * is kept by user code, whichever task asked for the last byte.
 */
export function lostWorker(tasks: readonly TaskPlan[], loss: Loss): MillraceError {
  const running = tasks[loss.task]?.node;
  const suspects = loss.isHeapFull ? userCodeOn(tasks, loss.worker) : [];
  if (suspects.length === 0 || (running !== undefined && suspects.includes(running))) {
    return error(loss, running === undefined ? '' : ` while it ran '${running}'`, running);
  }
  const names = suspects.map((node) => `'${node}'`).join(', ');
  const only = suspects.length === 1 ? suspects[0] : undefined;
  return error(loss, `; the user code on it: ${names}`, only);
}

function error({ worker, what, cause }: Loss, where: string, node?: string): MillraceError {
  return new MillraceError('ERR_WORKER_LOST', `worker ${worker} ${what}${where}`, { node, cause });
}

/** The nodes on a worker that run user code. */
function userCodeOn(tasks: readonly TaskPlan[], worker: number): readonly string[] {
  return tasks
    .filter((task) => task.worker === worker && runsUserCode(task.role))
    .map(({ node }) => node);
}
