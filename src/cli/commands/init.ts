/** `millrace init`. @module */

import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Command } from 'commander';
import type { CliCommand } from '../command.ts';
import { ExitStatus, UsageError } from '../exit-status.ts';
import { STARTER_FILES } from '../starter.ts';
import type { World } from '../world.ts';

/** Writes a topology to begin with, and rows for it. */
export const initCommand: CliCommand = {
  name: 'init',
  summary: 'write a small topology to begin with',

  declare(command: Command): void {
    command.argument('[dir]', 'folder to write to; made if it is not there', '.');
  },

  async execute(command: Command, world: World): Promise<ExitStatus> {
    const [folder] = command.processedArgs as [string];
    const files = Object.entries(STARTER_FILES).map(([name, text]) => ({
      file: path.join(folder, name),
      text,
    }));
    const taken = files.filter(({ file }) => existsSync(file)).map(({ file }) => file);
    if (taken.length > 0) {
      throw new UsageError(`${taken.join(' and ')} would be overwritten; nothing was written`);
    }
    await mkdir(folder, { recursive: true });
    // `wx`: a file that came to be in the meantime is not overwritten either.
    for (const { file, text } of files) await writeFile(file, text, { flag: 'wx' });
    world.stdout.write(nextSteps(files.map(({ file }) => file)));
    return ExitStatus.DONE;
  },
};

function nextSteps(written: readonly string[]): string {
  const topology = written[0]!;
  const result = path.join(path.dirname(topology), RESULT);
  return [
    ...written.map((file) => `wrote ${file}`),
    '',
    'Next:',
    `  npx millrace explain ${topology}    what will run where`,
    `  npx millrace run ${topology}        run it; the result is in ${result}`,
    '',
  ].join('\n');
}

/** The file that the starter's sink writes. */
const RESULT = 'spend_per_channel.csv';
