/** Whatever gives a stream: names, `SELECT`, `UNION`, sorts, locks, changes of tables. @module */

import { nearestName } from '../../core/nearest-name.ts';
import { describeToken, type TokenStream } from '../../expr/index.ts';
import type { Name, StreamExpr } from '../ast.ts';
import { mistake } from '../problems.ts';
import { readAmount, readExpression, readName, readNames } from './reading.ts';
import { readItems, type ReadSource, readSelect, readValueJoin } from './select.ts';
import { readDelete, readInsert, readReplace, readTruncate, readUpdate } from './table-change.ts';

type ReadForm = (tokens: TokenStream, source: ReadSource) => StreamExpr;

const FORMS: ReadonlyMap<string, ReadForm> = new Map<string, ReadForm>([
  ['SELECT', readSelect],
  ['VJOIN', readValueJoin],
  ['INSERT', readInsert],
  ['REPLACE', readReplace],
  ['UPDATE', readUpdate],
  ['DELETE', readDelete],
  ['TRUNCATE', readTruncate],
  ['BSORT', readBsort],
  ['MERGE', readMerge],
  ['GATHER', readGather],
  ['LOCK', (tokens, source) => readLock(tokens, source, 'lock')],
  ['UNLOCK', (tokens, source) => readLock(tokens, source, 'unlock')],
]);

/** What a statement may begin with beside `CREATE`, for messages. */
export const STREAM_KEYWORDS: readonly string[] = [...FORMS.keys()];

const MOST_NESTED = 50;

/**
 * Reads a stream expression, unions and heartbeats behind it included.
 *
 * @param depth - in how many brackets it stands
 */
export function readStream(tokens: TokenStream, depth = 0): StreamExpr {
  const { span } = tokens.peek();
  if (depth > MOST_NESTED) {
    throw mistake(span, `streams are nested more than ${MOST_NESTED} deep`);
  }
  const source: ReadSource = (within) => readSource(within, depth);
  const streams = [readOne(tokens, source)];
  while (tokens.acceptWords('UNION')) {
    tokens.acceptWords('ALL');
    streams.push(readOne(tokens, source));
  }
  if (streams.length === 1) return streams[0]!;
  return { kind: 'union', streams, span: tokens.spanFrom(span) };
}

function readOne(tokens: TokenStream, source: ReadSource): StreamExpr {
  const { span, kind, upper } = tokens.peek();
  const form = kind === 'word' ? FORMS.get(upper) : undefined;
  let stream = form === undefined || isPlainName(tokens) ? source(tokens) : form(tokens, source);
  while (tokens.atWords('WITH', 'HEARTBEAT')) stream = readHeartbeat(tokens, stream, span);
  return stream;
}

/** Whether a stream is called as a statement is: what follows tells. */
function isPlainName(tokens: TokenStream): boolean {
  const { kind, text, upper } = tokens.peek(1);
  return kind === 'end' || text === ';' || upper === 'UNION';
}

/** The name of a stream, or a stream expression in brackets. */
function readSource(tokens: TokenStream, depth: number): StreamExpr {
  const { span } = tokens.peek();
  if (tokens.acceptSymbol('(')) {
    const stream = readStream(tokens, depth + 1);
    tokens.expectSymbol(')', "to close '('");
    return stream;
  }
  const name = readName(tokens, 'a stream, or a SELECT in brackets');
  return { kind: 'stream', name, span };
}

/** `BSORT s ON f SIZE n [TUPLES] [GROUP BY g]`. */
function readBsort(tokens: TokenStream, source: ReadSource): StreamExpr {
  const start = tokens.next().span;
  const stream = source(tokens);
  tokens.expectWord('ON', 'behind the stream of BSORT');
  const on = readName(tokens, 'a column');
  tokens.expectWord('SIZE', 'of the buffer of BSORT');
  const size = readAmount(tokens, 'the size of the buffer, a number');
  const isTuples = tokens.acceptWords('TUPLES');
  const groupBy = readGroupNames(tokens);
  const span = tokens.spanFrom(start);
  return { kind: 'bsort', stream, on, size, isTuples, groupBy, span };
}

/** `MERGE a, b USING f [GROUP BY g]`. */
function readMerge(tokens: TokenStream, source: ReadSource): StreamExpr {
  const start = tokens.next().span;
  const streams = [source(tokens)];
  while (tokens.acceptSymbol(',')) streams.push(source(tokens));
  tokens.expectWord('USING', 'behind the streams of MERGE');
  const on = readName(tokens, 'a column');
  const groupBy = readGroupNames(tokens);
  return { kind: 'merge', streams, on, groupBy, span: tokens.spanFrom(start) };
}

function readGroupNames(tokens: TokenStream): readonly Name[] {
  return tokens.acceptWords('GROUP', 'BY') ? readNames(tokens, 'a column') : [];
}

/** `GATHER a.x AS x, … FROM a, b USING k [TIMEOUT v ON f]`. */
function readGather(tokens: TokenStream): StreamExpr {
  const start = tokens.next().span;
  const items = readItems(tokens);
  tokens.expectWord('FROM', 'behind what is gathered');
  const streams = readNames(tokens, 'a stream');
  tokens.expectWord('USING', 'behind the streams of GATHER');
  const on = readName(tokens, 'a column');
  let timeout;
  if (tokens.acceptWords('TIMEOUT')) {
    const value = readAmount(tokens, 'the timeout, a number');
    tokens.expectWord('ON', 'behind the timeout');
    timeout = { value, on: readName(tokens, 'a column') };
  }
  return { kind: 'gather', items, streams, on, timeout, span: tokens.spanFrom(start) };
}

/** `s WITH HEARTBEAT ON f EVERY i [SLACK t]`. */
function readHeartbeat(
  tokens: TokenStream,
  stream: StreamExpr,
  start: StreamExpr['span'],
): StreamExpr {
  tokens.next();
  tokens.next();
  tokens.expectWord('ON', 'behind WITH HEARTBEAT');
  const on = readName(tokens, 'a column');
  tokens.expectWord('EVERY', 'of the heartbeat');
  const every = readAmount(tokens, 'the interval, a number of seconds');
  const slack = tokens.acceptWords('SLACK')
    ? readAmount(tokens, 'the slack, a number of seconds')
    : undefined;
  return { kind: 'heartbeat', stream, on, every, slack, span: tokens.spanFrom(start) };
}

/** `LOCK l ON a, b FROM s`. */
function readLock(tokens: TokenStream, source: ReadSource, kind: 'lock' | 'unlock'): StreamExpr {
  const start = tokens.next().span;
  const lockset = readName(tokens, 'a lock set');
  tokens.expectWord('ON', 'behind the lock set');
  const on: Name[] = [];
  do {
    const { span } = tokens.peek();
    const key = readExpression(tokens);
    if (key.kind !== 'column' || key.qualifier !== undefined) {
      throw mistake(span, `a lock goes by columns; a SELECT in front computes what is none`);
    }
    on.push({ text: key.name, span });
  } while (tokens.acceptSymbol(','));
  tokens.expectWord('FROM', 'behind the key');
  const stream = source(tokens);
  return { kind, lockset, on, stream, span: tokens.spanFrom(start) };
}

/** The error of a statement that begins with no known word. */
export function unknownStatement(tokens: TokenStream, keywords: readonly string[]): Error {
  const token = tokens.peek();
  const meant = token.kind === 'word' ? nearestName(token.upper, keywords) : undefined;
  return mistake(token.span, `expected a statement, found ${describeToken(token)}`, meant);
}
