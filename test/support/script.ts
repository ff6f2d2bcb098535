/** A program of its own that embeds the engine. @module */

import { type ChildProcess, spawn } from 'node:child_process';
import { env as ourEnv } from 'node:process';
import { INDEX } from './built.ts';
import type { Workspace } from './run-topology.ts';

/** How a program ended. */
export interface Ended {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly out: string;
  readonly err: string;
}

/** A program that runs. */
export interface Script {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** What it has written to standard output so far. */
  out(): string;
}

/** Starts `body` as a module in the workspace, with `Millrace` imported. */
export function startScript(
  workspace: Workspace,
  body: string,
  flags: readonly string[] = [],
): Script {
  const file = workspace.write(
    'main.mts',
    `import { Millrace } from ${JSON.stringify(INDEX)};\n${body}`,
  );
  const { DEBUG: _, NODE_OPTIONS: __, ...env } = ourEnv;
  const child = spawn(process.execPath, [...flags, file], {
    cwd: workspace.directory,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  let err = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (status, signal) => resolve({ status, signal, out, err }));
  });
  return { child, ended, out: () => out };
}
