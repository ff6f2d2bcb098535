/** Text → tokens. No word is reserved here: which ones mean something depends on where they stand. @module */

import type { Span } from '../ast.ts';
import { expressionError } from '../diagnostics.ts';

/**
 * - `word`: a bare identifier or keyword; `text` as written, `upper` for comparing with keywords
 * - `quoted`: a `"…"` or `` `…` `` identifier; `text` without quotes, `upper` empty
 * - `string`: a `'…'` literal; `text` without quotes
 * - `number`, `symbol`: `text` as written
 * - `end`: behind the last token
 */
export type TokenKind = 'word' | 'quoted' | 'string' | 'number' | 'symbol' | 'end';

/** One token. */
export interface Token {
  readonly kind: TokenKind;
  readonly text: string;
  /** The word in upper case; empty for other kinds, so that quoted names never match keywords. */
  readonly upper: string;
  readonly span: Span;
}

const SPACE = /(?:\s+|--[^\r\n]*|\/\*[^]*?\*\/)+/uy;
const WORD = /[\p{L}_$][\p{L}\p{N}\p{M}_$]*/uy;
const NUMBER = /(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?/uy;
const SYMBOL = /<>|!=|<=|>=|=>|\|\||==|&&|[()<>=+\-*/%,.;[\]{}?:]/uy;
const QUOTED: Readonly<Record<string, { pattern: RegExp; kind: TokenKind; what: string }>> = {
  "'": { pattern: /'((?:[^']|'')*)'/uy, kind: 'string', what: 'string' },
  '"': { pattern: /"((?:[^"]|"")*)"/uy, kind: 'quoted', what: 'quoted name' },
  '`': { pattern: /`((?:[^`]|``)*)`/uy, kind: 'quoted', what: 'quoted name' },
};

/**
 * Splits SQL text into tokens, the last of which is of kind `end`.
 *
 * Comments (from `--` to the end of the line, or between slash-star and star-slash) and white space
 * separate tokens and are dropped.
 *
 * @throws MillraceError `ERR_EXPRESSION` at an unfinished string or a character that no token has
 */
export function tokenize(source: string): readonly Token[] {
  const tokens: Token[] = [];
  let at = skipSpace(source, 0);
  while (at < source.length) {
    const token = readToken(source, at);
    tokens.push(token);
    at = skipSpace(source, token.span.end);
  }
  tokens.push({ kind: 'end', text: '', upper: '', span: { source, start: at, end: at } });
  return tokens;
}

function skipSpace(source: string, at: number): number {
  const end = at + (matchAt(SPACE, source, at)?.[0].length ?? 0);
  if (source.startsWith('/*', end)) {
    throw expressionError({ source, start: end, end: end + 2 }, 'this comment is not closed');
  }
  return end;
}

function readToken(source: string, at: number): Token {
  const quote = QUOTED[source[at]!];
  if (quote !== undefined) return readQuoted(source, at, quote);
  const number = matchAt(NUMBER, source, at);
  if (number !== null) return numberToken(source, at, at + number[0].length);
  const word = matchAt(WORD, source, at);
  if (word !== null) {
    const text = word[0];
    return { kind: 'word', text, upper: text.toUpperCase(), span: spanOf(source, at, text.length) };
  }
  const symbol = matchAt(SYMBOL, source, at);
  if (symbol !== null) {
    const text = symbol[0];
    return { kind: 'symbol', text, upper: '', span: spanOf(source, at, text.length) };
  }
  const character = String.fromCodePoint(source.codePointAt(at)!);
  throw expressionError(
    spanOf(source, at, character.length),
    `unexpected character ${JSON.stringify(character)}`,
  );
}

function readQuoted(
  source: string,
  at: number,
  { pattern, kind, what }: { pattern: RegExp; kind: TokenKind; what: string },
): Token {
  const match = matchAt(pattern, source, at);
  const quote = source[at]!;
  if (match === null) {
    throw expressionError(spanOf(source, at, 1), `this ${what} is not closed; ${quote} is missing`);
  }
  const span = spanOf(source, at, match[0].length);
  const text = match[1]!.replaceAll(quote + quote, quote).toWellFormed();
  if (kind === 'quoted' && text === '')
    throw expressionError(span, 'a quoted name cannot be empty');
  return { kind, text, upper: '', span };
}

function numberToken(source: string, start: number, end: number): Token {
  const trailing = matchAt(WORD, source, end);
  if (trailing !== null) {
    const span = { source, start, end: end + trailing[0].length };
    throw expressionError(
      span,
      `'${source.slice(start, span.end)}' is neither a number nor a name`,
    );
  }
  return {
    kind: 'number',
    text: source.slice(start, end),
    upper: '',
    span: { source, start, end },
  };
}

function spanOf(source: string, start: number, length: number): Span {
  return { source, start, end: start + length };
}

function matchAt(pattern: RegExp, source: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(source);
}
