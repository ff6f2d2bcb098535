/**
 * Workers begin together: no row is read, and no window goes by the clock, before every worker has
 * opened its sources, sinks and operators.
 *
 * What cannot be opened on one worker ends the run before another has read anything; and a worker that is
 * ready sooner does not run ahead of the others, whose share of the rows comes to them in any case.
 *
 * @module
 */

import { BellWaiter, ParkPolicy, StopMode, type ThreadControl } from '../../ringbuf/index.ts';
import { busyWorkers, type PhysicalPlan } from '../protocol.ts';

/** A worker that waits says that it is there. */
const BEAT_MS = 500;

/**
 * Says that this worker is ready, and waits until all are that have tasks, or until the engine stops.
 *
 * @param needsEventLoop - its sources or sinks have begun something that goes on in callbacks
 */
export async function startTogether(
  control: ThreadControl,
  plan: PhysicalPlan,
  needsEventLoop: boolean,
): Promise<void> {
  control.start(plan.workers);
  const busy = busyWorkers(plan);
  const waiter = new BellWaiter(control.bell, new ParkPolicy());
  const mayBegin = (): boolean => control.stopMode() !== StopMode.RUN || control.haveStarted(busy);
  while (!mayBegin()) {
    control.beat();
    if (needsEventLoop) await waiter.waitAsync(mayBegin, BEAT_MS);
    else waiter.wait(mayBegin, BEAT_MS);
  }
}
