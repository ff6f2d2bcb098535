/**
 * What whole processes take: one that imports the package, and commands over a small topology.
 *
 * @module
 */

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execPath } from 'node:process';
import { fileURLToPath } from 'node:url';
import { median } from '../shared/bench-line.ts';

const pathOf = (built: string): string =>
  fileURLToPath(new URL(`../../dist/${built}`, import.meta.url));
const CLI = pathOf('cli/main.js');

/** Case → arguments of Node; a bare process is what no package can go below. */
const PROCESSES: Readonly<Record<string, readonly string[]>> = {
  'bare process': ['--eval', '0'],
  'import of the package': ['--import', pathOf('index.js'), '--eval', '0'],
  'millrace --version': [CLI, '--version'],
  'millrace validate': [CLI, 'validate', 'topology.json'],
  'millrace run': [CLI, 'run', 'topology.json'],
};

/** How long a process takes, from its start until it has ended. */
function processMs(args: readonly string[], cwd: string): number {
  const startMs = performance.now();
  // Programs keep nothing compiled by themselves; the command line does so in the folder that is named here.
  const env = { ...process.env, NODE_COMPILE_CACHE: '' };
  if (args[0] === CLI) env.NODE_COMPILE_CACHE = join(cwd, 'compiled');
  const { status, stderr } = spawnSync(execPath, args, { cwd, env, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${args.join(' ')}: exit ${status}\n${stderr}`);
  return performance.now() - startMs;
}

/** A line for each kind of process. What the command line has compiled is kept from run to run. */
export function measureProcesses(rounds: number): object[] {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-start-'));
  try {
    processMs([CLI, 'init', '.'], folder);
    const timesMs = new Map(Object.keys(PROCESSES).map((name) => [name, [] as number[]]));
    for (let round = 0; round <= rounds; round++) {
      for (const [name, args] of Object.entries(PROCESSES)) {
        const passedMs = processMs(args, folder);
        // The first of each finds files that nobody has read, and nothing compiled.
        if (round > 0) timesMs.get(name)!.push(passedMs);
      }
    }
    return [...timesMs].map(([name, times]) => ({
      bench: 'start',
      case: name,
      subject: 'millrace',
      processMs: Math.round(median(times)),
      least: { processMs: Math.round(Math.min(...times)) },
    }));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
