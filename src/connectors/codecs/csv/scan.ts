/**
 * Where the fields and rows of CSV begin and end.
 *
 * A field that begins with a quote ends at the next single quote; a doubled one stands for itself,
 * and delimiters and line ends inside are text. In any other field a quote is a character like
 * others. A carriage return ends a line only together with the line feed behind it.
 *
 * @module
 */

export const LINE_FEED = 0x0a;
export const CARRIAGE_RETURN = 0x0d;
export const QUOTE = 0x22;

/** Whether a field ends at `at`. @hot */
export function isFieldEnd(bytes: Uint8Array, at: number, delimiter: number): boolean {
  const byte = bytes[at]!;
  return (
    byte === delimiter ||
    byte === LINE_FEED ||
    (byte === CARRIAGE_RETURN && bytes[at + 1] === LINE_FEED)
  );
}

/** End of the unquoted field that begins at `from`. @hot */
export function fieldEnd(bytes: Uint8Array, from: number, delimiter: number): number {
  // Most bytes of text are letters, which one comparison tells from anything that may end a field.
  const highest = delimiter > CARRIAGE_RETURN ? delimiter : CARRIAGE_RETURN;
  let at = from;
  while (bytes[at]! > highest || !isFieldEnd(bytes, at, delimiter)) at++;
  return at;
}

/** The inside of a quoted field, as {@link QuotedScan.scan} found it. */
export class QuotedScan {
  /** The closing quote's position. */
  close = 0;
  /** Doubled quotes inside. */
  doubled = 0;
  /** Line feeds inside. */
  lineFeeds = 0;

  /**
   * Looks for the closing quote of a field whose text begins at `from`.
   *
   * @returns false when there is none before `to`
   */
  scan(bytes: Uint8Array, from: number, to: number): boolean {
    let doubled = 0;
    let lineFeeds = 0;
    let at = from;
    for (; at < to; at++) {
      const byte = bytes[at]!;
      if (byte === QUOTE) {
        if (at + 1 >= to || bytes[at + 1] !== QUOTE) break;
        doubled++;
        at++;
      } else if (byte === LINE_FEED) {
        lineFeeds++;
      }
    }
    this.close = at;
    this.doubled = doubled;
    this.lineFeeds = lineFeeds;
    return at < to;
  }
}

/**
 * Copies `source[from, to)` with each doubled quote made one.
 *
 * @returns bytes written
 */
export function unquote(source: Uint8Array, from: number, to: number, target: Uint8Array): number {
  let written = 0;
  for (let at = from; at < to; at++) {
    const byte = source[at]!;
    target[written++] = byte;
    if (byte === QUOTE) at++;
  }
  return written;
}

/** Extent of a row, whether its values are good or not. */
export class RowScan {
  /** Behind the row's line end. */
  end = 0;
  fields = 0;
  lineFeeds = 0;
  readonly #quoted = new QuotedScan();

  /**
   * Walks over the row that begins at `from`.
   *
   * @returns `whole`; `unclosed` when a quoted field does not end before `to`; `malformed` when
   * text follows a closing quote
   */
  scan(
    bytes: Uint8Array,
    from: number,
    to: number,
    delimiter: number,
  ): 'whole' | 'unclosed' | 'malformed' {
    this.fields = 0;
    this.lineFeeds = 1;
    let at = from;
    for (;;) {
      this.fields++;
      if (bytes[at] === QUOTE && at < to) {
        if (!this.#quoted.scan(bytes, at + 1, to)) return 'unclosed';
        this.lineFeeds += this.#quoted.lineFeeds;
        at = this.#quoted.close + 1;
        if (!isFieldEnd(bytes, at, delimiter)) return 'malformed';
      } else {
        at = fieldEnd(bytes, at, delimiter);
      }
      if (bytes[at] !== delimiter || at >= to) break;
      at++;
    }
    this.end = bytes[at] === CARRIAGE_RETURN ? at + 2 : at + 1;
    return 'whole';
  }
}
