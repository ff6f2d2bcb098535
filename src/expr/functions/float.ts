/** Functions of float64: roots, exponentials, logarithms, angles. They never fail. @module */

import { BOOL, FLOAT64 } from '../../core/types.ts';
import type { FunctionSpec, ParameterKind } from './function-spec.ts';
import { always } from './function-spec.ts';

type Compute = (x: number) => number;

const FUNCTIONS: readonly (readonly [
  name: string,
  summary: string,
  compute: Compute,
  alias?: string,
])[] = [
  ['SQRT', 'The square root; NaN below zero.', Math.sqrt],
  ['CBRT', 'The cube root.', Math.cbrt],
  ['EXP', 'e to the power of x.', Math.exp],
  ['EXPM1', 'e to the power of x, less 1; exact for small x too.', Math.expm1],
  ['LN', 'The natural logarithm; -Infinity of zero, NaN below.', Math.log],
  ['LOG1P', 'The natural logarithm of 1 + x; exact for small x too.', Math.log1p],
  ['LOG10', 'The logarithm to base 10.', Math.log10],
  ['LOG2', 'The logarithm to base 2.', Math.log2],
  ['SIN', 'The sine of an angle in radians.', Math.sin],
  ['COS', 'The cosine of an angle in radians.', Math.cos],
  ['TAN', 'The tangent of an angle in radians.', Math.tan],
  ['COT', 'The cotangent of an angle in radians.', (x) => 1 / Math.tan(x)],
  ['ASIN', 'The angle in radians whose sine is x; NaN outside -1 to 1.', Math.asin],
  ['ACOS', 'The angle in radians whose cosine is x; NaN outside -1 to 1.', Math.acos],
  ['ATAN', 'The angle in radians whose tangent is x.', Math.atan],
  ['SINH', 'The hyperbolic sine.', Math.sinh],
  ['COSH', 'The hyperbolic cosine.', Math.cosh],
  ['TANH', 'The hyperbolic tangent.', Math.tanh],
  ['ASINH', 'The inverse of SINH.', Math.asinh],
  ['ACOSH', 'The inverse of COSH; NaN below 1.', Math.acosh],
  ['ATANH', 'The inverse of TANH; NaN outside -1 to 1.', Math.atanh],
  ['DEGREES', 'Radians as degrees.', (x) => (x * 180) / Math.PI, 'TODEGREES'],
  ['RADIANS', 'Degrees as radians.', (x) => (x * Math.PI) / 180, 'TORADIANS'],
];

/** What each function of one float64 computes, by its name in typed trees. */
export const UNARY_FLOAT_FUNCTIONS: ReadonlyMap<string, Compute> = new Map(
  FUNCTIONS.map(([name, , compute]) => [name, compute]),
);

/** The functions of this file. */
export const FLOAT_FUNCTIONS: readonly FunctionSpec[] = [
  ...FUNCTIONS.map(([name, summary, compute, alias]): FunctionSpec => ({
    ...total(`${name}(x)`, summary, 1),
    names: alias === undefined ? [name] : [name, alias],
    apply: ([x]) => compute(x as number),
  })),
  {
    ...total('LOG([base, ]x)', 'The natural logarithm, or the logarithm to a base.', 2),
    names: ['LOG'],
    required: 1,
    apply: ([a, b]) =>
      b === undefined ? Math.log(a as number) : Math.log(b as number) / Math.log(a as number),
  },
  {
    ...total('POWER(x, y)', 'x to the power of y, as a float64.', 2),
    names: ['POWER', 'POW'],
    apply: ([x, y]) => Math.pow(x as number, y as number),
  },
  {
    ...total('ATAN2(y, x)', 'The angle in radians of the point (x, y).', 2),
    names: ['ATAN2'],
    apply: ([y, x]) => Math.atan2(y as number, x as number),
  },
  {
    ...total('HYPOT(x, y)', 'The length of the hypotenuse: the root of x² + y².', 2),
    names: ['HYPOT'],
    apply: ([x, y]) => Math.hypot(x as number, y as number),
  },
  {
    ...total('PI()', 'The number π.', 0),
    names: ['PI'],
    apply: () => Math.PI,
  },
  {
    ...total('NANVL(x, y)', 'x, or y where x is NaN.', 2),
    names: ['NANVL'],
    apply: ([x, y]) => (Number.isNaN(x) ? y! : x!),
  },
  {
    ...total('IS_NAN(x)', 'Whether x is NaN.', 1),
    names: ['IS_NAN', 'ISNAN'],
    result: always(BOOL),
    apply: ([x]) => Number.isNaN(x),
  },
  {
    ...total('IS_INFINITE(x)', 'Whether x is an infinity.', 1),
    names: ['IS_INFINITE', 'ISINF'],
    result: always(BOOL),
    apply: ([x]) => x === Infinity || x === -Infinity,
  },
  {
    ...total('IS_FINITE(x)', 'Whether x is neither NaN nor an infinity.', 1),
    names: ['IS_FINITE', 'ISFINITE'],
    result: always(BOOL),
    apply: ([x]) => Number.isFinite(x),
  },
];

/** What functions of `arity` float64 have in common. */
function total(
  usage: string,
  summary: string,
  arity: number,
): Omit<FunctionSpec, 'names' | 'apply'> {
  return {
    usage,
    summary,
    parameters: Array<ParameterKind>(arity).fill('float64'),
    required: arity,
    isTotal: true,
    result: always(FLOAT64),
  };
}
