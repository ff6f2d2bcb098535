/**
 * Templates of patterns, as text and as trees.
 *
 * ```
 *  template │ one { THEN one }      THEN or ->
 *  one      │ some { OR some }      OR or ||
 *  some     │ each { AND each }     AND or &&
 *  each     │ NOT each              NOT or !
 *           │ NAME, NAME{m}, NAME{m,n}, NAME?, ( template )
 * ```
 *
 * @module
 */

import { MillraceError } from '../../core/errors.ts';
import { nearestName } from '../../core/nearest-name.ts';

/** What a template asks for. Parts of THEN are no THEN, and so with AND and OR. */
export type Template =
  | { readonly kind: 'event'; readonly event: number }
  | { readonly kind: 'not'; readonly part: Template }
  /** Rows of an event behind each other, at least and at most so many. */
  | {
      readonly kind: 'repeat';
      readonly event: number;
      readonly least: number;
      readonly most: number;
    }
  | { readonly kind: Joint; readonly parts: readonly Template[] };

type Joint = 'then' | 'or' | 'and';

interface Token {
  readonly text: string;
  /** From 0. */
  readonly at: number;
}

/** From the loosest to the closest. */
const LEVELS = ['then', 'or', 'and'] as const satisfies readonly Joint[];
const SIGNS: Readonly<Record<string, string>> = {
  '->': 'THEN',
  '||': 'OR',
  '&&': 'AND',
  '!': 'NOT',
};
const WORDS = ['THEN', 'OR', 'AND', 'NOT'];
const TOKEN = /\s*(?:([A-Za-z_][A-Za-z0-9_]*)|(->|\|\||&&|!|\(|\)|[?+*]|\{[^}]*\}))/y;
const MOST_DEPTH = 64;
const MOST_REPEATS = 30;

/**
 * Reads a template.
 *
 * @param names - of the events
 * @throws MillraceError `ERR_EXPRESSION`
 */
export function parseTemplate(text: string, names: readonly string[]): Template {
  return new TemplateParser(tokensOf(text), names).parse();
}

function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  const end = text.trimEnd().length;
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < end) {
    const from = TOKEN.lastIndex;
    const match = TOKEN.exec(text);
    if (match === null) {
      const at = from + text.slice(from).search(/\S/);
      throw mistake(at, `unexpected '${text[at]}'`);
    }
    const [all, word, sign] = match;
    const found = word ?? sign!;
    const at = from + all.length - found.length;
    if (word === undefined) tokens.push({ text: SIGNS[found] ?? found, at });
    else tokens.push({ text: WORDS.find((one) => one === word.toUpperCase()) ?? word, at });
  }
  return [...tokens, { text: '', at: end }];
}

function mistake(at: number, message: string): MillraceError {
  return new MillraceError('ERR_EXPRESSION', `character ${at + 1}: ${message}`);
}

class TemplateParser {
  readonly #tokens: readonly Token[];
  readonly #names: readonly string[];
  #next = 0;
  #depth = 0;

  constructor(tokens: readonly Token[], names: readonly string[]) {
    this.#tokens = tokens;
    this.#names = names;
  }

  parse(): Template {
    const template = this.#joined(0);
    const rest = this.#tokens[this.#next]!;
    if (rest.text === '') return template;
    throw mistake(rest.at, `expected THEN, AND or OR, found '${rest.text}'`);
  }

  #take(text: string): boolean {
    if (this.#tokens[this.#next]!.text !== text) return false;
    this.#next++;
    return true;
  }

  #joined(level: number): Template {
    const kind = LEVELS[level];
    if (kind === undefined) return this.#single();
    const parts: Template[] = [];
    do {
      const part = this.#joined(level + 1);
      if (part.kind === kind) parts.push(...part.parts);
      else parts.push(part);
    } while (this.#take(kind.toUpperCase()));
    return parts.length === 1 ? parts[0]! : { kind, parts };
  }

  #single(): Template {
    const token = this.#tokens[this.#next]!;
    if (++this.#depth > MOST_DEPTH) throw mistake(token.at, 'it is nested too deeply');
    const template = this.#unjoined(token);
    this.#depth--;
    return template;
  }

  #unjoined(token: Token): Template {
    if (this.#take('NOT')) return { kind: 'not', part: this.#single() };
    if (this.#take('(')) {
      const inner = this.#joined(0);
      if (this.#take(')')) return inner;
      const { at, text } = this.#tokens[this.#next]!;
      throw mistake(at, `expected ')', found ${text === '' ? 'the end' : `'${text}'`}`);
    }
    this.#next++;
    const event = this.#names.indexOf(token.text);
    if (event >= 0) return this.#repeated(event);
    if (token.text === '' || token.text === ')' || WORDS.includes(token.text)) {
      const found = token.text === '' ? 'the end' : `'${token.text}'`;
      throw mistake(token.at, `expected the name of an event, found ${found}`);
    }
    const near = nearestName(token.text, this.#names);
    const meant = near === undefined ? '' : `; did you mean '${near}'?`;
    throw mistake(token.at, `there is no event '${token.text}'${meant}`);
  }

  /** How often an event is to come. */
  #repeated(event: number): Template {
    const { text, at } = this.#tokens[this.#next]!;
    if (!/^[?+*{]/.test(text)) return { kind: 'event', event };
    this.#next++;
    const [, from, comma, to] = /^\{\s*(\d{1,2})\s*(,?)\s*(\d{0,2})\s*\}$/.exec(text) ?? [];
    const [least, most] =
      text === '?' ? [0, 1] : [Number(from), comma === '' ? Number(from) : Number(to || NaN)];
    if (most >= 1 && most <= MOST_REPEATS && least <= most) {
      return least === 1 && most === 1
        ? { kind: 'event', event }
        : { kind: 'repeat', event, least, most };
    }
    const name = this.#names[event];
    const limits = `at most ${MOST_REPEATS}`;
    throw mistake(
      at,
      `expected how often, ${limits}: '${name}{3}', '${name}{1,5}' or '${name}?'; found '${text}'`,
    );
  }
}

/** The events of a template that are not behind a NOT; or those that are. */
export function eventsOf(template: Template, isNegated = false): readonly number[] {
  switch (template.kind) {
    case 'event':
    case 'repeat':
      return isNegated ? [] : [template.event];
    case 'not':
      return isNegated ? eventsOf(template.part) : [];
    default:
      return template.parts.flatMap((part) => eventsOf(part, isNegated));
  }
}
