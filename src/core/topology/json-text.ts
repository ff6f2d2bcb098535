/**
 * Reads JSON with comments, and says by line and column what is wrong with it.
 *
 * Beside what JSON.parse does: `//` and block comments count as white space, a byte order mark at
 * the beginning is skipped, keys that occur twice are reported (the last one wins, as there), so
 * are whole numbers that a float64 cannot hold, and the order of keys is kept (`key-order.ts`).
 *
 * @module
 */

import type { TopologyIssue } from '../errors.ts';
import { objectOf } from './key-order.ts';
import type { JsonValue } from './model.ts';
import { IssueList, pointer } from './issues.ts';

/** What {@link parseJsonText} found. */
export type JsonText =
  /** A value; `issues` are the keys written twice and the numbers too large. */
  | { readonly ok: true; readonly value: JsonValue; readonly issues: readonly TopologyIssue[] }
  /** No JSON. `line` and `column` count from 1; a column is a UTF-16 unit. */
  | {
      readonly ok: false;
      readonly line: number;
      readonly column: number;
      readonly message: string;
    };

/** Parses the whole of `text`. */
export function parseJsonText(text: string): JsonText {
  const parser = new Parser(text);
  try {
    const value = parser.document();
    return { ok: true, value, issues: parser.issues.issues };
  } catch (error) {
    if (!(error instanceof Unexpected)) throw error;
    return { ok: false, ...positionOf(text, error.offset), message: error.message };
  }
}

/** Line and column of an offset, both from 1. */
function positionOf(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset).split(/\r\n|\r|\n/);
  const last = before[before.length - 1] ?? '';
  return { line: before.length, column: last.replace('\uFEFF', '').length + 1 };
}

/** Stops the parser; never leaves this file. */
class Unexpected extends Error {
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
}

/** Deeper nesting than any topology has would exhaust the stack. */
const MAX_DEPTH = 500;

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const WORD = /[\p{L}_$][\p{L}\p{N}_$]*/uy;
const PLAIN_TEXT = /[^"\\\u0000-\u001f]*/y;
const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['"', '"'],
  ['\\', '\\'],
  ['/', '/'],
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
]);

class Parser {
  readonly issues = new IssueList();
  readonly #text: string;
  readonly #steps: (string | number)[] = [];
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  document(): JsonValue {
    if (this.#text.startsWith('\uFEFF')) this.#at = 1;
    const value = this.#value();
    this.#space();
    if (this.#at < this.#text.length) this.#refuse('expected nothing more');
    return value;
  }

  #value(): JsonValue {
    this.#space();
    const first = this.#text[this.#at];
    if (first === '{') return this.#object();
    if (first === '[') return this.#list();
    if (first === '"') return this.#string();
    if (first === '-' || (first !== undefined && first >= '0' && first <= '9')) {
      return this.#number();
    }
    return this.#word();
  }

  #object(): JsonValue {
    const entries: [string, JsonValue][] = [];
    const seen = new Set<string>();
    this.#open();
    while (!this.#closes('}', entries.length, 'property')) {
      if (this.#text[this.#at] !== '"') this.#refuse('expected a property name in double quotes');
      const key = this.#string();
      this.#steps.push(key);
      if (seen.has(key)) {
        this.issues.add(pointer(...this.#steps), `property '${key}' is written twice`);
      }
      seen.add(key);
      this.#space();
      if (this.#text[this.#at] !== ':') this.#refuse(`expected ':' after ${JSON.stringify(key)}`);
      this.#at++;
      entries.push([key, this.#value()]);
      this.#steps.pop();
    }
    return objectOf(entries);
  }

  #list(): JsonValue {
    const values: JsonValue[] = [];
    this.#open();
    while (!this.#closes(']', values.length, 'value')) {
      this.#steps.push(values.length);
      values.push(this.#value());
      this.#steps.pop();
    }
    return values;
  }

  #open(): void {
    if (this.#steps.length >= MAX_DEPTH) this.#refuse('expected less nesting');
    this.#at++;
  }

  /** Steps over the end of an object or list, or else over the comma before its next member. */
  #closes(end: '}' | ']', members: number, member: string): boolean {
    this.#space();
    const next = this.#text[this.#at];
    if (next === end) {
      this.#at++;
      return true;
    }
    if (members === 0) return false;
    if (next !== ',') this.#refuse(`expected ',' or '${end}' after a ${member}`);
    this.#at++;
    this.#space();
    if (this.#text[this.#at] === end) this.#refuse(`expected another ${member} after ','`);
    return false;
  }

  #string(): string {
    const start = this.#at;
    let text = '';
    this.#at++;
    for (;;) {
      text += this.#match(PLAIN_TEXT) ?? '';
      const next = this.#text[this.#at];
      if (next === '"') break;
      if (next === '\\') text += this.#escape();
      else if (next === undefined) throw new Unexpected('this string has no end', start);
      else this.#refuse('expected no line break or control character in a string');
    }
    this.#at++;
    return text;
  }

  #escape(): string {
    const letter = this.#text[this.#at + 1] ?? '';
    const plain = ESCAPES.get(letter);
    if (plain !== undefined) {
      this.#at += 2;
      return plain;
    }
    const digits = this.#text.slice(this.#at + 2, this.#at + 6);
    if (letter !== 'u' || !/^[0-9a-fA-F]{4}$/.test(digits)) {
      throw new Unexpected(`unknown escape '\\${letter}' in a string`, this.#at);
    }
    this.#at += 6;
    return String.fromCharCode(Number.parseInt(digits, 16));
  }

  #number(): number {
    const start = this.#at;
    const text = this.#match(NUMBER) ?? '';
    if (text === '' || /[\d.\w]/.test(this.#text[this.#at] ?? '')) {
      throw new Unexpected('expected a number as JSON writes them', start);
    }
    const value = Number(text);
    if (/^-?\d+$/.test(text) && !Number.isSafeInteger(value)) {
      const message = `${text} has more digits than a JSON number keeps; write it as a string`;
      this.issues.add(pointer(...this.#steps), message);
    }
    return value;
  }

  #word(): boolean | null {
    const start = this.#at;
    const word = this.#match(WORD);
    if (word === 'true' || word === 'false') return word === 'true';
    if (word === 'null') return null;
    this.#at = start;
    if (word !== undefined) this.#refuse('expected a value; text needs double quotes');
    return this.#refuse('expected a value');
  }

  /** Skips white space and comments. */
  #space(): void {
    for (;;) {
      const next = this.#text[this.#at];
      if (next === ' ' || next === '\n' || next === '\r' || next === '\t') {
        this.#at++;
      } else if (next === '/' && this.#text[this.#at + 1] === '/') {
        const end = this.#text.slice(this.#at).search(/[\r\n]/);
        this.#at = end < 0 ? this.#text.length : this.#at + end;
      } else if (next === '/' && this.#text[this.#at + 1] === '*') {
        const end = this.#text.indexOf('*/', this.#at + 2);
        if (end < 0) throw new Unexpected('this comment has no end', this.#at);
        this.#at = end + 2;
      } else {
        return;
      }
    }
  }

  /** Steps over what `pattern`, which is sticky, matches here. */
  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    this.#at += found?.length ?? 0;
    return found;
  }

  #refuse(expectation: string): never {
    const rest = this.#text.slice(this.#at, this.#at + 20);
    const character = /^[\p{L}\p{N}_]+|^./su.exec(rest)?.[0];
    const found = character === undefined ? 'the end of the text' : JSON.stringify(character);
    throw new Unexpected(`${expectation}, found ${found}`, this.#at);
  }
}
