/**
 * What a thread does when it finds nothing to do: spin, park, or first one and then the other.
 *
 * Spinning answers in 0.1 µs and burns a core; a parked thread costs nothing and answers in some
 * 30 µs. With more threads than cores a spinner burns the very time slice in which the thread it
 * waits for would run: throughput falls a hundredfold (`bench/ring/oversubscription.ts`). So
 * spinning is for threads that have a core to themselves, and {@link chooseWaitPolicy} sees to it.
 *
 * @module
 */

import type { Bell } from './bell.ts';

/** A way to wait; stateless, so that one object may serve every wait of a thread. */
export interface WaitPolicy {
  /**
   * Blocks the calling thread, the owner of `bell`, until `hasWork` answers true, the bell is
   * rung, or `timeoutMs` has passed. True: look again; false: time is up. Allocates nothing.
   *
   * `hasWork` must look at everything that rings `bell`.
   */
  wait(bell: Bell, hasWork: () => boolean, timeoutMs: number): boolean;
}

/** Looks this often between two readings of the clock, which costs as much as six looks. */
const LOOKS_PER_CLOCK = 16;

/** Since Node 24. A hint to the core that this is a spin; it does not yield the core. */
const pause: (() => void) | undefined = (Atomics as { pause?: () => void }).pause;

/** Never sleeps. Only for a thread with a core to itself, where every microsecond counts. */
export class SpinPolicy implements WaitPolicy {
  /** Nobody needs to ring a thread that never sleeps, so `_bell` is not used. */
  wait(_bell: Bell, hasWork: () => boolean, timeoutMs: number): boolean {
    return spin(hasWork, timeoutMs);
  }
}

/** Sleeps at once. Right whenever threads may outnumber cores. */
export class ParkPolicy implements WaitPolicy {
  wait(bell: Bell, hasWork: () => boolean, timeoutMs: number): boolean {
    return bell.park(hasWork, timeoutMs);
  }
}

/** Spins for at most `spinUs` microseconds, then sleeps. */
export class SpinThenParkPolicy implements WaitPolicy {
  readonly spinUs: number;

  constructor(spinUs: number) {
    this.spinUs = spinUs;
  }

  wait(bell: Bell, hasWork: () => boolean, timeoutMs: number): boolean {
    const spinMs = Math.min(this.spinUs / 1000, timeoutMs);
    if (spin(hasWork, spinMs)) return true;
    return bell.park(hasWork, timeoutMs - spinMs);
  }
}

/** @hot */
function spin(hasWork: () => boolean, timeoutMs: number): boolean {
  if (hasWork()) return true;
  const deadlineMs = performance.now() + timeoutMs;
  do {
    for (let look = 0; look < LOOKS_PER_CLOCK; look++) {
      if (hasWork()) return true;
      if (pause !== undefined) pause();
    }
  } while (performance.now() < deadlineMs);
  return false;
}

/** One thread's bell together with the way it waits. */
export class BellWaiter {
  readonly bell: Bell;
  readonly #policy: WaitPolicy;

  constructor(bell: Bell, policy: WaitPolicy) {
    this.bell = bell;
    this.#policy = policy;
  }

  /** See {@link WaitPolicy.wait}. Blocks: for compute workers. */
  wait(hasWork: () => boolean, timeoutMs: number): boolean {
    return this.#policy.wait(this.bell, hasWork, timeoutMs);
  }

  /** See {@link Bell.parkAsync}. For threads with an event loop; these never spin. */
  waitAsync(hasWork: () => boolean, timeoutMs: number): Promise<boolean> {
    return this.bell.parkAsync(hasWork, timeoutMs);
  }
}

/** What {@link chooseWaitPolicy} goes by. */
export interface WaitFacts {
  /** Threads of the engine that are busy at full load, the host not counted. */
  readonly threads: number;
  /** Cores this process may use. */
  readonly cores: number;
  /** `low`: latency is worth a core's power. `normal`: an idle engine costs nothing. */
  readonly latency: 'low' | 'normal';
}

/** Long enough to bridge the gaps of a stream at 100,000 batches a second. */
const SPIN_US = 20;

/**
 * The right policy for a thread: it spins only if asked for low latency and only if every thread
 * has a core and one is left over for the host, the compiler and the collector.
 */
export function chooseWaitPolicy(facts: WaitFacts): WaitPolicy {
  const hasCoresToSpare = facts.threads <= facts.cores - 1;
  if (facts.latency === 'low' && hasCoresToSpare) return new SpinThenParkPolicy(SPIN_US);
  return new ParkPolicy();
}
