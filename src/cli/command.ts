/** What a command of the command line is. @module */

import { type Command, InvalidArgumentError } from 'commander';
import type { AllowedCommands, Override } from '../index.ts';
import type { ExitStatus } from './exit-status.ts';
import type { World } from './world.ts';

/** A command as a value. It never ends the process: it hands its exit status back. */
export interface CliCommand {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** Declares arguments, options and help. */
  declare(command: Command): void;
  /**
   * Does it. An error it throws is reported by the program, with the exit status that
   * `failure.ts` gives it.
   *
   * @param command - the declared command, after parsing
   */
  execute(command: Command, world: World): Promise<ExitStatus>;
}

/** Options of all commands that read a topology. */
export interface TopologyOptions {
  readonly workers?: number;
  readonly set?: readonly Override[];
}

/** Declares {@link TopologyOptions}. */
export function declareTopologyOptions(command: Command): Command {
  return command
    .option('--workers <n>', 'threads, instead of what the topology says', wholeNumber(1, 1024))
    .option(
      '--set </pointer=value>',
      'change the topology first: /engine/workers=4; repeatable',
      addOverride,
    );
}

/** The start options that {@link TopologyOptions} ask for. */
export function loadOptions({ workers, set }: TopologyOptions): {
  readonly workers?: number;
  readonly overrides: readonly Override[];
} {
  return { ...(workers === undefined ? {} : { workers }), overrides: set ?? [] };
}

/** Reads an option's value that is a whole number from `least` to `most`. */
export function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = /^\d+$/.test(text) ? Number(text) : NaN;
    if (value >= least && value <= most) return value;
    throw new InvalidArgumentError(`Expected a whole number from ${least} to ${most}.`);
  };
}

/** Adds a `--set` to those before it; the engine's own parser says what it means. */
function addOverride(text: string, earlier: readonly Override[] = []): readonly Override[] {
  const equals = text.indexOf('=');
  if (!text.startsWith('/') || equals < 0) {
    throw new InvalidArgumentError('Expected /pointer=value, such as /engine/workers=4.');
  }
  return [...earlier, { pointer: text.slice(0, equals), valueText: text.slice(equals + 1) }];
}

const COMMAND = 'Expected name=file, or name=["file", "argument"].';

/** Adds an `--allow-command` to those before it. */
export function addCommand(text: string, earlier: AllowedCommands = {}): AllowedCommands {
  const equals = text.indexOf('=');
  if (equals < 1) throw new InvalidArgumentError(COMMAND);
  const [name, written] = [text.slice(0, equals), text.slice(equals + 1)];
  const words = written.startsWith('[') ? parseList(written) : [written];
  const [file, ...args] = words;
  if (file === undefined || file === '') throw new InvalidArgumentError(COMMAND);
  return { ...earlier, [name]: { file, args } };
}

function parseList(text: string): readonly string[] {
  let list: unknown;
  try {
    list = JSON.parse(text);
  } catch {
    list = undefined;
  }
  if (Array.isArray(list) && list.every((item) => typeof item === 'string')) return list;
  throw new InvalidArgumentError(COMMAND);
}
