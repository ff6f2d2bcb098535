/** What the engine keeps on disk. @module */

import { crc32 } from 'node:zlib';

export { type Frame, SegmentLog, type SegmentLogOptions } from './segment-log.ts';

/** A number of 32 bits for what frames mean, of a text that says it. */
export function fingerprintOf(text: string): number {
  return crc32(text);
}
