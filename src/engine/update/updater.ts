/** Changes operators of a running engine, one after the other. @module */

import { MillraceError } from '../../core/errors.ts';
import type { PhysicalPlan } from '../../workers/protocol.ts';
import type { LoadedTopology } from '../load.ts';
import { planUpdate } from './plan-update.ts';
import type { WorkerLinks } from './worker-links.ts';

/** A change of an operator, made. */
export interface OperatorUpdate {
  readonly operator: string;
  /** By instance; tasks that had ended before are left out. */
  readonly tasks: readonly UpdatedOperatorTask[];
}

/** Where a task stood when it took a change. */
export interface UpdatedOperatorTask {
  readonly instance: number;
  readonly worker: number;
  /** Of an operator in two stages, the local ones are changed. */
  readonly stage: 'whole' | 'local' | 'final';
  /** Rows it had taken before; those from here on see the change. */
  readonly rowsIn: number;
}

/** The topology of an engine, and what has been changed of it. */
export class Updater {
  #loaded: LoadedTopology;
  #plan: PhysicalPlan;
  readonly #links: WorkerLinks;
  readonly #ended: () => MillraceError | undefined;
  /** Settles when the last update has. */
  #last: Promise<unknown> = Promise.resolve();

  /** @param ended - why nothing can be changed any more; `undefined`: it can */
  constructor(
    loaded: LoadedTopology,
    plan: PhysicalPlan,
    links: WorkerLinks,
    ended: () => MillraceError | undefined,
  ) {
    this.#loaded = loaded;
    this.#plan = plan;
    this.#links = links;
    this.#ended = ended;
  }

  /** The topology as it now is. */
  get loaded(): LoadedTopology {
    return this.#loaded;
  }

  /** The plan as it now is. */
  get plan(): PhysicalPlan {
    return this.#plan;
  }

  /** See `Millrace.update`. */
  async update(operator: string, patch: object): Promise<OperatorUpdate> {
    const before = this.#last;
    const update = (async () => {
      await before;
      return await this.#make(operator, patch);
    })();
    this.#last = update.catch(() => undefined);
    return await update;
  }

  async #make(operator: string, patch: object): Promise<OperatorUpdate> {
    this.#throwIfEnded();
    const planned = planUpdate(this.#loaded, this.#plan, operator, patch);
    const taken = await this.#links.update(planned, () => this.#ended() !== undefined);
    this.#throwIfEnded(taken.length > 0);
    this.#loaded = planned.loaded;
    this.#plan = planned.plan;
    const tasks = taken.map(({ task, rowsIn }): UpdatedOperatorTask => {
      const { instance, worker, role } = planned.plan.tasks[task]!;
      const stage = role.type === 'operator' ? role.stage : 'whole';
      return { instance, worker, stage, rowsIn };
    });
    return { operator, tasks: tasks.sort((a, b) => a.instance - b.instance) };
  }

  /** @param isMade - tasks that took a change took it, whatever has happened since */
  #throwIfEnded(isMade = false): void {
    const ended = this.#ended();
    if (ended !== undefined && !isMade) throw ended;
  }
}
