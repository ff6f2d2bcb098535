/** Whether a string is in a list of constants. @module */

import type { FunctionBuilder, I32, Local } from '../../../wasm/index.ts';
import { call, i32, i64 } from '../../../wasm/index.ts';
import type { Value } from '../../value.ts';
import { Mask } from '../operations.ts';
import type { Rule } from '../rules/rule.ts';
import { bytesOfValue, constantKey, isInline, viewOf } from './constant.ts';
import { equalsConstant } from './equality.ts';
import { heapBytesAt, isConstantAt, viewAt } from './view-code.ts';

/** Longest list that is compared one by one. */
const SHORT_LIST = 6;
/** Longest list, and its bytes: longer ones would make long code. */
const MOST_ITEMS = 512;
const MOST_BYTES = 8192;

/** The rule of `IN` a list of strings. */
export function memberOfTexts(items: readonly Value[]): Rule | undefined {
  const constants = items.flatMap((item) => bytesOfValue(item) ?? []);
  const bytes = constants.reduce((sum, { length }) => sum + length, 0);
  if (constants.length < items.length || items.length > MOST_ITEMS || bytes > MOST_BYTES) {
    return undefined;
  }
  if (constants.length > SHORT_LIST) return searchRule(constants);
  return (m, _, texts) => {
    const tests = constants.map((constant) => equalsConstant(m, texts, constant));
    return { value: tests.reduce((a, b) => m.apply(Mask.or, a, b), m.constant('bits', 0)) };
  };
}

/** Constants whose length and first four bytes are the same. */
interface Bucket {
  /** These, as an int64. */
  readonly key: bigint;
  readonly items: readonly Uint8Array[];
}

function searchRule(constants: readonly Uint8Array[]): Rule {
  const buckets = bucketsOf(constants);
  return (m, _, { columns, rows }) => {
    const column = columns[0]!;
    const key = `member ${constants.map(constantKey).join(',')}`;
    const helper = m.helpers.helper(key, 2, (f, [view, heap]) => {
      const begin = f.let(i64.load(view!));
      search(f, begin, buckets, (items) => matchAny(f, view!, heap!, items));
      f.return(i32.const(0));
    });
    const value = m.eachRow('bits', rows, (row) => call(helper, viewAt(column, row), column.heap));
    return { value };
  };
}

/** In the order of their keys. */
function bucketsOf(constants: readonly Uint8Array[]): readonly Bucket[] {
  const groups = Map.groupBy(constants, (bytes) => wordOf(bytes, 0));
  const buckets = Array.from(groups, ([key, items]) => ({ key, items }));
  return buckets.sort((a, b) => (a.key < b.key ? -1 : 1));
}

/** Half of a constant's view. */
function wordOf(bytes: Uint8Array, half: 0 | 1): bigint {
  return new DataView(viewOf(bytes).buffer).getBigInt64(8 * half, true);
}

/** A search in a sorted list, as code; goes on behind it where nothing is found. */
function search(
  f: FunctionBuilder,
  begin: Local<'i64'>,
  buckets: readonly Bucket[],
  found: (items: readonly Uint8Array[]) => void,
): void {
  if (buckets.length === 1) {
    const [{ key, items }] = buckets as [Bucket];
    f.if(i64.eq(begin, i64.const(key)), () => found(items));
    return;
  }
  const middle = buckets.length >> 1;
  f.if(
    i64.ltS(begin, i64.const(buckets[middle]!.key)),
    () => search(f, begin, buckets.slice(0, middle), found),
    () => search(f, begin, buckets.slice(middle), found),
  );
}

/** Returns 1 if a string is one of some that have its length and its first four bytes. */
function matchAny(f: FunctionBuilder, view: I32, heap: I32, items: readonly Uint8Array[]): void {
  const isShort = isInline(items[0]!);
  if (isShort) {
    const rest = f.let(i64.load(view, { offset: 8 }));
    for (const bytes of items) {
      f.if(i64.eq(rest, i64.const(wordOf(bytes, 1))), () => f.return(i32.const(1)));
    }
  } else {
    const at = f.let(heapBytesAt(view, heap));
    for (const bytes of items) f.if(isConstantAt(at, bytes), () => f.return(i32.const(1)));
  }
}
