/**
 * Whether strings are equal: their views say so, unless both are long and begin alike.
 *
 * @module
 */

import { call, i32, i32x4, v128 } from '../../../wasm/index.ts';
import type { TypedExpr } from '../../typed.ts';
import type { Lane, Machine } from '../lanes.ts';
import { Mask } from '../operations.ts';
import type { Rule, StrictRule, Texts } from '../rules/rule.ts';
import { constantBytes, constantKey, isInline, viewOf } from './constant.ts';
import { sameBytes } from './find.ts';
import { heapBytesAt, isConstantAt, viewAt } from './view-code.ts';
import { areLong, within } from './views.ts';

/** The words of a view behind the length and the first four bytes. */
const LATER_WORDS = new Uint8Array([
  0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 255, 255, 255, 255, 255, 255,
]);

/** How two operands are tested for being equal; `undefined` when a constant is null, or too long. */
export function equality(left: TypedExpr, right: TypedExpr): StrictRule | undefined {
  if (left.op !== 'literal' && right.op !== 'literal') {
    return { rule: equalColumns, operands: [left, right] };
  }
  const [operand, constant] = left.op === 'literal' ? [right, left] : [left, right];
  const bytes = constantBytes(constant);
  if (bytes === undefined || operand.op === 'literal') return undefined;
  return {
    rule: (m, _, texts) => ({ value: equalsConstant(m, texts, bytes) }),
    operands: [operand],
  };
}

/** Rows that are equal to a constant. */
export function equalsConstant(m: Machine, { columns, rows }: Texts, bytes: Uint8Array): Lane {
  const column = columns[0]!;
  const wanted = m.vector(viewOf(bytes));
  const words = m.views(column).map((view) => i32x4.eq(view, wanted));
  if (isInline(bytes)) return m.allSet(words);
  const later = m.vector(LATER_WORDS);
  const begin = m.allSet(words.map((word) => v128.or(word, later)));
  const helper = m.helpers.helper(`bytes ${constantKey(bytes)}`, 1, (f, [at]) =>
    f.return(isConstantAt(at!, bytes)),
  );
  return m.eachRow('bits', within(m, begin, rows), (row) =>
    call(helper, heapBytesAt(viewAt(column, row), column.heap)),
  );
}

const equalColumns: Rule = (m, _, { columns, rows }) => {
  const [a, b] = [columns[0]!, columns[1]!];
  const [left, right] = [m.views(a), m.views(b)];
  const words = left.map((view, i) => i32x4.eq(view, right[i]!));
  const later = m.vector(LATER_WORDS);
  const begin = m.allSet(words.map((word) => v128.or(word, later)));
  const isLong = areLong(m, a);
  const same = m.apply(Mask.andNot, m.allSet(words), isLong);
  const helper = m.helpers.helper('same bytes', 3, (f, [x, y, length]) =>
    f.return(sameBytes(f, x!, y!, length!)),
  );
  const open = within(m, m.apply(Mask.and, begin, isLong), rows);
  const equal = m.eachRow('bits', open, (row) => {
    const [x, y] = [viewAt(a, row), viewAt(b, row)];
    return call(helper, heapBytesAt(x, a.heap), heapBytesAt(y, b.heap), i32.load(x));
  });
  return { value: m.apply(Mask.or, same, equal) };
};
