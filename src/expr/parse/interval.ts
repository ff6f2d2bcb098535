/** `INTERVAL` literals. Only units of fixed length: a month is no length of time. @module */

import type { Span } from '../ast.ts';
import { expressionError } from '../diagnostics.ts';
import { nearestName } from '../../core/nearest-name.ts';
import { parseDuration, timesUnit } from '../scalar/time-text.ts';
import type { TokenStream } from './token-stream.ts';

const UNITS_US: ReadonlyMap<string, bigint> = new Map([
  ['MICROSECOND', 1n],
  ['MILLISECOND', 1_000n],
  ['SECOND', 1_000_000n],
  ['MINUTE', 60_000_000n],
  ['HOUR', 3_600_000_000n],
  ['DAY', 86_400_000_000n],
  ['WEEK', 604_800_000_000n],
]);

/** Units that may stand in `DAY TO SECOND`, largest first, and the digits each may have. */
const FIELDS = ['DAY', 'HOUR', 'MINUTE', 'SECOND'] as const;
const MAX_US = (1n << 63n) - 1n;

/**
 * Reads what follows the word `INTERVAL`: `'10' SECOND`, `'1.5' HOURS`, `'1 02:03:04.5' DAY TO
 * SECOND`, or a duration as a topology writes it, `'90s'`, `'PT1M30S'`.
 *
 * @returns microseconds
 * @throws MillraceError `ERR_EXPRESSION`
 */
export function parseIntervalFrom(tokens: TokenStream): bigint {
  const literal = tokens.next();
  const unit = unitAt(tokens);
  if (unit === undefined) {
    const us = parseDuration(literal.text);
    if (us !== undefined) return us;
    throw expressionError(
      literal.span,
      `'${literal.text}' is no interval; write INTERVAL '10' SECOND or INTERVAL '10s'`,
    );
  }
  if (!tokens.acceptWords('TO'))
    return bounded(scaled(literal.text, unit, literal.span), literal.span);
  const last = unitAt(tokens);
  if (last === undefined) throw tokens.unexpected('the last unit of the interval');
  return bounded(fieldsBetween(literal.text, unit, last, literal.span), literal.span);
}

function unitAt(tokens: TokenStream): string | undefined {
  const token = tokens.peek();
  if (token.kind !== 'word') return undefined;
  const singular = token.upper.replace(/S$/, '');
  if (UNITS_US.has(singular)) {
    tokens.next();
    return singular;
  }
  if (/^(MONTH|QUARTER|YEAR)$/.test(singular)) {
    throw expressionError(token.span, `a ${singular} has no fixed length; use DAY`);
  }
  const meant = nearestName(singular, UNITS_US.keys());
  if (meant === undefined) return undefined;
  throw expressionError(token.span, `there is no unit '${token.text}'`, meant);
}

function scaled(text: string, unit: string, span: Span): bigint {
  const match = /^\s*([+-]?)(\d{1,19}(?:\.\d{1,9})?)\s*$/.exec(text);
  if (match === null) throw expressionError(span, `'${text}' is no number of ${unit}S`);
  const us = timesUnit(match[2]!, UNITS_US.get(unit)!);
  return match[1] === '-' ? -us : us;
}

function fieldsBetween(text: string, first: string, last: string, span: Span): bigint {
  const from = FIELDS.findIndex((field) => field === first);
  const to = FIELDS.findIndex((field) => field === last);
  if (from < 0 || to <= from)
    throw expressionError(span, `no interval goes from ${first} to ${last}`);
  const units = FIELDS.slice(from, to + 1);
  const pattern = units.map((unit, i) => {
    const separator = i === 0 ? '' : units[i - 1] === 'DAY' ? '\\s+' : ':';
    return `${separator}(\\d{1,9}${unit === 'SECOND' ? '(?:\\.\\d{1,6})?' : ''})`;
  });
  const match = new RegExp(`^\\s*([+-]?)${pattern.join('')}\\s*$`).exec(text);
  if (match === null)
    throw expressionError(span, `'${text}' is no interval from ${first} to ${last}`);
  let us = 0n;
  for (const [i, unit] of units.entries()) us += scaled(match[i + 2]!, unit, span);
  return match[1] === '-' ? -us : us;
}

function bounded(us: bigint, span: Span): bigint {
  if (us > MAX_US || us < -MAX_US) throw expressionError(span, 'this interval is too long');
  return us;
}
