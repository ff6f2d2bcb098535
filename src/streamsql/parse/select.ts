/** `SELECT`, `VJOIN`, and what they read. @module */

import type { Expr, Token, TokenStream } from '../../expr/index.ts';
import type {
  FromItem,
  JoinClause,
  OrderItem,
  Pattern,
  Select,
  SelectItem,
  StreamExpr,
  ValueJoin,
} from '../ast.ts';
import { mistake } from '../problems.ts';
import { atName, readAmount, readExpression, readName } from './reading.ts';
import { readPattern } from './pattern.ts';
import { readWindowRef } from './window.ts';

/** Reads a stream expression in brackets, or the name of a stream. */
export type ReadSource = (tokens: TokenStream) => StreamExpr;

/** Words behind a source, so that none is taken for its alias. */
const BEHIND_SOURCE = [
  'WHERE',
  'WITHIN',
  'FOREACH',
  'LIMIT',
  'ERROR',
  'JOIN',
  'INNER',
  'LEFT',
  'RIGHT',
  'FULL',
  'OUTER',
  'ON',
  'RETURNING',
  'TIMEOUT',
  'SET',
  'WITH',
];

/** `a, b AS c, *`. */
export function readItems(tokens: TokenStream): readonly SelectItem[] {
  const items = [readItem(tokens)];
  while (tokens.acceptSymbol(',')) items.push(readItem(tokens));
  return items;
}

function readItem(tokens: TokenStream): SelectItem {
  const { span } = tokens.peek();
  if (tokens.acceptSymbol('*')) return { kind: 'star', qualifier: undefined, span };
  if (tokens.atSymbol('.', 1) && tokens.atSymbol('*', 2)) {
    const qualifier = readName(tokens, 'a stream');
    tokens.next();
    tokens.next();
    return { kind: 'star', qualifier, span: tokens.spanFrom(span) };
  }
  const expr = readExpression(tokens);
  const name = tokens.acceptWords('AS') ? readName(tokens, 'a column') : undefined;
  return { kind: 'expr', expr, name, span: tokens.spanFrom(span) };
}

/** `stream[window] AS alias`. */
export function readFrom(tokens: TokenStream, source: ReadSource): FromItem {
  const { span } = tokens.peek();
  const stream = source(tokens);
  let window;
  if (tokens.acceptSymbol('[')) {
    window = readWindowRef(tokens);
    tokens.expectSymbol(']', 'to close the window');
  }
  const hasAs = tokens.acceptWords('AS');
  const alias =
    hasAs || atName(tokens, ...BEHIND_SOURCE) ? readName(tokens, 'a stream') : undefined;
  return { stream, window, alias, span: tokens.spanFrom(span) };
}

/** What may stand behind the sources, each once. */
interface Clauses {
  foreach?: Select['foreach'];
  where?: Expr;
  having?: Expr;
  groupBy?: Select['groupBy'];
  orderBy?: readonly OrderItem[];
  limit?: Select['limit'];
  within?: Select['within'];
}

/** `SELECT …` up to `INTO`, `ERROR INTO` or whatever else is no clause of it. */
export function readSelect(tokens: TokenStream, source: ReadSource): Select | Pattern {
  const start = tokens.expectWord('SELECT').span;
  const items = readItems(tokens);
  tokens.expectWord('FROM', 'behind what is selected');
  if (isPattern(tokens)) return readPattern(tokens, items, start, source);
  const from = [readFrom(tokens, source)];
  let join: JoinClause | undefined;
  if (tokens.acceptSymbol(',')) {
    join = { kind: 'inner', on: undefined };
    from.push(readFrom(tokens, source));
  } else {
    const kind = readJoinKind(tokens);
    if (kind !== undefined) {
      from.push(readFrom(tokens, source));
      const on = tokens.acceptWords('ON') ? readExpression(tokens) : undefined;
      join = { kind, on };
    }
  }
  if (tokens.atSymbol(',')) {
    const message = 'a SELECT reads two streams at most';
    throw mistake(
      tokens.peek().span,
      `${message}: join these two, and what comes of it with the third`,
    );
  }
  const clauses: Clauses = {};
  while (readClause(tokens, clauses));
  const { foreach, where, having, groupBy = [], orderBy = [], limit, within } = clauses;
  const rest = { foreach, where, having, groupBy, orderBy, limit, within };
  return { kind: 'select', span: tokens.spanFrom(start), items, from, join, ...rest };
}

/** Whether a template follows; a stream may be called `pattern` too. */
function isPattern(tokens: TokenStream): boolean {
  if (!tokens.atWords('PATTERN')) return false;
  const next = tokens.peek(1);
  return next.text === '(' || next.upper === 'NOT' || next.kind === 'quoted' || isName(next);
}

function isName({ kind, upper }: Token): boolean {
  const isClause = [...BEHIND_SOURCE, 'AS', 'GROUP', 'HAVING', 'ORDER', 'INTO', 'UNION'];
  return kind === 'word' && !isClause.includes(upper);
}

function readJoinKind(tokens: TokenStream): JoinClause['kind'] | undefined {
  const { upper } = tokens.peek();
  if (tokens.acceptWords('JOIN') || tokens.acceptWords('INNER', 'JOIN')) return 'inner';
  if (tokens.acceptWords('OUTER', 'JOIN')) return 'left';
  if (upper !== 'LEFT' && upper !== 'RIGHT' && upper !== 'FULL') return undefined;
  tokens.next();
  tokens.acceptWords('OUTER');
  tokens.expectWord('JOIN', `behind ${upper}`);
  return upper === 'LEFT' ? 'left' : upper === 'RIGHT' ? 'right' : 'full';
}

function readClause(tokens: TokenStream, clauses: Clauses): boolean {
  const { span, upper } = tokens.peek();
  const once = (known: unknown): void => {
    if (known !== undefined) throw mistake(span, `there is another ${upper}`);
  };
  if (tokens.acceptWords('WHERE')) {
    once(clauses.where);
    clauses.where = readExpression(tokens);
  } else if (tokens.acceptWords('HAVING')) {
    once(clauses.having);
    clauses.having = readExpression(tokens);
  } else if (tokens.acceptWords('GROUP', 'BY')) {
    once(clauses.groupBy);
    clauses.groupBy = readGroups(tokens);
  } else if (tokens.acceptWords('ORDER', 'BY')) {
    once(clauses.orderBy);
    clauses.orderBy = readOrder(tokens);
  } else if (tokens.acceptWords('LIMIT')) {
    once(clauses.limit);
    clauses.limit = readAmount(tokens, 'a number of rows');
  } else if (tokens.acceptWords('FOREACH')) {
    once(clauses.foreach);
    const list = readExpression(tokens);
    tokens.expectWord('AS', 'behind the list of FOREACH');
    clauses.foreach = { list, name: readName(tokens, 'a column') };
  } else if (tokens.acceptWords('WITHIN')) {
    once(clauses.within);
    clauses.within = readAmount(tokens, 'how far apart rows may be, a number of seconds');
    tokens.expectWord('TIME', 'behind WITHIN');
  } else {
    return false;
  }
  return true;
}

function readGroups(tokens: TokenStream): Select['groupBy'] {
  const groups: { expr: Expr; name: ReturnType<typeof readName> | undefined }[] = [];
  do {
    const expr = readExpression(tokens);
    const name = tokens.acceptWords('AS') ? readName(tokens, 'a column') : undefined;
    groups.push({ expr, name });
  } while (tokens.acceptSymbol(','));
  return groups;
}

function readOrder(tokens: TokenStream): readonly OrderItem[] {
  const keys: OrderItem[] = [];
  do {
    const name = readName(tokens, 'a column');
    const isDescending = tokens.acceptWords('DESC');
    if (!isDescending) tokens.acceptWords('ASC');
    keys.push({ name, isDescending });
  } while (tokens.acceptSymbol(','));
  return keys;
}

/** `VJOIN a, b FROM x, y WHERE y.f BETWEEN x.f - 1 AND x.f + 2`. */
export function readValueJoin(tokens: TokenStream, source: ReadSource): ValueJoin {
  const start = tokens.expectWord('VJOIN').span;
  const items = readItems(tokens);
  tokens.expectWord('FROM', 'behind what is selected');
  const left = readFrom(tokens, source);
  tokens.expectSymbol(',', 'between the streams of VJOIN');
  const right = readFrom(tokens, source);
  tokens.expectWord('WHERE', 'of VJOIN');
  const where = readExpression(tokens);
  if (tokens.atWords('TIMEOUT')) {
    const message = 'VJOIN has no TIMEOUT here: rows are let go by the watermarks of both streams';
    throw mistake(tokens.peek().span, `${message}; give the sources an idleAfter`);
  }
  return { kind: 'vjoin', span: tokens.spanFrom(start), items, from: [left, right], where };
}
