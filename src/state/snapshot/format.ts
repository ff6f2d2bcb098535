/**
 * The form of written state: frames of bytes, each with a checksum.
 *
 * ```
 *  preamble  │ "MRST" │ version of the form │ 0 │ checksum of these 12 bytes │
 *  frame     │ bytes of its payload │ checksum of it │ payload │                any number of them
 *  end       │ 0 │ checksum of nothing │
 * ```
 *
 * Words are little-endian. The checksum of a frame begins with its number, from 0 on: so one that is
 * missing, doubled or in another place is noticed. The payloads together are a stream of values, which
 * begins with a text that says whose state it is.
 *
 * @module
 */

import { MillraceError } from '../../core/errors.ts';

/** "MRST" in the order of bytes. */
export const MAGIC = 0x5453524d;
export const FORMAT_VERSION = 1;
export const PREAMBLE_BYTES = 16;
/** Bytes in front of a payload: its length, its checksum. */
export const FRAME_HEAD_BYTES = 8;
/** Most bytes of a payload. */
export const PAYLOAD_BYTES = 64 * 1024;

/** A piece of work is so many bytes: some 100 µs. */
export const PIECE_BYTES = 256 * 1024;

/** What stands in front of a section, so that a stream that is out of step is noticed there. */
export const SECTION_MARK = 0x5ec7;

export function stateError(message: string): MillraceError {
  return new MillraceError('ERR_STATE', message);
}
