/** The order of strings by their bytes: the first four decide most rows. @module */

import type { FunctionBuilder, I32, I64, Local } from '../../../wasm/index.ts';
import { call, i32, i64, select } from '../../../wasm/index.ts';
import type { ComparisonOperator } from '../../ast.ts';
import type { TypedExpr } from '../../typed.ts';
import type { Lane, Machine } from '../lanes.ts';
import { Int32, Mask } from '../operations.ts';
import type { Rule, StrictRule } from '../rules/rule.ts';
import { constantBytes, constantKey } from './constant.ts';
import type { TextPlace } from './view-code.ts';
import { openText, viewAt } from './view-code.ts';
import { beginningsOf, Unsigned, within } from './views.ts';

/** An operator that asks for an order. */
export type OrderOperator = Exclude<ComparisonOperator, '=' | '<>'>;

const MIRRORED = { '<': '>', '<=': '>=', '>': '<', '>=': '<=' } as const;

/** How two operands are ordered; `undefined` when a constant is null, or too long. */
export function ordering(
  operator: OrderOperator,
  left: TypedExpr,
  right: TypedExpr,
): StrictRule | undefined {
  if (left.op !== 'literal' && right.op !== 'literal') {
    return { rule: columnsRule(operator), operands: [left, right] };
  }
  const [operand, constant] = left.op === 'literal' ? [right, left] : [left, right];
  const bytes = constantBytes(constant);
  if (bytes === undefined || operand.op === 'literal') return undefined;
  const mirrored = left.op === 'literal' ? MIRRORED[operator] : operator;
  return { rule: constantRule(mirrored, bytes), operands: [operand] };
}

function constantRule(operator: OrderOperator, bytes: Uint8Array): Rule {
  const start = new Uint8Array(4);
  start.set(bytes.subarray(0, 4));
  const wanted = new DataView(start.buffer).getInt32(0);
  return (m, _, { columns, rows }) => {
    const column = columns[0]!;
    const helper = m.helpers.helper(`order ${constantKey(bytes)}`, 2, (f, [view, heap]) =>
      writeOrderOfConstant(f, openText(f, view!, heap!), bytes),
    );
    const beginnings = [beginningsOf(m, column), m.constant('i32', wanted)] as const;
    return {
      value: decided(m, operator, beginnings, rows, (row) =>
        call(helper, viewAt(column, row), column.heap),
      ),
    };
  };
}

function columnsRule(operator: OrderOperator): Rule {
  return (m, _, { columns, rows }) => {
    const [a, b] = [columns[0]!, columns[1]!];
    const helper = m.helpers.helper('order', 4, (f, [x, xHeap, y, yHeap]) =>
      writeOrder(f, openText(f, x!, xHeap!), openText(f, y!, yHeap!)),
    );
    const beginnings = [beginningsOf(m, a), beginningsOf(m, b)] as const;
    return {
      value: decided(m, operator, beginnings, rows, (row) =>
        call(helper, viewAt(a, row), a.heap, viewAt(b, row), b.heap),
      ),
    };
  };
}

/** @param orderOf - code for the order of strings that begin alike: below 0, 0, above 0 */
function decided(
  m: Machine,
  operator: OrderOperator,
  [a, b]: readonly [Lane, Lane],
  rows: Lane | undefined,
  orderOf: (row: I32) => I32,
): Lane {
  const differ = m.apply(operator.startsWith('<') ? Unsigned.lt : Unsigned.gt, a, b);
  const alike = within(m, m.apply(Int32.eq, a, b), rows);
  const test = { '<': i32.ltS, '<=': i32.leS, '>': i32.gtS, '>=': i32.geS }[operator];
  const known = m.eachRow('bits', alike, (row) => test(orderOf(row), i32.const(0)));
  return m.apply(Mask.or, differ, known);
}

/** Returns the order of a string and a constant. */
function writeOrderOfConstant(f: FunctionBuilder, text: TextPlace, bytes: Uint8Array): void {
  const order = orderAt(f);
  const shared = f.let(least(text.length, i32.const(bytes.length)));
  f.block((end) => {
    for (let from = 0; from < bytes.length; from += 8) {
      f.branchIf(end, i32.leU(shared, i32.const(from)));
      const wanted = new Uint8Array(8);
      wanted.set(bytes.subarray(from, from + 8));
      const constant = i64.const(new DataView(wanted.buffer).getBigInt64(0, true));
      order(i64.load(text.at, { offset: from }), constant, i32.sub(shared, i32.const(from)));
    }
  });
  f.return(i32.sub(text.length, i32.const(bytes.length)));
}

/** Returns the order of two strings. */
function writeOrder(f: FunctionBuilder, a: TextPlace, b: TextPlace): void {
  const order = orderAt(f);
  const left = f.let(least(a.length, b.length));
  const [x, y] = [f.let(a.at), f.let(b.at)];
  f.while(i32.gtS(left, i32.const(0)), () => {
    order(i64.load(x), i64.load(y), left);
    f.increase(x, 8);
    f.increase(y, 8);
    f.increase(left, -8);
  });
  f.return(i32.sub(a.length, b.length));
}

/** Writes code that returns the order of eight bytes of two strings, if the first `count` differ. */
function orderAt(f: FunctionBuilder): (a: I64, b: I64, count: I32) => void {
  const [x, y] = [f.local('i64'), f.local('i64')];
  const shift = f.local('i64');
  return (a, b, count) => {
    f.set(x, a);
    f.set(y, b);
    f.if(i64.ne(x, y), () => {
      // The first byte that differs is the lowest.
      f.set(shift, i64.and(i64.ctz(i64.xor(x, y)), i64.const(56n)));
      const byteOf = (word: Local<'i64'>): I32 =>
        i32.and(i32.wrapI64(i64.shrU(word, shift)), i32.const(0xff));
      f.if(i32.ltS(i32.wrapI64(shift), i32.shl(count, i32.const(3))), () =>
        f.return(i32.sub(byteOf(x), byteOf(y))),
      );
    });
  };
}

function least(a: I32, b: I32): I32 {
  return select(i32.ltU(a, b), a, b);
}
