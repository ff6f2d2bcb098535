/** Comparisons and membership. @module */

import { storageOf } from '../../../core/types.ts';
import type { ComparisonOperator } from '../../ast.ts';
import type { TypedCompare, TypedIn } from '../../typed.ts';
import type { Lane, Machine } from '../lanes.ts';
import { Float64, Int32, Int64, Mask } from '../operations.ts';
import { isDivisibleBy, negated } from './divisible.ts';
import type { Rule } from './rule.ts';
import { constantOf, isLaneStorage, simple } from './rule.ts';
import { memberOfTexts } from '../strings/member.ts';

const NAMES = { '=': 'eq', '<>': 'ne', '<': 'lt', '<=': 'le', '>': 'gt', '>=': 'ge' } as const;

const BY_STORAGE = { i32: Int32, i64: Int64, f64: Float64 } as const;

/** Longest list of constants that is compared one by one. */
const LONGEST_LIST = 32;

/** The rule of a comparison. */
export function compareRule(expr: TypedCompare): Rule | undefined {
  const storage = storageOf(expr.left.type);
  if (!isLaneStorage(storage)) return undefined;
  return storage === 'bits'
    ? (m, [a, b]) => ({ value: compareMasks(m, expr.operator, a!, b!) })
    : simple(BY_STORAGE[storage][NAMES[expr.operator]]);
}

/** False is less than true. */
function compareMasks(m: Machine, operator: ComparisonOperator, a: Lane, b: Lane): Lane {
  switch (operator) {
    case '=':
      return m.apply(Mask.not, m.apply(Mask.xor, a, b));
    case '<>':
      return m.apply(Mask.xor, a, b);
    case '<':
      return m.apply(Mask.andNot, b, a);
    case '>':
      return m.apply(Mask.andNot, a, b);
    case '<=':
      return m.apply(Mask.not, m.apply(Mask.andNot, a, b));
    case '>=':
      return m.apply(Mask.not, m.apply(Mask.andNot, b, a));
  }
}

/** Where two values are not the same: NaN is NaN, 0 is -0. */
export function differ(m: Machine, a: Lane, b: Lane): Lane {
  if (a.storage === 'bits') return m.apply(Mask.xor, a, b);
  const different = m.apply(BY_STORAGE[a.storage].ne, a, b);
  if (a.storage !== 'f64') return different;
  const both = m.apply(Mask.and, m.apply(Float64.ne, a, a), m.apply(Float64.ne, b, b));
  return m.apply(Mask.andNot, different, both);
}

/** The rule of `IN`, without the null in its list. */
export function memberRule({ operand, items }: TypedIn): Rule | undefined {
  const storage = storageOf(operand.type);
  if (storage === 'view') return memberOfTexts(items);
  if (storage === 'bits' || items.length > LONGEST_LIST) return undefined;
  const { eq } = BY_STORAGE[storage];
  const constants = items.map((item) => item as number | bigint);
  return (m, [a]) => {
    const tests = constants.map((item) => m.apply(eq, a!, m.constant(storage, item)));
    return { value: tests.reduce((x, y) => m.apply(Mask.or, x, y), m.constant('bits', 0)) };
  };
}

/** What `a % constant = 0` or `<> 0` is about, and the test for it; `undefined` for anything else. */
export function divisibility({
  operator,
  left,
  right,
}: TypedCompare): { readonly operand: TypedCompare['left']; readonly rule: Rule } | undefined {
  if (operator !== '=' && operator !== '<>') return undefined;
  if (left.op !== 'arithmetic' || left.operator !== '%' || Number(constantOf(right)) !== 0) {
    return undefined;
  }
  const storage = storageOf(left.type);
  const divisor = constantOf(left.right);
  const isInteger = storage === 'i32' || (storage === 'i64' && left.type.kind !== 'decimal');
  if (divisor === undefined || !isInteger || storageOf(left.left.type) !== storage)
    return undefined;
  const test = isDivisibleBy(storage, BigInt(divisor));
  if (test === undefined) return undefined;
  const written = operator === '=' ? test : negated(test);
  return { operand: left.left, rule: (m, [a]) => ({ value: written(m, a!) }) };
}
