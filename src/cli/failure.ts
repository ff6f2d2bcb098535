/** From an error to what is printed, and to the exit status. @module */

import { inspect } from 'node:util';
import type { MillraceError, TopologyIssue } from '../index.ts';
import { ExitStatus, UsageError } from './exit-status.ts';
import type { World } from './world.ts';

/** While an error can still be the topology's fault, and while it cannot. */
export type Phase = 'starting' | 'running';

/** An error that happened in a known phase. */
export class PhaseError extends Error {
  override readonly name = 'PhaseError';
  readonly phase: Phase;

  constructor(phase: Phase, cause: unknown) {
    super(phase, { cause });
    this.phase = phase;
  }
}

/**
 * Runs a step in which errors are the topology's fault: it is read, checked and planned.
 *
 * @throws PhaseError around whatever the step throws
 */
export async function whileStarting<T>(step: () => T | Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (error) {
    throw new PhaseError('starting', error);
  }
}

/** The exit status for an error. */
export function exitStatusOf(error: unknown, phase: Phase = 'running'): ExitStatus {
  if (error instanceof PhaseError) return exitStatusOf(error.cause, error.phase);
  if (error instanceof UsageError) return ExitStatus.USAGE;
  if (!isMillraceError(error) || phase === 'running') return ExitStatus.FAILED;
  if (error.code === 'ERR_USAGE') return ExitStatus.USAGE;
  // Before a run, the only files that matter are the topology and what it names.
  return error.domain === 'internal' ? ExitStatus.FAILED : ExitStatus.CONFIG;
}

/**
 * What is printed of an error: `error: message (CODE, node 'name')`, the problems of a topology
 * below it, and with `isVerbose` the stack.
 */
export function describeError(thrown: unknown, isVerbose: boolean): string {
  const error = thrown instanceof PhaseError ? thrown.cause : thrown;
  const message = error instanceof Error ? error.message : String(error);
  const [first = '', ...rest] = printable(message).split('\n');
  const lines = [`error: ${first}${suffix(error, message)}`, ...rest];
  if (isVerbose) lines.push(printable(inspect(error, { depth: 4 })));
  return `${lines.join('\n')}\n`;
}

function suffix(error: unknown, message: string): string {
  if (!isMillraceError(error)) return '';
  const { node } = error;
  const isNamed = node === undefined || message.includes(`'${node}'`);
  return isNamed ? ` (${error.code})` : ` (${error.code}, node '${node}')`;
}

/** One problem of a file: `topology.json: /sources/a/path: no such file`. */
export function describeIssue(file: string, { pointer, message }: TopologyIssue): string {
  // Text that is no JSON has no pointer; its message begins with FILE:LINE:COLUMN by itself.
  if (pointer === '' && message.startsWith(`${file}:`)) return printable(message);
  return printable(`${file}: ${pointer === '' ? '' : `${pointer}: `}${message}`);
}

/** Prints an error on standard error. */
export function report(error: unknown, world: World, isVerbose = false): void {
  const text = describeError(error, isVerbose || isSet(world.env['DEBUG']));
  world.stderr.write(text.replace(/^error:/, world.paint('red', 'error:')));
}

/**
 * Control characters made visible. Messages quote input, and input must not move the cursor of
 * whoever reads them.
 */
export function printable(text: string): string {
  return text.replace(
    /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== '' && value !== '0';
}

/** By name: the class itself would pull the whole engine in. */
function isMillraceError(error: unknown): error is MillraceError {
  return error instanceof Error && error.name === 'MillraceError';
}
