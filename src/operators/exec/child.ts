/** The process of a task: started as it is needed, and anew when it may be. @module */

import { MillraceError } from '../../core/errors.ts';
import type { KernelContext } from '../../core/operator.ts';
import type { ProcessOutcome, RunningProcess, StartProcess } from '../../core/process.ts';
import { Lines } from './lines.ts';
import type { ExecConfig } from './spec.ts';

/** Bytes that may wait to be taken by it. */
const MOST_WAITING_BYTES = 256 * 1024;

/** A process, and the lines that it writes. */
export class Child {
  readonly #config: ExecConfig;
  readonly #start: StartProcess;
  readonly #wake: () => void;
  #process: RunningProcess | undefined;
  #lines = new Lines(() => undefined);
  #starts = 0;
  #isEnding = false;
  /** What there is to say of the last one that has ended by itself. */
  lastWords = '';

  constructor(config: ExecConfig, context: KernelContext, start: StartProcess) {
    this.#config = config;
    this.#start = start;
    this.#wake = context.asynchronous?.() ?? (() => undefined);
  }

  /** It was started, and has not been forgotten. */
  get isRunning(): boolean {
    return this.#process !== undefined;
  }

  /** It has ended; what it wrote may still be read. */
  get hasEnded(): boolean {
    return this.#process?.outcome !== undefined;
  }

  /** It has not taken all that it may be given at a time. */
  get isFull(): boolean {
    return (this.#process?.waitingBytes ?? 0) > MOST_WAITING_BYTES;
  }

  /** It has written something, or ended. */
  get hasNews(): boolean {
    return this.#process?.hasOutput === true || this.hasEnded;
  }

  /** Whether there may be one more. */
  get mayStart(): boolean {
    return this.#starts <= this.#config.restarts;
  }

  /** Starts it, unless it runs; false when it must not be started any more. */
  start(): boolean {
    if (this.#process !== undefined) return true;
    if (!this.mayStart) return false;
    const { command, args } = this.#config;
    const running = this.#start(command, args, this.#wake);
    this.#starts++;
    this.#process = running;
    this.#lines = new Lines(() => running.read());
    return true;
  }

  /** Gives it whole lines, which stay as they are. */
  write(lines: Uint8Array): void {
    this.#process!.write(lines);
  }

  /** Nothing will be written any more: it has its time to end. */
  end(): void {
    this.#isEnding = true;
    this.#process?.endInput();
    this.limit(true);
  }

  /** Whether it has as long as `timeout` says, from now on, or as long as it likes. */
  limit(isLimited: boolean): void {
    this.#process?.limit(isLimited ? this.#config.timeoutUs / 1000 : undefined);
  }

  /** The next line; the last one need not have an end. */
  nextLine(): string | undefined {
    return this.#lines.next() ?? (this.hasEnded ? this.#lines.rest() : undefined);
  }

  /**
   * It has ended, and all that it wrote was read: notes why, and lets it go.
   *
   * @throws MillraceError `ERR_PROCESS` where it had all its input and ended badly
   */
  forget(): void {
    const outcome = this.#process!.outcome!;
    this.#process = undefined;
    if (!this.#isEnding) {
      const words = outcome.isTimeout ? describe(outcome) : describe(outcome, EARLY);
      this.lastWords =
        this.#starts === 1 ? words : `${words}; it was started ${this.#starts} times`;
    } else if (outcome.status !== 0) {
      throw new MillraceError('ERR_PROCESS', describe(outcome));
    }
  }
}

const EARLY = ' before its input ended';

function describe({ how, lastWords }: ProcessOutcome, when = ''): string {
  const words = lastWords.trim();
  return `the process ${how}${when}${words === '' ? '' : `; it said: ${words}`}`;
}
