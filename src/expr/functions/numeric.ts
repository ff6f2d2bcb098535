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
import { checkInt32, checkInt64, roundToMultiple } from '../scalar/integer.ts';
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
  float('SQRT', 'SQRT(x)', 'The square root; NaN below zero.', Math.sqrt),
  float('EXP', 'EXP(x)', 'e to the power of x.', Math.exp),
  float('LN', 'LN(x)', 'The natural logarithm; -Infinity of zero, NaN below.', Math.log),
  float('LOG10', 'LOG10(x)', 'The logarithm to base 10.', Math.log10),
  float('LOG2', 'LOG2(x)', 'The logarithm to base 2.', Math.log2),
  {
    names: ['LOG'],
    usage: 'LOG([base, ]x)',
    summary: 'The natural logarithm, or the logarithm to a base.',
    parameters: ['float64', 'float64'],
    required: 1,
    result: always(FLOAT64),
    apply: ([a, b]) =>
      b === undefined ? Math.log(a as number) : Math.log(b as number) / Math.log(a as number),
  },
  {
    names: ['POWER', 'POW'],
    usage: 'POWER(x, y)',
    summary: 'x to the power of y, as a float64.',
    parameters: ['float64', 'float64'],
    required: 2,
    result: always(FLOAT64),
    apply: ([x, y]) => (x as number) ** (y as number),
  },
  extreme('GREATEST', 'The greatest of the arguments; null when one is null.', 1),
  extreme('LEAST', 'The least of the arguments; null when one is null.', -1),
];

function float(
  name: string,
  usage: string,
  summary: string,
  compute: (x: number) => number,
): FunctionSpec {
  return {
    names: [name],
    usage,
    summary,
    parameters: ['float64'],
    required: 1,
    result: always(FLOAT64),
    apply: ([x]) => compute(x as number),
  };
}

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
