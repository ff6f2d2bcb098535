/** What all statements are made of: names, amounts, options, expressions. @module */

import type { JsonValue } from '../../core/topology/model.ts';
import { objectOf } from '../../core/topology/key-order.ts';
import { type Expr, parseExpressionFrom, type TokenStream } from '../../expr/index.ts';
import type { Amount, Name, Option } from '../ast.ts';

/** Words that are names only in quotes. */
const RESERVED: ReadonlySet<string> = new Set([
  'SELECT',
  'FROM',
  'WHERE',
  'GROUP',
  'HAVING',
  'ORDER',
  'INTO',
  'UNION',
  'AS',
  'CREATE',
]);

/** Reads a name; `what` says of what: `a stream`. */
export function readName(tokens: TokenStream, what: string): Name {
  const token = tokens.peek();
  const isName = token.kind === 'quoted' || (token.kind === 'word' && !RESERVED.has(token.upper));
  if (!isName) throw tokens.unexpected(`the name of ${what}`);
  tokens.next();
  return { text: token.text, span: token.span };
}

/** Whether a name, and no clause, comes next. */
export function atName(tokens: TokenStream, ...clauses: readonly string[]): boolean {
  const token = tokens.peek();
  if (token.kind === 'quoted') return true;
  return token.kind === 'word' && !RESERVED.has(token.upper) && !clauses.includes(token.upper);
}

/** `a, b, …`. */
export function readNames(tokens: TokenStream, what: string): readonly Name[] {
  const names = [readName(tokens, what)];
  while (tokens.acceptSymbol(',')) names.push(readName(tokens, what));
  return names;
}

/** `(a, b, …)`. */
export function readNameList(tokens: TokenStream, what: string): readonly Name[] {
  tokens.expectSymbol('(');
  const names = readNames(tokens, what);
  tokens.expectSymbol(')', 'to close the list');
  return names;
}

/** Reads an expression up to the first word that cannot continue it. */
export function readExpression(tokens: TokenStream): Expr {
  return parseExpressionFrom(tokens, RESERVED);
}

/** Reads a number, or a duration in quotes. */
export function readAmount(tokens: TokenStream, what: string): Amount {
  const token = tokens.peek();
  if (token.kind !== 'number' && token.kind !== 'string') throw tokens.unexpected(what);
  tokens.next();
  return { text: token.text, isDuration: token.kind === 'string', span: token.span };
}

/** Reads a text in quotes of either kind, such as the name of a file. */
export function readText(tokens: TokenStream, what: string): Name {
  const token = tokens.peek();
  if (token.kind !== 'string' && token.kind !== 'quoted') throw tokens.unexpected(what);
  tokens.next();
  return { text: token.text, span: token.span };
}

/** `WITH (name = value, …)`, if it is there. */
export function readWith(tokens: TokenStream): readonly Option[] {
  if (!tokens.atWords('WITH')) return [];
  tokens.next();
  if (tokens.atWords('PARAMETERS')) {
    throw tokens.unexpected("'(' behind WITH: properties of the topology, WITH (name = value)");
  }
  return readOptions(tokens);
}

/** `(name = value, …)`. */
export function readOptions(tokens: TokenStream): readonly Option[] {
  tokens.expectSymbol('(');
  const options: Option[] = [];
  do {
    const name = readName(tokens, 'a property');
    tokens.expectSymbol('=', `behind '${name.text}'`);
    const value = readValue(tokens, 0);
    options.push({ name, value, span: tokens.spanFrom(name.span) });
  } while (tokens.acceptSymbol(','));
  tokens.expectSymbol(')', 'to close the properties');
  return options;
}

const MOST_NESTED = 50;

/** A value as JSON has it; strings may be in single quotes, and names of members in none. */
export function readValue(tokens: TokenStream, depth: number): JsonValue {
  if (depth > MOST_NESTED) throw tokens.unexpected(`values nested ${MOST_NESTED} deep at most`);
  if (tokens.acceptSymbol('[')) {
    const members: JsonValue[] = [];
    if (tokens.acceptSymbol(']')) return members;
    do members.push(readValue(tokens, depth + 1));
    while (tokens.acceptSymbol(','));
    tokens.expectSymbol(']', 'to close the list');
    return members;
  }
  if (tokens.acceptSymbol('{')) {
    const members: (readonly [string, JsonValue])[] = [];
    if (tokens.acceptSymbol('}')) return {};
    do members.push(readMember(tokens, depth + 1));
    while (tokens.acceptSymbol(','));
    tokens.expectSymbol('}', 'to close the object');
    return objectOf(members);
  }
  return readConstant(tokens);
}

function readMember(tokens: TokenStream, depth: number): readonly [string, JsonValue] {
  const token = tokens.peek();
  if (token.kind !== 'word' && token.kind !== 'string' && token.kind !== 'quoted') {
    throw tokens.unexpected('the name of a member');
  }
  tokens.next();
  if (!tokens.acceptSymbol(':')) tokens.expectSymbol('=', `or ':' behind '${token.text}'`);
  return [token.text, readValue(tokens, depth)];
}

const WORDS: ReadonlyMap<string, JsonValue> = new Map<string, JsonValue>([
  ['TRUE', true],
  ['FALSE', false],
  ['NULL', null],
]);

/** A text, a number, TRUE, FALSE or NULL. */
export function readConstant(tokens: TokenStream): JsonValue {
  const isNegative = tokens.atSymbol('-');
  const token = tokens.peek(isNegative ? 1 : 0);
  const word = isNegative ? undefined : WORDS.get(token.upper);
  const isText = !isNegative && (token.kind === 'string' || token.kind === 'quoted');
  if (word === undefined && !isText && token.kind !== 'number') {
    throw tokens.unexpected('a value: a text in quotes, a number, TRUE, FALSE or NULL');
  }
  tokens.next();
  if (isNegative) tokens.next();
  if (word !== undefined) return word;
  if (isText) return token.text;
  return isNegative ? -Number(token.text) : Number(token.text);
}
