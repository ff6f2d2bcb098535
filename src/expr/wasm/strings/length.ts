/** Lengths of strings, in bytes and in characters. @module */

import type { FunctionBuilder, I32, Local } from '../../../wasm/index.ts';
import { call, i32, i32x4, i8x16, lanes, select, v128 } from '../../../wasm/index.ts';
import type { Lane, Machine } from '../lanes.ts';
import { Mask } from '../operations.ts';
import type { Rule } from '../rules/rule.ts';

import { openText, viewAt } from './view-code.ts';
import { areLong, lengthsOf, within } from './views.ts';

/** The upper bits of the bytes in a view. */
const UPPER_BITS = [0, 0, 0, 0, ...Array<number>(12).fill(0x80)];

/** The length in bytes. */
export const byteLength: Rule = (m, _, { columns }) => ({
  value: lengthsOf(m, columns[0]!),
});

/** The length in characters: that in bytes where a view shows nothing but ASCII. */
export const pointLength: Rule = (m, _, { columns, rows }) => {
  const column = columns[0]!;
  const length = lengthsOf(m, column);
  const isPlain = m.apply(Mask.andNot, withoutUpperBits(m, m.views(column)), areLong(m, column));
  const helper = m.helpers.helper('points', 2, writePoints);
  const open = within(m, m.apply(Mask.not, isPlain), rows);
  const counted = m.eachRow('i32', open, (row) => call(helper, viewAt(column, row), column.heap));
  return { value: m.select(isPlain, length, counted) };
};

function withoutUpperBits(m: Machine, views: ReturnType<Machine['views']>): Lane {
  const upper = m.vector(UPPER_BITS);
  const none = m.vector(Array<number>(16).fill(0));
  return m.allSet(views.map((view) => i32x4.eq(v128.and(view, upper), none)));
}

function writePoints(f: FunctionBuilder, [view, heap]: readonly Local<'i32'>[]): void {
  const { at, length } = openText(f, view!, heap!);
  f.return(countPoints(f, at, length));
}

/** The number of bytes that begin a character: those that are not 10xxxxxx. */
export function countPoints(f: FunctionBuilder, at: Local<'i32'>, length: I32): I32 {
  const count = f.local('i32');
  const next = f.let(at);
  const end = f.let(i32.add(at, length));
  f.set(count, i32.const(0));
  f.while(i32.ltU(next, end), () => {
    const begins = i8x16.gtS(v128.load(next), lanes.i32x4(...Array<number>(4).fill(LAST_LATER)));
    const left = i32.sub(end, next);
    const first = i32.sub(i32.shl(i32.const(1), left), i32.const(1));
    const among = select(i32.ltU(left, i32.const(16)), first, i32.const(-1));
    f.set(count, i32.add(count, i32.popcnt(i32.and(i8x16.bitmask(begins), among))));
    f.increase(next, 16);
  });
  return count;
}

/** Four times 0xBF, the highest byte within a character. */
const LAST_LATER = 0xbfbf_bfbf | 0;
