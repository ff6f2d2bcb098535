/** Threads of engines that run from source load what is built. For `--import`. @module */
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';

const source = new URL('../../src/workers/thread/main.ts', import.meta.url).href;
const built = new URL('../../dist/workers/thread/main.js', import.meta.url).href;
/** The pool requires a path at first. */
const instead = new Map([
  [source, built],
  [fileURLToPath(source), fileURLToPath(built)],
]);

registerHooks({
  resolve: (specifier, context, next) => next(instead.get(specifier) ?? specifier, context),
});
