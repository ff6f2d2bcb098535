/** How a chain gets what it seldom needs. @module */

import type * as deferred from './deferred.ts';

/** Gives the module `deferred.ts`, and loads it the first time: there and then, as rows wait. */
export type LoadDeferred = () => typeof deferred;
