/** What kernels may open that the run closes at its end; its code is loaded when it is asked for. @module */

import type { KernelContext } from '../../core/operator.ts';
import type { TaskPlan, WorkerJob } from '../protocol.ts';

/** Closes something. */
export type Close = () => void | Promise<void>;

/**
 * The part of a kernel's context that opens things.
 *
 * @param beat - is called while it takes long
 * @param opened - gets what closes them
 */
export function openersOf(
  task: TaskPlan,
  job: WorkerJob,
  beat: () => void,
  opened: Close[],
): Pick<Required<KernelContext>, 'openTableLog' | 'openSpillStore' | 'processes' | 'atEnd'> {
  return {
    openTableLog: async (table, disk) => {
      const { openTableLog } = await import('./table-log.ts');
      const log = openTableLog(table, disk, job.baseDirectory, beat, job);
      opened.push(() => log.close());
      return log;
    },
    openSpillStore: async () => {
      const { openSpillStore } = await import('./spill-store.ts');
      const store = openSpillStore(task, job);
      opened.push(() => store.close());
      return store;
    },
    processes: async () => {
      const { processStarter } = await import('./child-process.ts');
      return processStarter(job, opened);
    },
    atEnd: (close) => void opened.push(close),
  };
}
