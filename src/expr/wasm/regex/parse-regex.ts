/**
 * The regular expressions that become code: literals, classes of ASCII characters and their complements, `.`,
 * `* + ? {n,m}` behind one character, lazy or not, groups that are not repeated, alternatives, `^` and `$`.
 *
 * They mean what they mean in JavaScript's Unicode mode. All others are left to JavaScript.
 *
 * @module
 */

import type { CharSet } from './char-set.ts';
import { ANY, asciiSet, complement, DIGITS, NOTHING, oneOf, union, WORD } from './char-set.ts';

/** One of a set of characters, so many times. */
export interface RegexRun {
  readonly kind: 'run';
  readonly set: CharSet;
  readonly min: number;
  /** May be infinite. */
  readonly max: number;
  readonly isLazy: boolean;
}

/** A part of a regular expression. */
export type RegexNode =
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | RegexRun
  | { readonly kind: 'group'; readonly index: number; readonly choices: readonly RegexSequence[] }
  | { readonly kind: 'start' }
  | { readonly kind: 'end' };

export type RegexSequence = readonly RegexNode[];

/** A regular expression. */
export interface Regex {
  readonly choices: readonly RegexSequence[];
  /** Groups that capture. */
  readonly groups: number;
}

/** Index of a group that does not capture. */
export const NOT_CAPTURED = -1;

/** Most repetitions that are counted. */
const MOST_COUNTED = 100;

class Unsupported extends Error {}

/** Parses a pattern that JavaScript accepts in Unicode mode; `undefined` when it is one of the others. */
export function parseRegex(pattern: string): Regex | undefined {
  if (!pattern.isWellFormed()) return undefined;
  const parser = new RegexParser(pattern);
  try {
    return parser.parse();
  } catch (error) {
    if (error instanceof Unsupported) return undefined;
    throw error;
  }
}

const encoder = new TextEncoder();
const CONTROLS: Readonly<Record<string, number>> = { n: 10, r: 13, t: 9, v: 11, f: 12 };
const CLASSES: Readonly<Record<string, CharSet>> = {
  d: DIGITS,
  D: complement(DIGITS),
  w: WORD,
  W: complement(WORD),
};
const SYNTAX = '^$\\.*+?()[]{}|/';

class RegexParser {
  readonly #points: readonly string[];
  #at = 0;
  #groups = 0;

  constructor(pattern: string) {
    this.#points = Array.from(pattern);
  }

  parse(): Regex {
    const choices = this.#choices();
    if (this.#at < this.#points.length) throw new Unsupported();
    return { choices, groups: this.#groups };
  }

  #choices(): readonly RegexSequence[] {
    const choices = [this.#sequence()];
    while (this.#take('|')) choices.push(this.#sequence());
    return choices;
  }

  #sequence(): RegexSequence {
    const nodes: RegexNode[] = [];
    while (this.#at < this.#points.length && this.#peek() !== '|' && this.#peek() !== ')') {
      const node = this.#term();
      const last = nodes.at(-1);
      if (node.kind === 'bytes' && last?.kind === 'bytes') {
        nodes.splice(-1, 1, { kind: 'bytes', bytes: Uint8Array.of(...last.bytes, ...node.bytes) });
      } else {
        nodes.push(node);
      }
    }
    return nodes;
  }

  #term(): RegexNode {
    if (this.#take('^')) return { kind: 'start' };
    if (this.#take('$')) return { kind: 'end' };
    if (this.#take('(')) return this.#group();
    const atom = this.#atom();
    const bounds = this.#bounds();
    if (typeof atom === 'string') {
      const bytes = encoder.encode(atom);
      if (bounds === undefined) return { kind: 'bytes', bytes };
      if (bytes.length > 1) throw new Unsupported();
      return { kind: 'run', set: oneOf(bytes[0]!), ...bounds };
    }
    return { kind: 'run', set: atom, ...(bounds ?? { min: 1, max: 1, isLazy: false }) };
  }

  #group(): RegexNode {
    let index = NOT_CAPTURED;
    if (this.#take('?')) {
      if (!this.#take(':')) throw new Unsupported();
    } else {
      index = ++this.#groups;
    }
    const choices = this.#choices();
    if (!this.#take(')') || this.#bounds() !== undefined) throw new Unsupported();
    return { kind: 'group', index, choices };
  }

  /** A character as it is, or a set of them. */
  #atom(): string | CharSet {
    if (this.#take('.')) return ANY;
    if (this.#take('[')) return this.#class();
    if (this.#take('\\')) return this.#escape();
    const point = this.#next();
    if (SYNTAX.includes(point) && point !== '/') throw new Unsupported();
    return point;
  }

  #escape(): string | CharSet {
    const point = this.#next();
    const set = CLASSES[point];
    if (set !== undefined) return set;
    if (CONTROLS[point] !== undefined) return String.fromCharCode(CONTROLS[point]);
    if (SYNTAX.includes(point)) return point;
    throw new Unsupported();
  }

  #class(): CharSet {
    const isNegated = this.#take('^');
    let set = NOTHING;
    while (!this.#take(']')) {
      const first = this.#classAtom();
      if (this.#peek() === '-' && this.#points[this.#at + 1] !== ']') {
        this.#at++;
        const last = this.#classAtom();
        if (typeof first !== 'number' || typeof last !== 'number') throw new Unsupported();
        set = union(
          set,
          asciiSet((c) => c >= first && c <= last),
        );
      } else {
        set = union(set, typeof first === 'number' ? oneOf(first) : first);
      }
    }
    return isNegated ? complement(set) : set;
  }

  /** The code of an ASCII character, or a set. */
  #classAtom(): number | CharSet {
    let point: string | CharSet = this.#next();
    if (point === '\\') point = this.#take('-') ? '-' : this.#escape();
    if (typeof point !== 'string') return point;
    const code = point.codePointAt(0)!;
    if (code >= 128) throw new Unsupported();
    return code;
  }

  #bounds(): { min: number; max: number; isLazy: boolean } | undefined {
    let bounds: readonly [number, number] | undefined;
    if (this.#take('*')) bounds = [0, Infinity];
    else if (this.#take('+')) bounds = [1, Infinity];
    else if (this.#take('?')) bounds = [0, 1];
    else if (this.#take('{')) bounds = this.#counts();
    if (bounds === undefined) return undefined;
    const [min, max] = bounds;
    return { min, max, isLazy: this.#take('?') };
  }

  #counts(): readonly [number, number] {
    const min = this.#number();
    let max = min;
    if (this.#take(',')) max = this.#peek() === '}' ? Infinity : this.#number();
    if (!this.#take('}')) throw new Unsupported();
    return [min, max];
  }

  #number(): number {
    let digits = '';
    while (/^\d$/.test(this.#peek() ?? '')) digits += this.#next();
    const value = Number(digits);
    if (digits === '' || value > MOST_COUNTED) throw new Unsupported();
    return value;
  }

  #peek(): string | undefined {
    return this.#points[this.#at];
  }

  #next(): string {
    const point = this.#points[this.#at++];
    if (point === undefined) throw new Unsupported();
    return point;
  }

  #take(point: string): boolean {
    if (this.#peek() !== point) return false;
    this.#at++;
    return true;
  }
}
