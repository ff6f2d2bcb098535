/** Bits of integers, and integers within bounds, as the function table has them. @module */

import type { I32, I64 } from '../../../wasm/index.ts';
import { i32, i64 } from '../../../wasm/index.ts';
import type { TypedCall, TypedExpr } from '../../typed.ts';
import type { Lane, Machine, Operation } from '../lanes.ts';
import { Convert, Int32, Int64, operation } from '../operations.ts';
import { floorRemainderBy } from './integer.ts';
import type { Rule } from './rule.ts';
import { constantOf } from './rule.ts';

/** The rule of a function of bits. */
export function bitRule(expr: TypedCall): Rule | undefined {
  switch (expr.fn) {
    case 'BITAND':
      return pairRule(expr, 'and');
    case 'BITOR':
      return pairRule(expr, 'or');
    case 'BITXOR':
      return pairRule(expr, 'xor');
    case 'BITNOT':
      return (m, [a]) => ({
        value: m.apply(integersOf(a!).xor, a!, m.constant(a!.storage, -1)),
      });
    case 'BIT_COUNT':
      return (m, [a]) => ({ value: m.apply(a!.storage === 'i32' ? COUNT_WORD : COUNT_LONG, a!) });
    default:
      return shiftRule(expr);
  }
}

function integersOf({ storage }: Lane): typeof Int32 | typeof Int64 {
  return storage === 'i32' ? Int32 : Int64;
}

const COUNT_WORD = operation('i32', (a: I32) => i32.popcnt(a));
const COUNT_LONG = operation('i32', (a: I64) => i32.wrapI64(i64.popcnt(a)));

/** Of the type of the result, which is the wider one of both. */
function widened(m: Machine, a: Lane, { type }: TypedCall): Lane {
  return type.kind === 'int64' && a.storage === 'i32' ? m.apply(Convert.int32ToInt64, a) : a;
}

function pairRule(expr: TypedCall, operator: 'and' | 'or' | 'xor'): Rule {
  const ops = expr.type.kind === 'int64' ? Int64 : Int32;
  return (m, [a, b]) => ({
    value: m.apply(ops[operator], widened(m, a!, expr), widened(m, b!, expr)),
  });
}

const SHIFTS: Readonly<Record<string, 'shl' | 'shrS' | 'shrU'>> = {
  SHIFT_LEFT: 'shl',
  SHIFT_RIGHT: 'shrS',
  SHIFT_RIGHT_UNSIGNED: 'shrU',
};

/** By a constant that is in range. */
function shiftRule({ fn, type, args }: TypedCall): Rule | undefined {
  const shift = SHIFTS[fn];
  const by = constantOf(args[1]);
  const most = type.kind === 'int64' ? 63 : 31;
  if (shift === undefined || by === undefined || !(by >= 0 && by <= most)) return undefined;
  const moved: Operation =
    type.kind === 'int64'
      ? operation('i64', (a: I64) => i64[shift](a, i64.const(BigInt(by))))
      : operation('i32', (a: I32) => i32[shift](a, i32.const(Number(by))));
  return (m, [a]) => ({ value: m.apply(moved, a!) });
}

/** The rule of `FLOOR_MOD` by a positive constant. */
export function floorModRule(expr: TypedCall): Rule | undefined {
  const modulus = positiveConstant(expr.args[1]);
  if (modulus === undefined) return undefined;
  const rest = floorRemainderBy(expr.type.kind === 'int64' ? 'i64' : 'i32', modulus);
  return (m, [a]) => ({ value: m.apply(rest, widened(m, a!, expr)) });
}

function positiveConstant(expr: TypedExpr | undefined): bigint | undefined {
  const value = constantOf(expr);
  return value !== undefined && value > 0 ? BigInt(value) : undefined;
}
