/** Values that user code remembers, written or read. @module */

import { MillraceError } from '../core/errors.ts';
import type { StateIo, Steps } from '../core/state-io.ts';
import {
  decodeStructured,
  encodeStructured,
  structuredProblem,
} from '../rows/values/structured.ts';

const NONE = new Uint8Array(0);

/**
 * A value.
 *
 * @param path - names it, in messages
 * @param advice - what its author can do where it cannot be written
 * @throws MillraceError `ERR_USER_CODE` for what is more than a value
 */
export function* stateOfValue(
  io: StateIo,
  value: unknown,
  path: string,
  advice: string,
): Steps<unknown> {
  if (io.isReading) return decodeStructured(yield* io.bytes(NONE));
  const problem = structuredProblem(value, path);
  if (problem !== undefined) {
    const message = `${problem}, which cannot be written as a value: ${advice}`;
    throw new MillraceError('ERR_USER_CODE', message);
  }
  yield* io.bytes(encodeStructured(value));
  return value;
}
