/**
 * The bytes of a frame.
 *
 * ```
 *  0         4         8         12                20
 *  │ length  │ crc32   │ items   │ sequence        │ payload …
 *  │ uint32  │ uint32  │ uint32  │ float64         │ length bytes
 * ```
 *
 * Little-endian. The checksum covers everything but itself.
 *
 * @module
 */

import { crc32 } from 'node:zlib';

/** Bytes in front of a payload. */
export const FRAME_HEADER_BYTES = 20;

const LENGTH = 0;
const CHECKSUM = 4;
const ITEMS = 8;
const SEQUENCE = 12;

/** What stands in front of a payload. */
export interface FrameHeader {
  readonly payloadBytes: number;
  readonly checksum: number;
  readonly items: number;
  readonly sequence: number;
}

/** Writes the header of a payload. */
export function writeFrameHeader(
  into: DataView,
  payload: Uint8Array,
  items: number,
  sequence: number,
): void {
  into.setUint32(LENGTH, payload.length, true);
  into.setUint32(ITEMS, items, true);
  into.setFloat64(SEQUENCE, sequence, true);
  into.setUint32(CHECKSUM, checksumOf(into, payload), true);
}

export function readFrameHeader(from: DataView): FrameHeader {
  return {
    payloadBytes: from.getUint32(LENGTH, true),
    checksum: from.getUint32(CHECKSUM, true),
    items: from.getUint32(ITEMS, true),
    sequence: from.getFloat64(SEQUENCE, true),
  };
}

/** The checksum that a header and its payload should have. */
export function checksumOf(header: DataView, payload: Uint8Array): number {
  const bytes = new Uint8Array(header.buffer, header.byteOffset, FRAME_HEADER_BYTES);
  const length = crc32(bytes.subarray(LENGTH, CHECKSUM));
  return crc32(payload, crc32(bytes.subarray(ITEMS), length));
}
