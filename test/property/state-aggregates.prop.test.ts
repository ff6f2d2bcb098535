/** Compiled aggregation of random rows against a Map of plain values. */

import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { identitySelection } from '../../src/core/batch.ts';
import { Column } from '../../src/core/column.ts';
import { MillraceError } from '../../src/core/errors.ts';
import { ownMemory, type KernelMemory } from '../../src/core/memory.ts';
import type { DataType } from '../../src/core/types.ts';
import { BOOL, FLOAT64, INT32, INT64, STRING } from '../../src/core/types.ts';
import type { AggregateKind, AggregateSpec, GroupState } from '../../src/state/index.ts';
import { Arena, canonicalFloats, GroupStates, MIN_PAGE_CELLS } from '../../src/state/index.ts';
import type { Cell } from '../support/kernel/rows.ts';
import { readCell, rowKey, writeCell } from '../support/kernel/rows.ts';
import { testMemory } from '../support/memory.ts';

const ROWS = 64;
const MAX_INT64 = 2n ** 63n - 1n;

/** What is aggregated: an argument (none: rows are counted), and whether a filter stands before it. */
interface Input {
  readonly type: DataType | undefined;
  readonly isFiltered: boolean;
}

/** One row: its keys, and by input the argument and the filter. */
interface Row {
  readonly keys: readonly Cell[];
  readonly values: readonly Cell[];
  readonly passes: readonly (boolean | null)[];
}

const arbitraryOf: Readonly<Record<string, fc.Arbitrary<Cell>>> = {
  bool: fc.boolean(),
  int32: fc.constantFrom(0, 1, -1, 7, 2 ** 31 - 1, -(2 ** 31)),
  int64: fc.constantFrom(0n, 1n, -1n, 12_345n, 2n ** 53n + 1n, MAX_INT64, -MAX_INT64 - 1n),
  float64: fc.constantFrom(0, -0, NaN, 0.1, 1e100, -1e100, Infinity, -Infinity, 2 ** -1074),
  string: fc.constantFrom('', 'a', 'twelve bytes', 'more than twelve', 'more than thirteen'),
};

const orNull = (cell: fc.Arbitrary<Cell>): fc.Arbitrary<Cell> =>
  fc.oneof({ weight: 6, arbitrary: cell }, { weight: 1, arbitrary: fc.constant(null) });

const inputs = fc.array(
  fc.record({
    type: fc.constantFrom(undefined, BOOL, INT32, INT64, FLOAT64, STRING),
    isFiltered: fc.boolean(),
  }),
  { minLength: 1, maxLength: 4 },
);

const keyTypes = fc.array(fc.constantFrom(BOOL, INT32, INT64, FLOAT64, STRING), { maxLength: 3 });

const cases = fc.tuple(keyTypes, inputs).chain(([types, given]) =>
  fc.record({
    types: fc.constant(types),
    inputs: fc.constant(given),
    rows: fc.array(
      fc.record({
        keys: fc.tuple(...types.map(({ kind }) => orNull(arbitraryOf[kind]!))),
        values: fc.tuple(
          ...given.map(({ type }) =>
            type === undefined ? fc.constant(null) : orNull(arbitraryOf[type.kind]!),
          ),
        ),
        passes: fc.tuple(...given.map(() => fc.constantFrom(true, true, false, null))),
      }),
      { maxLength: 200 },
    ),
    parts: fc.integer({ min: 1, max: 3 }),
    isDense: fc.boolean(),
    isPlaced: fc.boolean(),
    copies: fc.boolean(),
  }),
);

const KINDS: readonly AggregateKind[] = ['count', 'sum', 'avg', 'min', 'max'];

/** Every aggregate that the kernel keeps of these inputs. */
function specsOf(given: readonly Input[]): readonly AggregateSpec[] {
  return given.flatMap(({ type, isFiltered }, input) =>
    KINDS.filter((kind) => {
      if (kind === 'count') return true;
      if (type === undefined || type === STRING) return false;
      return type !== BOOL || kind === 'min' || kind === 'max';
    }).map((kind) => ({ kind, argument: type, isDistinct: false, input, isFiltered })),
  );
}

function resultType({ kind, argument }: AggregateSpec): DataType {
  if (kind === 'count') return INT64;
  if (kind === 'avg') return FLOAT64;
  return kind === 'sum' && argument === INT32 ? INT64 : argument!;
}

/** Two-sum, row by row, as documented of sums of floats. */
class Sum {
  total = 0;
  error = 0;

  add(value: number, error = 0): void {
    const before = this.total;
    this.total = before + value;
    const part = this.total - before;
    this.error = this.error + error + (before - (this.total - part) + (value - part));
  }

  get value(): number {
    return Number.isFinite(this.total) ? this.total + this.error : this.total;
  }
}

/** The values of one group, part by part. */
function expected({ kind, argument }: AggregateSpec, parts: readonly (readonly Cell[])[]): unknown {
  const all = parts.flat();
  if (kind === 'count') return BigInt(all.length);
  if (all.length === 0) return null;
  if (kind === 'min' || kind === 'max') return extreme(all, kind);
  if (argument === FLOAT64) {
    const sums = parts.map((part) => {
      const sum = new Sum();
      for (const value of part) sum.add(value as number);
      return sum;
    });
    const sum = new Sum();
    for (const { total, error } of sums) sum.add(total, error);
    const { value } = sums.length === 1 ? sums[0]! : sum;
    return kind === 'avg' ? value / all.length : value;
  }
  const sum = all.reduce<bigint>((total, value) => total + BigInt(value as bigint | number), 0n);
  if (kind === 'avg') return Number(sum) / all.length;
  return BigInt.asIntN(64, sum) === sum ? sum : 'overflow';
}

/** NaN is above all numbers; a zero has no sign. */
function extreme(values: readonly Cell[], kind: 'min' | 'max'): unknown {
  const isAbove = (a: Cell, b: Cell): boolean =>
    Number.isNaN(a) ? !Number.isNaN(b) : !Number.isNaN(b) && a! > b!;
  const best = values.reduce((a, b) =>
    isAbove(kind === 'max' ? b : a, kind === 'max' ? a : b) ? b : a,
  );
  return best === 0 ? 0 : best;
}

/** Columns of some rows; `at[i]` is where the i-th lies. */
function columnOf(
  type: DataType,
  cells: readonly Cell[],
  at: Uint32Array,
  memory: KernelMemory | undefined,
): Column {
  const column = Column.allocate(type, 2 * ROWS, memory ?? ownMemory);
  cells.forEach((cell, i) => writeCell(column, at[i]!, cell));
  return column;
}

function canonicalKey(column: Column, rows: Uint32Array, count: number): Column {
  if (column.type !== FLOAT64) return column;
  const canonical = Column.allocate(FLOAT64, 2 * ROWS);
  canonicalFloats(column, canonical, rows, 0, count);
  return canonical;
}

interface Case {
  readonly types: readonly DataType[];
  readonly inputs: readonly Input[];
  readonly isDense: boolean;
  readonly isPlaced: boolean;
}

/** Adds rows to a state in batches. */
function fill(
  states: GroupStates,
  state: GroupState,
  rows: readonly Row[],
  { types, inputs: given, isDense, isPlaced }: Case,
  kernelMemory: KernelMemory,
): void {
  const memory = isPlaced ? kernelMemory : undefined;
  for (let from = 0; from < rows.length; from += ROWS) {
    const part = rows.slice(from, from + ROWS);
    const at = isDense ? identitySelection(ROWS) : Uint32Array.from(part, (_, i) => 2 * i + 1);
    const keys = types.map((type, k) =>
      canonicalKey(
        columnOf(
          type,
          part.map((row) => row.keys[k]!),
          at,
          memory,
        ),
        at,
        part.length,
      ),
    );
    const columns = given.map(({ type, isFiltered }, i) => ({
      column:
        type &&
        columnOf(
          type,
          part.map((row) => row.values[i]!),
          at,
          memory,
        ),
      filter: isFiltered
        ? columnOf(
            BOOL,
            part.map((row) => row.passes[i]!),
            at,
            memory,
          )
        : undefined,
    }));
    states.bind(keys, columns, at, part.length);
    // As rows of two slices would be.
    const middle = part.length >> 1;
    if (middle > 0) states.add(state, 0, middle);
    states.add(state, middle, part.length);
  }
}

function mergeAll(
  states: GroupStates,
  target: GroupState,
  source: GroupState,
  copies: boolean,
): void {
  let merged = 0;
  do merged = states.mergeSome(target, source, merged, copies);
  while (merged < source.table.count);
}

/** Every group's results, by its keys. */
function resultsOf(
  states: GroupStates,
  state: GroupState,
  types: readonly DataType[],
  specs: readonly AggregateSpec[],
): Map<string, unknown[]> {
  const found = new Map<string, unknown[]>();
  const { table } = state;
  const records = new Int32Array(ROWS);
  for (let from = 0; from < table.count; from += ROWS) {
    const count = Math.min(ROWS, table.count - from);
    table.listRecords(from, count, records);
    const keys = types.map((type, k) => {
      const column = Column.allocate(type, ROWS);
      table.readKey(k, records, count, column);
      return column;
    });
    const results = specs.map((spec, a) => {
      const column = Column.allocate(resultType(spec), ROWS);
      const failed = new Uint8Array(ROWS);
      states.accumulators[a]!.read(records, count, column, failed);
      return { column, failed };
    });
    for (let i = 0; i < count; i++) {
      found.set(
        rowKey({ values: keys.map((column) => readCell(column, i)) }),
        results.map(({ column, failed }) => (failed[i] === 1 ? 'overflow' : readCell(column, i))),
      );
    }
  }
  return found;
}

test('a Map says the same of every group', () => {
  const memory = testMemory(2 ** 28);
  fc.assert(
    fc.property(cases, (given) => {
      const { types, inputs: fed, rows, parts, copies } = given;
      const specs = specsOf(fed);
      const arena = Arena.allocate(
        2 ** 24,
        MIN_PAGE_CELLS * 2,
        () => new MillraceError('ERR_LIMIT_EXCEEDED', 'full'),
      );
      const states = new GroupStates(memory, arena, types, specs, 2 * ROWS);
      const size = Math.ceil(rows.length / parts);
      const shares = Array.from({ length: parts }, (_, p) => rows.slice(p * size, (p + 1) * size));
      const groups = new Map<string, Cell[][][]>();
      shares.forEach((share, p) => {
        for (const { keys, values, passes } of share) {
          const key = rowKey({ values: keys.map(canonicalCell) });
          const lists = groups.get(key) ?? specs.map(() => shares.map(() => []));
          groups.set(key, lists);
          specs.forEach(({ input, argument, isFiltered }, a) => {
            const value = values[input]!;
            if (isFiltered && passes[input] !== true) return;
            if (argument === undefined || value !== null) lists[a]![p]!.push(value);
          });
        }
      });
      const want = new Map(
        [...groups].map(([key, lists]) => [key, specs.map((spec, a) => expected(spec, lists[a]!))]),
      );
      // Twice, so that memory is used again.
      for (let round = 0; round < 2; round++) {
        const filled = shares.map((share) => {
          const state = states.acquire();
          fill(states, state, share, given, memory);
          return state;
        });
        let result = filled[0]!;
        if (parts > 1) {
          result = states.acquire();
          for (const source of filled) {
            mergeAll(states, result, source, copies);
            if (copies) states.release(source);
          }
        }
        expect(resultsOf(states, result, types, specs)).toEqual(want);
        for (const state of new Set([...(copies && parts > 1 ? [] : filled), result])) {
          states.release(state);
        }
        expect(arena.usedBytes).toBe(0);
      }
    }),
    { numRuns: 150 },
  );
});

function canonicalCell(cell: Cell): Cell {
  return typeof cell === 'number' ? cell + 0 : cell;
}
