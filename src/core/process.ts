/** Processes outside of the engine, as operators see them. @module */

/** How a process has ended, or why it never began. */
export interface ProcessOutcome {
  /** Its exit status; null when a signal ended it, or it never began. */
  readonly status: number | null;
  /** What ended it, as the end of a sentence: `exited with status 3`. */
  readonly how: string;
  /** It was ended since it took longer than {@link RunningProcess.limit} had said. */
  readonly isTimeout: boolean;
  /** The end of what it wrote to its standard error. */
  readonly lastWords: string;
}

/** A process with open ends. Whoever started it is woken when something of it has changed. */
export interface RunningProcess {
  /** Bytes that were written and that it has not taken. */
  readonly waitingBytes: number;
  /** There is output that was not read. */
  readonly hasOutput: boolean;
  /** Set when it has ended and all its output is there to be read. */
  readonly outcome: ProcessOutcome | undefined;
  /** Gives it bytes, which stay as they are. Always accepts: look at {@link waitingBytes} before. */
  write(bytes: Uint8Array): void;
  /** Nothing will be written any more. */
  endInput(): void;
  /** The next piece of its output; `undefined`: there is none now. It is held up while nobody reads. */
  read(): Uint8Array | undefined;
  /** From now on it has so long to end; `undefined`: as long as it likes. */
  limit(timeoutMs: number | undefined): void;
  /** Ends it. */
  kill(): void;
}

/**
 * Starts a command.
 *
 * @param command - a name that the options of the engine know
 * @param args - behind those that the command has
 * @param wake - is called when something of the process has changed
 * @throws MillraceError `ERR_USAGE` when there is no such command, `ERR_PROCESS` for arguments that no
 * process can be given
 */
export type StartProcess = (
  command: string,
  args: readonly string[],
  wake: () => void,
) => RunningProcess;
