/** One file of a log: a header of 16 bytes, then frames. @module */

import {
  closeSync,
  fdatasyncSync,
  fstatSync,
  ftruncateSync,
  openSync,
  readSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { MillraceError } from '../core/errors.ts';
import {
  checksumOf,
  FRAME_HEADER_BYTES,
  type FrameHeader,
  readFrameHeader,
  writeFrameHeader,
} from './frame.ts';

/** `MRLOG`, the version of the format, and two bytes of nothing. */
const MAGIC = Uint8Array.of(0x4d, 0x52, 0x4c, 0x4f, 0x47, 1, 0, 0);
const FINGERPRINT = 8;

/** Bytes in front of the first frame. */
export const SEGMENT_HEADER_BYTES = 16;

/** A frame that was found. */
export interface FoundFrame extends FrameHeader {
  /** Where it begins. */
  readonly offset: number;
}

/** An open file of a log. Everything is synchronous; errors of the file system are `ERR_FILE`. */
export class Segment {
  readonly path: string;
  /** Number of its first frame, also its name. */
  readonly firstSequence: number;
  readonly #fd: number;
  #bytes: number;
  /** Whether anything was written that may not be on the disk. */
  #isDirty = true;
  readonly #header = new DataView(new ArrayBuffer(FRAME_HEADER_BYTES));
  readonly #headerBytes = new Uint8Array(this.#header.buffer);

  private constructor(path: string, firstSequence: number, fd: number, bytes: number) {
    this.path = path;
    this.firstSequence = firstSequence;
    this.#fd = fd;
    this.#bytes = bytes;
  }

  /** A new file. */
  static create(path: string, firstSequence: number, fingerprint: number): Segment {
    return attempt(path, 'created', () => {
      const fd = openSync(path, 'wx+');
      const header = new Uint8Array(SEGMENT_HEADER_BYTES);
      header.set(MAGIC);
      new DataView(header.buffer).setUint32(FINGERPRINT, fingerprint, true);
      try {
        writeAll(fd, header, 0);
      } catch (error) {
        closeSync(fd);
        unlinkSync(path);
        throw error;
      }
      return new Segment(path, firstSequence, fd, SEGMENT_HEADER_BYTES);
    });
  }

  /**
   * A file that was there.
   *
   * @returns `undefined` when it is so short that its process was killed before the header was whole
   * @throws MillraceError `ERR_FILE` when it is not a log of this kind
   */
  static open(path: string, firstSequence: number, fingerprint: number): Segment | undefined {
    return attempt(path, 'opened', () => {
      const fd = openSync(path, 'r+');
      const bytes = fstatSync(fd).size;
      const header = new Uint8Array(SEGMENT_HEADER_BYTES);
      if (readSync(fd, header, 0, header.length, 0) < header.length) {
        closeSync(fd);
        return undefined;
      }
      const problem = problemOf(header, fingerprint);
      if (problem !== undefined) {
        closeSync(fd);
        throw new MillraceError('ERR_FILE', `'${path}' ${problem}`);
      }
      return new Segment(path, firstSequence, fd, bytes);
    });
  }

  /** Its size. */
  get bytes(): number {
    return this.#bytes;
  }

  /**
   * Writes a frame behind the last one. When that fails, nothing of it is left.
   *
   * @throws MillraceError `ERR_FILE`, also when the disk is full
   */
  append(payload: Uint8Array, items: number, sequence: number): FoundFrame {
    const offset = this.#bytes;
    writeFrameHeader(this.#header, payload, items, sequence);
    this.#isDirty = true;
    try {
      writeAll(this.#fd, this.#headerBytes, offset);
      writeAll(this.#fd, payload, offset + FRAME_HEADER_BYTES);
    } catch (error) {
      this.truncate(offset);
      throw fileError(this.path, 'written', error);
    }
    this.#bytes = offset + FRAME_HEADER_BYTES + payload.length;
    return { ...readFrameHeader(this.#header), offset };
  }

  /**
   * Its frames, up to the first one that is not whole. `isTorn` says that what comes then may be an
   * append that was cut short: nothing whole stands behind it.
   */
  scan(): { frames: FoundFrame[]; endOffset: number; isTorn: boolean } {
    const frames: FoundFrame[] = [];
    let offset = SEGMENT_HEADER_BYTES;
    for (;;) {
      const header = this.#headerAt(offset);
      if (header === undefined) return { frames, endOffset: offset, isTorn: true };
      const end = endOf(offset, header);
      if (!this.#isWhole(offset, header)) {
        const behind = end <= this.#bytes ? this.#headerAt(end) : undefined;
        const isTorn = behind === undefined || !this.#isWhole(end, behind);
        return { frames, endOffset: offset, isTorn };
      }
      frames.push({ ...header, offset });
      offset = end;
    }
  }

  /**
   * The payload of a frame.
   *
   * @throws MillraceError `ERR_FILE` when its checksum does not fit
   */
  read(frame: FoundFrame): Uint8Array {
    const payload = new Uint8Array(frame.payloadBytes);
    const header = this.#headerAt(frame.offset);
    const isWhole =
      header !== undefined &&
      this.#fill(payload, frame.offset + FRAME_HEADER_BYTES) &&
      header.checksum === frame.checksum &&
      checksumOf(this.#header, payload) === frame.checksum;
    if (isWhole) return payload;
    throw new MillraceError('ERR_FILE', `'${this.path}' is damaged at byte ${frame.offset}`);
  }

  /** Cuts off everything from an offset on. */
  truncate(offset: number): void {
    attempt(this.path, 'truncated', () => ftruncateSync(this.#fd, offset));
    this.#bytes = offset;
  }

  /** Makes what was written survive the machine. */
  sync(): void {
    if (!this.#isDirty) return;
    attempt(this.path, 'synchronised', () => fdatasyncSync(this.#fd));
    this.#isDirty = false;
  }

  close(): void {
    closeSync(this.#fd);
  }

  remove(): void {
    this.close();
    attempt(this.path, 'removed', () => unlinkSync(this.path));
  }

  #headerAt(offset: number): FrameHeader | undefined {
    return this.#fill(this.#headerBytes, offset) ? readFrameHeader(this.#header) : undefined;
  }

  /** Whether the frame whose header was just read is all there, with the right checksum. */
  #isWhole(offset: number, header: FrameHeader): boolean {
    if (endOf(offset, header) > this.#bytes) return false;
    const payload = new Uint8Array(header.payloadBytes);
    const isThere = this.#fill(payload, offset + FRAME_HEADER_BYTES);
    return isThere && checksumOf(this.#header, payload) === header.checksum;
  }

  #fill(into: Uint8Array, offset: number): boolean {
    return attempt(this.path, 'read', () => {
      let at = 0;
      while (at < into.length) {
        const read = readSync(this.#fd, into, at, into.length - at, offset + at);
        if (read === 0) return false;
        at += read;
      }
      return true;
    });
  }
}

function endOf(offset: number, { payloadBytes }: FrameHeader): number {
  return offset + FRAME_HEADER_BYTES + payloadBytes;
}

function problemOf(header: Uint8Array, fingerprint: number): string | undefined {
  if (MAGIC.some((byte, i) => header[i] !== byte)) return 'is no log of this version of Millrace';
  const found = new DataView(header.buffer, header.byteOffset).getUint32(FINGERPRINT, true);
  return found === fingerprint ? undefined : 'holds rows of another schema';
}

function writeAll(fd: number, bytes: Uint8Array, offset: number): void {
  for (let at = 0; at < bytes.length;) {
    at += writeSync(fd, bytes, at, bytes.length - at, offset + at);
  }
}

function attempt<Result>(path: string, done: string, action: () => Result): Result {
  try {
    return action();
  } catch (error) {
    throw fileError(path, done, error);
  }
}

/** An error that says which file could not be what. */
export function fileError(path: string, done: string, cause: unknown): MillraceError {
  if (cause instanceof MillraceError) return cause;
  const message = `'${path}' could not be ${done}: ${(cause as Error).message}`;
  return new MillraceError('ERR_FILE', message, { cause });
}
