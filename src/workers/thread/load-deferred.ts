/** Loading code in the midst of a call, while the rows of a batch wait. @module */

import { createRequire } from 'node:module';
import type { LoadDeferred } from '../../operators/kernels.ts';

const load = createRequire(import.meta.url);

/**
 * Gives `deferred.ts`. What {@link preload} loads has to have been loaded: a module cannot be had at once
 * while it is on its way.
 */
export const loadDeferred: LoadDeferred = () =>
  (import.meta.url.endsWith('.ts')
    ? load('./deferred.ts')
    : load('./deferred.js')) as ReturnType<LoadDeferred>;
