/** Calls: plain ones, aggregates, and the forms of SQL that have a grammar of their own. @module */

import type { AggregateExpr, CallExpr, Expr, OrderExpr, Span } from '../ast.ts';
import type { AggregateFunctionSpec } from '../aggregates/table.ts';
import { AGGREGATE_TABLE } from '../aggregates/table.ts';
import { expressionError } from '../diagnostics.ts';
import { COUNTED_UNITS } from '../scalar/date-arithmetic.ts';
import type { ParseContext } from './parse-context.ts';
import { parseTypeFrom } from './sql-type.ts';

const AGGREGATES: ReadonlyMap<string, AggregateFunctionSpec> = new Map(
  AGGREGATE_TABLE.flatMap((spec) => spec.names.map((name) => [name, spec])),
);

/** Forms with keywords between their arguments; each also reads the plain comma form. */
const FORMS: ReadonlyMap<string, (context: ParseContext, name: string, start: Span) => Expr> =
  new Map(
    Object.entries({
      CAST: parseCast,
      TRY_CAST: parseCast,
      EXTRACT: parseExtract,
      SUBSTRING: parseSubstring,
      SUBSTR: parseSubstring,
      POSITION: parsePosition,
      TRIM: parseTrim,
      FLOOR: parseFloorTo,
      OVERLAY: parseOverlay,
      TIMESTAMPADD: parseWithUnit,
      DATE_ADD: parseWithUnit,
      TIMESTAMPDIFF: parseWithUnit,
      DATE_DIFF: parseWithUnit,
    }),
  );

/** The names of the aggregate functions, for messages and documentation. */
export const AGGREGATE_NAMES: readonly string[] = [...AGGREGATES.keys()];

/** The names with a grammar of their own that are not functions, for messages. */
export const FORM_NAMES: readonly string[] = ['CAST', 'TRY_CAST'];

/** Reads `name(…)`; the next token is the name. */
export function parseCall(context: ParseContext): Expr {
  const { tokens } = context;
  const name = tokens.next();
  tokens.next();
  const aggregate = AGGREGATES.get(name.upper);
  if (aggregate !== undefined) return parseAggregate(context, aggregate, name.span);
  const form = FORMS.get(name.upper) ?? parsePlain;
  return form(context, name.upper, name.span);
}

function parsePlain(context: ParseContext, name: string, start: Span): Expr {
  const { tokens } = context;
  const args = tokens.atSymbol(')') ? [] : argumentList(context);
  const call = closeCall(context, name, args, start);
  const filter = parseFilter(context);
  if (filter === undefined) return call;
  const [argument, ...rest] = args;
  const span = tokens.spanFrom(start);
  const none = { distinct: false, orderBy: [] };
  return { kind: 'aggregate', fn: 'user', name, ...none, argument, rest, filter, span };
}

function argumentList(context: ParseContext): Expr[] {
  const args = [context.expression()];
  while (context.tokens.acceptSymbol(',')) args.push(context.expression());
  return args;
}

function closeCall(
  { tokens }: ParseContext,
  name: string,
  args: readonly Expr[],
  start: Span,
): CallExpr {
  tokens.expectSymbol(')', `to close ${name}(`);
  return { kind: 'call', name, args, span: tokens.spanFrom(start) };
}

/** `CAST(x AS type)`. */
function parseCast(context: ParseContext, name: string, start: Span): Expr {
  const { tokens } = context;
  const operand = context.expression();
  tokens.expectWord('AS', `in ${name}`);
  const { type, maxLength } = parseTypeFrom(tokens);
  tokens.expectSymbol(')', `to close ${name}(`);
  const isTry = name === 'TRY_CAST';
  return { kind: 'cast', operand, type, maxLength, isTry, span: tokens.spanFrom(start) };
}

/** `EXTRACT(HOUR FROM t)`; the field becomes a string. */
function parseExtract(context: ParseContext, name: string, start: Span): Expr {
  const { tokens } = context;
  const field = tokens.next();
  if (field.kind !== 'word' && field.kind !== 'string') {
    throw expressionError(field.span, 'expected a field such as HOUR in EXTRACT(HOUR FROM …)');
  }
  const fieldExpr: Expr = { kind: 'string', value: field.text.toUpperCase(), span: field.span };
  if (!tokens.acceptSymbol(',')) tokens.expectWord('FROM', 'in EXTRACT');
  return closeCall(context, name, [fieldExpr, context.expression()], start);
}

/** `SUBSTRING(s FROM a [FOR b])` or `SUBSTRING(s, a[, b])`. */
function parseSubstring(context: ParseContext, _name: string, start: Span): Expr {
  const { tokens } = context;
  const args = [context.expression()];
  if (tokens.acceptWords('FROM')) {
    args.push(context.expression());
    if (tokens.acceptWords('FOR')) args.push(context.expression());
  } else {
    while (tokens.acceptSymbol(',')) args.push(context.expression());
  }
  return closeCall(context, 'SUBSTRING', args, start);
}

/** `POSITION(a IN s)` or `POSITION(a, s)`. */
function parsePosition(context: ParseContext, name: string, start: Span): Expr {
  const { tokens } = context;
  const needle = context.term();
  if (!tokens.acceptWords('IN')) {
    if (!tokens.acceptSymbol(',')) throw tokens.unexpected('IN in POSITION');
  }
  return closeCall(context, name, [needle, context.expression()], start);
}

/** `TRIM([LEADING | TRAILING | BOTH] [characters] FROM s)` or `TRIM(s)`. */
function parseTrim(context: ParseContext, _name: string, start: Span): Expr {
  const { tokens } = context;
  let side = 'TRIM';
  const next = tokens.peek(1);
  if (next.kind !== 'symbol' || next.text === '(') {
    if (tokens.acceptWords('LEADING')) side = 'LTRIM';
    else if (tokens.acceptWords('TRAILING')) side = 'RTRIM';
    else tokens.acceptWords('BOTH');
  }
  if (tokens.acceptWords('FROM')) return closeCall(context, side, [context.expression()], start);
  const first = context.expression();
  if (tokens.acceptWords('FROM')) {
    return closeCall(context, side, [context.expression(), first], start);
  }
  const args = tokens.acceptSymbol(',') ? [first, context.expression()] : [first];
  return closeCall(context, side, args, start);
}

/** `FLOOR(x)` or `FLOOR(t TO HOUR)`. */
function parseFloorTo(context: ParseContext, name: string, start: Span): Expr {
  const { tokens } = context;
  const args = argumentList(context);
  if (!tokens.acceptWords('TO')) return closeCall(context, name, args, start);
  const unit = tokens.next();
  if (unit.kind !== 'word') {
    throw expressionError(unit.span, 'expected a unit such as HOUR in FLOOR(t TO HOUR)');
  }
  const unitExpr: Expr = { kind: 'string', value: unit.text.toUpperCase(), span: unit.span };
  return closeCall(context, 'DATE_TRUNC', [unitExpr, ...args], start);
}

/** `OVERLAY(s PLACING t FROM start [FOR length])` or `OVERLAY(s, t, start[, length])`. */
function parseOverlay(context: ParseContext, name: string, start: Span): Expr {
  const { tokens } = context;
  const args = [context.expression()];
  if (tokens.acceptWords('PLACING')) {
    args.push(context.expression());
    tokens.expectWord('FROM', 'in OVERLAY');
    args.push(context.expression());
    if (tokens.acceptWords('FOR')) args.push(context.expression());
  } else {
    while (tokens.acceptSymbol(',')) args.push(context.expression());
  }
  return closeCall(context, name, args, start);
}

/** A first argument that names a unit, in quotes or not: `TIMESTAMPADD(MONTH, 1, t)`. */
function parseWithUnit(context: ParseContext, name: string, start: Span): Expr {
  const { tokens } = context;
  const unit = tokens.peek();
  const isWord = unit.kind === 'word' && COUNTED_UNITS.includes(unit.upper.replace(/S$/, ''));
  if (!isWord || !tokens.atSymbol(',', 1)) return parsePlain(context, name, start);
  tokens.next();
  tokens.next();
  const unitExpr: Expr = { kind: 'string', value: unit.upper, span: unit.span };
  return closeCall(context, name, [unitExpr, ...argumentList(context)], start);
}

function parseAggregate(
  context: ParseContext,
  spec: AggregateFunctionSpec,
  start: Span,
): AggregateExpr {
  const { tokens } = context;
  const { fn } = spec;
  let distinct = false;
  let args: readonly Expr[] = [];
  let orderBy: readonly OrderExpr[] = [];
  if (fn === 'count' && tokens.atSymbol('*')) {
    tokens.next();
  } else {
    const isColumn = tokens.atSymbol(')', 1) || tokens.atSymbol('.', 1) || tokens.atSymbol(',', 1);
    if (!isColumn) {
      distinct = tokens.acceptWords('DISTINCT');
      if (!distinct) tokens.acceptWords('ALL');
    }
    args = argumentList(context);
    orderBy = parseOrder(context);
  }
  tokens.expectSymbol(')', `to close ${fn.toUpperCase()}(`);
  if (tokens.acceptWords('WITHIN', 'GROUP')) {
    tokens.expectSymbol('(', 'behind WITHIN GROUP');
    const within = parseOrder(context);
    if (within.length === 0) throw tokens.unexpected('ORDER BY in WITHIN GROUP (…)');
    tokens.expectSymbol(')', 'to close WITHIN GROUP (');
    // PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY x): what is ordered is what is aggregated.
    if (spec.isOrdered && args.length === 1) args = [within[0]!.expr, ...args];
    orderBy = within;
  }
  const [argument, ...rest] = args;
  const filter = parseFilter(context);
  const span = tokens.spanFrom(start);
  return { kind: 'aggregate', fn, distinct, argument, rest, orderBy, filter, span };
}

/** `ORDER BY x [ASC | DESC], …`, if it is there. */
function parseOrder(context: ParseContext): readonly OrderExpr[] {
  const { tokens } = context;
  if (!tokens.acceptWords('ORDER', 'BY')) return [];
  const keys: OrderExpr[] = [];
  do {
    const expr = context.expression();
    const isDescending = tokens.acceptWords('DESC');
    if (!isDescending) tokens.acceptWords('ASC');
    keys.push({ expr, isDescending });
  } while (tokens.acceptSymbol(','));
  return keys;
}

/** `FILTER (WHERE …)`. */
function parseFilter(context: ParseContext): Expr | undefined {
  const { tokens } = context;
  if (!(tokens.atWords('FILTER') && tokens.atSymbol('(', 1))) return undefined;
  tokens.next();
  tokens.next();
  tokens.expectWord('WHERE', 'in FILTER (WHERE …)');
  const filter = context.expression();
  tokens.expectSymbol(')', 'to close FILTER (');
  return filter;
}
