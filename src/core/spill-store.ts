/** Room on disk for what a task's state has no room for, as operators see it. @module */

/**
 * Pieces of bytes that are written once and read again until they are released. Nothing of it is there
 * any more when the process has ended, however it ended.
 *
 * @throws MillraceError `ERR_FILE` from every method, when the file system says no; it names the file
 */
export interface SpillStore {
  /** Bytes of the pieces that were not released, and of what lies between them. */
  readonly bytes: number;
  /**
   * Writes a piece; its bytes may change afterwards.
   *
   * @returns where it lies
   * @throws MillraceError `ERR_LIMIT_EXCEEDED` when there would be more bytes than there may be
   */
  append(piece: Uint8Array): number;
  /** Reads a piece, of which the length is known. */
  read(at: number, into: Uint8Array): void;
  /** A piece is not read any more. */
  release(at: number, bytes: number): void;
}
