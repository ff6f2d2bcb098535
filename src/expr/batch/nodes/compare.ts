/** Which loop compares what. Chosen once per node; called once per batch. @module */

import type { Column } from '../../../core/column.ts';
import { unreachable } from '../../../core/invariant.ts';
import type { DataType } from '../../../core/types.ts';
import { storageOf } from '../../../core/types.ts';
import type { ComparisonOperator } from '../../ast.ts';
import type { TypedCompare } from '../../typed.ts';
import type { Value } from '../../value.ts';
import * as F64 from '../loops/compare-f64.ts';
import * as I32 from '../loops/compare-i32.ts';
import * as I64 from '../loops/compare-i64.ts';
import { equalViews, orderedViews } from '../loops/compare-view.ts';
import type { TestLoop } from './loop-node.ts';

/** The operator with its operands exchanged. */
const MIRRORED: Readonly<Record<ComparisonOperator, ComparisonOperator>> = {
  '=': '=',
  '<>': '<>',
  '<': '>',
  '<=': '>=',
  '>': '<',
  '>=': '<=',
};

/** The loop of a comparison; `undefined` for bools, which are compared by the scalar rule. */
export function compareTest(expr: TypedCompare): TestLoop | undefined {
  const { operator, left, right } = expr;
  if (storageOf(left.type) === 'bits') return undefined;
  if (right.op === 'literal' || left.op !== 'literal') {
    const loop = compareLoop(operator, left.type, right.op === 'literal' ? right.value : null);
    return (rows, count, out, [a, b]) => loop(rows, count, out, a!, b!);
  }
  // Operands are evaluated as written, then exchanged so that the constant stands right.
  const loop = compareLoop(MIRRORED[operator], left.type, left.value);
  return (rows, count, out, [a, b]) => loop(rows, count, out, b!, a!);
}

/** Writes the rows of `selection`, none null, for which it holds to `out`; returns how many. */
type CompareLoop = (
  selection: Uint32Array,
  selected: number,
  out: Uint32Array,
  a: Column,
  b: Column,
) => number;

/**
 * The loop for an operator on columns of a type.
 *
 * @param constant - the value that every row of `b` holds; null when it varies
 */
function compareLoop(operator: ComparisonOperator, type: DataType, constant: Value): CompareLoop {
  const storage = storageOf(type);
  switch (storage) {
    case 'f64':
      return typeof constant === 'number'
        ? f64WithConstant(operator, constant)
        : f64Columns(operator);
    case 'i32':
      return typeof constant === 'number'
        ? i32WithConstant(operator, constant)
        : i32Columns(operator);
    case 'i64':
      return typeof constant === 'bigint'
        ? i64WithConstant(operator, constant)
        : i64Columns(operator);
    case 'view':
      return views(operator, constant === null ? 1 : 0);
    case 'bits':
      throw new TypeError('bools are compared by the scalar rule');
    default:
      return unreachable(storage);
  }
}

function f64WithConstant(operator: ComparisonOperator, k: number): CompareLoop {
  switch (operator) {
    case '=':
      return (rows, n, out, a) => F64.equalF64Constant(rows, n, out, a.f64, k);
    case '<>':
      return (rows, n, out, a) => F64.unequalF64Constant(rows, n, out, a.f64, k);
    case '<':
      return (rows, n, out, a) => F64.lessF64Constant(rows, n, out, a.f64, k);
    case '<=':
      return (rows, n, out, a) => F64.lessOrEqualF64Constant(rows, n, out, a.f64, k);
    case '>':
      return (rows, n, out, a) => F64.greaterF64Constant(rows, n, out, a.f64, k);
    case '>=':
      return (rows, n, out, a) => F64.greaterOrEqualF64Constant(rows, n, out, a.f64, k);
  }
}

function f64Columns(operator: ComparisonOperator): CompareLoop {
  switch (operator) {
    case '=':
      return (rows, n, out, a, b) => F64.equalF64Columns(rows, n, out, a.f64, b.f64);
    case '<>':
      return (rows, n, out, a, b) => F64.unequalF64Columns(rows, n, out, a.f64, b.f64);
    case '<':
      return (rows, n, out, a, b) => F64.lessF64Columns(rows, n, out, a.f64, b.f64);
    case '<=':
      return (rows, n, out, a, b) => F64.lessOrEqualF64Columns(rows, n, out, a.f64, b.f64);
    case '>':
      return (rows, n, out, a, b) => F64.lessF64Columns(rows, n, out, b.f64, a.f64);
    case '>=':
      return (rows, n, out, a, b) => F64.lessOrEqualF64Columns(rows, n, out, b.f64, a.f64);
  }
}

function i32WithConstant(operator: ComparisonOperator, k: number): CompareLoop {
  switch (operator) {
    case '=':
      return (rows, n, out, a) => I32.equalI32Constant(rows, n, out, a.words, k);
    case '<>':
      return (rows, n, out, a) => I32.unequalI32Constant(rows, n, out, a.words, k);
    case '<':
      return (rows, n, out, a) => I32.lessI32Constant(rows, n, out, a.words, k);
    case '<=':
      return (rows, n, out, a) => I32.lessOrEqualI32Constant(rows, n, out, a.words, k);
    case '>':
      return (rows, n, out, a) => I32.greaterI32Constant(rows, n, out, a.words, k);
    case '>=':
      return (rows, n, out, a) => I32.greaterOrEqualI32Constant(rows, n, out, a.words, k);
  }
}

function i32Columns(operator: ComparisonOperator): CompareLoop {
  switch (operator) {
    case '=':
      return (rows, n, out, a, b) => I32.equalI32Columns(rows, n, out, a.words, b.words);
    case '<>':
      return (rows, n, out, a, b) => I32.unequalI32Columns(rows, n, out, a.words, b.words);
    case '<':
      return (rows, n, out, a, b) => I32.lessI32Columns(rows, n, out, a.words, b.words);
    case '<=':
      return (rows, n, out, a, b) => I32.lessOrEqualI32Columns(rows, n, out, a.words, b.words);
    case '>':
      return (rows, n, out, a, b) => I32.lessI32Columns(rows, n, out, b.words, a.words);
    case '>=':
      return (rows, n, out, a, b) => I32.lessOrEqualI32Columns(rows, n, out, b.words, a.words);
  }
}

function i64WithConstant(operator: ComparisonOperator, constant: bigint): CompareLoop {
  const low = Number(BigInt.asIntN(32, constant));
  const high = Number(constant >> 32n);
  switch (operator) {
    case '=':
      return (rows, n, out, a) => I64.equalI64Constant(rows, n, out, a.words, low, high);
    case '<>':
      return (rows, n, out, a) => I64.unequalI64Constant(rows, n, out, a.words, low, high);
    case '<':
      return (rows, n, out, a) => I64.lessI64Constant(rows, n, out, a.words, low, high);
    case '<=':
      return (rows, n, out, a) => I64.lessOrEqualI64Constant(rows, n, out, a.words, low, high);
    case '>':
      return (rows, n, out, a) => I64.greaterI64Constant(rows, n, out, a.words, low, high);
    case '>=':
      return (rows, n, out, a) => I64.greaterOrEqualI64Constant(rows, n, out, a.words, low, high);
  }
}

function i64Columns(operator: ComparisonOperator): CompareLoop {
  switch (operator) {
    case '=':
      return (rows, n, out, a, b) => I64.equalI64Columns(rows, n, out, a.words, b.words);
    case '<>':
      return (rows, n, out, a, b) => I64.unequalI64Columns(rows, n, out, a.words, b.words);
    case '<':
      return (rows, n, out, a, b) => I64.lessI64Columns(rows, n, out, a.words, b.words);
    case '<=':
      return (rows, n, out, a, b) => I64.lessOrEqualI64Columns(rows, n, out, a.words, b.words);
    case '>':
      return (rows, n, out, a, b) => I64.lessI64Columns(rows, n, out, b.words, a.words);
    case '>=':
      return (rows, n, out, a, b) => I64.lessOrEqualI64Columns(rows, n, out, b.words, a.words);
  }
}

/** Bits of `orderedViews`: less 1, equal 2, greater 4. */
const ACCEPTED = { '<': 1, '<=': 3, '>': 4, '>=': 6 } as const;

function views(operator: ComparisonOperator, bStep: number): CompareLoop {
  switch (operator) {
    case '=':
      return (rows, n, out, a, b) => equalViews(rows, n, out, a, b, bStep, 1);
    case '<>':
      return (rows, n, out, a, b) => equalViews(rows, n, out, a, b, bStep, 0);
    default: {
      const accepted = ACCEPTED[operator];
      return (rows, n, out, a, b) => orderedViews(rows, n, out, a, b, bStep, accepted);
    }
  }
}
