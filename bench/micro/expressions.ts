/**
 * Question: what does a row cost in the batch evaluator: a condition, a computed column, a row that
 * is copied to a slot?
 *
 * 256 different batches in turn, so that the branch predictor learns none by heart. Each answer is
 * compared with a plain loop's. `node bench/micro/expressions.ts`
 *
 * @module
 */

import { KernelMemory } from '../../src/core/memory.ts';
import { Bench } from 'tinybench';
import { layoutBatch } from '../../src/core/batch-layout.ts';
import { Batch } from '../../src/core/batch.ts';
import { appendRows } from '../../src/core/gather.ts';
import { FLOAT64, INT32 } from '../../src/core/types.ts';
import {
  compileBatch,
  compilePredicate,
  inferExpression,
  inferPredicate,
  parseExpression,
  RowErrors,
  scopeOf,
} from '../../src/expr/index.ts';

const ROWS = 1024;
const BATCHES = 256;
const schema = [
  { name: 'price', type: FLOAT64 },
  { name: 'ad', type: INT32 },
];
const layout = layoutBatch({ schema, hasTime: false }, ROWS, 0);
const scope = scopeOf(schema);
const options = { rowCapacity: ROWS, memory: KernelMemory.create(64 * 1024 * 1024) };
const errors = new RowErrors(ROWS);

let state = 42;
function random(): number {
  state = (Math.imul(state, 1664525) + 1013904223) | 0;
  return (state >>> 0) / 2 ** 32;
}

const batches = Array.from({ length: BATCHES }, () => {
  const batch = Batch.allocate(layout);
  batch.reset();
  for (let row = 0; row < ROWS; row++) {
    batch.columns[0]!.f64[row] = random() * 100;
    batch.columns[1]!.words[row] = Math.floor(random() * 1000);
  }
  batch.setRowCount(ROWS);
  return batch;
});

const condition = 'price > 75 AND ad < 500';
const predicate = compilePredicate(inferPredicate(parseExpression(condition), scope), options);
const computed = compileBatch(
  inferExpression(parseExpression('price * 0.908 + 1.0'), scope),
  options,
);
const selection = new Uint32Array(ROWS);
const target = Batch.allocate(layout);
let turn = 0;
let kept = 0;

function select(batch: Batch): number {
  return predicate.select(batch, batch.selection, batch.selected, selection, errors);
}

/** The answers must be right before their cost means anything. */
function check(): void {
  for (const batch of batches) {
    const prices = batch.columns[0]!.f64;
    const ads = batch.columns[1]!.words;
    let expected = 0;
    for (let row = 0; row < ROWS; row++) if (prices[row]! > 75 && ads[row]! < 500) expected++;
    const found = select(batch);
    const column = computed.evaluate(batch, batch.selection, ROWS, errors);
    const isRight = column.f64.every((value, row) => value === prices[row]! * 0.908 + 1.0);
    if (found !== expected || !isRight) throw new Error(`wrong answer: ${found}, not ${expected}`);
  }
}

check();
const bench = new Bench({ name: 'expressions', time: 500, warmupTime: 200 });
bench
  .add(`filter ${condition}`, () => {
    kept += select(batches[turn++ & (BATCHES - 1)]!);
  })
  .add('map price * 0.908 + 1.0', () => {
    const batch = batches[turn++ & (BATCHES - 1)]!;
    kept += computed.evaluate(batch, batch.selection, ROWS, errors).f64[0]!;
  })
  .add('copy to a slot, every row', () => {
    const batch = batches[turn++ & (BATCHES - 1)]!;
    target.reset();
    kept += appendRows(target, batch, batch.selection, 0, batch.selected);
  });
await bench.run();
for (const { name, result } of bench.tasks) {
  if (result.state !== 'completed') throw new Error(`${name}: ${result.state}`);
  const perRow = (ns: number): string => ns.toFixed(2).padStart(7);
  const { p50, p99, samplesCount } = result.latency;
  const nsPerRow = [p50, p99].map((ms) => perRow((ms * 1e6) / ROWS));
  console.log(`${name.padEnd(34)} p50 ${nsPerRow[0]} p99 ${nsPerRow[1]} ns/row  n=${samplesCount}`);
}
if (kept === 0) throw new Error('nothing was measured');
