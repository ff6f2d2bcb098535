/** `SIGINT` and `SIGTERM`, counted. @module */

import type { Signals } from '../world.ts';

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/**
 * A second signal this soon is the echo of the first: Ctrl-C reaches a whole process group, and
 * `npx`, which is in it, passes the same signal on once more.
 */
const ECHO_MS = 100;

/** What is done on the signals. */
export interface StopHandlers {
  /** Asked to stop. */
  first(): void;
  /** Asked again. */
  second(): void;
}

/**
 * Listens until the returned function is called. After the second signal nobody listens, so that a
 * third one ends the process as if there were no handler.
 */
export function onStopSignals(
  signals: Signals,
  handlers: StopHandlers,
  now: () => number = () => performance.now(),
): () => void {
  let firstMs: number | undefined;
  const stopListening = (): void => {
    for (const signal of SIGNALS) signals.off(signal, onSignal);
  };
  const onSignal = (): void => {
    if (firstMs === undefined) {
      firstMs = now();
      handlers.first();
    } else if (now() - firstMs >= ECHO_MS) {
      stopListening();
      handlers.second();
    }
  };
  for (const signal of SIGNALS) signals.on(signal, onSignal);
  return stopListening;
}
