/** Sets of characters: any of ASCII, and all of the others or none. @module */

/** Whether each ASCII character is in the set, and whether the others are. */
export interface CharSet {
  /** 128 flags. */
  readonly ascii: readonly boolean[];
  readonly others: boolean;
  /** Whether U+2028 and U+2029, which end lines, are not in it though others are. */
  readonly isWithinLine: boolean;
}

/** The set of the ASCII characters that a test accepts. */
export function asciiSet(accepts: (code: number) => boolean): CharSet {
  return {
    ascii: Array.from({ length: 128 }, (_, c) => accepts(c)),
    others: false,
    isWithinLine: false,
  };
}

/** The set of one ASCII character. */
export function oneOf(code: number): CharSet {
  return asciiSet((c) => c === code);
}

/** All that is not in a set. */
export function complement({ ascii, others }: CharSet): CharSet {
  return { ascii: ascii.map((is) => !is), others: !others, isWithinLine: false };
}

/** What is in one of two sets. */
export function union(a: CharSet, b: CharSet): CharSet {
  return {
    ascii: a.ascii.map((is, c) => is || b.ascii[c]!),
    others: a.others || b.others,
    isWithinLine: false,
  };
}

/** The ASCII characters of a set. */
export function codesOf({ ascii }: CharSet): readonly number[] {
  return ascii.flatMap((is, c) => (is ? [c] : []));
}

export const NOTHING = asciiSet(() => false);

const between = (c: number, first: string, last: string): boolean =>
  c >= first.charCodeAt(0) && c <= last.charCodeAt(0);

export const DIGITS = asciiSet((c) => between(c, '0', '9'));

export const WORD = asciiSet(
  (c) => between(c, '0', '9') || between(c, 'a', 'z') || between(c, 'A', 'Z') || c === 0x5f,
);

/** What `.` stands for: all but the ends of lines. */
export const ANY: CharSet = {
  ...complement(asciiSet((c) => c === 0x0a || c === 0x0d)),
  isWithinLine: true,
};
