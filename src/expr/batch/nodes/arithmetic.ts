/** Arithmetic: the operands' nulls, a loop, and the scalar rule for the rows the loop leaves. @module */

import { Column } from '../../../core/column.ts';
import { invariant } from '../../../core/invariant.ts';
import type { DataType } from '../../../core/types.ts';
import { storageOf } from '../../../core/types.ts';
import { align, arithmetic, negate, scaleOf } from '../../interpret.ts';
import type { TypedAlign, TypedArithmetic, TypedNegate } from '../../typed.ts';
import * as F64 from '../loops/arithmetic-f64.ts';
import * as I32 from '../loops/arithmetic-i32.ts';
import * as I64 from '../loops/arithmetic-i64.ts';
import { keepSet } from '../selections.ts';
import { coveringBytes, copyNulls, joinNulls } from '../validity.ts';
import type { Frame, VectorNode } from '../vector-node.ts';
import { LiteralNode } from './leaf.ts';
import { ScalarRows } from './scalar.ts';

/** The constant of an operand that is a number; `undefined` for anything else. */
function constantOf(node: VectorNode): number | undefined {
  return node instanceof LiteralNode && typeof node.value === 'number' ? node.value : undefined;
}

/** float64 arithmetic: never fails, so null rows need no care. */
export class FloatArithmeticNode implements VectorNode {
  readonly type: DataType;
  readonly #operator: TypedArithmetic['operator'];
  readonly #left: VectorNode;
  readonly #right: VectorNode;
  readonly #leftConstant: number | undefined;
  readonly #rightConstant: number | undefined;
  readonly #out: Column;

  constructor(expr: TypedArithmetic, left: VectorNode, right: VectorNode, rowCapacity: number) {
    this.type = expr.type;
    this.#operator = expr.operator;
    this.#left = left;
    this.#right = right;
    this.#leftConstant = constantOf(left);
    this.#rightConstant = constantOf(right);
    this.#out = Column.allocate(expr.type, rowCapacity);
  }

  evaluate(frame: Frame, selection: Uint32Array, selected: number): Column {
    const a = this.#left.evaluate(frame, selection, selected);
    const b = this.#right.evaluate(frame, selection, selected);
    const out = this.#out;
    joinNulls(out, a, b, coveringBytes(selection, selected));
    if (this.#rightConstant !== undefined) {
      this.#withConstant(selection, selected, a.f64, this.#rightConstant);
    } else if (this.#leftConstant !== undefined) {
      this.#fromConstant(selection, selected, this.#leftConstant, b.f64);
    } else {
      this.#ofColumns(selection, selected, a.f64, b.f64);
    }
    return out;
  }

  #ofColumns(selection: Uint32Array, selected: number, a: Float64Array, b: Float64Array): void {
    const out = this.#out.f64;
    switch (this.#operator) {
      case '+':
        return F64.addF64Columns(selection, selected, out, a, b);
      case '-':
        return F64.subtractF64Columns(selection, selected, out, a, b);
      case '*':
        return F64.multiplyF64Columns(selection, selected, out, a, b);
      case '/':
        return F64.divideF64Columns(selection, selected, out, a, b);
      case '%':
        return F64.remainderF64Columns(selection, selected, out, a, b);
    }
  }

  #withConstant(selection: Uint32Array, selected: number, a: Float64Array, b: number): void {
    const out = this.#out.f64;
    switch (this.#operator) {
      case '+':
        return F64.addF64Constant(selection, selected, out, a, b);
      case '-':
        return F64.addF64Constant(selection, selected, out, a, -b);
      case '*':
        return F64.multiplyF64Constant(selection, selected, out, a, b);
      case '/':
        return F64.divideF64Constant(selection, selected, out, a, b);
      case '%':
        return F64.remainderF64Constant(selection, selected, out, a, b);
    }
  }

  #fromConstant(selection: Uint32Array, selected: number, a: number, b: Float64Array): void {
    const out = this.#out.f64;
    switch (this.#operator) {
      case '+':
        return F64.addF64Constant(selection, selected, out, b, a);
      case '-':
        return F64.subtractF64FromConstant(selection, selected, out, a, b);
      case '*':
        return F64.multiplyF64Constant(selection, selected, out, b, a);
      case '/':
        return F64.divideF64FromConstant(selection, selected, out, a, b);
      case '%':
        return F64.remainderF64FromConstant(selection, selected, out, a, b);
    }
  }
}

/** Arithmetic that can fail: int32, int64, decimal, timestamp, duration. */
export class CheckedArithmeticNode implements VectorNode {
  readonly type: DataType;
  readonly #left: VectorNode;
  readonly #right: VectorNode;
  readonly #loop: CheckedLoop;
  readonly #rows: ScalarRows;
  readonly #operands: Column[] = [];
  readonly #present: Uint32Array;
  readonly #leftOver: Uint32Array;
  readonly #out: Column;

  constructor(expr: TypedArithmetic, left: VectorNode, right: VectorNode, rowCapacity: number) {
    this.type = expr.type;
    this.#left = left;
    this.#right = right;
    this.#loop = checkedLoop(expr, constantOf(right));
    this.#rows = new ScalarRows(([a, b]) => arithmetic(expr, a!, b!), 2, true);
    this.#present = new Uint32Array(rowCapacity);
    this.#leftOver = new Uint32Array(rowCapacity);
    this.#out = Column.allocate(expr.type, rowCapacity);
  }

  evaluate(frame: Frame, selection: Uint32Array, selected: number): Column {
    const a = this.#left.evaluate(frame, selection, selected);
    const b = this.#right.evaluate(frame, selection, selected);
    const out = this.#out;
    joinNulls(out, a, b, coveringBytes(selection, selected));
    let rows = selection;
    let count = selected;
    if (out.nullCount !== 0) {
      count = keepSet(selection, selected, out.validity, this.#present);
      rows = this.#present;
    }
    const left = this.#leftOver;
    const leftCount = this.#loop(rows, count, out.words, a.words, b.words, left);
    if (leftCount !== 0) {
      this.#operands[0] = a;
      this.#operands[1] = b;
      this.#rows.apply(this.#operands, left, leftCount, out, frame.errors);
    }
    return out;
  }
}

/** A loop over words; returns how many rows it wrote to `left`. Called once per batch. */
type CheckedLoop = (
  selection: Uint32Array,
  selected: number,
  out: Int32Array,
  a: Int32Array,
  b: Int32Array,
  left: Uint32Array,
) => number;

/** Leaves all rows to the scalar rule. */
const leaveAll: CheckedLoop = (selection, selected, _out, _a, _b, left) => {
  left.set(selection.subarray(0, selected));
  return selected;
};

function checkedLoop(expr: TypedArithmetic, constant: number | undefined): CheckedLoop {
  switch (expr.type.kind) {
    case 'int32':
      return int32Loop(expr.operator, constant);
    case 'decimal':
      return decimalLoop(expr);
    case 'int64':
    case 'timestamp':
    case 'duration':
      return storageOf(expr.right.type) === 'i64' ? int64Loop(expr.operator) : leaveAll;
    default:
      return leaveAll;
  }
}

function int32Loop(operator: TypedArithmetic['operator'], b: number | undefined): CheckedLoop {
  if (b !== undefined) {
    const loop = int32ConstantLoop(operator, b);
    if (loop !== undefined) return loop;
  }
  switch (operator) {
    case '+':
      return I32.addI32Columns;
    case '-':
      return I32.subtractI32Columns;
    case '*':
      return I32.multiplyI32Columns;
    case '/':
      return I32.divideI32Columns;
    case '%':
      return I32.remainderI32Columns;
  }
}

function int32ConstantLoop(
  operator: TypedArithmetic['operator'],
  constant: number,
): CheckedLoop | undefined {
  switch (operator) {
    case '+':
      return (rows, n, out, a, _b, left) => I32.addI32Constant(rows, n, out, a, constant, left);
    case '-':
      return (rows, n, out, a, _b, left) => I32.subtractI32Constant(rows, n, out, a, constant, left);
    case '*':
      return (rows, n, out, a, _b, left) => I32.multiplyI32Constant(rows, n, out, a, constant, left);
    case '/':
      if (constant === 0 || constant === -1) return undefined;
      return (rows, n, out, a) => I32.divideI32Constant(rows, n, out, a, constant);
    case '%':
      if (constant === 0) return undefined;
      return (rows, n, out, a) => I32.remainderI32Constant(rows, n, out, a, constant);
  }
}

const SAFE = 2 ** 53;

function int64Loop(operator: TypedArithmetic['operator']): CheckedLoop {
  switch (operator) {
    case '+':
      return I64.addI64;
    case '-':
      return I64.subtractI64;
    case '*':
      return (rows, n, out, a, b, left) => I64.multiplyI64(rows, n, out, a, b, left, SAFE);
    case '/':
      return I64.divideI64;
    case '%':
      return (rows, n, out, a, b, left) => I64.remainderScaled(rows, n, out, a, b, left, 1, 1, SAFE);
  }
}

/** Loops for decimals whose result keeps the scale of the exact result. */
function decimalLoop({ operator, type, left: a, right: b }: TypedArithmetic): CheckedLoop {
  invariant(type.kind === 'decimal', 'decimalLoop needs a decimal');
  const limit = Math.min(SAFE, 10 ** type.precision);
  const [aScale, bScale] = [scaleOf(a.type), scaleOf(b.type)];
  const common = Math.max(aScale, bScale);
  const aFactor = 10 ** (common - aScale);
  const bFactor = 10 ** (common - bScale);
  if (operator === '/') {
    const places = type.scale + bScale - aScale;
    if (places < 0 || places > 22) return leaveAll;
    const factor = 10 ** places;
    return (rows, n, out, x, y, left) =>
      I64.divideRoundedI64(rows, n, out, x, y, left, factor, limit);
  }
  if (type.scale !== (operator === '*' ? aScale + bScale : common)) return leaveAll;
  switch (operator) {
    case '*':
      return (rows, n, out, x, y, left) => I64.multiplyI64(rows, n, out, x, y, left, limit);
    case '%':
      return (rows, n, out, x, y, left) =>
        I64.remainderScaled(rows, n, out, x, y, left, aFactor, bFactor, limit);
    default: {
      const signed = operator === '+' ? bFactor : -bFactor;
      return (rows, n, out, x, y, left) =>
        I64.addScaled(rows, n, out, x, y, left, aFactor, signed, limit);
    }
  }
}

/** `-x` and the internal scaling of comparisons: one operand, one loop. */
export class CheckedUnaryNode implements VectorNode {
  readonly type: DataType;
  readonly #operand: VectorNode;
  readonly #loop: UnaryLoop;
  readonly #rows: ScalarRows;
  readonly #operands: Column[] = [];
  readonly #present: Uint32Array;
  readonly #leftOver: Uint32Array;
  readonly #out: Column;

  constructor(expr: TypedNegate | TypedAlign, operand: VectorNode, rowCapacity: number) {
    this.type = expr.type;
    this.#operand = operand;
    this.#loop = unaryLoop(expr);
    this.#rows = new ScalarRows(
      ([a]) => (expr.op === 'negate' ? negate(a!, expr.type) : align(expr, a!)),
      1,
      true,
    );
    this.#present = new Uint32Array(rowCapacity);
    this.#leftOver = new Uint32Array(rowCapacity);
    this.#out = Column.allocate(expr.type, rowCapacity);
  }

  evaluate(frame: Frame, selection: Uint32Array, selected: number): Column {
    const a = this.#operand.evaluate(frame, selection, selected);
    const out = this.#out;
    copyNulls(out, a, coveringBytes(selection, selected));
    let rows = selection;
    let count = selected;
    if (out.nullCount !== 0) {
      count = keepSet(selection, selected, out.validity, this.#present);
      rows = this.#present;
    }
    const leftCount = this.#loop(rows, count, out, a, this.#leftOver);
    if (leftCount !== 0) {
      this.#operands[0] = a;
      this.#rows.apply(this.#operands, this.#leftOver, leftCount, out, frame.errors);
    }
    return out;
  }
}

type UnaryLoop = (
  selection: Uint32Array,
  selected: number,
  out: Column,
  a: Column,
  left: Uint32Array,
) => number;

function unaryLoop(expr: TypedNegate | TypedAlign): UnaryLoop {
  if (expr.op === 'align') {
    const factor = 10 ** expr.by;
    return (rows, n, out, a, left) => I64.scaleI64(rows, n, out.words, a.words, left, factor);
  }
  switch (storageOf(expr.type)) {
    case 'f64':
      return (rows, n, out, a) => {
        F64.multiplyF64Constant(rows, n, out.f64, a.f64, -1);
        return 0;
      };
    case 'i32':
      return (rows, n, out, a, left) =>
        I32.multiplyI32Constant(rows, n, out.words, a.words, -1, left);
    default:
      return (rows, n, out, a, left) => I64.negateI64(rows, n, out.words, a.words, left);
  }
}
