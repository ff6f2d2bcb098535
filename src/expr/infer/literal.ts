/** Constants: their types and values. @module */

import type { DataType } from '../../core/types.ts';
import { BYTES, DURATION, FLOAT64, INT32, INT64, TIMESTAMP } from '../../core/types.ts';
import type { IntervalExpr, NumberExpr, Span, TypedLiteralExpr } from '../ast.ts';
import { expressionError } from '../diagnostics.ts';
import { MAX_PRECISION, parseDecimal } from '../scalar/decimal.ts';
import { fitsInt64, MAX_INT32, MIN_INT32 } from '../scalar/integer.ts';
import { parseTimestamp } from '../scalar/time-text.ts';
import type { TypedLiteral } from '../typed.ts';
import type { Value } from '../value.ts';

/**
 * A number as written, perhaps with a minus before it: float64 with a point or an exponent, else
 * int32 if it fits, else int64.
 *
 * @throws MillraceError `ERR_EXPRESSION` for an integer that does not fit an int64
 */
export function numberLiteral({ text, span }: NumberExpr, isNegative: boolean): TypedLiteral {
  if (!/^\d+$/.test(text)) {
    const value = Number(text);
    if (!Number.isFinite(value)) throw expressionError(span, `${text} is too large for a float64`);
    return literal(FLOAT64, isNegative ? -value : value);
  }
  const value = text.length > 30 ? 10n ** 30n : BigInt(isNegative ? `-${text}` : text);
  if (value >= MIN_INT32 && value <= MAX_INT32) return literal(INT32, Number(value));
  if (fitsInt64(value)) return literal(INT64, value);
  throw expressionError(
    span,
    `${text} is too large for an int64; write ${text}.0 for a float64 or DECIMAL '${text}'`,
  );
}

/** `TIMESTAMP '…'`, `DECIMAL '…'`, `X'…'`. @throws MillraceError `ERR_EXPRESSION` */
export function typedLiteral({ type, text, span }: TypedLiteralExpr): TypedLiteral {
  switch (type) {
    case 'timestamp':
      return timestampLiteral(text, span);
    case 'decimal':
      return decimalLiteral(text, span);
    case 'bytes':
      return bytesLiteral(text, span);
  }
}

function bytesLiteral(text: string, span: Span): TypedLiteral {
  if (!/^(?:[0-9a-f]{2})*$/i.test(text)) {
    throw expressionError(span, `X'${text}' must hold two hexadecimal digits for each byte`);
  }
  const digits = text.match(/../g) ?? [];
  return literal(
    BYTES,
    Uint8Array.from(digits, (pair) => Number.parseInt(pair, 16)),
  );
}

/** `INTERVAL '…'`. */
export function intervalLiteral({ us }: IntervalExpr): TypedLiteral {
  return literal(DURATION, us);
}

function timestampLiteral(text: string, span: Span): TypedLiteral {
  const us = parseTimestamp(text);
  if (us !== undefined) return literal(TIMESTAMP, us);
  throw expressionError(span, `'${text}' is no timestamp; write it as '2026-01-31 23:59:59'`);
}

/** A decimal constant has the digits it is written with. */
function decimalLiteral(text: string, span: Span): TypedLiteral {
  const parsed = parseDecimal(text.trim());
  if (parsed === undefined) throw expressionError(span, `'${text}' is no decimal number`);
  const { unscaled, scale } = parsed;
  const digits = (unscaled < 0n ? -unscaled : unscaled).toString().length;
  const precision = Math.max(digits, scale, 1);
  if (precision > MAX_PRECISION) {
    throw expressionError(span, `'${text}' has more than ${MAX_PRECISION} digits`);
  }
  return literal({ kind: 'decimal', precision, scale }, unscaled);
}

function literal(type: DataType, value: Value): TypedLiteral {
  return { op: 'literal', type, value };
}
