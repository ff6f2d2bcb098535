/** Runs a topology in a folder of its own and reads what came out. @module */

import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Millrace, type RunSummary, type StartOptions } from '../../src/index.ts';
import { expectConservation } from './conservation.ts';

/** A folder with input files; removed by `dispose`. */
export class Workspace {
  readonly directory = mkdtempSync(path.join(tmpdir(), 'millrace-test-'));

  write(name: string, content: string | Uint8Array): string {
    const file = path.join(this.directory, name);
    writeFileSync(file, content);
    return file;
  }

  read(name: string): string {
    return readFileSync(path.join(this.directory, name), 'utf8');
  }

  readBytes(name: string): Buffer {
    return readFileSync(path.join(this.directory, name));
  }

  /** Names of all files, hidden ones included. */
  files(): string[] {
    return readdirSync(this.directory).toSorted();
  }

  /** Lines of a file behind the header, sorted: a result whose order is not promised. */
  sortedLines(name: string): string[] {
    return this.read(name).split('\n').slice(1, -1).toSorted();
  }

  [Symbol.dispose](): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** Runs a topology of bounded sources to its end and checks that its counts add up. */
export async function runToEnd(
  document: object,
  workspace: Workspace,
  options: StartOptions = {},
): Promise<RunSummary> {
  const engine = await Millrace.start(document, { baseDirectory: workspace.directory, ...options });
  try {
    const summary = await engine.completed;
    expectConservation(document, summary);
    return summary;
  } finally {
    await engine.stop();
  }
}
