/** The loops of arithmetic that kernels do not do. @module */

import { scaleOf } from '../../interpret.ts';
import type { TypedArithmetic } from '../../typed.ts';
import { remaindersF64, roundedQuotients } from '../loops/arithmetic.ts';
import type { RowLoop } from './loop-node.ts';

const SAFE = 2 ** 53;
/** The largest power of ten up to which all are exact in a float64. */
const MAX_EXACT_POWER = 22;

/** The loop of a remainder of floats or a quotient of decimals; `undefined` for anything else. */
export function arithmeticLoop({
  operator,
  type,
  left: a,
  right: b,
}: TypedArithmetic): RowLoop | undefined {
  if (type.kind === 'float64' && operator === '%') {
    return (rows, n, out, [x, y]) => {
      remaindersF64(rows, n, out.f64, x!.f64, y!.f64);
      return 0;
    };
  }
  if (type.kind !== 'decimal' || operator !== '/') return undefined;
  const places = type.scale + scaleOf(b.type) - scaleOf(a.type);
  if (places < 0 || places > MAX_EXACT_POWER) return undefined;
  const factor = 10 ** places;
  const limit = Math.min(SAFE, 10 ** type.precision);
  return (rows, n, out, [x, y], left) =>
    roundedQuotients(rows, n, out.words, x!.words, y!.words, left, factor, limit);
}
