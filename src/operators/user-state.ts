/** Values that user code remembers, written or read. @module */

import { MillraceError } from '../core/errors.ts';
import type { StateIo, Steps } from '../core/state-io.ts';
import { decodeStructured, encodeStructured, StructuredError } from '../rows/values/structured.ts';

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
  if (io.isReading) return decode(io, yield* io.bytes(NONE));
  yield* io.bytes(encode(value, path, advice));
  return value;
}

function encode(value: unknown, path: string, advice: string): Uint8Array<ArrayBuffer> {
  try {
    return encodeStructured(value, path);
  } catch (error) {
    if (!(error instanceof StructuredError)) throw error;
    const message = `${error.message}, which cannot be written as a value: ${advice}`;
    throw new MillraceError('ERR_USER_CODE', message);
  }
}

function decode(io: StateIo, bytes: Uint8Array): unknown {
  try {
    return decodeStructured(bytes);
  } catch (error) {
    return io.fail(`a value of user code: ${String(error)}`);
  }
}
