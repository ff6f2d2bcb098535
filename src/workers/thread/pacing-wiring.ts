/** How a source learns where those stand that it keeps pace with. @module */

import { SeqlockReader, SeqlockWriter, threadBell } from '../../ringbuf/index.ts';
import type { SourceRole, WorkerJob } from '../protocol.ts';
import { Pacing } from './tasks/pacing.ts';

/** The pacing of a source of this worker. */
export function openPacing(
  { plan, shared, worker }: WorkerJob,
  buffer: SharedArrayBuffer,
  role: SourceRole,
): Pacing {
  const own = new SeqlockWriter(buffer, shared.watermarks[role.sourceIndex]!);
  const others = role.pacedWith.map(
    (source) => new SeqlockReader(buffer, shared.watermarks[source]!),
  );
  const workers = new Set(
    role.pacedWith.map((source) => plan.tasks[plan.sources[source]!]!.worker),
  );
  workers.delete(worker);
  const bells = [...workers].map((other) => threadBell(buffer, shared.control, other));
  return new Pacing(own, others, bells, role.driftUs);
}
