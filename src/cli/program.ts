/** The command line: which commands there are, and what becomes of what they hand back. @module */

import { Command, CommanderError } from 'commander';
import type { CliCommand } from './command.ts';
import { benchCommand } from './commands/bench.ts';
import { explainCommand } from './commands/explain.ts';
import { initCommand } from './commands/init.ts';
import { runCommand } from './commands/run.ts';
import { schemaCommand } from './commands/schema.ts';
import { validateCommand } from './commands/validate.ts';
import { ExitStatus } from './exit-status.ts';
import { exitStatusOf, report } from './failure.ts';
import { packageVersion } from './package.ts';
import { processWorld, type World } from './world.ts';

/** All commands, in the order in which help lists them. */
export const COMMANDS: readonly CliCommand[] = [
  runCommand,
  validateCommand,
  explainCommand,
  initCommand,
  benchCommand,
  schemaCommand,
];

const HELP = `
Exit status: 0 done, 1 failed at run time, 2 wrong usage, 78 bad configuration.`;

/**
 * Runs the process's own command line. The process ends by itself once nothing is left to do, with
 * everything written; only its exit status is set here.
 */
export async function main(): Promise<void> {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', ignoreClosedPipe);
  process.exitCode = await runProgram(process.argv.slice(2), processWorld());
}

/** Runs a command line, reports what goes wrong, and returns the exit status. */
export async function runProgram(args: readonly string[], world: World): Promise<ExitStatus> {
  let status: ExitStatus = ExitStatus.DONE;
  const program = declareProgram(world, async (definition, command) => {
    try {
      status = await definition.execute(command, world);
    } catch (error) {
      report(error, world, command.opts<{ verbose?: boolean }>().verbose === true);
      status = exitStatusOf(error);
    }
  });
  try {
    await program.parseAsync([...args], { from: 'user' });
    return status;
  } catch (error) {
    // Commander has printed the help that was asked for, or what is wrong with the command line.
    if (error instanceof CommanderError) {
      return error.exitCode === 0 ? ExitStatus.DONE : ExitStatus.USAGE;
    }
    throw error;
  }
}

function declareProgram(
  world: World,
  execute: (definition: CliCommand, command: Command) => Promise<void>,
): Command {
  const { stdout, stderr, paint } = world;
  const program = new Command('millrace')
    .description('Stream processing on every core of one host.')
    .version(packageVersion(), '--version', 'print the version')
    .helpOption('-h, --help', 'print help')
    .helpCommand('help [command]', 'print help for a command')
    .addHelpText('after', HELP)
    .enablePositionalOptions()
    .showSuggestionAfterError()
    .exitOverride()
    .configureOutput({
      writeOut: (text) => stdout.write(text),
      writeErr: (text) => stderr.write(text),
      outputError: (text, write) => write(text.replace(/^error:/, paint('red', 'error:'))),
      getOutHelpWidth: () => stdout.columns ?? 80,
      getErrHelpWidth: () => stderr.columns ?? 80,
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    });
  for (const definition of COMMANDS) {
    // Made by `program`, a command takes over its settings.
    const command = program.command(definition.name).description(definition.summary);
    definition.declare(command);
    command
      .option('--verbose', 'print stacks with errors, as the variable DEBUG does')
      .action(() => execute(definition, command));
  }
  return program;
}

/** A reader that has had enough, such as `head`, is no failure of ours. */
function ignoreClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
}
