/** A queue of frames on disk: see the README beside. @module */

import { mkdirSync, readdirSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { MillraceError } from '../core/errors.ts';
import { DirectoryLock, type LockOwner } from './directory-lock.ts';
import { FRAME_HEADER_BYTES } from './frame.ts';
import { PositionFile } from './position-file.ts';
import { fileError, type FoundFrame, Segment, SEGMENT_HEADER_BYTES } from './segment.ts';

/** What a log is made of. */
export interface SegmentLogOptions {
  /** Made if it is not there; nobody else's. */
  readonly directory: string;
  /** Most bytes of its files together. */
  readonly limitBytes: number;
  /** A file is closed when it has more bytes than this; 8 MiB by default. */
  readonly segmentBytes?: number;
  /** An unsigned number of 32 bits for what frames mean: a log of another one is refused. */
  readonly fingerprint: number;
  /** Whether it is written down, too, how far frames have been read: for {@link SegmentLog.rereadItems}. */
  readonly remembersReads?: boolean;
  /** Who opens it; left out: what a thread of this process holds is held, though the thread is gone. */
  readonly run?: LockOwner;
}

/** A frame of a log. */
export interface Frame {
  /** Counted from 1, over the whole life of the log. */
  readonly sequence: number;
  /** How many items the appender said are in it. */
  readonly items: number;
  readonly payload: Uint8Array;
}

const DEFAULT_SEGMENT_BYTES = 8 * 1024 * 1024;
const SUFFIX = '.log';

interface Entry extends FoundFrame {
  readonly segment: Segment;
}

/**
 * Frames in the order they were appended; one process, one thread.
 *
 * @throws MillraceError from every method: `ERR_FILE` with the file's name when the file system says no
 */
export class SegmentLog {
  readonly #options: Required<Omit<SegmentLogOptions, 'run' | 'remembersReads'>>;
  readonly #lock: DirectoryLock;
  readonly #position: PositionFile;
  /** How far frames have been read, by whomever; `undefined`: it is not remembered. */
  readonly #reads: PositionFile | undefined;
  /** Oldest first; frames are appended to the last one. */
  readonly #segments: Segment[] = [];
  /** Frames that have not been released, oldest first, from `#first` on. */
  #entries: Entry[] = [];
  #first = 0;
  /** Position in `#entries` of the next one to be read. */
  #next = 0;
  #lastSequence: number;
  #bytes = 0;
  #waitingItems = 0;
  #rereadItems = 0;
  #tornBytes = 0;
  /** The last file takes no more frames: it was there before, or it is full. */
  #isClosed = true;

  /** Opens the log of a folder, with all that was appended and not released. */
  constructor(options: SegmentLogOptions) {
    this.#options = { segmentBytes: DEFAULT_SEGMENT_BYTES, ...options };
    const { directory, remembersReads = false } = options;
    try {
      mkdirSync(directory, { recursive: true });
    } catch (error) {
      throw fileError(directory, 'created', error);
    }
    this.#lock = DirectoryLock.take(directory, options.run);
    try {
      this.#position = new PositionFile(join(directory, 'position'));
      this.#reads = remembersReads ? new PositionFile(join(directory, 'reads')) : undefined;
      this.#lastSequence = this.#position.sequence;
      this.#recover();
    } catch (error) {
      this.#lock.release();
      throw error;
    }
  }

  /** Bytes of all its files. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Frames that have not been read. */
  get waitingFrames(): number {
    return this.#entries.length - this.#next;
  }

  /** Items in frames that have not been read. */
  get waitingItems(): number {
    return this.#waitingItems;
  }

  /** Items in frames that were read before the log was opened, and not released: they are read once more. */
  get rereadItems(): number {
    return this.#rereadItems;
  }

  /** Bytes of torn frames that were cut off when the log was opened. */
  get tornBytes(): number {
    return this.#tornBytes;
  }

  /**
   * Writes a frame behind all others.
   *
   * @param items - how many things are in it, for {@link waitingItems}
   * @returns its number; 0 when the limit leaves no room
   */
  append(payload: Uint8Array, items: number): number {
    const { limitBytes, segmentBytes } = this.#options;
    const frameBytes = FRAME_HEADER_BYTES + payload.length;
    const newBytes = this.#isClosed ? SEGMENT_HEADER_BYTES : 0;
    if (this.#bytes + newBytes + frameBytes > limitBytes) return 0;
    const sequence = this.#lastSequence + 1;
    if (this.#isClosed) this.#addSegment(sequence);
    const segment = this.#segments.at(-1)!;
    this.#entries.push({ ...segment.append(payload, items, sequence), segment });
    this.#lastSequence = sequence;
    this.#bytes += frameBytes;
    this.#waitingItems += items;
    if (segment.bytes >= segmentBytes) this.#isClosed = true;
    return sequence;
  }

  /** The oldest frame that has not been read; `undefined` when there is none. */
  read(): Frame | undefined {
    const entry = this.#entries[this.#next];
    if (entry === undefined) return undefined;
    const payload = entry.segment.read(entry);
    // Before anybody has it: what is not written down here was given to nobody.
    const reads = this.#reads;
    if (reads !== undefined && entry.sequence > reads.sequence) reads.sequence = entry.sequence;
    this.#next++;
    this.#waitingItems -= entry.items;
    return { sequence: entry.sequence, items: entry.items, payload };
  }

  /** Takes frames up to this number for read. */
  passOver(sequence: number): void {
    for (; this.#next < this.#entries.length; this.#next++) {
      const entry = this.#entries[this.#next]!;
      if (entry.sequence > sequence) return;
      this.#waitingItems -= entry.items;
    }
  }

  /** Frames up to this number, all of them read, are done with. Files without others are removed. */
  release(sequence: number): void {
    const from = this.#first;
    while (this.#first < this.#next && this.#entries[this.#first]!.sequence <= sequence) {
      this.#first++;
    }
    if (this.#first === from) return;
    this.#position.sequence = this.#entries[this.#first - 1]!.sequence;
    this.#forget();
    this.#removeReleased();
  }

  /** Makes what was appended survive the machine, not only the process. */
  sync(): void {
    for (const segment of this.#segments) segment.sync();
  }

  /** Lets go of the folder. What was not released is there when it is opened again. */
  close(): void {
    for (const segment of this.#segments) segment.close();
    this.#position.close();
    this.#reads?.close();
    this.#lock.release();
  }

  #addSegment(sequence: number): void {
    const { directory, fingerprint } = this.#options;
    const path = join(directory, `${String(sequence).padStart(12, '0')}${SUFFIX}`);
    this.#segments.push(Segment.create(path, sequence, fingerprint));
    this.#bytes += SEGMENT_HEADER_BYTES;
    this.#isClosed = false;
  }

  /** Drops released entries when they are more than the others. */
  #forget(): void {
    if (this.#first * 2 < this.#entries.length) return;
    this.#entries = this.#entries.slice(this.#first);
    this.#next -= this.#first;
    this.#first = 0;
  }

  #removeReleased(): void {
    const oldest = this.#entries[this.#first]?.segment;
    while (this.#segments.length > 0 && this.#segments[0] !== oldest) {
      const isLast = this.#segments.length === 1;
      // The file that is being written stays, unless it is full.
      if (isLast && !this.#isClosed) return;
      const segment = this.#segments.shift()!;
      this.#bytes -= segment.bytes;
      segment.remove();
    }
  }

  #recover(): void {
    const { directory, fingerprint } = this.#options;
    const names = readdirSync(directory)
      .filter((name) => name.endsWith(SUFFIX))
      .toSorted();
    names.forEach((name, i) => {
      const path = join(directory, name);
      const segment = Segment.open(path, Number.parseInt(name, 10), fingerprint);
      if (segment === undefined) {
        if (i < names.length - 1) throw new MillraceError('ERR_FILE', `'${path}' has no header`);
        unlinkSync(path);
        return;
      }
      this.#segments.push(segment);
      this.#recoverFrames(segment, i === names.length - 1);
      this.#bytes += segment.bytes;
    });
    this.#removeReleased();
  }

  #recoverFrames(segment: Segment, isLast: boolean): void {
    const { frames, endOffset, isTorn } = segment.scan();
    const tornBytes = segment.bytes - endOffset;
    if (tornBytes > 0) {
      // Only the last append can have been cut short.
      if (!isLast || !isTorn) {
        const message = `'${segment.path}' is damaged at byte ${endOffset}`;
        throw new MillraceError('ERR_FILE', message);
      }
      segment.truncate(endOffset);
      this.#tornBytes = tornBytes;
    }
    for (const frame of frames) {
      this.#lastSequence = Math.max(this.#lastSequence, frame.sequence);
      if (frame.sequence <= this.#position.sequence) continue;
      this.#entries.push({ ...frame, segment });
      this.#waitingItems += frame.items;
      if (frame.sequence <= (this.#reads?.sequence ?? 0)) this.#rereadItems += frame.items;
    }
  }
}
