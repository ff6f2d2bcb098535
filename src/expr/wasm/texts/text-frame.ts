/**
 * What the functions over columns of texts are told and what they answer: one block of words, whose
 * address is their only argument.
 *
 * @module
 */

/** The words of a frame. */
export const TextWord = {
  /** How many rows there are to do. */
  ROWS: 0,
  /** Address of the list of them; 0 for the rows 0 to `ROWS - 1`. */
  SELECTION: 1,
  /** Position of the next row to be done. At the end it is `ROWS`, or the row that needs room. */
  POSITION: 2,
  /** Address of the views read. */
  TEXT: 3,
  /** Address of their heap. */
  HEAP: 4,
  /** Address of the values written. */
  OUT: 5,
  /** Address of the validity bitmap, where a function makes nulls. */
  VALIDITY: 6,
  /** How many nulls were made, before and after. */
  NULLS: 7,
  /** Address of the heap written to. */
  OUT_HEAP: 8,
  /** Bytes of it in use, before and after. */
  USED: 9,
  /** Bytes it has. */
  LIMIT: 10,
  /** Where the function stopped for want of room: bytes it needs for the row. */
  NEEDED: 11,
  /** Address of a list that takes the rows left to the scalar rule. */
  LEFT: 12,
  /** How many these are. */
  LEFT_COUNT: 13,
  /** Arguments of the function, see there. */
  ARGUMENTS: 14,
} as const;

/** Most arguments of a function. */
export const MOST_ARGUMENTS = 6;

/** Words of a frame. */
export const FRAME_WORDS = TextWord.ARGUMENTS + MOST_ARGUMENTS;

/**
 * Functions write whole vectors: up to so many bytes behind a value, within the heap. So a value is
 * written only where as many bytes are free behind it.
 */
export const SLACK_BYTES = 16;

/** Longest result in bytes; rows that would be longer are left to the scalar rule. */
export const LONGEST_BYTES = 0x7fff_0000;
