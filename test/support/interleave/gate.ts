/**
 * The words by which the driver and its threads hand the turn to each other.
 *
 * One gate per thread, on lines of its own. Only one thread runs at a time, so a thread that
 * notifies may write into the gates of those it wakes.
 *
 * @module
 */

/** Word indexes into a gate. */
export const Gate = {
  /** {@link GateState}. */
  STATE: 0,
  /** Counts the turns granted. */
  GRANT: 1,
  /** {@link Command}, read once the turn is granted. */
  COMMAND: 2,
  /** What the last operation answered. */
  RESULT: 3,
  /** Byte address of the word that a blocked thread waits for. */
  WAITS_FOR: 4,
} as const;

export const GATE_WORDS = 32;

/** What a thread is doing. */
export const GateState = {
  /** It has the turn. */
  RUNNING: 0,
  /** Stopped, may be granted a turn. */
  READY: 1,
  /** In a wait that nobody has ended. */
  BLOCKED: 2,
  /** The script has returned. */
  DONE: 3,
  /** The script has thrown. */
  FAILED: 4,
} as const;

/** What a granted turn is for. */
export const Command = { STEP: 0, ABANDON: 1 } as const;

/** What a wait answers, as the number stored in `RESULT`. */
export const WaitResult = { OK: 101, NOT_EQUAL: 102, TIMED_OUT: 103 } as const;

/** The untouched operations: those of the global are replaced while a script runs. */
export const real = {
  load: Atomics.load,
  store: Atomics.store,
  add: Atomics.add,
  wait: Atomics.wait,
  notify: Atomics.notify,
};

const SPINS = 2000;

/** Sleeps until `words[at]` is no longer `value`: spins first, as the turn comes back in microseconds. */
export function awaitChange(words: Int32Array, at: number, value: number, timeoutMs: number): void {
  for (let spin = 0; spin < SPINS; spin++) {
    if (real.load(words, at) !== value) return;
  }
  const deadline = Date.now() + timeoutMs;
  while (real.load(words, at) === value) {
    if (Date.now() > deadline) throw new Error(`no answer within ${timeoutMs} ms`);
    real.wait(words, at, value, 1000);
  }
}
