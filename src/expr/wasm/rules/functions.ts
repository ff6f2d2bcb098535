/** Functions of numbers, bit for bit as the function table has them. @module */

import type { F64 } from '../../../wasm/index.ts';
import { f64, i32, select } from '../../../wasm/index.ts';
import { storageOf } from '../../../core/types.ts';
import { scaleOf } from '../../interpret.ts';
import type { TypedCall } from '../../typed.ts';
import type { Lane, Machine } from '../lanes.ts';
import { Float64, Int32, Int64, Mask, operation } from '../operations.ts';
import { bitRule, floorModRule } from './bits.ts';
import { absoluteInteger } from './integer.ts';
import type { Rule } from './rule.ts';
import { constantOf, simple } from './rule.ts';
import { binRule, epochRule, extractRule, truncateRule } from './time.ts';

/** The rule of a call. */
export function callRule(expr: TypedCall): Rule | undefined {
  switch (expr.fn) {
    case 'EXTRACT':
      return extractRule(expr);
    case 'DATE_TRUNC':
      return truncateRule(expr);
    case 'GREATEST':
      return extremeRule(expr, 'gt', 'max');
    case 'LEAST':
      return extremeRule(expr, 'lt', 'min');
    case 'ABS':
      return expr.type.kind === 'float64' ? simple(Float64.abs) : absoluteInteger;
    case 'SIGN':
      return signRule(expr);
    case 'CLAMP':
      return clampRule(expr);
    case 'EPOCH_MS':
      return epochRule(1_000n);
    case 'EPOCH_US':
      return epochRule(1n);
    case 'UNIX_TIMESTAMP':
      return epochRule(1_000_000n);
    case 'DATE_BIN':
      return binRule(expr);
    case 'FLOOR_MOD':
      return floorModRule(expr);
    default:
      return expr.args[0]?.type.kind === 'float64' ? floatRule(expr) : bitRule(expr);
  }
}

function floatRule({ fn, args }: TypedCall): Rule | undefined {
  switch (fn) {
    case 'FLOOR':
      return simple(Float64.floor);
    case 'CEIL':
      return simple(Float64.ceil);
    case 'SQRT':
      return simple(Float64.sqrt);
    case 'TRUNC':
      return args.length === 1 ? simple(Float64.trunc) : digitsRule(args[1], 'TRUNC');
    case 'ROUND':
      return args.length === 1
        ? (m, [x]) => ({ value: roundHalfAway(m, x!) })
        : digitsRule(args[1], 'ROUND');
    case 'IS_NAN':
      return (m, [x]) => ({ value: m.apply(Float64.ne, x!, x!) });
    case 'IS_INFINITE':
      return (m, [x]) => ({ value: m.apply(Float64.eq, m.apply(Float64.abs, x!), infinity(m)) });
    case 'IS_FINITE':
      return (m, [x]) => ({ value: m.apply(Float64.lt, m.apply(Float64.abs, x!), infinity(m)) });
    case 'NANVL':
      return (m, [x, y]) => ({ value: m.select(m.apply(Float64.eq, x!, x!), x!, y!) });
    default:
      return undefined;
  }
}

function infinity(m: Machine): Lane {
  return m.constant('f64', Infinity);
}

function roundHalfAway(m: Machine, x: Lane): Lane {
  const whole = m.apply(Float64.trunc, x);
  const rest = m.apply(Float64.abs, m.apply(Float64.sub, x, whole));
  const isUp = m.apply(Float64.ge, rest, m.constant('f64', 0.5));
  const minusOne = m.apply(Float64.sub, whole, m.constant('f64', 1));
  const plusOne = m.apply(Float64.add, whole, m.constant('f64', 1));
  const isNegative = m.apply(Float64.lt, x, m.constant('f64', 0));
  return m.select(isUp, m.select(isNegative, minusOne, plusOne), whole);
}

/** Most digits by which float64 are scaled exactly as the function table does. */
const MOST_DIGITS = 300;

function digitsRule(
  argument: TypedCall['args'][number] | undefined,
  name: string,
): Rule | undefined {
  const digits = Number(constantOf(argument) ?? NaN);
  if (!(Math.abs(digits) <= MOST_DIGITS)) return undefined;
  const factor = Number(`1e${Math.abs(digits)}`);
  const [up, down] = digits >= 0 ? [Float64.mul, Float64.div] : [Float64.div, Float64.mul];
  return (m, [x]) => {
    const scaled = m.apply(up, x!, m.constant('f64', factor));
    const rounded = name === 'TRUNC' ? m.apply(Float64.trunc, scaled) : roundHalfAway(m, scaled);
    const value = m.apply(down, rounded, m.constant('f64', factor));
    // Infinities and NaN, and what becomes infinite, stay as they are.
    const magnitude = m.apply(Float64.abs, scaled);
    const isFinite = m.apply(Float64.lt, magnitude, m.constant('f64', Infinity));
    return { value: m.select(isFinite, value, x!) };
  };
}

const signOfFloat = operation('f64', (x: F64) =>
  select(
    i32.or(f64.lt(x, f64.const(0)), f64.gt(x, f64.const(0))),
    f64.copysign(f64.const(1), x),
    x,
  ),
);

function signRule({ args: [x] }: TypedCall): Rule {
  const storage = storageOf(x!.type);
  if (storage === 'f64') return simple(signOfFloat);
  const ops = storage === 'i32' ? Int32 : Int64;
  return (m, [a]) => {
    const zero = m.constant(a!.storage, 0);
    const one = m.select(m.apply(ops.gt, a!, zero), m.constant('i32', 1), m.constant('i32', 0));
    return { value: m.select(m.apply(ops.lt, a!, zero), m.constant('i32', -1), one) };
  };
}

function extremeRule(
  { type, args }: TypedCall,
  better: 'gt' | 'lt',
  float: 'max' | 'min',
): Rule | undefined {
  const storage = storageOf(type);
  if (storage === 'view' || args.some((arg) => scaleOf(arg.type) !== scaleOf(type)))
    return undefined;
  if (storage === 'f64') {
    return (m, values) => ({ value: values.reduce((a, b) => m.apply(Float64[float], a, b)) });
  }
  if (storage === 'bits') {
    const combine = float === 'max' ? Mask.or : Mask.and;
    return (m, values) => ({ value: values.reduce((a, b) => m.apply(combine, a, b)) });
  }
  const test = (storage === 'i32' ? Int32 : Int64)[better];
  return (m, values) => ({
    value: values.reduce((best, next) => m.select(m.apply(test, next, best), next, best)),
  });
}

/** Bounds in the wrong order fail. */
function clampRule({ type, args }: TypedCall): Rule | undefined {
  const storage = storageOf(type);
  if (storage === 'view' || storage === 'bits') return undefined;
  if (args.some((arg) => scaleOf(arg.type) !== scaleOf(type))) return undefined;
  if (storage === 'f64') {
    return (m, [x, low, high]) => ({
      value: m.apply(Float64.min, m.apply(Float64.max, x!, low!), high!),
      fails: m.apply(Float64.gt, low!, high!),
    });
  }
  const ops = storage === 'i32' ? Int32 : Int64;
  return (m, [x, low, high]) => {
    const raised = m.select(m.apply(ops.lt, x!, low!), low!, x!);
    return {
      value: m.select(m.apply(ops.gt, raised, high!), high!, raised),
      fails: m.apply(ops.gt, low!, high!),
    };
  };
}
