/** `FROM PATTERN a THEN NOT b WITHIN 10 TIME WHERE …`. @module */

import type { Span, TokenStream } from '../../expr/index.ts';
import type { Pattern, PatternEvent, SelectItem, StreamExpr } from '../ast.ts';
import { mistake } from '../problems.ts';
import { atName, readAmount, readExpression, readName } from './reading.ts';

const MOST_NESTED = 50;

/** Operators, loosest first, as words and as symbols. */
const OPERATORS: readonly (readonly [word: string, ...symbols: readonly string[]])[] = [
  ['THEN', '-', '>'],
  ['OR', '||'],
  ['AND', '&&'],
];

/** Reads what follows `FROM`: the template, its window, and `WHERE`. */
export function readPattern(
  tokens: TokenStream,
  items: readonly SelectItem[],
  start: Span,
  source: (tokens: TokenStream) => StreamExpr,
): Pattern {
  tokens.expectWord('PATTERN');
  const from = tokens.peek().span;
  const events: PatternEvent[] = [];
  const template = new TemplateReader(tokens, source, events).read();
  const templateSpan = tokens.spanFrom(from);
  tokens.expectWord('WITHIN', 'behind the template');
  const size = readAmount(tokens, 'the length of the window, a number');
  const field = tokens.acceptWords('ON') ? readName(tokens, 'a column') : undefined;
  if (field === undefined) tokens.expectWord('TIME', 'or ON behind the length of the window');
  const where = tokens.acceptWords('WHERE') ? readExpression(tokens) : undefined;
  const { upper, span } = tokens.peek();
  if (['GROUP', 'HAVING', 'ORDER', 'LIMIT', 'FOREACH'].includes(upper)) {
    throw mistake(span, `a pattern has no ${upper}: read it in another SELECT, FROM (SELECT …)`);
  }
  const whole = { items, template, templateSpan, events, within: { size, field }, where };
  return { kind: 'pattern', span: tokens.spanFrom(start), ...whole };
}

class TemplateReader {
  readonly #tokens: TokenStream;
  readonly #source: (tokens: TokenStream) => StreamExpr;
  readonly #events: PatternEvent[];
  #depth = 0;

  constructor(
    tokens: TokenStream,
    source: (tokens: TokenStream) => StreamExpr,
    events: PatternEvent[],
  ) {
    this.#tokens = tokens;
    this.#source = source;
    this.#events = events;
  }

  /** The template as text. */
  read(): string {
    return this.#level(0);
  }

  #level(rank: number): string {
    const operator = OPERATORS[rank];
    if (operator === undefined) return this.#one();
    const parts = [this.#level(rank + 1)];
    while (this.#accept(operator)) parts.push(this.#level(rank + 1));
    return parts.join(` ${operator[0]} `);
  }

  #accept([word, ...symbols]: (typeof OPERATORS)[number]): boolean {
    if (this.#tokens.acceptWords(word)) return true;
    if (!symbols.every((symbol, i) => this.#tokens.atSymbol(symbol, i))) return false;
    for (const symbol of symbols) this.#tokens.acceptSymbol(symbol);
    return true;
  }

  #one(): string {
    const tokens = this.#tokens;
    const { span } = tokens.peek();
    if (++this.#depth > MOST_NESTED) {
      throw mistake(span, `a template is nested ${MOST_NESTED} deep at most`);
    }
    const text = tokens.acceptWords('NOT') ? `NOT ${this.#one()}` : this.#operand(span);
    this.#depth--;
    return text;
  }

  #operand(span: Span): string {
    const tokens = this.#tokens;
    const isSelect = tokens.atSymbol('(') && tokens.peek(1).upper === 'SELECT';
    if (tokens.atSymbol('(') && !isSelect) {
      tokens.next();
      const inner = this.#level(0);
      tokens.expectSymbol(')', "to close '('");
      return `(${inner})`;
    }
    const stream = this.#source(tokens);
    const isNamed =
      tokens.acceptWords('AS') || atName(tokens, 'THEN', 'AND', 'OR', 'NOT', 'WITHIN');
    if (!isNamed && stream.kind !== 'stream') throw tokens.unexpected('AS and a name');
    const name = isNamed || stream.kind !== 'stream' ? readName(tokens, 'an event') : stream.name;
    if (this.#events.some((event) => event.name.text === name.text)) {
      const message = `two events are called '${name.text}'`;
      throw mistake(span, `${message}: give one another name with AS`);
    }
    this.#events.push({ name, stream });
    return name.text;
  }
}
