/** Windows: `SIZE 10 ADVANCE 5 TIME PARTITION BY symbol`. @module */

import type { Expr, TokenStream } from '../../expr/index.ts';
import type { Amount, Name, Window, WindowRef } from '../ast.ts';
import { mistake } from '../problems.ts';
import { readAmount, readExpression, readName, readNames } from './reading.ts';

/** What may stand between the brackets behind a stream. */
export function readWindowRef(tokens: TokenStream): WindowRef {
  if (tokens.atWords('SIZE') || tokens.atWords('PREDICATE')) return readWindow(tokens);
  return readName(tokens, 'a window, or SIZE or PREDICATE');
}

interface Parts {
  partial?: boolean;
  partitionBy?: readonly Name[];
  offset?: Amount;
  timeout?: Amount;
}

/** A window written out. */
export function readWindow(tokens: TokenStream): Window {
  const start = tokens.peek().span;
  const what = tokens.acceptWords('PREDICATE') ? readPredicate(tokens) : readSize(tokens);
  const parts: Parts = {};
  while (readPart(tokens, parts));
  const { partial = false, partitionBy = [], offset, timeout } = parts;
  return { ...what, span: tokens.spanFrom(start), partial, partitionBy, offset, timeout };
}

type What = Pick<Window, 'by' | 'size' | 'advance' | 'field' | 'open' | 'close' | 'emit'>;

function readSize(tokens: TokenStream): What {
  tokens.expectWord('SIZE', 'of the window');
  const size = readAmount(tokens, 'the size of the window, a number');
  const advance = tokens.acceptWords('ADVANCE')
    ? readAmount(tokens, 'how far the window advances, a number')
    : undefined;
  if (tokens.acceptWords('TIME')) return { by: 'time', size, advance };
  if (tokens.acceptWords('TUPLES')) return { by: 'tuples', size, advance };
  if (tokens.acceptWords('ON')) {
    return { by: 'field', size, advance, field: readName(tokens, 'a column') };
  }
  throw tokens.unexpected('TIME, TUPLES or ON behind the size of a window');
}

const CONDITIONS = { OPEN: 'open', CLOSE: 'close', EMIT: 'emit' } as const;

function readPredicate(tokens: TokenStream): What {
  const conditions: { open?: Expr; close?: Expr; emit?: Expr } = {};
  for (;;) {
    const word = tokens.peek().upper;
    const name = word === 'OPEN' || word === 'CLOSE' || word === 'EMIT' ? word : undefined;
    if (name === undefined || tokens.peek(1).upper !== 'ON') break;
    const { span } = tokens.next();
    tokens.next();
    const property = CONDITIONS[name];
    if (conditions[property] !== undefined) throw mistake(span, `there is another ${name} ON`);
    conditions[property] = readExpression(tokens);
  }
  if (Object.keys(conditions).length === 0) {
    throw tokens.unexpected('OPEN ON, CLOSE ON or EMIT ON behind PREDICATE');
  }
  return { by: 'predicate', ...conditions };
}

/** Reads one clause behind the size; false when none is there. */
function readPart(tokens: TokenStream, parts: Parts): boolean {
  const { span } = tokens.peek();
  const once = (known: unknown, clause: string): void => {
    if (known !== undefined) throw mistake(span, `there is another ${clause}`);
  };
  if (tokens.acceptWords('PARTIAL')) {
    once(parts.partial, 'PARTIAL');
    if (tokens.acceptWords('TRUE')) parts.partial = true;
    else if (tokens.acceptWords('FALSE')) parts.partial = false;
    else throw tokens.unexpected('TRUE or FALSE behind PARTIAL');
  } else if (tokens.acceptWords('PARTITION', 'BY')) {
    once(parts.partitionBy, 'PARTITION BY');
    parts.partitionBy = readNames(tokens, 'a column');
  } else if (tokens.acceptWords('OFFSET')) {
    once(parts.offset, 'OFFSET');
    parts.offset = readAmount(tokens, 'the offset of the window, a number');
  } else if (tokens.acceptWords('TIMEOUT')) {
    once(parts.timeout, 'TIMEOUT');
    parts.timeout = readAmount(tokens, 'the timeout of the window, a number of seconds');
  } else if (tokens.atWords('VALID', 'ALWAYS')) {
    throw mistake(
      span,
      'there is no VALID ALWAYS: a window gives its result when it closes; PARTIAL TRUE gives those that the end of the input leaves open',
    );
  } else {
    return false;
  }
  return true;
}
