/** A place in a text. @module */

/** Part of a text that something was parsed from, for messages about it. */
export interface Span {
  /** The whole text. */
  readonly source: string;
  /** Offset of the first UTF-16 unit. */
  readonly start: number;
  /** Offset behind the last unit. */
  readonly end: number;
}
