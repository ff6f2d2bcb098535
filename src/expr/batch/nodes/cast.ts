/** Casts between numbers that have a loop; all others follow the scalar rule. @module */

import type { DataType } from '../../../core/types.ts';
import { scaleOf } from '../../interpret.ts';
import * as Convert from '../loops/convert.ts';
import type { RowLoop } from './loop-node.ts';

/** The loop for a cast; `undefined` when the scalar rule does it all. */
export function castLoop(from: DataType, to: DataType): RowLoop | undefined {
  switch (`${from.kind} → ${to.kind}`) {
    case 'int32 → int64':
      return (rows, n, out, [a]) => all(Convert.i32ToI64(rows, n, out.words, a!.words));
    case 'int32 → float64':
      return (rows, n, out, [a]) => all(Convert.i32ToF64(rows, n, out.f64, a!.words));
    case 'int64 → float64':
      return (rows, n, out, [a]) => all(Convert.i64ToF64(rows, n, out.f64, a!.words));
    case 'int64 → int32':
      return (rows, n, out, [a], left) => Convert.i64ToI32(rows, n, out.words, a!.words, left);
    case 'float64 → int32':
      return (rows, n, out, [a], left) => Convert.f64ToI32(rows, n, out.words, a!.f64, left);
    case 'float64 → int64':
      return (rows, n, out, [a], left) => Convert.f64ToI64(rows, n, out.words, a!.f64, left);
    case 'decimal → float64': {
      const unit = 10 ** scaleOf(from);
      return (rows, n, out, [a], left) =>
        Convert.decimalToF64(rows, n, out.f64, a!.words, left, unit);
    }
    default:
      return undefined;
  }
}

/** The loop did all rows. */
function all(_done: void): number {
  return 0;
}
