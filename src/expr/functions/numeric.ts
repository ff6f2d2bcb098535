/** Functions of numbers. @module */

import type { DataType } from '../../core/types.ts';
import { FLOAT64, INT32 } from '../../core/types.ts';
import { badArgument } from '../row-error.ts';
import {
  checkDecimal,
  divideRounded,
  MAX_PRECISION,
  powerOfTen,
  rescale,
} from '../scalar/decimal.ts';
import { roundToDigits } from '../scalar/float.ts';
import { checkInt32, checkInt64, MAX_INT32, roundToMultiple } from '../scalar/integer.ts';
import { compareBytes, compareText } from '../scalar/text.ts';
import type { TypedCall, TypedExpr } from '../typed.ts';
import type { Value } from '../value.ts';
import type { FunctionSpec } from './function-spec.ts';
import { always } from './function-spec.ts';

type Rounding = 'ROUND' | 'TRUNC' | 'FLOOR' | 'CEIL';

const ROUNDING_ALIASES: Readonly<Record<Rounding, readonly string[]>> = {
  ROUND: [],
  TRUNC: ['TRUNCATE'],
  FLOOR: [],
  CEIL: ['CEILING'],
};

/** The functions of this file. */
export const NUMERIC_FUNCTIONS: readonly FunctionSpec[] = [
  {
    names: ['ABS'],
    usage: 'ABS(x)',
    summary: 'The magnitude of a number or a duration.',
    parameters: ['quantity'],
    required: 1,
    result: ([x]) => x!.type,
    apply: ([x], { type }) => abs(x!, type),
  },
  {
    names: ['SIGN'],
    usage: 'SIGN(x)',
    summary: '-1, 0 or 1; of a float64 as a float64, of others as an int32.',
    parameters: ['quantity'],
    required: 1,
    result: ([x]) => (x!.type.kind === 'float64' ? FLOAT64 : INT32),
    apply: ([x]) => {
      if (typeof x === 'bigint') return x > 0n ? 1 : x < 0n ? -1 : 0;
      return Math.sign(x as number);
    },
  },
  rounding('ROUND', 'ROUND(x[, digits])', 'Rounds half away from zero.', 2),
  rounding('TRUNC', 'TRUNC(x[, digits])', 'Cuts digits off.', 2),
  rounding('FLOOR', 'FLOOR(x)', 'The greatest whole number that is not above x.', 1),
  rounding('CEIL', 'CEIL(x)', 'The least whole number that is not below x.', 1),
  extreme('GREATEST', 'The greatest of the arguments; null when one is null.', 1),
  extreme('LEAST', 'The least of the arguments; null when one is null.', -1),
  {
    names: ['CLAMP'],
    usage: 'CLAMP(x, low, high)',
    summary: 'x, or the nearer bound when it lies outside; low must not be above high.',
    parameters: ['same', 'same', 'same'],
    required: 3,
    result: ([x]) => x!.type,
    apply: ([x, low, high], { type }) => clamp(x!, low!, high!, type),
  },
  {
    names: ['WIDTH_BUCKET'],
    usage: 'WIDTH_BUCKET(x, low, high, n)',
    summary:
      'The number, from 1, of the one of n equal buckets between low and high that x lies in; 0 below, n + 1 from high on.',
    parameters: ['float64', 'float64', 'float64', 'integer'],
    required: 4,
    result: always(INT32),
    apply: ([x, low, high, n]) =>
      widthBucket(x as number, low as number, high as number, Number(n)),
  },
];

function abs(x: Value, type: DataType): Value {
  if (typeof x === 'bigint') {
    if (type.kind === 'decimal') return x < 0n ? -x : x;
    return checkInt64(x < 0n ? -x : x, type.kind);
  }
  const magnitude = Math.abs(x as number);
  return type.kind === 'int32' ? checkInt32(magnitude) : magnitude;
}

function rounding(name: Rounding, usage: string, summary: string, arity: number): FunctionSpec {
  return {
    names: [name, ...ROUNDING_ALIASES[name]],
    usage,
    summary,
    parameters: arity === 1 ? ['number'] : ['number', 'integer'],
    required: 1,
    result: (args) => roundedType(name, args),
    apply: (args, call) => round(name, args, call),
  };
}

/** Integers and floats keep their type; a decimal keeps the places that are left. */
function roundedType(name: Rounding, [x, digits]: readonly TypedExpr[]): DataType {
  const { type } = x!;
  if (type.kind !== 'decimal') return type;
  const scale = Math.max(0, Math.min(type.scale, decimalDigits(name, digits)));
  const whole = type.precision - type.scale + 1;
  return { kind: 'decimal', precision: Math.min(MAX_PRECISION, whole + scale), scale };
}

function decimalDigits(name: Rounding, digits: TypedExpr | undefined): number {
  if (digits === undefined) return 0;
  if (digits.op !== 'literal' || digits.value === null) {
    throw badArgument(`the digits of ${name} must be a constant for a decimal`);
  }
  return Number(digits.value);
}

function round(
  name: Rounding,
  args: readonly Value[],
  { type, args: [operand] }: TypedCall,
): Value {
  const digits = args.length > 1 ? Number(args[1]) : 0;
  switch (operand!.type.kind) {
    case 'int32':
      return checkInt32(Number(roundInteger(name, BigInt(args[0] as number), digits)));
    case 'int64':
      return checkInt64(roundInteger(name, args[0] as bigint, digits));
    case 'decimal':
      return type.kind === 'decimal'
        ? checkDecimal(
            roundDecimal(name, args[0] as bigint, operand!.type.scale, digits, type.scale),
            type,
          )
        : null;
    default:
      return roundFloat(name, args[0] as number, digits);
  }
}

function roundInteger(name: Rounding, x: bigint, digits: number): bigint {
  if (digits >= 0 || name === 'FLOOR' || name === 'CEIL') return x;
  if (digits < -30) return 0n;
  return roundToMultiple(x, powerOfTen(-digits), name === 'TRUNC');
}

function roundDecimal(name: Rounding, x: bigint, from: number, digits: number, to: number): bigint {
  if (digits < -30) return 0n;
  const unit = powerOfTen(Math.max(0, from - digits));
  let rounded: bigint;
  if (name === 'FLOOR' || name === 'CEIL') {
    const cut = x / unit;
    const rest = x % unit;
    const step = name === 'FLOOR' ? (rest < 0n ? -1n : 0n) : rest > 0n ? 1n : 0n;
    rounded = (cut + step) * unit;
  } else {
    rounded = name === 'TRUNC' ? (x / unit) * unit : divideRounded(x, unit) * unit;
  }
  return rescale(rounded, from, to);
}

function roundFloat(name: Rounding, x: number, digits: number): number {
  if (name === 'FLOOR') return Math.floor(x);
  if (name === 'CEIL') return Math.ceil(x);
  return roundToDigits(x, digits, name === 'TRUNC');
}

function extreme(name: string, summary: string, direction: 1 | -1): FunctionSpec {
  return {
    names: [name],
    usage: `${name}(x, …)`,
    summary,
    parameters: ['same'],
    required: 1,
    isVariadic: true,
    result: ([x]) => x!.type,
    apply: (args, { type }) => {
      if (type.kind === 'float64')
        return (direction === 1 ? Math.max : Math.min)(...(args as number[]));
      return args.reduce((best, next) => (order(next, best, type) * direction > 0 ? next : best));
    },
  };
}

/** Order of two values of one type other than float64. */
function order(a: Value, b: Value, type: DataType): number {
  switch (type.kind) {
    case 'string':
      return compareText(a as string, b as string);
    case 'bytes':
      return compareBytes(a as Uint8Array, b as Uint8Array);
    default:
      return (a as number) < (b as number) ? -1 : (a as number) > (b as number) ? 1 : 0;
  }
}

function clamp(x: Value, low: Value, high: Value, type: DataType): Value {
  if (type.kind === 'float64') {
    if ((low as number) > (high as number)) throw badClamp();
    return Math.min(Math.max(x as number, low as number), high as number);
  }
  if (order(low, high, type) > 0) throw badClamp();
  if (order(x, low, type) < 0) return low;
  return order(x, high, type) > 0 ? high : x;
}

function badClamp(): Error {
  return badArgument('the bounds of CLAMP are in the wrong order');
}

/** Bounds may be given from high to low; then buckets count downwards. */
function widthBucket(x: number, low: number, high: number, n: number): number {
  if (!(n >= 1 && n < MAX_INT32)) throw badArgument('WIDTH_BUCKET needs one bucket at least');
  if (!Number.isFinite(low) || !Number.isFinite(high) || low === high || Number.isNaN(x)) {
    throw badArgument('WIDTH_BUCKET needs numbers, and two bounds that differ');
  }
  const isDown = low > high;
  if (isDown ? x > low : x < low) return 0;
  if (isDown ? x <= high : x >= high) return n + 1;
  // Halves, so that the difference of two large bounds is finite.
  const part = (x / 2 - low / 2) / (high / 2 - low / 2);
  return Math.min(n, Math.floor(part * n) + 1);
}
