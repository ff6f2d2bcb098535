/** Reading the files that a topology includes, from its own folder only. @module */

import { readFileSync, realpathSync } from 'node:fs';
import path from 'node:path';
import type { ReadPart } from '../core/topology/index.ts';

/**
 * Reads files below `baseDirectory`. Links are followed before a path is judged: a link out of the
 * folder is refused.
 */
export function partReader(baseDirectory: string): ReadPart {
  return (file) => {
    const wanted = path.resolve(baseDirectory, file);
    try {
      const base = realpathSync(baseDirectory);
      const identity = realpathSync(wanted);
      const relative = path.relative(base, identity);
      if (relative.split(path.sep)[0] === '..' || path.isAbsolute(relative)) {
        const problem = `${file} lies outside of ${base}; files are included only from the topology's own folder`;
        return { ok: false, problem };
      }
      return { ok: true, text: readFileSync(identity, 'utf8'), identity };
    } catch (error) {
      return { ok: false, problem: problemOf(error, wanted) };
    }
  };
}

function problemOf(error: unknown, file: string): string {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT') return `no such file: ${file}`;
  if (code === 'EISDIR') return `expected a file, found a directory: ${file}`;
  return `the file cannot be read: ${file}`;
}
