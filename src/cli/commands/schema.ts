/** `millrace schema`. @module */

import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import type { CliCommand } from '../command.ts';
import { ExitStatus } from '../exit-status.ts';
import { packagePath } from '../package.ts';
import type { World } from '../world.ts';

/** Prints the JSON Schema of topology files. */
export const schemaCommand: CliCommand = {
  name: 'schema',
  summary: 'print the JSON Schema of topology files',

  declare(): void {
    // It takes nothing.
  },

  async execute(_command: Command, world: World): Promise<ExitStatus> {
    world.stdout.write(await readFile(packagePath('topology.schema.json'), 'utf8'));
    return ExitStatus.DONE;
  },
};
