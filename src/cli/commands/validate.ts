/** `millrace validate`. @module */

import type { Command } from 'commander';
import type { Validation } from '../../index.ts';
import {
  type CliCommand,
  declareTopologyOptions,
  loadOptions,
  type TopologyOptions,
} from '../command.ts';
import { ExitStatus } from '../exit-status.ts';
import { describeIssue, exitStatusOf, whileStarting } from '../failure.ts';
import type { World } from '../world.ts';

interface ValidateOptions extends TopologyOptions {
  readonly files?: boolean;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** Checks topologies and says everything that is wrong with them. */
export const validateCommand: CliCommand = {
  name: 'validate',
  summary: 'check topologies without running them',

  declare(command: Command): void {
    declareTopologyOptions(
      command.argument('<file...>', 'topology files: JSON, or StreamSQL (.ssql)'),
    )
      .option('--files', 'also look at the files that a topology names')
      .option('--json', 'print the result as one JSON object on standard output')
      .option('-q, --quiet', 'say nothing about files that are valid')
      .addHelpText('after', '\nProblems go to standard error, one a line: FILE: /pointer: message');
  },

  async execute(command: Command, world: World): Promise<ExitStatus> {
    const [files] = command.processedArgs as [string[]];
    const options = command.opts<ValidateOptions>();
    const results: (Validation & { readonly file: string })[] = [];
    for (const file of files) results.push({ file, ...(await validate(file, options)) });
    const isValid = results.every(({ valid }) => valid);
    if (options.json === true) {
      world.stdout.write(`${JSON.stringify({ valid: isValid, files: results })}\n`);
    } else {
      for (const { file, ...validation } of results) {
        print(file, validation, options.quiet === true, world);
      }
    }
    return isValid ? ExitStatus.DONE : ExitStatus.CONFIG;
  },
};

async function validate(file: string, options: ValidateOptions): Promise<Validation> {
  const { validateTopology } = await import('../../index.ts');
  try {
    return await whileStarting(() =>
      validateTopology(file, { ...loadOptions(options), files: options.files === true }),
    );
  } catch (error) {
    // A file that cannot be read is one problem among those of the other files.
    if (exitStatusOf(error) !== ExitStatus.CONFIG) throw error;
    const { message } = (error as Error).cause as Error;
    return { valid: false, issues: [{ pointer: '', message }], warnings: [] };
  }
}

function print(
  file: string,
  { valid, issues, warnings }: Validation,
  isQuiet: boolean,
  world: World,
): void {
  const { stdout, stderr, paint } = world;
  for (const issue of issues) stderr.write(`${describeIssue(file, issue)}\n`);
  if (isQuiet) return;
  for (const warning of warnings) {
    stderr.write(`${paint('yellow', 'warning:')} ${describeIssue(file, warning)}\n`);
  }
  if (valid) stdout.write(`${file}: valid\n`);
}
