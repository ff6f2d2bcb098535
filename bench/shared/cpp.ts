/** Compiles the C++ of `bench/peers`, where there is a compiler. @module */

import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const exec = promisify(execFile);

/**
 * Compiles `bench/peers/<source>` to the file `binary`.
 *
 * @returns false if there is no `g++`
 * @throws Error with the compiler's words when the source does not compile
 */
export async function compileCpp(
  source: string,
  binary: string,
  flags: readonly string[],
): Promise<boolean> {
  const file = fileURLToPath(new URL(`../peers/${source}`, import.meta.url));
  try {
    await exec('g++', ['-std=c++17', ...flags, '-pthread', '-o', binary, file]);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return false;
  }
}
