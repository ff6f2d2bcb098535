/** Processes that operators start: commands that the options of the engine allow, without a shell. @module */

import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { MillraceError } from '../../core/errors.ts';
import type { ProcessOutcome, RunningProcess, StartProcess } from '../../core/process.ts';
import type { AllowedCommand, WorkerJob } from '../protocol.ts';

/** Output that nobody has read is no more than this and a piece. */
const MOST_OUTPUT_BYTES = 1024 * 1024;
/** What is kept of its standard error: the end of it. */
const MOST_WORDS = 4096;
/** How long after being asked to end it is made to. */
const GRACE_MS = 500;
/** What a process sees of the environment, beside what its command is given. */
const PASSED_ON = ['PATH', 'HOME', 'LANG', 'LC_ALL', 'TZ', 'TMPDIR', 'TEMP', 'SystemRoot'];

/**
 * What starts the commands of a job.
 *
 * @param opened - gets what ends them
 */
export function processStarter(
  { commands, baseDirectory }: Pick<WorkerJob, 'commands' | 'baseDirectory'>,
  opened: (() => void | Promise<void>)[],
): StartProcess {
  return (name, args, wake) => {
    const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
    if (command === undefined) {
      throw new MillraceError('ERR_USAGE', `the command '${name}' is not allowed`);
    }
    const running = startCommand(command, args, baseDirectory, wake);
    opened.push(async () => {
      running.kill();
      await running.ended;
    });
    return running;
  };
}

/**
 * Starts a command in a folder.
 *
 * @param args - behind the command's own
 * @param wake - is called when something has changed
 */
function startCommand(
  { file, args: own = [], env = {} }: AllowedCommand,
  args: readonly string[],
  folder: string,
  wake: () => void,
): Child {
  const passed = PASSED_ON.map((name) => [name, process.env[name]] as const);
  try {
    const child = spawn(file, [...own, ...args], {
      cwd: folder,
      env: { ...Object.fromEntries(passed.filter(([, value]) => value !== undefined)), ...env },
      stdio: ['pipe', 'pipe', 'pipe'],
      shell: false,
      windowsHide: true,
    });
    return new Child(child, wake);
  } catch (error) {
    // Texts with a zero byte, for instance.
    throw new MillraceError('ERR_PROCESS', `${file} cannot be started: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

class Child implements RunningProcess {
  readonly ended: Promise<void>;
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #wake: () => void;
  readonly #pieces: Uint8Array[] = [];
  #pieceBytes = 0;
  #words = Buffer.alloc(0);
  #timer: NodeJS.Timeout | undefined;
  #killer: NodeJS.Timeout | undefined;
  #limitMs = 0;
  #isTimeout = false;
  #startFailure: string | undefined;
  #outcome: ProcessOutcome | undefined;

  constructor(child: ChildProcessByStdio<Writable, Readable, Readable>, wake: () => void) {
    this.#child = child;
    this.#wake = wake;
    child.stdout.on('data', (piece: Buffer) => this.#take(piece));
    child.stderr.on('data', (piece: Buffer) => this.#listen(piece));
    // It closes its input when it has ended, or does not want any more: its end says what was wrong.
    child.stdin.on('error', () => undefined);
    child.stdin.on('drain', wake);
    this.ended = new Promise((resolve) => {
      child.on('error', (error) => {
        if (child.pid !== undefined) return;
        this.#startFailure = messageOf(error);
        this.#end(null, null);
        resolve();
      });
      child.on('exit', () => {
        if (this.#killer !== undefined) this.#letGo();
      });
      child.on('close', (status, signal) => {
        this.#end(status, signal);
        resolve();
      });
    });
  }

  get waitingBytes(): number {
    return this.#outcome === undefined ? this.#child.stdin.writableLength : 0;
  }

  get hasOutput(): boolean {
    return this.#pieces.length > 0;
  }

  get outcome(): ProcessOutcome | undefined {
    return this.#pieces.length > 0 ? undefined : this.#outcome;
  }

  write(bytes: Uint8Array): void {
    if (this.#child.stdin.writable) this.#child.stdin.write(bytes);
  }

  endInput(): void {
    this.#child.stdin.end();
  }

  read(): Uint8Array | undefined {
    const piece = this.#pieces.shift();
    if (piece === undefined) return undefined;
    this.#pieceBytes -= piece.length;
    if (this.#pieceBytes <= MOST_OUTPUT_BYTES) this.#child.stdout.resume();
    return piece;
  }

  limit(timeoutMs: number | undefined): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (timeoutMs === undefined || this.#outcome !== undefined) return;
    this.#limitMs = timeoutMs;
    this.#timer = setTimeout(() => {
      this.#isTimeout = true;
      this.kill();
    }, timeoutMs);
  }

  kill(): void {
    clearTimeout(this.#timer);
    if (this.#outcome !== undefined) return;
    this.#killer ??= setTimeout(() => this.#child.kill('SIGKILL'), GRACE_MS);
    // Nobody reads what it says: that must not keep it.
    this.#child.stdout.resume();
    const { exitCode, signalCode } = this.#child;
    if (exitCode !== null || signalCode !== null) this.#letGo();
    else this.#child.kill('SIGTERM');
  }

  /** It has ended, but what it has started may hold its output open. */
  #letGo(): void {
    this.#child.stdout.destroy();
    this.#child.stderr.destroy();
  }

  #take(piece: Buffer): void {
    this.#pieces.push(piece);
    this.#pieceBytes += piece.length;
    if (this.#pieceBytes > MOST_OUTPUT_BYTES && this.#killer === undefined) {
      this.#child.stdout.pause();
    }
    this.#wake();
  }

  #listen(piece: Buffer): void {
    const all = Buffer.concat([this.#words, piece]);
    this.#words = Buffer.from(all.subarray(-MOST_WORDS));
  }

  #end(status: number | null, signal: NodeJS.Signals | null): void {
    clearTimeout(this.#timer);
    clearTimeout(this.#killer);
    const lastWords = this.#words.toString('utf8');
    const how = this.#describe(status, signal);
    const isTimeout = this.#isTimeout;
    // What has ended in time, and whose output has not, has not ended as it should.
    this.#outcome = { status: isTimeout ? null : status, how, isTimeout, lastWords };
    this.#wake();
  }

  #describe(status: number | null, signal: NodeJS.Signals | null): string {
    if (this.#startFailure !== undefined) return `could not be started (${this.#startFailure})`;
    if (this.#isTimeout) return `took longer than ${this.#limitMs} ms`;
    return status === null ? `was ended by ${signal}` : `exited with status ${status}`;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
