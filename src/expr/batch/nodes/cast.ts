/** Casts between numbers that have a loop; all others follow the scalar rule. @module */

import { Column } from '../../../core/column.ts';
import type { DataType } from '../../../core/types.ts';
import { cast, scaleOf } from '../../interpret.ts';
import type { TypedCast } from '../../typed.ts';
import * as Convert from '../loops/convert.ts';
import { keepSet } from '../selections.ts';
import { copyNulls, coveringBytes } from '../validity.ts';
import type { Frame, VectorNode } from '../vector-node.ts';
import { ScalarRows } from './scalar.ts';

/** Converts the selected rows, none null; returns how many it wrote to `left`. */
export type CastLoop = (
  selection: Uint32Array,
  selected: number,
  out: Column,
  a: Column,
  left: Uint32Array,
) => number;

/** The loop for a cast; `undefined` when there is none. */
export function castLoop(from: DataType, to: DataType): CastLoop | undefined {
  switch (`${from.kind} → ${to.kind}`) {
    case 'int32 → int64':
      return (rows, n, out, a) => done(Convert.i32ToI64(rows, n, out.words, a.words));
    case 'int32 → float64':
      return (rows, n, out, a) => done(Convert.i32ToF64(rows, n, out.f64, a.words));
    case 'int64 → float64':
      return (rows, n, out, a) => done(Convert.i64ToF64(rows, n, out.f64, a.words));
    case 'int64 → int32':
      return (rows, n, out, a, left) => Convert.i64ToI32(rows, n, out.words, a.words, left);
    case 'float64 → int32':
      return (rows, n, out, a, left) => Convert.f64ToI32(rows, n, out.words, a.f64, left);
    case 'float64 → int64':
      return (rows, n, out, a, left) => Convert.f64ToI64(rows, n, out.words, a.f64, left);
    case 'decimal → float64': {
      const unit = 10 ** scaleOf(from);
      return (rows, n, out, a, left) => Convert.decimalToF64(rows, n, out.f64, a.words, left, unit);
    }
    default:
      return undefined;
  }
}

/** No row is left for the scalar rule. */
function done(_nothing: void): number {
  return 0;
}

/** A cast that has a loop. */
export class CastNode implements VectorNode {
  readonly type: DataType;
  readonly #operand: VectorNode;
  readonly #loop: CastLoop;
  readonly #rows: ScalarRows;
  readonly #operands: Column[] = [];
  readonly #present: Uint32Array;
  readonly #leftOver: Uint32Array;
  readonly #out: Column;

  constructor(expr: TypedCast, operand: VectorNode, loop: CastLoop, rowCapacity: number) {
    this.type = expr.type;
    this.#operand = operand;
    this.#loop = loop;
    this.#rows = new ScalarRows(([value]) => cast(expr, value!), 1, true);
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
