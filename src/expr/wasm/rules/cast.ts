/** Casts between numbers, bools and times. @module */

import type { DataType } from '../../../core/types.ts';
import { scaleOf } from '../../interpret.ts';
import { powerOfTen } from '../../scalar/decimal.ts';
import { MAX_INT32, MIN_INT32 } from '../../scalar/integer.ts';
import type { TypedCast } from '../../typed.ts';
import type { Lane, Machine } from '../lanes.ts';
import { Convert, Float64, Int32, Int64, Mask } from '../operations.ts';
import { chained, limited } from './arithmetic.ts';
import {
  failureMask,
  floorQuotientBy,
  outside,
  quotientBy,
  roundedQuotientBy,
  scaleInt64,
} from './integer.ts';
import type { Outcome, Rule } from './rule.ts';

type Cast = (m: Machine, value: Lane) => Outcome;

/** The rule of a cast; what it cannot do exactly in float64 fails in either form. */
export function castRule({ operand, type, isTry }: TypedCast): Rule | undefined {
  const cast = castOf(operand.type, type);
  if (cast === undefined) return undefined;
  if (!isTry) return (m, [a]) => cast(m, a!);
  if (operand.type.kind === 'decimal' && type.kind === 'float64') return undefined;
  return (m, [a]) => {
    const { value, fails } = cast(m, a!);
    return fails === undefined ? { value } : { value, isNull: failureMask(m, fails) };
  };
}

function castOf(from: DataType, to: DataType): Cast | undefined {
  if (from.kind === to.kind && from.kind !== 'decimal') return (_m, value) => ({ value });
  switch (to.kind) {
    case 'bool':
      return toBool(from);
    case 'int32':
      return toInt32(from);
    case 'int64':
      return toInt64(from);
    case 'float64':
      return toFloat64(from);
    case 'decimal':
      return toDecimal(from, to.scale, to.precision);
    case 'timestamp':
    case 'duration':
      return toTime(from);
    default:
      return undefined;
  }
}

function toBool(from: DataType): Cast | undefined {
  if (from.kind === 'int32') {
    return (m, a) => ({ value: m.apply(Int32.ne, a, m.constant('i32', 0)) });
  }
  if (from.kind === 'int64') {
    return (m, a) => ({ value: m.apply(Int64.ne, a, m.constant('i64', 0n)) });
  }
  return undefined;
}

function toInt32(from: DataType): Cast | undefined {
  if (from.kind === 'bool') return oneOrZero('i32');
  if (from.kind === 'float64') {
    return (m, a) => {
      const whole = m.apply(Float64.trunc, a);
      const low = m.apply(Float64.ge, whole, m.constant('f64', MIN_INT32));
      const high = m.apply(Float64.le, whole, m.constant('f64', MAX_INT32));
      const fails = m.apply(Mask.not, m.apply(Mask.and, low, high));
      return { value: m.apply(Convert.floatToInt32, a), fails };
    };
  }
  const widen = toInt64(from);
  if (widen === undefined) return undefined;
  return (m, a) => {
    const wide = widen(m, a);
    const value = m.apply(Convert.int64ToInt32, wide.value);
    const fails = outside(m, wide.value, BigInt(MIN_INT32), BigInt(MAX_INT32));
    return chained(m, { value, fails }, wide);
  };
}

/** From here on a float64 has no counterpart among int64; below the negative the same. */
const INT64_BOUND = 2 ** 63;

function toInt64(from: DataType): Cast | undefined {
  switch (from.kind) {
    case 'bool':
      return oneOrZero('i64');
    case 'int32':
      return (m, a) => ({ value: m.apply(Convert.int32ToInt64, a) });
    case 'int64':
      return (_m, value) => ({ value });
    case 'float64':
      return (m, a) => {
        const low = m.apply(Float64.ge, a, m.constant('f64', -INT64_BOUND));
        const high = m.apply(Float64.lt, a, m.constant('f64', INT64_BOUND));
        const fails = m.apply(Mask.not, m.apply(Mask.and, low, high));
        return { value: m.apply(Convert.floatToInt64, a), fails };
      };
    case 'decimal': {
      const divisor = powerOfTen(from.scale);
      return (m, a) => ({ value: divisor === 1n ? a : m.apply(quotientBy('i64', divisor), a) });
    }
    case 'timestamp':
      return (m, a) => ({ value: m.apply(floorQuotientBy(1000n), a) });
    case 'duration':
      return (m, a) => ({ value: m.apply(quotientBy('i64', 1000n), a) });
    default:
      return undefined;
  }
}

/** Integers up to here, and powers of ten up to 10^22, are exact in float64. */
const SAFE = 2n ** 53n;

function toFloat64(from: DataType): Cast | undefined {
  switch (from.kind) {
    case 'bool':
      return oneOrZero('f64');
    case 'int32':
      return (m, a) => ({ value: m.apply(Convert.int32ToFloat, a) });
    case 'int64':
      return (m, a) => ({ value: m.apply(Convert.int64ToFloat, a) });
    case 'decimal': {
      const divisor = 10 ** scaleOf(from);
      // One rounding, by the division; larger numbers would be rounded twice.
      return (m, a) => {
        const x = m.apply(Convert.int64ToFloat, a);
        const value = m.apply(Float64.div, x, m.constant('f64', divisor));
        return { value, fails: outside(m, a, -SAFE, SAFE) };
      };
    }
    default:
      return undefined;
  }
}

function toDecimal(from: DataType, scale: number, precision: number): Cast | undefined {
  if (from.kind === 'decimal' && from.scale > scale) {
    const operation = roundedQuotientBy(powerOfTen(from.scale - scale));
    return (m, a) => limited(m, { value: m.apply(operation, a) }, precision);
  }
  if (
    from.kind !== 'decimal' &&
    from.kind !== 'int32' &&
    from.kind !== 'int64' &&
    from.kind !== 'bool'
  ) {
    return undefined;
  }
  const factor = powerOfTen(scale - scaleOf(from));
  const widen: Cast = from.kind === 'decimal' ? (_m, value) => ({ value }) : toInt64(from)!;
  return (m, a) => limited(m, scaleInt64(m, widen(m, a).value, factor), precision);
}

function toTime(from: DataType): Cast | undefined {
  if (from.kind !== 'int32' && from.kind !== 'int64') return undefined;
  const widen = toInt64(from)!;
  return (m, a) => scaleInt64(m, widen(m, a).value, 1000n);
}

function oneOrZero(storage: 'i32' | 'i64' | 'f64'): Cast {
  return (m, a) => ({ value: m.select(a, m.constant(storage, 1), m.constant(storage, 0)) });
}
