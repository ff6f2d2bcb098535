/**
 * How a thread sleeps until another has work for it: one bell per thread, not per ring.
 *
 * A thread with eight inputs waits for any of them, so whoever gives it work rings the thread, and
 * the thread looks at all its inputs. Ringing a thread that is awake costs one load (7 ns); only a
 * thread that sleeps is notified (25 ns when it has not slept yet, 7–15 µs when it has).
 *
 * ## Why no wake-up is lost
 *
 * The sleeper, and the ringer who has just made work visible:
 *
 * ```
 *   sleeper                              ringer
 *   (S) store state = SLEEPING           (P) store tail (or head, or stop): the work
 *   (K) look for work: load tail …       (B) load state; AWAKE: done
 *   (W) wait while state = SLEEPING      (X) state: SLEEPING → AWAKE, by compare-exchange
 *   (A) store state = AWAKE              (N) notify, if (X) changed it
 * ```
 *
 * `Atomics` operations have one total order that all threads agree on. If (K) misses the work, then
 * (K) precedes (P), so (S) precedes (B), and (B) sees SLEEPING. Then either (X) succeeds, and (W)
 * returns: at once if it has not begun, as it compares and sleeps in one step, or by (N); or (X)
 * fails because another ringer's (X) or the sleeper's own (A) came between (B) and (X). In both
 * cases the sleeper is awake at a moment after (P), and it passes (K) again before it can sleep.
 * (With release stores, (B) could be performed before (P) and the argument would fall.)
 *
 * `waitAsync` in place of `wait` changes nothing: it too compares and enlists in one step.
 * `test/model/bell.model.test.ts` runs every interleaving of these steps.
 *
 * @module
 */

import { type Allocator, wordsAt } from './arena.ts';
import { BellState, BellWord, LINE_BYTES } from './layout.ts';

/** Bytes that {@link allocateBell} takes. */
export const BELL_BYTES = LINE_BYTES;

/** The longest a timer can be set for; a wait without limit renews it. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Reserves a bell for one thread; the answer is what {@link Bell} takes as `byteOffset`. */
export function allocateBell(arena: Allocator): number {
  return arena.allocate(BELL_BYTES);
}

/**
 * The bell of one thread.
 *
 * Any thread may call `ring`; only the thread that the bell belongs to may call `park` and
 * `parkAsync`, one at a time. If two threads park on one bell, each may sleep through the other's work.
 */
export class Bell {
  /** Where it lies in shared memory: postable, enough to make the same bell elsewhere. */
  readonly byteOffset: number;
  readonly #words: Int32Array;

  constructor(buffer: SharedArrayBuffer, byteOffset: number) {
    this.byteOffset = byteOffset;
    this.#words = wordsAt(buffer, byteOffset, BELL_BYTES);
  }

  /**
   * Wakes the thread if it sleeps or is about to.
   *
   * Call it after the work is visible by an `Atomics` store of this folder (publish, release,
   * close, requestStop, a cell): that order is what the argument rests on.
   *
   * @hot
   */
  ring(): void {
    // (B) Nearly always the whole cost.
    if (Atomics.load(this.#words, BellWord.STATE) === BellState.AWAKE) return;
    // (X) One of several ringers pays for the notify; and a sleeper that has not slept yet will not.
    const was = Atomics.compareExchange(
      this.#words,
      BellWord.STATE,
      BellState.SLEEPING,
      BellState.AWAKE,
    );
    // (N)
    if (was === BellState.SLEEPING) Atomics.notify(this.#words, BellWord.STATE);
  }

  /** Whether its thread sleeps or is about to. For display: it may change at once. */
  isSleeping(): boolean {
    // (B)
    return Atomics.load(this.#words, BellWord.STATE) === BellState.SLEEPING;
  }

  /**
   * Blocks the thread until it is rung, `hasWork` says so, or `timeoutMs` has passed.
   *
   * `hasWork` is called once, before sleeping, and must look at everything that rings this bell
   * by `Atomics` loads (`peek`, `claim`, `stopMode`, …). Returns true if it found work or was rung;
   * being rung is a reason to look, no promise. Allocates nothing.
   */
  park(hasWork: () => boolean, timeoutMs: number): boolean {
    // (S)
    Atomics.store(this.#words, BellWord.STATE, BellState.SLEEPING);
    // (K) The second look. The first, before parking, does not count.
    let isRung = hasWork();
    if (!isRung) {
      // (W)
      isRung =
        Atomics.wait(this.#words, BellWord.STATE, BellState.SLEEPING, timeoutMs) !== 'timed-out';
    }
    // (A)
    Atomics.store(this.#words, BellWord.STATE, BellState.AWAKE);
    return isRung;
  }

  /**
   * {@link park} for a thread with an event loop: the loop goes on meanwhile.
   *
   * A pending `Atomics.waitAsync` does not keep a process alive, so a timer is held until it
   * settles. To end it early, from this thread or another, `ring`.
   */
  async parkAsync(hasWork: () => boolean, timeoutMs: number): Promise<boolean> {
    // (S)
    Atomics.store(this.#words, BellWord.STATE, BellState.SLEEPING);
    // (K)
    let isRung = hasWork();
    if (!isRung) {
      const keepAlive = setInterval(() => {}, LONGEST_TIMER_MS);
      try {
        // (W)
        const sleep = Atomics.waitAsync(this.#words, BellWord.STATE, BellState.SLEEPING, timeoutMs);
        isRung = (await sleep.value) !== 'timed-out';
      } finally {
        clearInterval(keepAlive);
      }
    }
    // (A)
    Atomics.store(this.#words, BellWord.STATE, BellState.AWAKE);
    return isRung;
  }
}
