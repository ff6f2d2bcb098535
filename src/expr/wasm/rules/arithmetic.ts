/** `+ - * / %`, negation and alignment. @module */

import { storageOf } from '../../../core/types.ts';
import { scaleOf } from '../../interpret.ts';
import { powerOfTen } from '../../scalar/decimal.ts';
import type { TypedArithmetic } from '../../typed.ts';
import type { Lane, Machine } from '../lanes.ts';
import { Convert, Float64 } from '../operations.ts';
import {
  addIntegers,
  divideIntegers,
  eitherFails,
  multiplyInt32,
  multiplyInt64,
  outside,
  quotientBy,
  remainderBy,
  remainIntegers,
  roundedQuotientBy,
  scaleInt64,
  subtractIntegers,
} from './integer.ts';
import type { Outcome, LaneRule } from './rule.ts';
import { constantOf, simple } from './rule.ts';

/** The rule of an arithmetic node. */
export function arithmeticRule(expr: TypedArithmetic): LaneRule | undefined {
  const { type, left, right } = expr;
  if (type.kind === 'decimal') return decimalRule(expr);
  if (type.kind === 'float64') return floatRule(expr);
  if (storageOf(left.type) !== storageOf(right.type)) return undefined;
  return integerRule(expr);
}

function floatRule({ operator, left }: TypedArithmetic): LaneRule | undefined {
  if (left.type.kind === 'duration') {
    return (m, [a, b]) => {
      const [x, y] = [m.apply(Convert.int64ToFloat, a!), m.apply(Convert.int64ToFloat, b!)];
      return { value: m.apply(Float64.div, x, y) };
    };
  }
  switch (operator) {
    case '+':
      return simple(Float64.add);
    case '-':
      return simple(Float64.sub);
    case '*':
      return simple(Float64.mul);
    case '/':
      return simple(Float64.div);
    default:
      return undefined;
  }
}

function integerRule({ type, operator, left, right }: TypedArithmetic): LaneRule {
  const storage = storageOf(type) === 'i32' ? 'i32' : 'i64';
  const constant = constantOf(right);
  const divisor = constant === undefined ? 0n : BigInt(constant);
  switch (operator) {
    case '+':
      return addIntegers;
    case '-':
      return subtractIntegers;
    case '*':
      return storage === 'i32' ? multiplyInt32 : productRule(constantOf(left), constant);
    case '/':
      if (divisor === 0n || divisor === -1n) return divideIntegers;
      return (m, [a]) => ({ value: m.apply(quotientBy(storage, divisor), a!) });
    case '%':
      if (divisor === 0n) return remainIntegers;
      return (m, [a]) => ({ value: m.apply(remainderBy(storage, divisor), a!) });
  }
}

function productRule(a: number | bigint | undefined, b: number | bigint | undefined): LaneRule {
  if (b !== undefined) return (m, [x]) => scaleInt64(m, x!, BigInt(b));
  if (a !== undefined) return (m, [, y]) => scaleInt64(m, y!, BigInt(a));
  return multiplyInt64;
}

function decimalRule(expr: TypedArithmetic): LaneRule | undefined {
  const { type, operator, left, right } = expr;
  if (type.kind !== 'decimal') return undefined;
  const [aScale, bScale] = [scaleOf(left.type), scaleOf(right.type)];
  const common = Math.max(aScale, bScale);
  const exactScale = operator === '*' ? aScale + bScale : common;
  const scaled = (m: Machine, [a, b]: readonly Lane[], combine: LaneRule): Outcome => {
    const x = scaleInt64(m, a!, powerOfTen(common - aScale));
    const y = scaleInt64(m, b!, powerOfTen(common - bScale));
    return limited(m, chained(m, combine(m, [x.value, y.value]), x, y), type.precision);
  };
  if (operator === '/') return quotientRule(expr, type.scale + bScale - aScale, type.precision);
  if (type.scale !== exactScale) return undefined;
  switch (operator) {
    case '+':
      return (m, operands) => scaled(m, operands, addIntegers);
    case '-':
      return (m, operands) => scaled(m, operands, subtractIntegers);
    case '%':
      return (m, operands) => scaled(m, operands, remainIntegers);
    case '*': {
      const product = productRule(constantOf(left), constantOf(right));
      return (m, operands) => limited(m, product(m, operands), type.precision);
    }
  }
}

/** Quotients by constants; others are left to JavaScript. */
function quotientRule(
  { right }: TypedArithmetic,
  places: number,
  precision: number,
): LaneRule | undefined {
  const divisor = constantOf(right);
  if (divisor === undefined || BigInt(divisor) <= 0n || places < 0 || places > 18) return undefined;
  const operation = roundedQuotientBy(BigInt(divisor));
  return (m, [a]) => {
    const scaled = scaleInt64(m, a!, powerOfTen(places));
    const value = m.apply(operation, scaled.value);
    return limited(m, chained(m, { value }, scaled), precision);
  };
}

/** An outcome that also fails where those fail that it was made of. */
export function chained(m: Machine, outcome: Outcome, ...parts: readonly Outcome[]): Outcome {
  const all = [outcome, ...parts].flatMap(({ fails }) => (fails === undefined ? [] : [fails]));
  if (all.length === 0) return outcome;
  return { ...outcome, fails: all.reduce((a, b) => eitherFails(m, a, b)) };
}

/** An outcome that also fails where it has too many digits. */
export function limited(m: Machine, outcome: Outcome, precision: number): Outcome {
  const most = powerOfTen(precision) - 1n;
  const value = outcome.value;
  return chained(m, outcome, { value, fails: outside(m, value, -most, most) });
}
