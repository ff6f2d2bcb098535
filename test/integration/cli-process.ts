/** Starts the command line as its users do: as a process of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { env as ourEnv } from 'node:process';
import { CLI } from '../support/built.ts';

/** How a process ended, and what it wrote. */
export interface Ended {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly out: string;
  readonly err: string;
}

/** A process that runs. */
export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** What it has written to standard error so far. */
  err(): string;
  /** Waits for standard error to match. */
  says(pattern: RegExp): Promise<RegExpExecArray>;
}

/** A folder for topologies, their inputs and outputs. */
export class Workspace {
  readonly path = mkdtempSync(join(tmpdir(), 'millrace-cli-'));
  readonly #children: ChildProcess[] = [];

  file(name: string): string {
    return join(this.path, name);
  }

  write(name: string, content: string | object): string {
    const text = typeof content === 'string' ? content : JSON.stringify(content, undefined, 2);
    writeFileSync(this.file(name), text);
    return this.file(name);
  }

  read(name: string): string {
    return readFileSync(this.file(name), 'utf8');
  }

  /** Runs `millrace …` in this folder to its end. */
  run(...args: readonly string[]): Promise<Ended> {
    return this.start(args).ended;
  }

  /** Starts `millrace …` in this folder. */
  start(
    args: readonly string[],
    options: { readonly readsOutput?: boolean; readonly env?: NodeJS.ProcessEnv } = {},
  ): Running {
    const { DEBUG: _, ...inherited } = ourEnv;
    const child = spawn(process.execPath, [CLI, ...args], {
      cwd: this.path,
      env: { ...inherited, ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#children.push(child);
    let out = '';
    let err = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
    child.stdout.setEncoding('utf8');
    if (options.readsOutput !== false) child.stdout.on('data', (text: string) => (out += text));
    const ended = new Promise<Ended>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (status, signal) => resolve({ status, signal, out, err }));
    });
    const says = async (pattern: RegExp): Promise<RegExpExecArray> => {
      for (;;) {
        const found = pattern.exec(err);
        if (found !== null) return found;
        if (child.exitCode !== null) throw new Error(`ended without saying ${pattern}: ${err}`);
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    };
    return { child, ended, err: () => err, says };
  }

  /** Also ends what a failed test has left behind. */
  remove(): void {
    for (const child of this.#children) if (child.exitCode === null) child.kill('SIGKILL');
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** The lines of a text that ends in a line feed. */
export function lines(text: string): string[] {
  return text.split('\n').slice(0, -1);
}
