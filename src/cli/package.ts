/** The package that this program belongs to. @module */

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** A path inside the package: `src/cli` and `dist/cli` are equally deep. */
export function packagePath(relative: string): string {
  return fileURLToPath(new URL(`../../${relative}`, import.meta.url));
}

/** The version of the package. */
export function packageVersion(): string {
  const { version } = JSON.parse(readFileSync(packagePath('package.json'), 'utf8')) as {
    readonly version: string;
  };
  return version;
}
