/** How alike strings are. Characters are code points. @module */

import { badArgument } from '../row-error.ts';

/** Most pairs of characters that one row may compare: about 10 ms. */
const MOST_PAIRS = 4_000_000;

function pointsOf(s: string, t: string, name: string): readonly [string[], string[]] {
  const a = Array.from(s);
  const b = Array.from(t);
  if (a.length * b.length > MOST_PAIRS) {
    throw badArgument(`the strings are too long for ${name}: ${a.length} and ${b.length}`);
  }
  return [a, b];
}

/**
 * The least number of insertions, deletions and replacements of characters.
 *
 * @throws RowError `badArgument` for strings so long that it would take too long
 */
export function levenshtein(s: string, t: string): number {
  const [a, b] = pointsOf(s, t, 'LEVENSHTEIN');
  const distances = Uint32Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    let diagonal = distances[0]!;
    distances[0] = i;
    for (let j = 1; j <= b.length; j++) {
      const above = distances[j]!;
      const replaced = diagonal + (a[i - 1] === b[j - 1] ? 0 : 1);
      distances[j] = Math.min(replaced, above + 1, distances[j - 1]! + 1);
      diagonal = above;
    }
  }
  return distances[b.length]!;
}

/** Weight of each character that both begin with, of up to four. */
const PREFIX_WEIGHT = 0.1;

/**
 * The similarity of Jaro and Winkler, 0 to 1; two empty strings are the same.
 *
 * @throws RowError `badArgument` for strings so long that it would take too long
 */
export function jaroWinkler(s: string, t: string): number {
  if (s === t) return 1;
  const [a, b] = pointsOf(s, t, 'JARO_WINKLER');
  const reach = Math.max(0, Math.floor(Math.max(a.length, b.length) / 2) - 1);
  const isTaken = new Uint8Array(b.length);
  const matchedA: string[] = [];
  for (const [i, character] of a.entries()) {
    const end = Math.min(b.length, i + reach + 1);
    for (let j = Math.max(0, i - reach); j < end; j++) {
      if (isTaken[j] === 0 && b[j] === character) {
        isTaken[j] = 1;
        matchedA.push(character);
        break;
      }
    }
  }
  const m = matchedA.length;
  if (m === 0) return 0;
  const matchedB = b.filter((_, j) => isTaken[j] === 1);
  const transposed = matchedA.filter((character, i) => character !== matchedB[i]).length / 2;
  const jaro = (m / a.length + m / b.length + (m - transposed) / m) / 3;
  let prefix = 0;
  while (prefix < 4 && prefix < a.length && a[prefix] === b[prefix]) prefix++;
  return jaro + prefix * PREFIX_WEIGHT * (1 - jaro);
}

/** The digit of each letter from A to Z; 0 of vowels, - of H and W, which part nothing. */
const SOUND_CODES = '0123012-02245501262301-202';

/** The code of a word by the rules of the American census; empty without a letter from A to Z. */
export function soundex(s: string): string {
  const letters = s.toUpperCase().replace(/[^A-Z]/g, '');
  if (letters === '') return '';
  let code = letters[0]!;
  let last = soundOf(code);
  for (const letter of letters.slice(1)) {
    const sound = soundOf(letter);
    if (sound === '-') continue;
    if (sound !== '0' && sound !== last) code += sound;
    last = sound;
    if (code.length === 4) break;
  }
  return code.padEnd(4, '0');
}

function soundOf(letter: string): string {
  return SOUND_CODES[letter.charCodeAt(0) - 0x41]!;
}
