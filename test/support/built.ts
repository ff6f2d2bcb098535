/** Where the build lies, which `build.ts` has brought up to date. @module */
import { fileURLToPath } from 'node:url';

/** The command line. */
export const CLI = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
/** The package's entry point, as a URL. */
export const INDEX = new URL('../../dist/index.js', import.meta.url).href;
