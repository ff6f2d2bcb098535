/** Operands: literals, columns, brackets, `CASE`, calls; and how a word in operand position is read. @module */

import type { CaseBranch, Expr, TypedLiteralExpr } from '../ast.ts';
import { expressionError } from '../diagnostics.ts';
import { parseCall } from './call.ts';
import { parseIntervalFrom } from './interval.ts';
import type { Token } from './lexer.ts';
import type { ParseContext } from './parse-context.ts';
import type { TokenStream } from './token-stream.ts';

/** Words that no call begins with, though a bracket may follow them. */
const NEVER_CALLED = new Set([
  'AND',
  'OR',
  'NOT',
  'IS',
  'IN',
  'LIKE',
  'BETWEEN',
  'CASE',
  'WHEN',
  'THEN',
  'ELSE',
  'END',
  'ESCAPE',
]);

/** Words that are operators or separators in operator position. */
const CONNECTIVES = new Set([
  'AND',
  'OR',
  'IS',
  'IN',
  'LIKE',
  'BETWEEN',
  'WHEN',
  'THEN',
  'ELSE',
  'END',
  'AS',
  'FROM',
  'FOR',
  'ESCAPE',
]);

/** Words that can be read as something else than a column where a column is meant. */
export const KEYWORDS: ReadonlySet<string> = new Set([
  ...NEVER_CALLED,
  ...CONNECTIVES,
  'NULL',
  'TRUE',
  'FALSE',
]);

const CONSTANTS: ReadonlyMap<string, boolean | null> = new Map([
  ['TRUE', true],
  ['FALSE', false],
  ['NULL', null],
]);

/** Whether the next token is a `NOT` that negates what follows, and not a column called so. */
export function isPrefixNot(tokens: TokenStream): boolean {
  return tokens.atWords('NOT') && (!endsOperand(tokens, 1) || isColumnName(tokens, 1));
}

/** Whether the token `offset` places ahead shows that an operand ended before it. */
function endsOperand(tokens: TokenStream, offset: number): boolean {
  const token = tokens.peek(offset);
  if (token.kind === 'end') return true;
  if (token.kind === 'symbol') return !/^[-+(]$/.test(token.text);
  if (token.upper === 'NOT') return /^(IN|LIKE|BETWEEN)$/.test(tokens.peek(offset + 1).upper);
  return CONNECTIVES.has(token.upper);
}

/** Whether a connective ahead is itself a column, as in `NOT end`: nothing follows it. */
function isColumnName(tokens: TokenStream, offset: number): boolean {
  if (!CONNECTIVES.has(tokens.peek(offset).upper)) return false;
  const after = tokens.peek(offset + 1);
  return after.kind === 'end' || (after.kind === 'symbol' && !/^[-+('.]$/.test(after.text));
}

/**
 * Reads one operand.
 *
 * @throws MillraceError `ERR_EXPRESSION` when no operand begins here
 */
export function parsePrimary(context: ParseContext): Expr {
  const { tokens } = context;
  const token = tokens.peek();
  switch (token.kind) {
    case 'number':
      tokens.next();
      return { kind: 'number', text: token.text, span: token.span };
    case 'string':
      tokens.next();
      return { kind: 'string', value: token.text, span: token.span };
    case 'quoted':
      return parseColumn(tokens);
    case 'word':
      return parseWord(context, token);
    default:
      if (tokens.atSymbol('(')) return parseBrackets(context);
      throw tokens.unexpected('an expression');
  }
}

function parseBrackets(context: ParseContext): Expr {
  const { tokens } = context;
  tokens.next();
  const expr = context.expression();
  tokens.expectSymbol(')', "to close '('");
  return expr;
}

function parseWord(context: ParseContext, token: Token): Expr {
  const { tokens } = context;
  if (context.reserved.has(token.upper)) throw tokens.unexpected('an expression');
  const next = tokens.peek(1);
  if (next.kind === 'string') return parseTypedLiteral(tokens, token);
  if (tokens.atSymbol('(', 1) && !NEVER_CALLED.has(token.upper)) return parseCall(context);
  if (tokens.atSymbol('.', 1)) return parseColumn(tokens);
  const constant = CONSTANTS.get(token.upper);
  if (constant !== undefined) {
    tokens.next();
    return { kind: 'word', value: constant, word: token.text, span: token.span };
  }
  if (token.upper === 'CASE' && !endsOperandOfCase(tokens)) return parseCase(context);
  if (CONNECTIVES.has(token.upper) && !endsOperand(tokens, 1)) {
    throw tokens.unexpected('an expression');
  }
  return parseColumn(tokens);
}

/** Whether `CASE` is a column here: nothing follows that a case could begin with. */
function endsOperandOfCase(tokens: TokenStream): boolean {
  return !tokens.atWords('CASE', 'WHEN') && endsOperand(tokens, 1);
}

/** `name` or `qualifier.name`, each bare or quoted. */
function parseColumn(tokens: TokenStream): Expr {
  const first = tokens.next();
  if (!tokens.acceptSymbol('.')) {
    return { kind: 'column', qualifier: undefined, name: first.text, span: first.span };
  }
  const name = tokens.peek();
  if (name.kind !== 'word' && name.kind !== 'quoted') {
    throw tokens.unexpected(`a column of '${first.text}' behind the point`);
  }
  tokens.next();
  const span = tokens.spanFrom(first.span);
  if (tokens.atSymbol('.')) {
    throw expressionError(
      tokens.peek().span,
      `a column has one qualifier at most; quote a name that contains a point`,
    );
  }
  return { kind: 'column', qualifier: first.text, name: name.text, span };
}

/** What the words before a string make of it. */
const TYPED_LITERALS: ReadonlyMap<string, TypedLiteralExpr['type']> = new Map([
  ['TIMESTAMP', 'timestamp'],
  ['DATE', 'timestamp'],
  ['DECIMAL', 'decimal'],
  ['NUMERIC', 'decimal'],
  ['X', 'bytes'],
]);

/** `TIMESTAMP '…'`, `DATE '…'`, `DECIMAL '…'`, `X'…'`, `INTERVAL '…' unit`. */
function parseTypedLiteral(tokens: TokenStream, word: Token): Expr {
  const literal = tokens.peek(1);
  const type = TYPED_LITERALS.get(word.upper);
  if (type !== undefined) {
    tokens.next();
    tokens.next();
    return { kind: 'typedLiteral', type, text: literal.text, span: tokens.spanFrom(word.span) };
  }
  switch (word.upper) {
    case 'INTERVAL': {
      tokens.next();
      const us = parseIntervalFrom(tokens);
      return { kind: 'interval', us, span: tokens.spanFrom(word.span) };
    }
    case 'CASE':
      throw expressionError(literal.span, 'expected WHEN behind the subject of CASE');
    default:
      throw expressionError(
        literal.span,
        `a string cannot follow '${word.text}'; literals are TIMESTAMP '…', INTERVAL '…' and DECIMAL '…'`,
      );
  }
}

function parseCase(context: ParseContext): Expr {
  const { tokens } = context;
  const start = tokens.next().span;
  const subject = tokens.atWords('WHEN') ? undefined : context.expression();
  const branches: CaseBranch[] = [];
  while (tokens.acceptWords('WHEN')) {
    const when = context.expression();
    tokens.expectWord('THEN', 'behind the condition of WHEN');
    branches.push({ when, then: context.expression() });
  }
  if (branches.length === 0) throw tokens.unexpected('WHEN in a CASE');
  const otherwise = tokens.acceptWords('ELSE') ? context.expression() : undefined;
  tokens.expectWord('END', 'to close the CASE');
  return { kind: 'case', subject, branches, otherwise, span: tokens.spanFrom(start) };
}
