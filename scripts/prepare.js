/**
 * Runs after `npm ci` and `npm install` in a checkout, and before packing: builds `dist/`, so that
 * the command line works at once. Plain JavaScript that an old Node can run as well.
 *
 * Where TypeScript is absent (`npm ci --omit=dev`) a `dist/` that is already there is left as it is.
 * So it is when `npx millrace`, in the checkout, links the package into npx's own cache and prepares
 * it on the way; a failure there would leave that cache broken for good, so none is reported to npm.
 *
 * @module
 */
import { existsSync } from 'node:fs';
import { env } from 'node:process';
import { fileURLToPath } from 'node:url';
import { build, findCompiler } from './build.js';

async function prepare() {
  const isBuilt = existsSync(fileURLToPath(new URL('../dist/index.js', import.meta.url)));
  const isNpx = env.npm_command === 'exec';
  if (isBuilt && (isNpx || findCompiler() === undefined)) return 0;
  if (findCompiler() === undefined) {
    process.stderr.write(
      'prepare: there is no dist/ and TypeScript is not installed to make it;\n' +
        'prepare: run `npm ci` without --omit=dev\n',
    );
    return isNpx ? 0 : 1;
  }
  const status = await build();
  return isNpx ? 0 : status;
}

process.exitCode = await prepare();
