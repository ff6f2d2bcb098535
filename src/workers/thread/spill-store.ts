/** Room on disk for the state of a task. @module */

import { resolve } from 'node:path';
import { invariant } from '../../core/invariant.ts';
import { SpillFiles } from '../../storage/spill-files.ts';
import type { TaskPlan, WorkerJob } from '../protocol.ts';

/** Opens it: see `KernelContext.openSpillStore`. */
export function openSpillStore(
  { node, role }: TaskPlan,
  { plan: { stateSpill }, baseDirectory }: WorkerJob,
): SpillFiles {
  invariant(stateSpill !== undefined, `'${node}' does not know where state is kept`);
  const kind = role.type === 'operator' ? role.plan.kind : role.type;
  return new SpillFiles({
    directory: resolve(baseDirectory, stateSpill.dir),
    limitBytes: stateSpill.limitBytes,
    owner: `${kind} '${node}'`,
  });
}
