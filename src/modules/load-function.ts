/** Loading a user's function: the one place where code of a topology's author comes in. @module */

import { realpath } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { MillraceError } from '../core/errors.ts';

/** A user's function; what it takes and returns is between it and its node. */
export type UserFunction = (...parameters: never[]) => unknown;

/**
 * What to say of something that user code threw: anything can be thrown, also what has no text.
 */
export function textOf(thrown: unknown): string {
  try {
    return thrown instanceof Error ? thrown.message : String(thrown);
  } catch {
    return 'something that has no text';
  }
}

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
): Promise<UserFunction> {
  const found = await loadExport(node, baseDirectory, module, name, 'function');
  return found as UserFunction;
}

/**
 * The same of an object.
 *
 * @throws MillraceError `ERR_USER_CODE`
 */
export async function loadObject(
  node: string,
  baseDirectory: string,
  module: string,
  name: string,
): Promise<Readonly<Record<string, unknown>>> {
  const found = await loadExport(node, baseDirectory, module, name, 'object');
  return found as Readonly<Record<string, unknown>>;
}

async function loadExport(
  node: string,
  baseDirectory: string,
  module: string,
  name: string,
  kind: 'function' | 'object',
): Promise<unknown> {
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
    return refuse(`cannot be loaded: ${textOf(error)}`, error);
  }
  const found = exports[name];
  if (typeof found === kind && found !== null) return found;
  const names = Object.keys(exports).join(', ');
  return refuse(`exports no ${kind} '${name}'; it exports ${names === '' ? 'nothing' : names}`);
}
