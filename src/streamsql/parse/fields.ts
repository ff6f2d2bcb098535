/** Columns and their types. @module */

import { nearestName } from '../../core/nearest-name.ts';
import { typeName } from '../../core/types.ts';
import { parseTypeFrom, type TokenStream } from '../../expr/index.ts';
import type { Field, Fields, WrittenType } from '../ast.ts';
import { mistake } from '../problems.ts';
import { atName, readName } from './reading.ts';

/** Types of StreamBase that are called otherwise here. */
const TYPES: ReadonlyMap<string, string> = new Map([
  ['LONG', 'int64'],
  ['BLOB', 'bytes'],
  ['INTERVAL', 'duration'],
  ['TUPLE', 'json'],
]);

/** Types that expressions know, so that a word that is none of them is the name of a schema. */
const KNOWN: ReadonlySet<string> = new Set([
  'INT',
  'INTEGER',
  'INT32',
  'BIGINT',
  'INT64',
  'DOUBLE',
  'FLOAT',
  'REAL',
  'FLOAT64',
  'VARCHAR',
  'STRING',
  'TEXT',
  'BOOLEAN',
  'BOOL',
  'TIMESTAMP',
  'TIMESTAMP_LTZ',
  'DURATION',
  'BYTES',
  'VARBINARY',
  'JSON',
  'DECIMAL',
  'NUMERIC',
  'DEC',
]);

const ABSENT: ReadonlyMap<string, string> = new Map([
  ['CAPTURE', 'there are no capture fields; declare the columns'],
  ['FUNCTION', 'a function is no value here'],
]);

const MOST_NESTED = 50;

/** `(name type, …)`, or the name of a schema. */
export function readFields(tokens: TokenStream): Fields {
  if (!tokens.atSymbol('(')) return { kind: 'schema', name: readName(tokens, 'a schema') };
  const start = tokens.next().span;
  const fields = readFieldList(tokens);
  tokens.expectSymbol(')', 'to close the columns');
  return { kind: 'fields', fields, span: tokens.spanFrom(start) };
}

/** `name type, …`, up to what is no column: `PRIMARY KEY`. */
export function readFieldList(tokens: TokenStream, depth = 0): readonly Field[] {
  const fields: Field[] = [];
  do {
    if (tokens.atWords('PRIMARY', 'KEY')) break;
    const name = readName(tokens, 'a column');
    fields.push({ name, type: readType(tokens, depth) });
  } while (!tokens.atWords('PRIMARY', 'KEY') && tokens.acceptSymbol(','));
  return fields;
}

/** A type: `int`, `string(10)`, `list(double)`, a nested `(x int, y int)`, or the name of a schema. */
export function readType(tokens: TokenStream, depth = 0): WrittenType {
  if (depth > MOST_NESTED) throw tokens.unexpected(`types nested ${MOST_NESTED} deep at most`);
  if (tokens.acceptSymbol('(')) {
    readFieldList(tokens, depth + 1);
    tokens.expectSymbol(')', 'to close the nested columns');
    return { kind: 'plain', name: 'json' };
  }
  const token = tokens.peek();
  const absent = ABSENT.get(token.upper);
  if (absent !== undefined) throw mistake(token.span, absent);
  const name = TYPES.get(token.upper);
  if (name !== undefined) {
    tokens.next();
    return { kind: 'plain', name };
  }
  if (token.upper === 'LIST' && tokens.atSymbol('(', 1)) {
    tokens.next();
    tokens.next();
    const element = readType(tokens, depth + 1);
    tokens.expectSymbol(')', 'to close list(');
    return { kind: 'list', element };
  }
  if (!KNOWN.has(token.upper) && atName(tokens)) {
    const meant = nearestName(token.upper, KNOWN);
    const follows = tokens.peek(1);
    // A schema's name stands alone; what is nearly a type, or has a size, is meant for one.
    if (meant === undefined && follows.text !== '(') {
      return { kind: 'schema', name: readName(tokens, 'a schema') };
    }
  }
  return { kind: 'plain', name: typeName(parseTypeFrom(tokens).type) };
}
