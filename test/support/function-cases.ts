/** Arguments for every scalar function, by what its parameters accept. @module */

import type { DataType } from '../../src/core/types.ts';
import type { FunctionSpec, ParameterKind } from '../../src/expr/functions/function-spec.ts';
import type { TypedExpr, Value } from '../../src/expr/index.ts';

/** A value with its type. */
export interface Argument {
  readonly type: DataType;
  readonly value: Value;
}

const of = (type: DataType, values: readonly Value[]): readonly Argument[] =>
  values.map((value) => ({ type, value }));

const MAX_INT64 = 2n ** 63n - 1n;
const MIN_INT64 = -(2n ** 63n);
const INT32S = of({ kind: 'int32' }, [0, 1, -1, 2, 5, 13, 64, -2147483648, 2147483647]);
const INT64S = of({ kind: 'int64' }, [0n, 1n, -1n, 3n, 65n, 2n ** 53n + 1n, MAX_INT64, MIN_INT64]);
const FLOATS = of({ kind: 'float64' }, [
  0,
  -0,
  1,
  -1,
  0.5,
  2.5,
  45,
  1e21,
  1.7e308,
  -1.7e308,
  5e-324,
  NaN,
  Infinity,
  -Infinity,
]);
const DECIMALS = of({ kind: 'decimal', precision: 18, scale: 6 }, [
  0n,
  1n,
  -2_500_000n,
  10n ** 18n - 1n,
]);
const STRINGS = of({ kind: 'string' }, [
  '',
  'a',
  'Robert',
  'héllo😀 wörld',
  'a,b,,c',
  '12',
  'ff',
  'UTC',
  'Europe/Berlin',
  'month',
  '%5.2f|%s',
  '%',
  '$.a[0]',
  '$.*',
  '(',
  '(a)|b',
  'yyyy-MM-dd',
  '2026-01-31 23:59:59',
  'http://u@host:80/p?k=v#r',
  'HOST',
  '%E4',
  'aGk=',
  '{"a": [1, null]}',
  'u33dc0',
]);
const BYTES = of({ kind: 'bytes' }, [new Uint8Array(0), new Uint8Array([0, 255, 10])]);
const BOOLS = of({ kind: 'bool' }, [true, false]);
const TIMES = of({ kind: 'timestamp' }, [
  0n,
  -1n,
  1_769_903_999_123_456n,
  1_774_747_800_000_000n,
  MAX_INT64,
  MIN_INT64,
]);
const DURATIONS = of({ kind: 'duration' }, [
  0n,
  1n,
  -90_000_000n,
  3_600_000_000n,
  MAX_INT64,
  MIN_INT64,
]);
const JSONS = of({ kind: 'json' }, [
  {},
  { a: [1, null], b: 'x' },
  [],
  [3, 'x', null, true, [1], { a: 1 }, 2n ** 60n],
  [1, 2.5, null],
  [
    [0, 0],
    [4, 0],
    [4, 4],
  ],
  'text',
  7,
]);

const ARGUMENTS: Readonly<Record<ParameterKind, readonly Argument[]>> = {
  string: STRINGS,
  bool: BOOLS,
  timestamp: TIMES,
  json: JSONS,
  float64: FLOATS,
  integer: [...INT32S, ...INT64S],
  number: [...INT32S, ...INT64S, ...FLOATS, ...DECIMALS],
  quantity: [...INT32S, ...INT64S, ...FLOATS, ...DECIMALS, ...DURATIONS],
  instant: [...TIMES, ...DURATIONS],
  text: [...STRINGS, ...BYTES],
  duration: DURATIONS,
  any: [
    ...BOOLS,
    ...INT32S,
    ...INT64S,
    ...FLOATS,
    ...DECIMALS,
    ...STRINGS,
    ...BYTES,
    ...TIMES,
    ...DURATIONS,
    ...JSONS,
  ],
  same: FLOATS,
};

/** What the parameters of a call with so many arguments accept. */
export function parametersOf(spec: FunctionSpec, count: number): readonly ParameterKind[] {
  const { parameters } = spec;
  return Array.from({ length: count }, (_, i) => parameters[Math.min(i, parameters.length - 1)]!);
}

/** The numbers of arguments that a function takes, up to two beyond a variadic one's list. */
export function argumentCounts({
  parameters,
  required,
  isVariadic,
}: FunctionSpec): readonly number[] {
  const most = parameters.length + (isVariadic === true ? 2 : 0);
  return Array.from({ length: most - required + 1 }, (_, i) => required + i);
}

/** Arguments number `round` for parameters: every value comes up for each, in different company. */
export function argumentsOf(kinds: readonly ParameterKind[], round: number): readonly Argument[] {
  return kinds.map((kind, i) => {
    const choices = ARGUMENTS[kind];
    // Steps that share no divisor with most lengths, so that neighbours do not move in parallel.
    return choices[(round * [1, 7, 11, 13, 17, 19][i % 6]! + i) % choices.length]!;
  });
}

/** An argument as a typed tree; a column, so that nothing is folded. */
export function columnOf({ type }: Argument, index: number): TypedExpr {
  return { op: 'column', type, input: 0, index, position: index, name: `c${index}` };
}
