/**
 * `CHAR_LENGTH(s) - CHAR_LENGTH(REPLACE(s, 'x', ''))`, the usual way to count: without making the string.
 *
 * @module
 */

import type { FunctionBuilder } from '../../../wasm/index.ts';
import { call, i32, i8x16, select, v128 } from '../../../wasm/index.ts';
import { textLength } from '../../scalar/text.ts';
import type { TypedCall, TypedExpr } from '../../typed.ts';
import type { Rule, StrictRule } from '../rules/rule.ts';
import { constantBytes, constantKey } from './constant.ts';
import { constantNeedle, find } from './find.ts';
import type { TextPlace } from './view-code.ts';
import { openText, viewAt } from './view-code.ts';
import { areAtLeast, within } from './views.ts';

/** How the difference of two lengths is computed, if it is such a count. */
export function occurrences(left: TypedExpr, right: TypedExpr): StrictRule | undefined {
  const text = argumentOf(left, 'CHAR_LENGTH');
  const replaced = argumentOf(right, 'CHAR_LENGTH');
  if (text?.op !== 'column' || replaced?.op !== 'call' || replaced.fn !== 'REPLACE') {
    return undefined;
  }
  const [source, needle, substitute] = replaced.args;
  const isSame = source?.op === 'column' && source.index === text.index;
  const bytes = constantBytes(needle);
  if (!isSame || bytes === undefined || constantBytes(substitute)?.length !== 0) return undefined;
  const points = textLength((needle as { readonly value: string }).value);
  return { rule: countRule(bytes, points), operands: [text] };
}

function argumentOf(expr: TypedExpr, fn: TypedCall['fn']): TypedExpr | undefined {
  return expr.op === 'call' && expr.fn === fn ? expr.args[0] : undefined;
}

/** @param points - what each occurrence counts */
function countRule(bytes: Uint8Array, points: number): Rule {
  return (m, _, { columns, rows }) => {
    const column = columns[0]!;
    if (bytes.length === 0) return { value: m.constant('i32', 0) };
    const helper = m.helpers.helper(
      `count ${points} ${constantKey(bytes)}`,
      2,
      (f, [view, heap]) => {
        const text = openText(f, view!, heap!);
        if (bytes.length === 1) writeByteCount(f, text, bytes[0]!);
        else writeCount(f, text, bytes, points);
      },
    );
    const open = within(m, areAtLeast(m, column, bytes.length), rows);
    return {
      value: m.eachRow('i32', open, (row) => call(helper, viewAt(column, row), column.heap)),
    };
  };
}

/** Returns how often a byte occurs. */
function writeByteCount(f: FunctionBuilder, { at, length }: TextPlace, byte: number): void {
  const count = f.local('i32');
  const left = f.let(length);
  const place = f.let(at);
  const wanted = v128.const(new Uint8Array(16).fill(byte));
  f.while(i32.gtS(left, i32.const(0)), () => {
    const bits = i8x16.bitmask(i8x16.eq(v128.load(place), wanted));
    const first = i32.sub(i32.shl(i32.const(1), left), i32.const(1));
    const among = select(i32.ltS(left, i32.const(16)), first, i32.const(-1));
    f.set(count, i32.add(count, i32.popcnt(i32.and(bits, among))));
    f.increase(place, 16);
    f.increase(left, -16);
  });
  f.return(count);
}

/** Returns how many characters the occurrences have that do not overlap. */
function writeCount(f: FunctionBuilder, text: TextPlace, bytes: Uint8Array, points: number): void {
  const count = f.local('i32');
  const place = f.let(text.at);
  const end = f.let(i32.add(text.at, text.length));
  const found = f.local('i32');
  f.loop((again) => {
    find(f, constantNeedle(bytes), place, end, found);
    f.if(i32.eqz(found), () => f.return(count));
    f.increase(count, points);
    f.set(place, i32.add(found, i32.const(bytes.length)));
    f.branch(again);
  });
}
