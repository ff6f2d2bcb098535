/** Integer keys, close to each other or not, in the groups of an aggregate against a Map. */

import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { identitySelection } from '../../src/core/batch.ts';
import { Column } from '../../src/core/column.ts';
import { MillraceError } from '../../src/core/errors.ts';
import type { StateIo, Steps } from '../../src/core/state-io.ts';
import type { DataType } from '../../src/core/types.ts';
import { FLOAT64, INT32, INT64 } from '../../src/core/types.ts';
import type { AggregateSpec, GroupState } from '../../src/state/index.ts';
import { Arena, GroupStates, MIN_PAGE_CELLS } from '../../src/state/index.ts';
import { randomIntegers } from '../../bench/kernels/random.ts';
import { readCell, writeCell } from '../support/kernel/rows.ts';
import { copyState } from '../support/kernel/run-kernel.ts';
import { testMemory } from '../support/memory.ts';

const ROWS = 256;
const full = (): MillraceError => new MillraceError('ERR_LIMIT_EXCEEDED', 'full');

const specs = (['count', 'sum', 'max'] as const).map((kind, i): AggregateSpec => ({
  kind,
  argument: i === 0 ? undefined : FLOAT64,
  isDistinct: false,
  input: Math.min(i, 1),
  isFiltered: false,
}));

type Key = bigint | null;
type Sums = [rows: bigint, sum: number | null, max: number | null];

/** States with all they lie in; the groups of one are looked at. */
class Owner {
  readonly memory = testMemory(2 ** 20);
  readonly arena = Arena.allocate(2 ** 24, MIN_PAGE_CELLS, full);
  readonly states: GroupStates;
  groups: GroupState | undefined;
  readonly #type: DataType;

  constructor(type: DataType) {
    this.#type = type;
    this.states = new GroupStates(this.memory, this.arena, [type], specs, ROWS);
  }

  *state(io: StateIo): Steps {
    yield* this.states.state(io);
    this.groups = yield* this.states.stateOf(io, this.groups);
  }

  add(keys: readonly Key[], values: readonly (number | null)[], isListed: boolean): void {
    const columns = [Column.allocate(this.#type, ROWS), Column.allocate(FLOAT64, ROWS)];
    const rows = new Uint32Array(keys.length);
    keys.forEach((key, i) => {
      // Every other row, backwards, where they are listed.
      const row = isListed ? ROWS - 1 - 2 * i : i;
      rows[i] = row;
      const cell = key === null || this.#type === INT64 ? key : Number(key);
      writeCell(columns[0]!, row, cell);
      writeCell(columns[1]!, row, values[i]!);
    });
    const inputs = [
      { column: undefined, filter: undefined },
      { column: columns[1], filter: undefined },
    ];
    const bound = isListed ? rows : identitySelection(ROWS);
    this.states.bind([columns[0]!], inputs, bound, keys.length);
    this.states.add((this.groups ??= this.states.acquire()), 0, keys.length);
  }

  read(): Map<Key, Sums> {
    const { table } = (this.groups ??= this.states.acquire());
    const result = new Map<Key, Sums>();
    const records = new Int32Array(ROWS);
    const key = Column.allocate(this.#type, ROWS);
    const columns = [INT64, FLOAT64, FLOAT64].map((type) => Column.allocate(type, ROWS));
    for (let from = 0; from < table.count; from += ROWS) {
      const count = Math.min(ROWS, table.count - from);
      table.listRecords(from, count, records);
      for (const column of [key, ...columns]) column.clearNulls();
      table.readKey(0, records, count, key);
      columns.forEach((column, a) =>
        this.states.accumulators[a]!.read(records, count, column, new Uint8Array(ROWS)),
      );
      for (let i = 0; i < count; i++) {
        const found = readCell(key, i) as number | bigint | null;
        result.set(
          found === null ? null : BigInt(found),
          columns.map((column) => readCell(column, i)) as Sums,
        );
      }
    }
    return result;
  }
}

const fields = {
  start: fc.constantFrom(
    0n,
    1n,
    -700n,
    -2500n,
    900n,
    5000n,
    -(2n ** 31n),
    2n ** 31n - 3000n,
    2n ** 40n,
  ),
  stride: fc.constantFrom(1n, 1n, 1n, 1n, 7n, 99_991n),
  span: fc.constantFrom(20, 100, 900, 3000),
  seed: fc.nat(),
  batches: fc.integer({ min: 1, max: 5 }),
  isListed: fc.boolean(),
  nulls: fc.constantFrom('none', 'none', 'none', 'none', 'values', 'keys'),
  then: fc.constantFrom('go on', 'go on', 'go on', 'go on', 'renew', 'clear'),
};
const step = fc.oneof(
  { weight: 3, arbitrary: fc.record(fields) },
  {
    weight: 2,
    // Few keys far from each other, with many rows each.
    arbitrary: fc.record({
      ...fields,
      start: fc.constantFrom(0n, 0n, -(2n ** 31n)),
      stride: fc.constant(99_991n),
      span: fc.constantFrom(40, 90, 200),
      batches: fc.integer({ min: 8, max: 16 }),
    }),
  },
);

test('every key has its sums, whichever have places', () => {
  let denseSteps = 0;
  let scatteredSteps = 0;
  const property = fc.property(
    fc.constantFrom(INT32, INT64),
    fc.array(step, { minLength: 1, maxLength: 8 }),
    (type, steps) => {
      let owner = new Owner(type);
      let model = new Map<Key, Sums>();
      for (const { start, stride, span, seed, batches, isListed, nulls, then } of steps) {
        const random = randomIntegers(seed);
        for (let b = 0; b < batches; b++) {
          const count = 1 + random(isListed ? ROWS / 2 : ROWS);
          const keys = Array.from({ length: count }, (): Key => {
            const key = start + stride * BigInt(random(span));
            if (nulls === 'keys' && random(9) === 0) return null;
            return type === INT32 ? BigInt.asIntN(32, key) : key;
          });
          const values = keys.map(() =>
            nulls === 'values' && random(9) === 0 ? null : random(99),
          );
          owner.add(keys, values, isListed);
          keys.forEach((key, i) => addTo(model, key, values[i]!));
        }
        const { isDense, isScattered } = owner.groups!.table;
        if (isDense) denseSteps++;
        if (isScattered) scatteredSteps++;
        if (then === 'renew') owner = copyState(owner, new Owner(type));
        expect(owner.groups!.table.isDense).toBe(isDense);
        expect(owner.groups!.table.isScattered).toBe(isScattered);
        if (then === 'clear') {
          expect(owner.read()).toEqual(model);
          owner.states.release(owner.groups!);
          owner.groups = undefined;
          model = new Map();
        }
      }
      expect(owner.read()).toEqual(model);
    },
  );
  fc.assert(property, { numRuns: 100 });
  expect(denseSteps).toBeGreaterThan(20);
  expect(scatteredSteps).toBeGreaterThan(20);
});

function addTo(model: Map<Key, Sums>, key: Key, value: number | null): void {
  const [rows, sum, max] = model.get(key) ?? [0n, null, null];
  if (value === null) model.set(key, [rows + 1n, sum, max]);
  else model.set(key, [rows + 1n, (sum ?? 0) + value, Math.max(max ?? value, value)]);
}
