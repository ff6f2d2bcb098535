/** What a worker does before it sleeps. @module */

import { StopMode, type ThreadControl, ThreadState } from '../../ringbuf/index.ts';
import type { TaskLoop } from './task-loop.ts';

/** How long a worker that found nothing to do may sleep, and its second look. */
export class Rest {
  readonly #control: Pick<ThreadControl, 'setState' | 'stopMode'>;
  readonly #loop: Pick<TaskLoop, 'turn' | 'sleepMs'>;
  readonly #hasNews: () => boolean;
  #sleepMs = 0;

  /** @param hasNews - whether the host has posted something */
  constructor(
    control: Pick<ThreadControl, 'setState' | 'stopMode'>,
    loop: Pick<TaskLoop, 'turn' | 'sleepMs'>,
    hasNews: () => boolean = () => false,
  ) {
    this.#control = control;
    this.#loop = loop;
    this.#hasNews = hasNews;
  }

  /** How long it may sleep; to be asked before the {@link look}. */
  sleepMs(): number {
    this.#sleepMs = this.#loop.sleepMs();
    return this.#sleepMs;
  }

  /**
   * A whole turn, so that whatever rings the bell is found; true when there is a reason not to sleep.
   *
   * It counts as running, so that the supervisor sees when it never returns. A turn without progress
   * may still have made something due much sooner: a full ring was emptied meanwhile, and a source
   * that was held up by it now waits for its time.
   */
  readonly look = (): boolean => {
    this.#control.setState(ThreadState.RUNNING);
    if (this.#control.stopMode() === StopMode.ABORT || this.#loop.turn()) return true;
    if (this.#hasNews()) return true;
    if (this.#loop.sleepMs() < this.#sleepMs / 2) return true;
    this.#control.setState(ThreadState.PARKED);
    return false;
  };
}
