/** Which loop computes what. Chosen once per node; called once per batch. @module */

import { invariant } from '../../../core/invariant.ts';
import { storageOf } from '../../../core/types.ts';
import { scaleOf } from '../../interpret.ts';
import type { TypedAlign, TypedArithmetic, TypedExpr, TypedNegate } from '../../typed.ts';
import * as F64 from '../loops/arithmetic-f64.ts';
import * as I32 from '../loops/arithmetic-i32.ts';
import * as I64 from '../loops/arithmetic-i64.ts';
import type { RowLoop } from './loop-node.ts';

type Operator = TypedArithmetic['operator'];

/** The constant of an int32 or float64 operand; `undefined` for anything else. */
function constantOf(expr: TypedExpr): number | undefined {
  return expr.op === 'literal' && typeof expr.value === 'number' ? expr.value : undefined;
}

/** The loop of an arithmetic node; `undefined` when the scalar rule does it all. */
export function arithmeticLoop(expr: TypedArithmetic): RowLoop | undefined {
  const { operator, type, left, right } = expr;
  switch (type.kind) {
    case 'int32':
      return int32ConstantLoop(operator, constantOf(right)) ?? int32Loop(operator);
    case 'decimal':
      return decimalLoop(expr);
    case 'float64':
      return left.type.kind === 'duration' ? undefined : float64Loop(expr);
    default:
      return storageOf(right.type) === 'i64' ? int64Loop(operator) : undefined;
  }
}

function float64Loop({ operator, left, right }: TypedArithmetic): RowLoop {
  const b = constantOf(right);
  if (b !== undefined) return float64WithConstant(operator, b);
  const a = constantOf(left);
  return a === undefined ? float64Columns(operator) : float64FromConstant(operator, a);
}

function float64Columns(operator: Operator): RowLoop {
  switch (operator) {
    case '+':
      return (rows, n, out, [a, b]) => all(F64.addF64Columns(rows, n, out.f64, a!.f64, b!.f64));
    case '-':
      return (rows, n, out, [a, b]) =>
        all(F64.subtractF64Columns(rows, n, out.f64, a!.f64, b!.f64));
    case '*':
      return (rows, n, out, [a, b]) =>
        all(F64.multiplyF64Columns(rows, n, out.f64, a!.f64, b!.f64));
    case '/':
      return (rows, n, out, [a, b]) => all(F64.divideF64Columns(rows, n, out.f64, a!.f64, b!.f64));
    case '%':
      return (rows, n, out, [a, b]) =>
        all(F64.remainderF64Columns(rows, n, out.f64, a!.f64, b!.f64));
  }
}

function float64WithConstant(operator: Operator, b: number): RowLoop {
  switch (operator) {
    case '+':
      return (rows, n, out, [a]) => all(F64.addF64Constant(rows, n, out.f64, a!.f64, b));
    case '-':
      return (rows, n, out, [a]) => all(F64.addF64Constant(rows, n, out.f64, a!.f64, -b));
    case '*':
      return (rows, n, out, [a]) => all(F64.multiplyF64Constant(rows, n, out.f64, a!.f64, b));
    case '/':
      return (rows, n, out, [a]) => all(F64.divideF64Constant(rows, n, out.f64, a!.f64, b));
    case '%':
      return (rows, n, out, [a]) => all(F64.remainderF64Constant(rows, n, out.f64, a!.f64, b));
  }
}

function float64FromConstant(operator: Operator, a: number): RowLoop {
  switch (operator) {
    case '+':
      return (rows, n, out, [, b]) => all(F64.addF64Constant(rows, n, out.f64, b!.f64, a));
    case '-':
      return (rows, n, out, [, b]) => all(F64.subtractF64FromConstant(rows, n, out.f64, a, b!.f64));
    case '*':
      return (rows, n, out, [, b]) => all(F64.multiplyF64Constant(rows, n, out.f64, b!.f64, a));
    case '/':
      return (rows, n, out, [, b]) => all(F64.divideF64FromConstant(rows, n, out.f64, a, b!.f64));
    case '%':
      return (rows, n, out, [, b]) =>
        all(F64.remainderF64FromConstant(rows, n, out.f64, a, b!.f64));
  }
}

/** The loop did all rows. */
function all(_done: void): number {
  return 0;
}

/** A loop over the words of two columns. */
type WordLoop = (
  selection: Uint32Array,
  selected: number,
  out: Int32Array,
  a: Int32Array,
  b: Int32Array,
  left: Uint32Array,
) => number;

function overWords(loop: WordLoop): RowLoop {
  return (rows, n, out, operands, left) =>
    loop(rows, n, out.words, operands[0]!.words, operands[1]!.words, left);
}

function int32Loop(operator: Operator): RowLoop {
  switch (operator) {
    case '+':
      return overWords(I32.addI32Columns);
    case '-':
      return overWords(I32.subtractI32Columns);
    case '*':
      return overWords(I32.multiplyI32Columns);
    case '/':
      return overWords(I32.divideI32Columns);
    case '%':
      return overWords(I32.remainderI32Columns);
  }
}

function int32ConstantLoop(operator: Operator, b: number | undefined): RowLoop | undefined {
  if (b === undefined) return undefined;
  switch (operator) {
    case '+':
      return (rows, n, out, [a], left) => I32.addI32Constant(rows, n, out.words, a!.words, b, left);
    case '-':
      return (rows, n, out, [a], left) =>
        I32.subtractI32Constant(rows, n, out.words, a!.words, b, left);
    case '*':
      return (rows, n, out, [a], left) =>
        I32.multiplyI32Constant(rows, n, out.words, a!.words, b, left);
    case '/':
      if (b === 0 || b === -1) return undefined;
      return (rows, n, out, [a]) => I32.divideI32Constant(rows, n, out.words, a!.words, b);
    case '%':
      if (b === 0) return undefined;
      return (rows, n, out, [a]) => I32.remainderI32Constant(rows, n, out.words, a!.words, b);
  }
}

const SAFE = 2 ** 53;

function int64Loop(operator: Operator): RowLoop {
  switch (operator) {
    case '+':
      return overWords(I64.addI64);
    case '-':
      return overWords(I64.subtractI64);
    case '*':
      return overWords((rows, n, out, a, b, left) =>
        I64.multiplyI64(rows, n, out, a, b, left, SAFE),
      );
    case '/':
      return overWords(I64.divideI64);
    case '%':
      return overWords((rows, n, out, a, b, left) =>
        I64.remainderScaled(rows, n, out, a, b, left, 1, 1, SAFE),
      );
  }
}

/** Loops for decimals whose result keeps the scale of the exact result, and for quotients. */
function decimalLoop({ operator, type, left: a, right: b }: TypedArithmetic): RowLoop | undefined {
  invariant(type.kind === 'decimal', 'a decimal operation gives a decimal');
  const limit = Math.min(SAFE, 10 ** type.precision);
  const [aScale, bScale] = [scaleOf(a.type), scaleOf(b.type)];
  const common = Math.max(aScale, bScale);
  const aFactor = 10 ** (common - aScale);
  const bFactor = 10 ** (common - bScale);
  if (operator === '/') {
    const places = type.scale + bScale - aScale;
    if (places < 0 || places > MAX_EXACT_POWER) return undefined;
    const factor = 10 ** places;
    return overWords((rows, n, out, x, y, left) =>
      I64.divideRoundedI64(rows, n, out, x, y, left, factor, limit),
    );
  }
  if (type.scale !== (operator === '*' ? aScale + bScale : common)) return undefined;
  switch (operator) {
    case '*':
      return overWords((rows, n, out, x, y, left) =>
        I64.multiplyI64(rows, n, out, x, y, left, limit),
      );
    case '%':
      return overWords((rows, n, out, x, y, left) =>
        I64.remainderScaled(rows, n, out, x, y, left, aFactor, bFactor, limit),
      );
    default: {
      const signed = operator === '+' ? bFactor : -bFactor;
      return overWords((rows, n, out, x, y, left) =>
        I64.addScaled(rows, n, out, x, y, left, aFactor, signed, limit),
      );
    }
  }
}

/** The largest power of ten up to which all are exact in a float64. */
const MAX_EXACT_POWER = 22;

/** The loop of a negation, or of the scaling inside comparisons. */
export function unaryLoop(expr: TypedNegate | TypedAlign): RowLoop {
  if (expr.op === 'align') {
    const factor = 10 ** expr.by;
    return (rows, n, out, [a], left) => I64.scaleI64(rows, n, out.words, a!.words, left, factor);
  }
  switch (storageOf(expr.type)) {
    case 'f64':
      return (rows, n, out, [a]) => all(F64.multiplyF64Constant(rows, n, out.f64, a!.f64, -1));
    case 'i32':
      return (rows, n, out, [a], left) =>
        I32.multiplyI32Constant(rows, n, out.words, a!.words, -1, left);
    default:
      return (rows, n, out, [a], left) => I64.negateI64(rows, n, out.words, a!.words, left);
  }
}
