/** Whether, and where, a string begins with, ends with or contains another. @module */

import { INLINE_BYTES } from '../../../core/column.ts';
import type { FunctionBuilder, FunctionRef, I32, Local } from '../../../wasm/index.ts';
import { call, i32 } from '../../../wasm/index.ts';
import type { ColumnPlace, Lane, Machine } from '../lanes.ts';
import { Mask } from '../operations.ts';
import type { Rule, Texts } from '../rules/rule.ts';
import { constantKey } from './constant.ts';
import { constantNeedle, find, placedNeedle, sameBytes } from './find.ts';
import { countPoints } from './length.ts';
import type { TextPlace } from './view-code.ts';
import { heapBytesAt, isConstantAt, openText, viewAt } from './view-code.ts';
import { areAtLeast, areInView, areLong, within } from './views.ts';

/** A string that may be empty: which rows those are, as all of them. */
function everyRow(m: Machine): Lane {
  return m.constant('bits', 1);
}

/** Rows that begin with a constant. */
export function beginsWith(m: Machine, { columns, rows }: Texts, bytes: Uint8Array): Lane {
  const column = columns[0]!;
  const { length } = bytes;
  if (length === 0) return everyRow(m);
  const reach = m.apply(
    Mask.and,
    areInView(m, column, bytes.subarray(0, 4)),
    areAtLeast(m, column, length),
  );
  if (length <= 4) return reach;
  const rest = bytes.subarray(4);
  const helper = m.helpers.helper(`bytes ${constantKey(rest)}`, 1, (f, [at]) =>
    f.return(isConstantAt(at!, rest)),
  );
  const behindFour = (row: I32): I32 =>
    i32.add(heapBytesAt(viewAt(column, row), column.heap), i32.const(4));
  const inHeap = (open: Lane): Lane =>
    m.eachRow('bits', within(m, open, rows), (row) => call(helper, behindFour(row)));
  if (length > INLINE_BYTES) return inHeap(reach);
  const isLong = areLong(m, column);
  const inView = m.apply(Mask.and, reach, areInView(m, column, bytes));
  const short = m.apply(Mask.andNot, inView, isLong);
  return m.apply(Mask.or, short, inHeap(m.apply(Mask.and, reach, isLong)));
}

/** Rows that end with a constant. */
export function endsWith(m: Machine, texts: Texts, bytes: Uint8Array): Lane {
  return testedByText(m, texts, bytes, 'ends', (f, { at, length }) => {
    const start = f.let(i32.sub(i32.add(at, length), i32.const(bytes.length)));
    f.return(isConstantAt(start, bytes));
  });
}

/** Rows that contain a constant. */
export function contains(m: Machine, texts: Texts, bytes: Uint8Array): Lane {
  return testedByText(m, texts, bytes, 'contains', (f, { at, length }) => {
    const found = f.local('i32');
    find(f, constantNeedle(bytes), at, i32.add(at, length), found);
    f.return(i32.ne(found, i32.const(0)));
  });
}

/** Tests rows that are not shorter than a constant. */
function testedByText(
  m: Machine,
  { columns, rows }: Texts,
  bytes: Uint8Array,
  name: string,
  write: (f: FunctionBuilder, text: TextPlace) => void,
): Lane {
  const column = columns[0]!;
  if (bytes.length === 0) return everyRow(m);
  const helper = m.helpers.helper(`${name} ${constantKey(bytes)}`, 2, (f, [view, heap]) =>
    write(f, openText(f, view!, heap!)),
  );
  const open = within(m, areAtLeast(m, column, bytes.length), rows);
  return m.eachRow('bits', open, (row) => call(helper, viewAt(column, row), column.heap));
}

/** Where a constant first stands, in characters from 1 on; 0 where it does not. */
export function positionOfConstant(bytes: Uint8Array): Rule {
  return (m, _, { columns, rows }) => {
    const column = columns[0]!;
    if (bytes.length === 0) return { value: m.constant('i32', 1) };
    const helper = m.helpers.helper(`position ${constantKey(bytes)}`, 2, (f, [view, heap]) => {
      const text = openText(f, view!, heap!);
      const found = f.local('i32');
      find(f, constantNeedle(bytes), text.at, i32.add(text.at, text.length), found);
      returnPosition(f, text, found);
    });
    const open = within(m, areAtLeast(m, column, bytes.length), rows);
    return {
      value: m.eachRow('i32', open, (row) => call(helper, viewAt(column, row), column.heap)),
    };
  };
}

function returnPosition(f: FunctionBuilder, text: TextPlace, found: Local<'i32'>): void {
  f.if(i32.eqz(found), () => f.return(i32.const(0)));
  f.return(i32.add(countPoints(f, text.at, i32.sub(found, text.at)), i32.const(1)));
}

type PairWriter = (f: FunctionBuilder, text: TextPlace, needle: TextPlace) => void;

const PAIRS: Readonly<Record<string, PairWriter>> = {
  begins: (f, text, needle) => {
    returnUnlessShorter(f, text, needle);
    f.return(sameBytes(f, text.at, needle.at, needle.length));
  },
  ends: (f, text, needle) => {
    returnUnlessShorter(f, text, needle);
    const start = i32.add(text.at, i32.sub(text.length, needle.length));
    f.return(sameBytes(f, start, needle.at, needle.length));
  },
  contains: (f, text, needle) => {
    f.if(i32.eqz(needle.length), () => f.return(i32.const(1)));
    const found = f.local('i32');
    const end = i32.add(text.at, text.length);
    find(f, placedNeedle(f, needle.at, needle.length), text.at, end, found);
    f.return(i32.ne(found, i32.const(0)));
  },
  position: (f, text, needle) => {
    f.if(i32.eqz(needle.length), () => f.return(i32.const(1)));
    const found = f.local('i32');
    const end = i32.add(text.at, text.length);
    find(f, placedNeedle(f, needle.at, needle.length), text.at, end, found);
    returnPosition(f, text, found);
  },
};

function returnUnlessShorter(f: FunctionBuilder, text: TextPlace, needle: TextPlace): void {
  f.if(i32.gtU(needle.length, text.length), () => f.return(i32.const(0)));
}

/** A test, or a position, for two columns: the string, and what is looked for in it. */
export function pairRule(name: 'begins' | 'ends' | 'contains' | 'position'): Rule {
  return (m, _, { columns, rows }) => {
    const [text, needle] =
      name === 'position' ? [columns[1]!, columns[0]!] : [columns[0]!, columns[1]!];
    const helper: FunctionRef<'i32'> = m.helpers.helper(name, 4, (f, [x, xHeap, y, yHeap]) =>
      PAIRS[name]!(f, openText(f, x!, xHeap!), openText(f, y!, yHeap!)),
    );
    const value = m.eachRow(name === 'position' ? 'i32' : 'bits', rows, (row) =>
      call(helper, ...viewAndHeap(text, row), ...viewAndHeap(needle, row)),
    );
    return { value };
  };
}

function viewAndHeap(column: ColumnPlace, row: I32): readonly [I32, I32] {
  return [viewAt(column, row), column.heap];
}
