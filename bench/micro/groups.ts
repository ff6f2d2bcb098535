/**
 * What does a row cost in a table of groups alone, without windows, expressions and results: hashing,
 * finding the group, COUNT, SUM, MIN and MAX of a float64?
 *
 * The first pass fills the table; its longest batch is how long growing keeps others waiting.
 *
 * The same rows as in bench/peers/groups.cpp, whose sums must come out as well: run both in turns.
 *
 *     node bench/micro/groups.ts KEYS ROWS BATCH PASSES [int64]
 *
 * @module
 */

import { identitySelection } from '../../src/core/batch.ts';
import { Column, Heap } from '../../src/core/column.ts';
import { MillraceError } from '../../src/core/errors.ts';
import { KernelMemory } from '../../src/core/memory.ts';
import { FLOAT64, INT32, INT64 } from '../../src/core/types.ts';
import type { AggregateKind, AggregateSpec } from '../../src/state/index.ts';
import { Arena, GroupStates, pageCellsFor, recordCells } from '../../src/state/index.ts';
import { randomIntegers } from '../kernels/random.ts';
import { threadCpuNs } from '../shared/one-kernel.ts';

const [keys = 10_000, rows = 4_194_304, batchRows = 1024, passes = 5] = process.argv
  .slice(2, 6)
  .map(Number);
const keyType = process.argv[6] === 'int64' ? INT64 : INT32;
const keyBytes = keyType === INT64 ? 8 : 4;
const SCRATCH_BYTES = 16 * 1024 * 1024;

const memory = KernelMemory.create(rows * (keyBytes + 8) + SCRATCH_BYTES);
const keysAt = memory.allocate(rows * keyBytes).byteOffset;
const valuesAt = memory.allocate(rows * 8).byteOffset;
const keyWords = new Int32Array(memory.buffer, keysAt, (rows * keyBytes) / 4);
const values = new Float64Array(memory.buffer, valuesAt, rows);

const random = randomIntegers(0x2545_f491);

let expectedSum = 0;
for (let i = 0; i < rows; i++) {
  keyWords[(i * keyBytes) / 4] = random(keys);
  values[i] = random(1000) / 8;
  expectedSum += values[i]!;
}

const heap = new Heap(new Uint8Array(0));
const view = (type: typeof keyType, at: number): Column =>
  new Column(type, batchRows, memory.buffer, at, at, heap);
const batches = Array.from({ length: rows / batchRows }, (_, b) => ({
  key: view(keyType, keysAt + b * batchRows * keyBytes),
  value: view(FLOAT64, valuesAt + b * batchRows * 8),
}));

const spec = (kind: AggregateKind, input: number): AggregateSpec => ({
  kind,
  argument: input === 0 ? undefined : FLOAT64,
  isDistinct: false,
  input,
  isFiltered: false,
});
const specs = [spec('count', 0), spec('sum', 1), spec('min', 1), spec('max', 1)];
const arena = Arena.allocate(
  2 ** 31,
  pageCellsFor(recordCells([keyType], specs)),
  () => new MillraceError('ERR_LIMIT_EXCEEDED', 'full'),
);
const states = new GroupStates(memory, arena, [keyType], specs, batchRows);
const groups = states.acquire();
const all = identitySelection(batchRows);

let longestMs = 0;

/** @param isTimed - whether each batch is, too */
function pass(isTimed: boolean): number {
  const begin = threadCpuNs();
  for (const { key, value } of batches) {
    const beginNs = isTimed ? threadCpuNs() : 0;
    const inputs = [
      { column: undefined, filter: undefined },
      { column: value, filter: undefined },
    ];
    states.bind([key], inputs, all, batchRows);
    states.add(groups, 0, batchRows);
    if (isTimed) longestMs = Math.max(longestMs, (threadCpuNs() - beginNs) / 1e6);
  }
  return (threadCpuNs() - begin) / rows;
}

const first = pass(true);
const times = Array.from({ length: passes }, () => pass(false)).sort((a, b) => a - b);
const records = new Int32Array(batchRows);
const sums = Column.allocate(FLOAT64, batchRows);
let sum = 0;
for (let from = 0; from < groups.table.count; from += batchRows) {
  const count = Math.min(batchRows, groups.table.count - from);
  groups.table.listRecords(from, count, records);
  states.accumulators[1]!.read(records, count, sums, new Uint8Array(batchRows));
  for (let i = 0; i < count; i++) sum += sums.f64[i]!;
}
if (sum !== expectedSum * (passes + 1)) throw new Error(`sum ${sum}, not ${expectedSum}`);
console.log(
  `millrace     ${times[times.length >> 1]!.toFixed(2).padStart(6)} ns/row   sum ${sum.toFixed(3)}, ` +
    `first pass ${first.toFixed(2)} ns/row, its longest batch ${longestMs.toFixed(2)} ms, ${groups.table.count} groups in ` +
    `${(arena.usedBytes / 1e6).toFixed(1)} MB`,
);
