/** Logs on disk, as operators see them. @module */

/** A frame of a log. */
export interface LogFrame {
  /** Counted from 1. */
  readonly sequence: number;
  readonly payload: Uint8Array;
}

/**
 * Frames in the order in which they were appended. What was appended survives the process.
 *
 * @throws MillraceError `ERR_FILE` from every method, when the file system says no
 */
export interface FrameLog {
  /** Bytes of its files. */
  readonly bytes: number;
  /** The oldest frame that has not been read or passed over. */
  read(): LogFrame | undefined;
  /** Frames up to this number need not be read. */
  passOver(sequence: number): void;
  /**
   * Writes a frame behind all others.
   *
   * @returns its number; 0 when there is no room
   */
  append(payload: Uint8Array, items: number): number;
  /** Frames up to this number, all of them read or passed over, are done with: their files are removed. */
  release(sequence: number): void;
  /** Makes what was appended survive the machine. */
  sync(): void;
}
