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

  declare(command: Command): void {
    command.option('--part', 'that of the files that topologies include');
  },

  async execute(command: Command, world: World): Promise<ExitStatus> {
    const { part } = command.opts<{ readonly part?: boolean }>();
    const file = part === true ? 'part.schema.json' : 'topology.schema.json';
    world.stdout.write(await readFile(packagePath(file), 'utf8'));
    return ExitStatus.DONE;
  },
};
