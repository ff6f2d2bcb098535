/** `CREATE …` and `DECLARE`. @module */

import { nearestName } from '../../core/nearest-name.ts';
import { describeToken, type Expr, type Span, type TokenStream } from '../../expr/index.ts';
import type { CreateStream, Declare, Fields, Name, Option, Statement, StreamRole } from '../ast.ts';
import { mistake } from '../problems.ts';
import { readFieldList, readFields, readType } from './fields.ts';
import {
  readAmount,
  readConstant,
  readExpression,
  readName,
  readNameList,
  readWith,
} from './reading.ts';
import { readStream } from './stream-expr.ts';
import { readWindow, readWindowRef } from './window.ts';

/** What can be created, for messages. */
const CREATED = [
  'SCHEMA',
  'INPUT STREAM',
  'OUTPUT STREAM',
  'STREAM',
  'ERROR INPUT STREAM',
  'ERROR OUTPUT STREAM',
  'TABLE',
  'MEMORY TABLE',
  'DISK TABLE',
  'INDEX',
  'WINDOW',
  'MATERIALIZED WINDOW',
  'LOCKSET',
  'METRONOME',
  'PARAMETERS',
];

/** Reads a statement that begins with `CREATE`; the streams that some give are statements of their own. */
export function readCreate(tokens: TokenStream): readonly Statement[] {
  const start = tokens.expectWord('CREATE').span;
  tokens.acceptWords('PUBLIC');
  if (tokens.acceptWords('SCHEMA')) return [readSchema(tokens, start)];
  const role = readRole(tokens);
  if (role !== undefined) return readCreateStream(tokens, start, role);
  if (tokens.acceptWords('INDEX')) return [readIndex(tokens, start)];
  if (tokens.acceptWords('WINDOW')) {
    const name = readName(tokens, 'a window');
    tokens.expectSymbol('(', 'behind the name of the window');
    const window = readWindow(tokens);
    tokens.expectSymbol(')', 'to close the window');
    return [{ kind: 'window', span: tokens.spanFrom(start), name, window }];
  }
  if (tokens.acceptWords('LOCKSET')) {
    const name = readName(tokens, 'a lock set');
    if (tokens.acceptSymbol('(')) {
      readFieldList(tokens);
      tokens.expectSymbol(')', 'to close the columns');
    }
    return [{ kind: 'lockset', span: tokens.spanFrom(start), name }];
  }
  if (tokens.acceptWords('METRONOME')) return [readMetronome(tokens, start)];
  if (tokens.atWords('PARAMETERS')) {
    throw mistake(tokens.peek().span, 'CREATE PARAMETERS can only be the first statement');
  }
  return [readStored(tokens, start)];
}

/** Tables and materialized windows, in memory or on disk. */
function readStored(tokens: TokenStream, start: Span): Statement {
  const direction = tokens.peek();
  if (tokens.acceptWords('INPUT') || tokens.acceptWords('OUTPUT')) {
    const message = 'a table belongs to one topology; expected CREATE TABLE';
    throw mistake(direction.span, `${message}, found CREATE ${direction.upper} TABLE`);
  }
  const onDisk = tokens.acceptWords('DISK');
  if (!onDisk) tokens.acceptWords('MEMORY');
  if (tokens.acceptWords('TABLE')) return readTable(tokens, start, onDisk);
  if (tokens.acceptWords('MATERIALIZED', 'WINDOW')) {
    const name = readName(tokens, 'a window');
    tokens.expectWord('AS', 'behind the name of the window');
    const stream = readName(tokens, 'a stream');
    tokens.expectSymbol('[', 'behind the stream');
    const window = readWindowRef(tokens);
    tokens.expectSymbol(']', 'to close the window');
    return { kind: 'materialized', span: tokens.spanFrom(start), name, onDisk, stream, window };
  }
  const token = tokens.peek();
  const meant = token.kind === 'word' ? nearestName(token.upper, CREATED) : undefined;
  const found = `found ${describeToken(token)}`;
  throw mistake(
    token.span,
    `expected something to create (${CREATED.join(', ')}), ${found}`,
    meant,
  );
}

function readSchema(tokens: TokenStream, start: Span): Statement {
  const name = readName(tokens, 'a schema');
  if (tokens.acceptWords('EXTENDS')) {
    throw mistake(tokens.peek().span, 'a schema extends no other; write its columns');
  }
  tokens.expectSymbol('(', 'behind the name of the schema');
  const fields = readFieldList(tokens);
  tokens.expectSymbol(')', 'to close the columns');
  return { kind: 'schema', span: tokens.spanFrom(start), name, fields };
}

function readRole(tokens: TokenStream): StreamRole | undefined {
  if (tokens.acceptWords('INPUT', 'STREAM')) return 'input';
  if (tokens.acceptWords('OUTPUT', 'STREAM')) return 'output';
  if (tokens.acceptWords('STREAM')) return 'plain';
  if (tokens.acceptWords('ERROR', 'INPUT', 'STREAM')) return 'errorInput';
  if (tokens.acceptWords('ERROR', 'OUTPUT', 'STREAM')) return 'errorOutput';
  return undefined;
}

/** Also the end of `stream => CREATE OUTPUT STREAM …`. */
function readCreateStream(
  tokens: TokenStream,
  start: Span,
  role: StreamRole,
): readonly Statement[] {
  const stream = readStreamHead(tokens, start, role);
  if (!tokens.acceptWords('AS')) return [stream];
  if (role !== 'plain' && role !== 'output') {
    throw mistake(
      stream.name.span,
      `rows of '${stream.name.text}' come from outside: leave AS out`,
    );
  }
  const { span } = tokens.peek();
  const source = readStream(tokens);
  const errorInto = readErrorInto(tokens);
  const query = { span: tokens.spanFrom(span), stream: source, into: stream.name, errorInto };
  return [stream, { kind: 'query', ...query }];
}

/** The name of a new stream, its columns and its properties. */
export function readStreamHead(tokens: TokenStream, start: Span, role: StreamRole): CreateStream {
  const name = readName(tokens, 'a stream');
  const isOver = tokens.atSymbol(';') || tokens.peek().kind === 'end';
  const hasFields = !isOver && !tokens.atWords('AS') && !tokens.atWords('WITH');
  const fields: Fields | undefined = hasFields ? readFields(tokens) : undefined;
  let predicate: Expr | undefined;
  let options: readonly Option[] = [];
  while (tokens.atWords('WITH')) {
    const { span } = tokens.peek();
    if (tokens.acceptWords('WITH', 'OUTPUT', 'PREDICATE')) {
      if (role !== 'output') throw mistake(span, 'only an output stream has an OUTPUT PREDICATE');
      if (predicate !== undefined) throw mistake(span, 'there is another OUTPUT PREDICATE');
      predicate = readExpression(tokens);
    } else {
      if (options.length > 0) throw mistake(span, 'there is another WITH');
      options = readWith(tokens);
    }
  }
  if (role === 'input' && fields === undefined) {
    throw tokens.unexpected(`the columns of '${name.text}'`);
  }
  if (role === 'plain' && options.length > 0) {
    const message =
      'a stream inside has no connector: only those of input and output have properties';
    throw mistake(options[0]!.span, message);
  }
  return { kind: 'stream', span: tokens.spanFrom(start), role, name, fields, options, predicate };
}

/** `ERROR INTO s`, if it is there. */
export function readErrorInto(tokens: TokenStream): Name | undefined {
  if (!tokens.acceptWords('ERROR')) return undefined;
  tokens.expectWord('INTO', 'behind ERROR');
  return readName(tokens, 'a stream');
}

/** `(columns, PRIMARY KEY(a) USING HASH)`, or a schema in front of the key. */
function readTable(tokens: TokenStream, start: Span, onDisk: boolean): Statement {
  const name = readName(tokens, 'a table');
  const from = tokens.expectSymbol('(', 'behind the name of the table').span;
  const inner: { fields: Fields; key: Name[]; isOrdered: boolean } = isSchemaName(tokens)
    ? { fields: readFields(tokens), key: [], isOrdered: false }
    : readTableColumns(tokens, from);
  tokens.acceptSymbol(',');
  if (tokens.acceptWords('PRIMARY', 'KEY')) {
    const { span } = tokens.peek();
    if (inner.key.length > 0) throw mistake(span, `'${name.text}' has another primary key`);
    inner.key.push(...readNameList(tokens, 'a column'));
    inner.isOrdered = readIndexKind(tokens);
  }
  const options = readWith(tokens);
  tokens.expectSymbol(')', 'to close the table');
  const more = readWith(tokens);
  if (inner.key.length === 0) throw mistake(name.span, `'${name.text}' has no PRIMARY KEY`);
  const span = tokens.spanFrom(start);
  return { kind: 'table', span, name, onDisk, ...inner, options: [...options, ...more] };
}

function isSchemaName(tokens: TokenStream): boolean {
  return tokens.atSymbol(',', 1) || tokens.peek(1).upper === 'PRIMARY';
}

function readTableColumns(
  tokens: TokenStream,
  from: Span,
): { fields: Fields; key: Name[]; isOrdered: boolean } {
  const fields: { name: Name; type: ReturnType<typeof readType> }[] = [];
  const key: Name[] = [];
  let isOrdered = false;
  do {
    if (tokens.atWords('PRIMARY', 'KEY') && tokens.atSymbol('(', 2)) break;
    const name = readName(tokens, 'a column');
    fields.push({ name, type: readType(tokens) });
    if (tokens.atWords('PRIMARY', 'KEY') && !tokens.atSymbol('(', 2)) {
      tokens.next();
      tokens.next();
      key.push(name);
      isOrdered = readIndexKind(tokens);
    }
  } while (tokens.acceptSymbol(','));
  return { fields: { kind: 'fields', fields, span: tokens.spanFrom(from) }, key, isOrdered };
}

/** `USING HASH` or `USING BTREE`: whether the index has an order. */
function readIndexKind(tokens: TokenStream): boolean {
  if (!tokens.acceptWords('USING')) return false;
  if (tokens.acceptWords('HASH')) return false;
  tokens.expectWord('BTREE', 'or HASH behind USING');
  return true;
}

/** `CREATE INDEX i ON t USING BTREE (a)`, `CREATE INDEX i ON t (a)`. */
function readIndex(tokens: TokenStream, start: Span): Statement {
  readName(tokens, 'an index');
  tokens.expectWord('ON', 'behind the name of the index');
  const table = readName(tokens, 'a table');
  readIndexKind(tokens);
  const columns = readNameList(tokens, 'a column');
  readIndexKind(tokens);
  return { kind: 'index', span: tokens.spanFrom(start), table, columns };
}

/** `CREATE METRONOME m (field, seconds)`. */
function readMetronome(tokens: TokenStream, start: Span): Statement {
  const name = readName(tokens, 'a metronome');
  tokens.expectSymbol('(', 'behind the name of the metronome');
  const field = readName(tokens, 'a column');
  tokens.expectSymbol(',', 'between the column and the interval');
  const every = readAmount(tokens, 'the interval, a number of seconds');
  tokens.expectSymbol(')', 'to close the metronome');
  const options = readWith(tokens);
  return { kind: 'metronome', span: tokens.spanFrom(start), name, field, every, options };
}

/** `DECLARE v type DEFAULT value [UPDATE FROM (SELECT …)]`. */
export function readDeclare(tokens: TokenStream): Declare {
  const start = tokens.expectWord('DECLARE').span;
  const name = readName(tokens, 'a variable');
  const type = readType(tokens);
  const initial = tokens.acceptWords('DEFAULT') ? readConstant(tokens) : null;
  let update;
  if (tokens.acceptWords('UPDATE')) {
    tokens.expectWord('FROM', 'behind UPDATE');
    tokens.expectSymbol('(', 'in front of the stream');
    update = readStream(tokens);
    tokens.expectSymbol(')', 'to close the stream');
  }
  const options = readWith(tokens);
  const span = tokens.spanFrom(start);
  return { kind: 'declare', span, name, type, initial, update, options };
}
