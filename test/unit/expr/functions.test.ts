/** What every function of the table promises: names, nulls, errors of rows, values of its type. */
import { describe, expect, test } from 'vitest';
import type { DataType } from '../../../src/core/types.ts';
import { SCALAR_FUNCTIONS, SHORT_FORMS } from '../../../src/expr/index.ts';
import type { FunctionSpec } from '../../../src/expr/functions/function-spec.ts';
import { AGGREGATE_NAMES } from '../../../src/expr/parse/call.ts';
import { call } from '../../../src/expr/interpret.ts';
import { RowError } from '../../../src/expr/row-error.ts';
import type { TypedCall } from '../../../src/expr/typed.ts';
import type { Value } from '../../../src/expr/value.ts';
import { refusal } from './evaluate.ts';
import {
  argumentCounts,
  argumentsOf,
  columnOf,
  parametersOf,
} from '../../support/function-cases.ts';

const ROUNDS = 420;
const NAMED = SCALAR_FUNCTIONS.map((spec) => [spec.names[0], spec] as const);

test('no name is given twice', () => {
  const functions = [...SCALAR_FUNCTIONS, ...SHORT_FORMS].flatMap((spec) => spec.names);
  const names = [...functions, ...AGGREGATE_NAMES];
  expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([]);
});

test.each(['NOW()', 'current_timestamp()', 'RANDOM()', 'UUID()'])('there is no %s', (text) => {
  expect(refusal(text)).toContain('read no clock and draw no random numbers');
});

/** A call with arguments of round `round`, and their values; `undefined` if the types are refused. */
function callOf(
  spec: FunctionSpec,
  count: number,
  round: number,
): { readonly call: TypedCall; readonly values: readonly Value[] } | undefined {
  const picked = argumentsOf(parametersOf(spec, count), round);
  const args = picked.map(columnOf);
  // Units, fields and digits of a decimal's rounding are constants.
  const typed = args.map((arg, i) =>
    spec.names[0] === 'EXTRACT' && i === 0
      ? ({ op: 'literal', type: arg.type, value: 'HOUR' } as const)
      : arg,
  );
  try {
    const type = spec.result(typed);
    const values = picked.map(({ value }, i) => (typed[i]!.op === 'literal' ? 'HOUR' : value));
    return { call: { op: 'call', type, fn: spec.names[0], args: typed }, values };
  } catch (error) {
    expect(error).toBeInstanceOf(RowError);
    return undefined;
  }
}

function isOfType(value: Value, type: DataType): boolean {
  if (value === null) return true;
  switch (type.kind) {
    case 'bool':
      return typeof value === 'boolean';
    case 'int32':
      return typeof value === 'number' && Object.is(value, value | 0);
    case 'float64':
      return typeof value === 'number';
    case 'int64':
    case 'timestamp':
    case 'duration':
      return typeof value === 'bigint' && BigInt.asIntN(64, value) === value;
    case 'decimal':
      return typeof value === 'bigint' && value < 10n ** 18n && value > -(10n ** 18n);
    case 'string':
      return typeof value === 'string' && value.isWellFormed();
    case 'bytes':
      return value instanceof Uint8Array;
    case 'json':
      return value !== undefined && !(value instanceof Uint8Array);
  }
}

describe.each(NAMED)('%s', (_name, spec) => {
  test('gives a value of its type or a row error, whatever the arguments', () => {
    let values = 0;
    for (const count of argumentCounts(spec)) {
      for (let round = 0; round < ROUNDS; round++) {
        const made = callOf(spec, count, round);
        if (made === undefined) continue;
        try {
          const value = call(made.call, made.values);
          values++;
          if (!isOfType(value, made.call.type)) {
            expect({ args: made.values, value }).toBe(`a value of ${made.call.type.kind}`);
          }
        } catch (error) {
          if (!(error instanceof RowError) || spec.isTotal === true) {
            throw new Error(`${spec.names[0]}(${made.values.map(String).join()})`, {
              cause: error,
            });
          }
        }
      }
    }
    expect(values).toBeGreaterThan(0);
  });

  test('is null when an argument is, unless it takes nulls', () => {
    if (spec.takesNulls === true) return;
    for (const count of argumentCounts(spec)) {
      for (let place = 0; place < count; place++) {
        const made = callOf(spec, count, 1) ?? callOf(spec, count, 2);
        if (made === undefined || made.call.args[place]!.op === 'literal') continue;
        const values = made.values.map((value, i) => (i === place ? null : value));
        expect(call(made.call, values)).toBe(null);
      }
    }
  });
});
