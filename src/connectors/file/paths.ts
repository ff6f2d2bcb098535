/** Paths of a topology, and errors of the file system in the house's words. @module */

import { resolve } from 'node:path';

import { MillraceError } from '../../core/errors.ts';

/** A path of a topology as an absolute one. */
export function resolvePath(baseDirectory: string, path: string): string {
  return resolve(baseDirectory, path);
}

/**
 * An `ERR_FILE` that says what could not be done to which file, and why.
 *
 * @param action - what was tried: `open`, `write`
 */
export function fileError(
  action: string,
  path: string,
  cause: unknown,
  node: string,
): MillraceError {
  const reason = cause instanceof Error ? reasonOf(cause) : String(cause);
  return new MillraceError('ERR_FILE', `cannot ${action} '${path}': ${reason}`, { node, cause });
}

/** `ENOENT: no such file or directory` of a system error, without its call and path. */
function reasonOf(error: Error): string {
  return 'code' in error && 'syscall' in error
    ? error.message.replace(/, .*$/s, '')
    : error.message;
}
