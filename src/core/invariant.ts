/** Facts the engine relies on. A violation is a defect of Millrace, never of its input. @module */

import { MillraceError } from './errors.ts';

/**
 * Throws `ERR_INTERNAL` when `fact` is false.
 *
 * For programmer errors only, at the borders of shared memory and at state transitions; bad input
 * has codes of its own.
 */
export function invariant(fact: boolean, message: string): asserts fact {
  if (!fact) throw new MillraceError('ERR_INTERNAL', message);
}
