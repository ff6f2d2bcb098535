/** Promises that user code left behind and that failed. @module */

import { MillraceError } from '../../core/errors.ts';
import { runsUserCode, type WorkerJob } from '../protocol.ts';

/**
 * Notices rejections that nobody handles on this thread.
 *
 * A worker that blocks sees them only when its tasks have ended: user functions are synchronous, and
 * what they leave behind is judged at the end.
 */
export class StrayRejections {
  readonly #job: WorkerJob;
  #first: { readonly reason: unknown } | undefined;
  readonly #onRejection = (reason: unknown): void => {
    this.#first ??= { reason };
  };

  constructor(job: WorkerJob) {
    this.#job = job;
    process.on('unhandledRejection', this.#onRejection);
  }

  /** Lets what is due be rejected. Throws `ERR_USER_CODE` if something was. */
  async throwIfAny(): Promise<void> {
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
    if (this.#first === undefined) return;
    const { reason } = this.#first;
    const text = reason instanceof Error ? reason.message : String(reason);
    throw new MillraceError(
      'ERR_USER_CODE',
      `a promise was rejected and nobody handled it: ${text}`,
      {
        node: this.#userNode(),
        cause: reason,
      },
    );
  }

  close(): void {
    process.off('unhandledRejection', this.#onRejection);
  }

  /** The node with user code on this worker, if there is one only. */
  #userNode(): string | undefined {
    const { plan, worker } = this.#job;
    const nodes = plan.tasks
      .filter(({ role }) => runsUserCode(role))
      .filter((task) => task.worker === worker)
      .map((task) => task.node);
    return nodes.length === 1 ? nodes[0] : undefined;
  }
}
