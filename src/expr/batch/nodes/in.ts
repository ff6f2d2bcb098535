/** `IN` a list of constants. @module */

import type { Column } from '../../../core/column.ts';
import { storageOf } from '../../../core/types.ts';
import type { TypedIn } from '../../typed.ts';
import type { Value } from '../../value.ts';
import { compareViews } from '../loops/compare-view.ts';
import { readValue } from '../values.ts';
import { LiteralNode, ONE_ROW } from './leaf.ts';
import type { TestLoop } from './loop-node.ts';

/** Longest list of strings that is searched one by one. */
const SHORT_LIST = 8;

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

function memberLoop({ operand, items }: TypedIn): MemberLoop {
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
      return operand.type.kind === 'bytes' || items.length <= SHORT_LIST
        ? viewMembers(
            items.map(
              (value) => new LiteralNode({ op: 'literal', type: operand.type, value }, ONE_ROW),
            ),
          )
        : valueMembers(new Set(items));
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

/** Members by their bytes, one by one. */
function viewMembers(items: readonly LiteralNode[]): MemberLoop {
  const columns = items.map((item) => item.evaluate());
  return (selection, selected, out, column) => {
    let kept = 0;
    for (let s = 0; s < selected; s++) {
      const row = selection[s]!;
      out[kept] = row;
      let found = 0;
      for (let i = 0; i < columns.length && found === 0; i++) {
        found = +(compareViews(column, row, columns[i]!, 0) === 0);
      }
      kept += found;
    }
    return kept;
  };
}

/** Members by their JavaScript values. */
function valueMembers(items: ReadonlySet<Value>): MemberLoop {
  return (selection, selected, out, column) => {
    let kept = 0;
    for (let s = 0; s < selected; s++) {
      const row = selection[s]!;
      out[kept] = row;
      kept += +items.has(readValue(column, row));
    }
    return kept;
  };
}
