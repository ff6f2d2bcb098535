/** `millrace bench`. @module */

import { existsSync, readdirSync } from 'node:fs';
import { constants } from 'node:os';
import path from 'node:path';
import type { Command } from 'commander';
import type { CliCommand } from '../command.ts';
import { ExitStatus, UsageError } from '../exit-status.ts';
import { packagePath } from '../package.ts';
import { suggestName } from '../suggest.ts';
import type { World } from '../world.ts';

const HELP = `
Everything after NAME goes to the benchmark. Without NAME the benchmarks are listed.`;

/** Runs a benchmark in a process of its own. */
export const benchCommand: CliCommand = {
  name: 'bench',
  summary: 'run a benchmark, or list them',

  declare(command: Command): void {
    command
      .usage('[name] [--quick] [--json] [options of the benchmark]')
      .argument('[name]', 'which benchmark')
      .argument('[args...]', 'options of the benchmark')
      .option('--quick', 'end within a minute or so')
      .option('--json', 'print one JSON object a line')
      .passThroughOptions()
      .addHelpText('after', HELP);
  },

  async execute(command: Command, world: World): Promise<ExitStatus> {
    const [name, rest] = command.processedArgs as [string | undefined, readonly string[]];
    const before = Object.entries(command.opts<{ quick?: boolean; json?: boolean }>())
      .filter(([option]) => option !== 'verbose')
      .map(([option]) => `--${option}`);
    const scripts = benchmarksIn(packagePath('bench'));
    const names = [...scripts.keys()];
    if (names.length === 0) {
      const message =
        'there are no benchmarks here: they are in the repository, not in the package';
      if (name === undefined) world.stdout.write(`${message}\n`);
      else throw new UsageError(message);
      return ExitStatus.DONE;
    }
    if (name === undefined) {
      world.stdout.write(`${names.join('\n')}\n`);
      return ExitStatus.DONE;
    }
    const script = scripts.get(name);
    if (script === undefined) throw new UsageError(unknownName(name, names));
    return await runScript(script, [...before, ...rest], world);
  },
};

/** The benchmarks, sorted: name → its `main.ts`, in a folder of its name here or in `workloads`. */
export function benchmarksIn(folder: string): ReadonlyMap<string, string> {
  const scripts = [folder, path.join(folder, 'workloads')].flatMap((parent) =>
    foldersIn(parent).map((name) => [name, path.join(parent, name, 'main.ts')] as const),
  );
  return new Map(
    scripts.filter(([, script]) => existsSync(script)).toSorted(([a], [b]) => (a < b ? -1 : 1)),
  );
}

function foldersIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name);
}

function unknownName(name: string, names: readonly string[]): string {
  const nearest = suggestName(name, names);
  const hint = nearest === undefined ? '' : ` (did you mean ${nearest}?)`;
  return `unknown benchmark '${name}'${hint}; there are ${names.join(', ')}`;
}

/**
 * Runs a script under this Node, with our own streams.
 *
 * @returns its exit status; 128 and the signal's number if a signal ended it
 */
export async function runScript(
  script: string,
  args: readonly string[],
  { signals }: Pick<World, 'signals'>,
): Promise<ExitStatus> {
  const { spawn } = await import('node:child_process');
  const child = spawn(process.execPath, [script, ...args], { stdio: 'inherit' });
  // Ctrl-C reaches the child by itself; what is sent to us alone is passed on. Either way we stay
  // until it has ended.
  const ignore = (): void => undefined;
  const passOn = (): void => void child.kill('SIGTERM');
  signals.on('SIGINT', ignore);
  signals.on('SIGTERM', passOn);
  try {
    return await new Promise<ExitStatus>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (status, signal) => {
        resolve(status ?? 128 + (signal === null ? 0 : constants.signals[signal]));
      });
    });
  } finally {
    signals.off('SIGINT', ignore);
    signals.off('SIGTERM', passOn);
  }
}
