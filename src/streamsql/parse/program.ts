/** A whole program, statement by statement. @module */

import { type Token, TokenStream } from '../../expr/index.ts';
import type { Statement } from '../ast.ts';
import { mistake, type Problems } from '../problems.ts';
import { readApply } from './apply.ts';
import { readCreate, readDeclare, readErrorInto, readStreamHead } from './create.ts';
import { readName } from './reading.ts';
import { readStream, STREAM_KEYWORDS, unknownStatement } from './stream-expr.ts';

const KEYWORDS = ['CREATE', 'DECLARE', 'APPLY', 'USING', ...STREAM_KEYWORDS];

/** Reads all statements; one that has a mistake is passed over, to the next semicolon. */
export function readProgram(written: readonly Token[], problems: Problems): readonly Statement[] {
  const tokens = new TokenStream(written);
  const statements: Statement[] = [];
  while (tokens.peek().kind !== 'end') {
    if (tokens.acceptSymbol(';')) continue;
    try {
      statements.push(...readStatement(tokens));
      if (!tokens.atSymbol(';') && tokens.peek().kind !== 'end') {
        throw tokens.unexpected("';' behind the statement");
      }
    } catch (error) {
      problems.note(error);
      while (!tokens.atSymbol(';') && tokens.peek().kind !== 'end') tokens.next();
    }
  }
  return statements;
}

function readStatement(tokens: TokenStream): readonly Statement[] {
  const { upper, span } = tokens.peek();
  switch (upper) {
    case 'CREATE':
      return readCreate(tokens);
    case 'DECLARE':
      return [readDeclare(tokens)];
    case 'APPLY':
      return [readApply(tokens)];
    case 'USING':
      throw mistake(span, 'USING is not there: declare the schema in this file by CREATE SCHEMA');
    default:
      return readQuery(tokens);
  }
}

/** A stream and where it goes. */
function readQuery(tokens: TokenStream): readonly Statement[] {
  const { span, kind, upper } = tokens.peek();
  const isStream = tokens.atSymbol('(') || STREAM_KEYWORDS.includes(upper) || isNamedStream(tokens);
  if (!isStream || kind === 'number') throw unknownStatement(tokens, KEYWORDS);
  const stream = readStream(tokens);
  const early = readErrorInto(tokens);
  if (tokens.acceptSymbol('=>')) {
    const start = tokens.expectWord('CREATE', "behind '=>'").span;
    tokens.acceptWords('PUBLIC');
    tokens.expectWord('OUTPUT', "behind '=>' CREATE");
    tokens.expectWord('STREAM', 'behind OUTPUT');
    const created = readStreamHead(tokens, start, 'output');
    const query = { stream, into: created.name, errorInto: early ?? readErrorInto(tokens) };
    return [created, { kind: 'query', span: tokens.spanFrom(span), ...query }];
  }
  const into = tokens.acceptWords('INTO') ? readName(tokens, 'a stream') : undefined;
  const errorInto = early ?? readErrorInto(tokens);
  if (into === undefined && stream.kind !== 'change') {
    throw tokens.unexpected('INTO and the name of a stream');
  }
  return [{ kind: 'query', span: tokens.spanFrom(span), stream, into, errorInto }];
}

/** `a UNION b`, `a WITH HEARTBEAT …`, `a INTO b`, `a => CREATE …`. */
function isNamedStream(tokens: TokenStream): boolean {
  const { kind } = tokens.peek();
  if (kind !== 'word' && kind !== 'quoted') return false;
  const next = tokens.peek(1);
  return ['UNION', 'WITH', 'INTO', 'ERROR'].includes(next.upper) || next.text === '=>';
}
