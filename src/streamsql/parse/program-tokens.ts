/** The tokens of a program: parameters replaced, and what StreamBase spells otherwise as expressions have it. @module */

import { nearestName } from '../../core/nearest-name.ts';
import { type Span, type Token, tokenize, TokenStream } from '../../expr/index.ts';
import { mistake } from '../problems.ts';

/** Functions of StreamBase that are called something else here. */
export const RENAMED_FUNCTIONS: ReadonlyMap<string, string> = new Map([
  ['FIRSTVAL', 'FIRST'],
  ['LASTVAL', 'LAST'],
  ['STDEV', 'STDDEV_SAMP'],
  ['ANDALL', 'BOOL_AND'],
  ['ORALL', 'BOOL_OR'],
  ['STRLEN', 'LENGTH'],
]);

/**
 * The tokens of a program, behind its `CREATE PARAMETERS`.
 *
 * `${NAME}` is replaced by the text of the parameter, also in strings; there a name that is no parameter
 * stays, as a variable of the environment. Replaced tokens have the place of what they replace.
 *
 * @param given - values of parameters, instead of those that the program gives
 * @throws MillraceError `ERR_EXPRESSION` at what is no token, and at unknown parameters
 */
export function programTokens(
  text: string,
  given: Readonly<Record<string, string>>,
): readonly Token[] {
  const written = tokenize(text);
  const { parameters, rest } = readParameters(written, given);
  return spelled(replaced(rest, parameters));
}

type Parameters = ReadonlyMap<string, string>;

/** `CREATE PARAMETERS (name DEFAULT "value", …);`, which can only be the first statement. */
function readParameters(
  written: readonly Token[],
  given: Readonly<Record<string, string>>,
): { readonly parameters: Parameters; readonly rest: readonly Token[] } {
  const tokens = new TokenStream(written);
  const parameters = new Map<string, string>();
  if (!tokens.acceptWords('CREATE', 'PARAMETERS')) return { parameters, rest: written };
  tokens.expectSymbol('(', 'behind CREATE PARAMETERS');
  do {
    const name = tokens.peek();
    if (name.kind !== 'word') throw tokens.unexpected('the name of a parameter');
    tokens.next();
    tokens.expectWord('DEFAULT', `behind the parameter ${name.text}`);
    const value = tokens.peek();
    if (value.kind !== 'string' && value.kind !== 'quoted') {
      throw tokens.unexpected(`the value of ${name.text} in quotes`);
    }
    tokens.next();
    if (parameters.has(name.text)) {
      throw mistake(name.span, `there is another parameter '${name.text}'`);
    }
    const overruled = Object.hasOwn(given, name.text) ? given[name.text] : undefined;
    parameters.set(name.text, overruled ?? value.text);
  } while (tokens.acceptSymbol(','));
  tokens.expectSymbol(')', 'to close the parameters');
  const end = tokens.peek();
  if (end.kind !== 'end') tokens.expectSymbol(';', 'behind the parameters');
  return { parameters, rest: written.slice(written.indexOf(tokens.peek())) };
}

function replaced(written: readonly Token[], parameters: Parameters): readonly Token[] {
  const tokens: Token[] = [];
  for (let i = 0; i < written.length; i++) {
    const token = written[i]!;
    if (token.kind === 'string' || token.kind === 'quoted') {
      tokens.push(withText(token, inText(token.text, parameters)));
      continue;
    }
    const [brace, name, close] = written.slice(i + 1, i + 4);
    if (token.text !== '$' || brace?.text !== '{') {
      tokens.push(token);
      continue;
    }
    if (name?.kind !== 'word' || close?.text !== '}') {
      throw mistake(token.span, 'expected a parameter such as ${size}');
    }
    const span = { ...token.span, end: close.span.end };
    tokens.push(...tokensOf(name, span, parameters));
    i += 3;
  }
  return tokens;
}

/** What a parameter stands for, at the place where it is used. */
function tokensOf(name: Token, span: Span, parameters: Parameters): readonly Token[] {
  const text = parameters.get(name.text);
  if (text === undefined) {
    const meant = nearestName(name.text, parameters.keys());
    throw mistake(
      span,
      `there is no parameter '${name.text}'; CREATE PARAMETERS declares them`,
      meant,
    );
  }
  return tokenize(text)
    .slice(0, -1)
    .map((token) => ({ ...token, span }));
}

function inText(text: string, parameters: Parameters): string {
  return text.replaceAll(/\$\{(\w+)\}/g, (whole, name: string) => parameters.get(name) ?? whole);
}

function withText(token: Token, text: string): Token {
  return text === token.text ? token : { ...token, text };
}

/** `==` is `=`, `COUNT()` is `COUNT(*)`, and functions have their names here. */
function spelled(written: readonly Token[]): readonly Token[] {
  const tokens: Token[] = [];
  for (const [i, token] of written.entries()) {
    const isCalled = written[i + 1]?.text === '(' && token.kind === 'word';
    const renamed = isCalled ? RENAMED_FUNCTIONS.get(token.upper) : undefined;
    if (token.kind === 'symbol' && token.text === '==') tokens.push({ ...token, text: '=' });
    else if (renamed !== undefined) tokens.push({ ...token, text: renamed, upper: renamed });
    else tokens.push(token);
    const opened = written[i - 1];
    if (token.text === '(' && opened?.upper === 'COUNT' && written[i + 1]?.text === ')') {
      tokens.push({ kind: 'symbol', text: '*', upper: '', span: token.span });
    }
  }
  return tokens;
}
