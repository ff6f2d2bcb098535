/**
 * Before tests that start engines: `dist/` is what the sources say.
 *
 * Threads and command lines load what is built, as at a user's, in a fifth of the time that hundreds of
 * source files take. The rest of an engine, that of the test's own thread, is the sources'.
 *
 * @module
 */
import { readdirSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from '../../scripts/build.js';
import { CLI } from './built.ts';

const root = new URL('../../', import.meta.url);
const pathOf = (name: string) => fileURLToPath(new URL(name, root));

/** What decides how the build turns out. */
function inputs(): string[] {
  const source = pathOf('src');
  return [
    ...readdirSync(source, { recursive: true, encoding: 'utf8' }).map(
      (name) => `${source}/${name}`,
    ),
    ...['scripts/build.js', 'tsconfig.build.json', 'tsconfig.json'].map(pathOf),
  ];
}

/** Builds if something has changed since. */
export async function setup(): Promise<void> {
  const built = statSync(CLI, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  if (inputs().every((path) => statSync(path).mtimeMs < built)) return;
  const status = await build();
  if (status !== 0) throw new Error(`the build failed with status ${status}`);
}
