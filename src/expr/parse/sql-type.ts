/** Names of types as SQL writes them, and as a topology does. @module */

import type { DataType } from '../../core/types.ts';
import {
  BOOL,
  BYTES,
  DURATION,
  FLOAT64,
  INT32,
  INT64,
  JSON_TYPE,
  STRING,
  TIMESTAMP,
} from '../../core/types.ts';
import { expressionError } from '../diagnostics.ts';
import { nearestName } from '../../core/nearest-name.ts';
import { TokenStream } from './token-stream.ts';

/** A type as written: `VARCHAR(20)` is a string with a greatest length. */
export interface WrittenType {
  readonly type: DataType;
  /** The n of `VARCHAR(n)`. */
  readonly maxLength: number | undefined;
}

const NAMES: ReadonlyMap<string, DataType> = new Map([
  ['INT', INT32],
  ['INTEGER', INT32],
  ['INT32', INT32],
  ['BIGINT', INT64],
  ['INT64', INT64],
  ['DOUBLE', FLOAT64],
  ['FLOAT', FLOAT64],
  ['REAL', FLOAT64],
  ['FLOAT64', FLOAT64],
  ['VARCHAR', STRING],
  ['STRING', STRING],
  ['TEXT', STRING],
  ['BOOLEAN', BOOL],
  ['BOOL', BOOL],
  ['TIMESTAMP', TIMESTAMP],
  ['TIMESTAMP_LTZ', TIMESTAMP],
  ['DURATION', DURATION],
  ['BYTES', BYTES],
  ['VARBINARY', BYTES],
  ['JSON', JSON_TYPE],
]);

const DECIMALS = new Set(['DECIMAL', 'NUMERIC', 'DEC']);
const MAX_PRECISION = 18;

/** What to use instead of types that other systems have. */
const ABSENT: ReadonlyMap<string, string> = new Map([
  ['DATE', "there is no DATE type; use TIMESTAMP and DATE_TRUNC('day', …)"],
  ['TIME', 'there is no TIME type; use DURATION'],
  ['TINYINT', 'there is no TINYINT type; use INT'],
  ['SMALLINT', 'there is no SMALLINT type; use INT'],
  ['CHAR', 'there is no CHAR type; use VARCHAR'],
]);

/**
 * Reads a type in a statement or a `CAST`: `INT`, `DOUBLE PRECISION`, `DECIMAL(10, 2)`,
 * `VARCHAR(20)`, `TIMESTAMP(3)`, or a topology's name such as `int64`.
 *
 * The precision of a timestamp is checked (0 to 9) and otherwise ignored: microseconds are kept.
 *
 * @throws MillraceError `ERR_EXPRESSION` for a type there is not
 */
export function parseTypeFrom(tokens: TokenStream): WrittenType {
  const name = tokens.next();
  if (DECIMALS.has(name.upper)) return { type: decimalType(tokens), maxLength: undefined };
  const type = NAMES.get(name.upper);
  if (type === undefined) {
    const absent = ABSENT.get(name.upper);
    if (absent !== undefined) throw expressionError(name.span, absent);
    if (name.kind !== 'word') {
      throw expressionError(name.span, 'expected the name of a type');
    }
    throw expressionError(
      name.span,
      `there is no type '${name.text}'`,
      nearestName(name.text, [...NAMES.keys(), 'DECIMAL']),
    );
  }
  if (name.upper === 'DOUBLE') tokens.acceptWords('PRECISION');
  if (type.kind === 'timestamp') {
    if (tokens.atSymbol('(')) sizeList(tokens, 1, 0, 9);
    skipTimeZone(tokens);
  }
  const takesLength = name.upper === 'VARCHAR' || name.upper === 'STRING' || name.upper === 'TEXT';
  const maxLength =
    takesLength && tokens.atSymbol('(') ? sizeList(tokens, 1, 1, 0x7fff_ffff)[0] : undefined;
  return { type, maxLength };
}

/**
 * Reads the whole of `text` as a type.
 *
 * @throws MillraceError `ERR_EXPRESSION`
 */
export function parseSqlType(text: string): WrittenType {
  const tokens = new TokenStream(text);
  const written = parseTypeFrom(tokens);
  if (tokens.peek().kind !== 'end') throw tokens.unexpected('the end of the type');
  return written;
}

function decimalType(tokens: TokenStream): DataType {
  if (!tokens.atSymbol('(')) return { kind: 'decimal', precision: 10, scale: 0 };
  const start = tokens.peek().span;
  const [precision = 10, scale = 0] = sizeList(tokens, 2, 0, 99);
  if (precision < 1 || precision > MAX_PRECISION || scale > precision) {
    throw expressionError(
      tokens.spanFrom(start),
      `a decimal has 1 to ${MAX_PRECISION} digits, of which the scale is a part`,
    );
  }
  return { kind: 'decimal', precision, scale };
}

/** `(n)` or `(n, m)`. */
function sizeList(tokens: TokenStream, most: number, low: number, high: number): number[] {
  tokens.expectSymbol('(');
  const sizes: number[] = [];
  do {
    const token = tokens.peek();
    const size = Number(token.text);
    if (token.kind !== 'number' || !Number.isInteger(size) || size < low || size > high) {
      throw tokens.unexpected(`a whole number from ${low} to ${high}`);
    }
    sizes.push(size);
    tokens.next();
  } while (sizes.length < most && tokens.acceptSymbol(','));
  tokens.expectSymbol(')');
  return sizes;
}

function skipTimeZone(tokens: TokenStream): void {
  if (tokens.acceptWords('WITHOUT', 'TIME', 'ZONE')) return;
  if (tokens.acceptWords('WITH', 'LOCAL', 'TIME', 'ZONE')) return;
  tokens.acceptWords('WITH', 'TIME', 'ZONE');
}
