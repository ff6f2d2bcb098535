/** Updates of operators, as a worker's loop sees them. @module */

import type { WorkerJob } from '../../protocol.ts';
import type { Wiring } from '../wiring.ts';
import type { Updates } from './updates.ts';

/** Looks for updates; what makes them is loaded with the first. */
export class UpdateInbox {
  readonly #job: WorkerJob;
  readonly #wiring: Wiring;
  #seen = 0;
  #updates: Updates | undefined;

  constructor(job: WorkerJob, wiring: Wiring) {
    this.#job = job;
    this.#wiring = wiring;
  }

  /** Whether the host has posted something. */
  readonly hasNews = (): boolean => this.#wiring.control.news() !== this.#seen;

  /** Whether {@link take} may have something to do. */
  get isWaiting(): boolean {
    return this.hasNews() || this.#updates?.isWaiting === true;
  }

  /** Makes ready for updates, and makes those that can be made; between two turns. */
  async take(): Promise<void> {
    if (this.#updates === undefined) {
      const { Updates } = await import('./updates.ts');
      this.#updates = new Updates(this.#job.updates, this.#wiring);
    }
    // Before the messages: what is posted from here on is seen the next time.
    this.#seen = this.#wiring.control.news();
    await this.#updates.receive();
    this.#updates.commit();
  }
}
