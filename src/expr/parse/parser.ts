/**
 * Tokens → syntax tree: precedence, from `OR` down to `||`.
 *
 * No word is reserved. A word in operand position is a column, unless what follows makes it a call,
 * a literal (`TIMESTAMP '…'`), a `CASE` or a `NOT`; a word in operator position is a keyword. So
 * `value`, `timestamp`, `end` and even `case = 1` need no quotes.
 *
 * @module
 */

import type { BinaryExpr, ComparisonOperator, Expr, Span } from '../ast.ts';
import { childrenOf } from '../ast.ts';
import { expressionError } from '../diagnostics.ts';
import type { ParseContext } from './parse-context.ts';
import { isPrefixNot, parsePrimary } from './primary.ts';
import { describeToken, TokenStream } from './token-stream.ts';

/** Deepest nesting of brackets, and of the tree: keeps recursion within a thread's stack. */
const MAX_NESTING = 200;
const MAX_DEPTH = 500;

const COMPARISONS: ReadonlyMap<string, ComparisonOperator> = new Map([
  ['=', '='],
  ['<>', '<>'],
  ['!=', '<>'],
  ['<', '<'],
  ['<=', '<='],
  ['>', '>'],
  ['>=', '>='],
]);

/** What to write instead of symbols that other languages have. */
const FOREIGN: ReadonlyMap<string, string> = new Map([
  ['==', '='],
  ['=>', '>='],
  ['&&', 'AND'],
  ['?', 'CASE WHEN … THEN … ELSE … END'],
]);

/**
 * Parses the whole of `text` as one expression.
 *
 * @throws MillraceError `ERR_EXPRESSION` whose message shows the line and points at the mistake
 */
export function parseExpression(text: string): Expr {
  const tokens = new TokenStream(text);
  const expr = parseExpressionFrom(tokens);
  if (tokens.peek().kind !== 'end') throw leftOver(tokens);
  return expr;
}

/**
 * Parses an expression at the position of `tokens` and leaves the position behind it: for SQL
 * statements, which contain expressions.
 *
 * @param reserved - the statement's keywords (upper case), which are columns only when quoted
 * @throws MillraceError `ERR_EXPRESSION`
 */
export function parseExpressionFrom(
  tokens: TokenStream,
  reserved: ReadonlySet<string> = new Set(),
): Expr {
  const expr = new ExpressionParser(tokens, reserved).expression();
  checkDepth(expr);
  return expr;
}

/** A chain of operators is a deep tree without any nesting; this finds it without recursion. */
function checkDepth(root: Expr): void {
  let level: readonly Expr[] = [root];
  for (let depth = 1; level.length > 0; depth++) {
    if (depth > MAX_DEPTH) {
      throw expressionError(
        level[0]!.span,
        `more than ${MAX_DEPTH} operators build on one another`,
      );
    }
    level = level.flatMap(childrenOf);
  }
}

function leftOver(tokens: TokenStream): Error {
  const token = tokens.peek();
  const instead = FOREIGN.get(token.text);
  if (token.kind === 'symbol' && instead !== undefined) {
    return expressionError(token.span, `there is no operator '${token.text}'; write ${instead}`);
  }
  return expressionError(token.span, `expected an operator, found ${describeToken(token)}`);
}

class ExpressionParser implements ParseContext {
  readonly tokens: TokenStream;
  readonly reserved: ReadonlySet<string>;
  #depth = 0;

  constructor(tokens: TokenStream, reserved: ReadonlySet<string>) {
    this.tokens = tokens;
    this.reserved = reserved;
  }

  expression(): Expr {
    return this.#logical('or', () => this.#logical('and', () => this.#not()));
  }

  term(): Expr {
    return this.#chain(['+', '-'], () => this.#product());
  }

  #product(): Expr {
    return this.#chain(['*', '/', '%'], () => this.#chain(['||'], () => this.#unary()));
  }

  #logical(operator: 'and' | 'or', operand: () => Expr): Expr {
    const first = operand();
    const keyword = operator.toUpperCase();
    if (!this.tokens.atWords(keyword)) return first;
    const operands = [first];
    while (this.tokens.acceptWords(keyword)) operands.push(operand());
    return { kind: 'logical', operator, operands, span: this.tokens.spanFrom(first.span) };
  }

  #not(): Expr {
    if (!isPrefixNot(this.tokens)) return this.#is();
    const start = this.tokens.next().span;
    const operand = this.#nested(start, () => this.#not());
    return { kind: 'unary', operator: 'not', operand, span: this.tokens.spanFrom(start) };
  }

  /** Postfix `IS …`; several may follow one another. */
  #is(): Expr {
    let operand = this.#comparison();
    while (this.tokens.acceptWords('IS')) {
      const negated = this.tokens.acceptWords('NOT');
      if (this.tokens.acceptWords('DISTINCT')) {
        this.tokens.expectWord('FROM', 'behind IS DISTINCT');
        const right = this.#range();
        const span = this.tokens.spanFrom(operand.span);
        operand = { kind: 'distinct', left: operand, right, negated, span };
        continue;
      }
      const value = this.#isValue();
      operand = { kind: 'is', operand, value, negated, span: this.tokens.spanFrom(operand.span) };
    }
    return operand;
  }

  #isValue(): boolean | null {
    if (this.tokens.acceptWords('NULL') || this.tokens.acceptWords('UNKNOWN')) return null;
    if (this.tokens.acceptWords('TRUE')) return true;
    if (this.tokens.acceptWords('FALSE')) return false;
    throw this.tokens.unexpected('NULL, TRUE, FALSE or DISTINCT FROM behind IS');
  }

  #comparison(): Expr {
    const left = this.#range();
    const operator = this.#comparisonOperator();
    if (operator === undefined) return left;
    this.tokens.next();
    const right = this.#range();
    const span = this.tokens.spanFrom(left.span);
    if (this.#comparisonOperator() !== undefined) {
      const again = this.tokens.peek();
      throw expressionError(again.span, 'comparisons cannot be chained; join them with AND');
    }
    return { kind: 'binary', operator, left, right, span };
  }

  #comparisonOperator(): ComparisonOperator | undefined {
    const token = this.tokens.peek();
    return token.kind === 'symbol' ? COMPARISONS.get(token.text) : undefined;
  }

  /** `[NOT] BETWEEN`, `[NOT] IN`, `[NOT] LIKE`. */
  #range(): Expr {
    let operand = this.term();
    for (;;) {
      const negated =
        this.tokens.atWords('NOT') && /^(BETWEEN|IN|LIKE)$/.test(this.tokens.peek(1).upper);
      const keyword = this.tokens.peek(negated ? 1 : 0).upper;
      if (keyword !== 'BETWEEN' && keyword !== 'IN' && keyword !== 'LIKE') return operand;
      if (negated) this.tokens.next();
      this.tokens.next();
      if (keyword === 'BETWEEN') operand = this.#between(operand, negated);
      else if (keyword === 'IN') operand = this.#in(operand, negated);
      else operand = this.#like(operand, negated);
    }
  }

  #between(operand: Expr, negated: boolean): Expr {
    const low = this.term();
    this.tokens.expectWord('AND', 'between the bounds of BETWEEN');
    const high = this.term();
    return { kind: 'between', operand, low, high, negated, span: this.#spanFrom(operand) };
  }

  #in(operand: Expr, negated: boolean): Expr {
    const start = this.tokens.expectSymbol('(', 'behind IN').span;
    const items = this.#nested(start, () => {
      const list = [this.expression()];
      while (this.tokens.acceptSymbol(',')) list.push(this.expression());
      return list;
    });
    this.tokens.expectSymbol(')', 'to close the list of IN');
    return { kind: 'in', operand, items, negated, span: this.#spanFrom(operand) };
  }

  #like(operand: Expr, negated: boolean): Expr {
    const pattern = this.term();
    const escape = this.tokens.acceptWords('ESCAPE') ? this.term() : undefined;
    return { kind: 'like', operand, pattern, escape, negated, span: this.#spanFrom(operand) };
  }

  /** A left-associative chain of operators of the same rank. */
  #chain(operators: readonly BinaryExpr['operator'][], operand: () => Expr): Expr {
    let left = operand();
    for (;;) {
      const operator = operators.find((symbol) => this.tokens.atSymbol(symbol));
      if (operator === undefined) return left;
      this.tokens.next();
      const right = operand();
      left = { kind: 'binary', operator, left, right, span: this.#spanFrom(left) };
    }
  }

  #unary(): Expr {
    const { tokens } = this;
    const operator = tokens.atSymbol('-') ? '-' : tokens.atSymbol('+') ? '+' : undefined;
    if (operator === undefined) {
      return this.#inZone(this.#nested(tokens.peek().span, () => parsePrimary(this)));
    }
    const start = tokens.next().span;
    const operand = this.#nested(start, () => this.#unary());
    return { kind: 'unary', operator, operand, span: tokens.spanFrom(start) };
  }

  /** Postfix `AT TIME ZONE zone`; several may follow one another. */
  #inZone(operand: Expr): Expr {
    let instant = operand;
    while (this.tokens.acceptWords('AT', 'TIME', 'ZONE')) {
      const start = this.tokens.peek().span;
      const zone = this.#nested(start, () => parsePrimary(this));
      const args = [instant, zone];
      instant = { kind: 'call', name: 'AT_TIME_ZONE', args, span: this.#spanFrom(operand) };
    }
    return instant;
  }

  #nested<Result>(at: Span, parse: () => Result): Result {
    if (++this.#depth > MAX_NESTING) {
      throw expressionError(at, `this expression is nested more than ${MAX_NESTING} deep`);
    }
    const result = parse();
    this.#depth--;
    return result;
  }

  #spanFrom(first: Expr): Span {
    return this.tokens.spanFrom(first.span);
  }
}
