/** A cursor over tokens, with the questions a recursive-descent parser asks. @module */

import type { MillraceError } from '../../core/errors.ts';
import type { Span } from '../ast.ts';
import { expressionError } from '../diagnostics.ts';
import type { Token } from './lexer.ts';
import { tokenize } from './lexer.ts';

/** The text of a token as messages quote it. */
export function describeToken(token: Token): string {
  switch (token.kind) {
    case 'end':
      return 'the end of the text';
    case 'string':
      return 'a string';
    case 'number':
      return `the number ${token.text}`;
    case 'quoted':
      return `"${token.text}"`;
    default:
      return `'${token.text}'`;
  }
}

/** Tokens and a position among them. A statement parser and an expression parser can share one. */
export class TokenStream {
  readonly #tokens: readonly Token[];
  #position = 0;

  /**
   * @param source - the text, or its tokens, the last of which is of kind `end`
   * @throws MillraceError `ERR_EXPRESSION` when the text has no tokens
   */
  constructor(source: string | readonly Token[]) {
    this.#tokens = typeof source === 'string' ? tokenize(source) : source;
  }

  /** The token `offset` places ahead, without taking it; the `end` token from the end on. */
  peek(offset = 0): Token {
    const last = this.#tokens.length - 1;
    return this.#tokens[Math.min(this.#position + offset, last)]!;
  }

  /** Takes the next token. */
  next(): Token {
    const token = this.peek();
    if (token.kind !== 'end') this.#position++;
    return token;
  }

  /** Whether the next tokens are these keywords (upper case), in order. */
  atWords(...words: readonly string[]): boolean {
    return words.every((word, i) => this.peek(i).upper === word);
  }

  /** Whether the token `offset` places ahead is this symbol. */
  atSymbol(symbol: string, offset = 0): boolean {
    const token = this.peek(offset);
    return token.kind === 'symbol' && token.text === symbol;
  }

  /** Takes these keywords if they are next. */
  acceptWords(...words: readonly string[]): boolean {
    if (!this.atWords(...words)) return false;
    this.#position += words.length;
    return true;
  }

  /** Takes a symbol if it is next. */
  acceptSymbol(symbol: string): boolean {
    if (!this.atSymbol(symbol)) return false;
    this.#position++;
    return true;
  }

  /** Takes a keyword that must be next; `why` ends the message: `to close the CASE`. */
  expectWord(word: string, why = ''): Token {
    if (!this.atWords(word)) throw this.unexpected(`${word}${why === '' ? '' : ` ${why}`}`);
    return this.next();
  }

  /** Takes a symbol that must be next. */
  expectSymbol(symbol: string, why = ''): Token {
    if (!this.atSymbol(symbol)) throw this.unexpected(`'${symbol}'${why === '' ? '' : ` ${why}`}`);
    return this.next();
  }

  /** The error of a next token that cannot stand here: `expected X, found Y`. */
  unexpected(expected: string): MillraceError {
    const token = this.peek();
    return expressionError(token.span, `expected ${expected}, found ${describeToken(token)}`);
  }

  /** From the start of `start` to the end of the token taken last. */
  spanFrom(start: Span): Span {
    const last = this.#tokens[Math.max(0, this.#position - 1)]!.span;
    return { source: start.source, start: start.start, end: Math.max(start.end, last.end) };
  }
}
