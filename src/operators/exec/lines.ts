/** Lines of what a process writes. @module */

import { MillraceError } from '../../core/errors.ts';

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
/** Longest line. */
const MOST_BYTES = 16 * 1024 * 1024;

const decoder = new TextDecoder();

/** Cuts pieces of output into lines. Keeps pieces: whoever gives them leaves them as they are. */
export class Lines {
  readonly #read: () => Uint8Array | undefined;
  /** Of a line that goes on behind them. */
  #before: Uint8Array[] = [];
  #beforeBytes = 0;
  #piece: Uint8Array | undefined;
  #at = 0;

  /** @param read - gives the next piece; `undefined`: there is none now */
  constructor(read: () => Uint8Array | undefined) {
    this.#read = read;
  }

  /**
   * The next line, without its end; `undefined`: it is not there yet.
   *
   * @throws MillraceError `ERR_LIMIT_EXCEEDED` when it is too long
   */
  next(): string | undefined {
    for (;;) {
      this.#piece ??= this.#read();
      const piece = this.#piece;
      if (piece === undefined) return undefined;
      const end = piece.indexOf(LINE_FEED, this.#at);
      if (end >= 0) return this.#take(piece, end);
      this.#keep(piece.subarray(this.#at));
      this.#piece = undefined;
      this.#at = 0;
    }
  }

  /** A last line without an end; `undefined`: there is none. */
  rest(): string | undefined {
    if (this.#beforeBytes === 0) return undefined;
    return this.#text(new Uint8Array(0));
  }

  #take(piece: Uint8Array, end: number): string {
    const from = this.#at;
    this.#at = end + 1;
    if (this.#at === piece.length) {
      this.#piece = undefined;
      this.#at = 0;
    }
    return this.#text(piece.subarray(from, end));
  }

  #text(last: Uint8Array): string {
    let bytes = last;
    if (this.#beforeBytes > 0) {
      bytes = new Uint8Array(this.#beforeBytes + last.length);
      let at = 0;
      for (const part of [...this.#before, last]) {
        bytes.set(part, at);
        at += part.length;
      }
      this.#before = [];
      this.#beforeBytes = 0;
    }
    const isCrLf = bytes.at(-1) === CARRIAGE_RETURN;
    return decoder.decode(isCrLf ? bytes.subarray(0, -1) : bytes);
  }

  #keep(part: Uint8Array): void {
    if (part.length === 0) return;
    this.#before.push(part);
    this.#beforeBytes += part.length;
    if (this.#beforeBytes <= MOST_BYTES) return;
    const message = `a line of the process is longer than ${MOST_BYTES} bytes`;
    throw new MillraceError('ERR_LIMIT_EXCEEDED', message);
  }
}
