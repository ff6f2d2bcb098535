/** `IN` a list of constants that is too long for a kernel, or of bools. @module */

import type { Column } from '../../../core/column.ts';
import { storageOf } from '../../../core/types.ts';
import { isIn } from '../../interpret.ts';
import type { TypedIn } from '../../typed.ts';
import type { Value } from '../../value.ts';
import { readValue } from '../values.ts';
import type { TestLoop } from './loop-node.ts';

/** The loop of an `IN`. */
export function memberTest(expr: TypedIn): TestLoop {
  const loop = memberLoop(expr);
  return (rows, count, out, [column]) => loop(rows, count, out, column!);
}

/** Writes the rows of `selection`, none null, whose value is in the list; returns how many. */
type MemberLoop = (
  selection: Uint32Array,
  selected: number,
  out: Uint32Array,
  column: Column,
) => number;

function memberLoop(expr: TypedIn): MemberLoop {
  const { operand, items } = expr;
  const storage = storageOf(operand.type);
  switch (storage) {
    case 'i32': {
      const set = new Set(items as readonly number[]);
      return (rows, n, out, column) => membersI32(rows, n, out, column.words, set);
    }
    case 'f64': {
      // A set finds NaN, which equals nothing.
      const set = new Set((items as readonly number[]).filter((item) => !Number.isNaN(item)));
      return (rows, n, out, column) => membersF64(rows, n, out, column.f64, set);
    }
    case 'view':
      return operand.type.kind === 'bytes' ? bytesMembers(expr) : valueMembers(new Set(items));
    default:
      return valueMembers(new Set(items));
  }
}

/** @hot */
function membersI32(
  selection: Uint32Array,
  selected: number,
  out: Uint32Array,
  column: Int32Array,
  items: ReadonlySet<number>,
): number {
  let kept = 0;
  for (let s = 0; s < selected; s++) {
    const row = selection[s]!;
    out[kept] = row;
    kept += +items.has(column[row]!);
  }
  return kept;
}

/** @hot */
function membersF64(
  selection: Uint32Array,
  selected: number,
  out: Uint32Array,
  column: Float64Array,
  items: ReadonlySet<number>,
): number {
  let kept = 0;
  for (let s = 0; s < selected; s++) {
    const row = selection[s]!;
    out[kept] = row;
    kept += +items.has(column[row]!);
  }
  return kept;
}

/** Members by their JavaScript values. */
function valueMembers(items: ReadonlySet<Value>): MemberLoop {
  return rowsWhere((value) => items.has(value));
}

function bytesMembers(expr: TypedIn): MemberLoop {
  return rowsWhere((value) => isIn(expr, value) === true);
}

function rowsWhere(holds: (value: Value) => boolean): MemberLoop {
  return (selection, selected, out, column) => {
    let kept = 0;
    for (let s = 0; s < selected; s++) {
      const row = selection[s]!;
      out[kept] = row;
      kept += +holds(readValue(column, row));
    }
    return kept;
  };
}
