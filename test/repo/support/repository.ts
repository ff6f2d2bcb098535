/** The repository as the tests in this folder read it. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder that holds `package.json`. */
export const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

/** Folders that hold nothing of ours: installed, built or recorded. */
const SKIPPED = /^(node_modules|\.git|coverage|dist(\..*)?)$/;

/** The paths of all our files, relative to the root, with `/` between the parts. */
export function ourFiles(folder = '.'): string[] {
  const paths: string[] = [];
  for (const entry of readdirSync(join(ROOT, folder), { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      if (!SKIPPED.test(entry.name)) paths.push(...ourFiles(path));
    } else if (entry.isFile()) {
      paths.push(path.split(sep).join('/'));
    }
  }
  return paths.toSorted();
}

/** Whether the repository has such a file or folder. */
export function exists(path: string): boolean {
  return existsSync(join(ROOT, path));
}

/** A file's text; a missing file fails with a sentence that says what belongs there. */
export function read(path: string, purpose = 'it is part of this repository'): string {
  if (!exists(path)) throw new Error(`${path} is missing: ${purpose}`);
  return readFileSync(join(ROOT, path), 'utf8');
}

/** A JSON file's value. */
export function readJson<T>(path: string): T {
  return JSON.parse(read(path)) as T;
}

/** What the tests read of `package.json`. */
export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  readonly type: string;
  readonly engines: { readonly node: string };
  readonly bin: Readonly<Record<string, string>>;
  readonly exports: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
  readonly files: readonly string[];
  readonly scripts: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
  readonly allowScripts: Readonly<Record<string, boolean>>;
}

/** `package.json`. */
export function manifest(): Manifest {
  return readJson<Manifest>('package.json');
}
