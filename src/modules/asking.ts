/** Asking code of the topology's author that may take its time: with a time limit, and once more where it failed. @module */

import { textOf } from './load-function.ts';

/** How long to wait, and what to do then. */
export interface AskingOptions {
  readonly timeoutMs: number;
  readonly retry: {
    readonly times: number;
    readonly delayMs: number;
    /** Codes of errors that may be asked for again, or {@link TIMEOUT}; `undefined`: all. */
    readonly states: readonly string[] | undefined;
  };
}

/** The state of a call that was not answered in time. */
export const TIMEOUT = 'TIMEOUT';

/** What became of a question. */
export type Outcome =
  | { readonly answer: unknown }
  | {
      readonly error: unknown;
      /** One sentence: why, in which state, after how many calls. */
      readonly message: string;
      readonly isTimeout: boolean;
    };

/** A call: is told by the signal that nobody waits for it any more. */
export type Call = (signal: AbortSignal) => unknown;

/**
 * Makes a call until it has an answer, or has failed for good.
 *
 * @param settled - is called once; before this returns, if the call gives its answer at once
 * @returns gives up: `settled` is not called any more
 */
export function ask(
  call: Call,
  options: AskingOptions,
  settled: (outcome: Outcome) => void,
): () => void {
  const asking = new Asking(call, options, settled);
  asking.attempt();
  return () => asking.giveUp();
}

class Asking {
  readonly #call: Call;
  readonly #options: AskingOptions;
  readonly #settled: (outcome: Outcome) => void;
  #calls = 0;
  #timer: NodeJS.Timeout | undefined;
  #abort: AbortController | undefined;

  constructor(call: Call, options: AskingOptions, settled: (outcome: Outcome) => void) {
    this.#call = call;
    this.#options = options;
    this.#settled = settled;
  }

  attempt(): void {
    const number = ++this.#calls;
    const abort = new AbortController();
    this.#abort = abort;
    let answer: unknown;
    try {
      answer = this.#call(abort.signal);
    } catch (error) {
      this.#fail(error, false);
      return;
    }
    if (!isThenable(answer)) {
      this.#settled({ answer });
      return;
    }
    const { timeoutMs } = this.#options;
    this.#timer = setTimeout(() => {
      abort.abort();
      this.#fail(new Error(`no answer within ${timeoutMs} ms`), true);
    }, timeoutMs);
    // An answer that comes too late is nobody's, and its failure no stray one.
    const isWaitedFor = (): boolean => this.#calls === number && !abort.signal.aborted;
    Promise.resolve(answer).then(
      (value) => {
        if (!isWaitedFor()) return;
        clearTimeout(this.#timer);
        this.#settled({ answer: value });
      },
      (error: unknown) => {
        if (!isWaitedFor()) return;
        clearTimeout(this.#timer);
        this.#fail(error, false);
      },
    );
  }

  giveUp(): void {
    clearTimeout(this.#timer);
    this.#abort?.abort();
  }

  #fail(error: unknown, isTimeout: boolean): void {
    const { times, delayMs, states } = this.#options.retry;
    const state = isTimeout ? TIMEOUT : stateOf(error);
    const mayRetry = states === undefined || (state !== undefined && states.includes(state));
    if (mayRetry && this.#calls <= times) {
      this.#timer = setTimeout(() => this.attempt(), delayMs * 2 ** (this.#calls - 1));
      return;
    }
    const calls = this.#calls === 1 ? '1 call' : `${this.#calls} calls`;
    const named = state === undefined || isTimeout ? '' : ` (${state})`;
    this.#settled({ error, isTimeout, message: `${textOf(error)}${named}, after ${calls}` });
  }
}

/** Queries of some drivers are no promises, and are sent when they are waited for. */
function isThenable(answer: unknown): answer is PromiseLike<unknown> {
  if (typeof answer !== 'object' || answer === null) return false;
  return typeof (answer as { readonly then?: unknown }).then === 'function';
}

/** What drivers say of an error: `40001`, `ECONNREFUSED`. */
function stateOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const { code, sqlState } = error as { readonly code?: unknown; readonly sqlState?: unknown };
  const state = sqlState ?? code;
  return typeof state === 'string' || typeof state === 'number' ? String(state) : undefined;
}
