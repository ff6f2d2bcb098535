/** Loading a user's function. @module */

import { realpath } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { MillraceError } from '../../core/errors.ts';

/** A user's function: a row in, nothing, a row or rows out. */
export type RowFunction = (row: Record<string, unknown>) => unknown;

/**
 * Imports `module` from below `baseDirectory` and finds the function it exports.
 *
 * Links are followed before the path is judged: a link out of the folder is refused.
 *
 * @throws MillraceError `ERR_USER_CODE`
 */
export async function loadFunction(
  node: string,
  baseDirectory: string,
  module: string,
  name: string,
): Promise<RowFunction> {
  const refuse = (what: string, cause?: unknown): never => {
    throw new MillraceError('ERR_USER_CODE', `module ${module}: ${what}`, { node, cause });
  };
  let file: string;
  try {
    const base = await realpath(baseDirectory);
    file = await realpath(path.resolve(base, module));
    const relative = path.relative(base, file);
    if (relative.split(path.sep)[0] === '..' || path.isAbsolute(relative)) {
      return refuse(`lies outside of ${base}; modules load only from the topology's own folder`);
    }
  } catch (error) {
    if (error instanceof MillraceError) throw error;
    return refuse('cannot be found', error);
  }
  let exports: Record<string, unknown>;
  try {
    exports = (await import(pathToFileURL(file).href)) as Record<string, unknown>;
  } catch (error) {
    return refuse(
      `cannot be loaded: ${error instanceof Error ? error.message : String(error)}`,
      error,
    );
  }
  const found = exports[name];
  if (typeof found === 'function') return found as RowFunction;
  const names = Object.keys(exports).join(', ');
  return refuse(`exports no function '${name}'; it exports ${names === '' ? 'nothing' : names}`);
}
