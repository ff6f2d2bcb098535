/** The C++ peers: programs that read the same columns and take their turns when told. @module */

import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { compileCpp } from '../shared/cpp.ts';
import type { KernelSubject } from './subject.ts';

const FLAGS = ['-O3', '-march=native'];

/** Compiles each program once. */
export class CppPeers {
  readonly #folder: string;
  readonly #programs = new Map<string, Promise<string | undefined>>();

  /** @param folder - where the programs are put */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** The path of a program; `undefined` where there is no compiler. */
  program(name: string): Promise<string | undefined> {
    const known = this.#programs.get(name);
    if (known !== undefined) return known;
    const binary = join(this.#folder, name);
    const compiled = compileCpp(`kernels/${name}.cpp`, binary, FLAGS).then((isThere) =>
      isThere ? binary : undefined,
    );
    this.#programs.set(name, compiled);
    return compiled;
  }

  /**
   * Starts `bench/peers/kernels/<name>.cpp`; a subject for each of its variants.
   *
   * @param rows - rows of one of its passes
   */
  async subjects(
    name: string,
    args: readonly (string | number)[],
    rows: number,
  ): Promise<KernelSubject[]> {
    const program = await this.program(name);
    if (program === undefined) return [];
    const peer = new Conversation(spawn(program, args.map(String)));
    const variants = (await peer.nextLine()).trim().split(' ');
    return variants.map((variant) => ({
      name: variant,
      rows,
      run: async (passes) => Number(await peer.ask(`run ${variant} ${passes}`)),
      answer: async () => (await peer.ask(`answer ${variant}`)).trim().split(' ').map(Number),
      close: () => peer.close(),
    }));
  }
}

/** One question, one line. */
class Conversation {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #lines: AsyncIterator<string>;
  readonly #ended: Promise<void>;

  constructor(child: ChildProcessWithoutNullStreams) {
    this.#child = child;
    this.#lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    this.#ended = new Promise((resolve) => void child.once('close', () => resolve()));
    child.stderr.pipe(process.stderr);
  }

  async ask(question: string): Promise<string> {
    this.#child.stdin.write(`${question}\n`);
    return await this.nextLine();
  }

  async nextLine(): Promise<string> {
    const line = await this.#lines.next();
    if (line.done === true) throw new Error(`${this.#child.spawnfile} ended in the middle`);
    return line.value;
  }

  async close(): Promise<void> {
    this.#child.stdin.end();
    await this.#ended;
  }
}
