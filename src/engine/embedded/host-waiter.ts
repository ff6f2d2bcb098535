/** Waiting on the host's event loop: one bell, any number of waiters. @module */

import type { Bell } from '../../ringbuf/index.ts';

interface Waiter {
  readonly isReady: () => boolean;
  readonly resolve: () => void;
}

/** A net below the bell. */
const LOOK_EVERY_MS = 1000;

/** Lets several inputs and outputs wait for their rings by the host's one bell. */
export class HostWaiter {
  readonly #bell: Bell;
  #waiters: Waiter[] = [];
  #isWatching = false;

  constructor(bell: Bell) {
    this.#bell = bell;
  }

  /** Settles once `isReady` is true; it is asked whenever the bell rings. */
  async until(isReady: () => boolean): Promise<void> {
    if (isReady()) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiters.push({ isReady, resolve });
    if (this.#isWatching) {
      // The watcher may be about to sleep without having asked this waiter.
      this.#bell.ring();
    } else {
      this.#isWatching = true;
      void this.#watch();
    }
    await promise;
  }

  async #watch(): Promise<void> {
    while (this.#waiters.length > 0) {
      await this.#bell.parkAsync(() => this.#waiters.some((w) => w.isReady()), LOOK_EVERY_MS);
      const ready = this.#waiters.filter((waiter) => waiter.isReady());
      this.#waiters = this.#waiters.filter((waiter) => !ready.includes(waiter));
      for (const waiter of ready) waiter.resolve();
    }
    this.#isWatching = false;
  }
}
