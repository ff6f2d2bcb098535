import { expect, test } from 'vitest';
import {
  IngressGate,
  LateGate,
  QueueContents,
  type ValuedRows,
} from '../../../src/admission/index.ts';
import { drawer, uniformFrom } from '../../../bench/workloads/overload/values.ts';
import { WeightedSample } from '../../support/weighted-sample.ts';

const WINDOWS = 1000;
const ROWS = 400;

/** Windows of rows through both gates at five times the load: what is kept, and its weights. */
function* windows(floor: number) {
  const contents = new QueueContents(new Int32Array(QueueContents.wordsFor(1)), 1);
  const minShare = Float64Array.of(floor);
  const gate = new IngressGate({
    lanes: 1,
    paths: [{ workMs: [Float64Array.of(1)] }],
    contents,
    minShare,
  });
  const late = new LateGate(contents, minShare);
  const draw = drawer('lognormal', uniformFrom(3));
  // Of lognormal values with sigma 1.5, 30 % are above the first and 20 % above the second.
  gate.reprice(Float64Array.of(2.2), true);
  late.thresholds.set(0, 3.53);
  const values = new Float64Array(ROWS);
  const batch: ValuedRows = {
    values,
    words: new Int32Array(values.buffer),
    tags: new Int32Array(ROWS),
    weights: new Float64Array(ROWS),
  };
  const rows = new Uint32Array(ROWS);
  for (let window = 0; window < WINDOWS; window++) {
    for (let row = 0; row < ROWS; row++) {
      values[row] = draw();
      rows[row] = row;
    }
    batch.tags.fill(0);
    batch.weights!.fill(1);
    const entered = gate.admit(batch, rows, ROWS, Infinity);
    contents.enter(batch.tags, rows, entered);
    const kept = late.take(batch, rows, 0, entered, false);
    yield { values, rows: rows.subarray(0, kept), weights: batch.weights! };
  }
}

test('intervals of sum, count and mean have the true value 93 to 97 times in 100', () => {
  const other = uniformFrom(9);
  const xs = new Float64Array(ROWS);
  const hits = { sum: 0, count: 0, mean: 0 };
  let kept = 0;
  let bias = 0;
  for (const { rows, weights } of windows(0.2)) {
    const sample = new WeightedSample();
    let sum = 0;
    for (let row = 0; row < ROWS; row++) sum += xs[row] = 10 + other();
    for (const row of rows) sample.add(xs[row]!, weights[row]!);
    expect(sample.isReliable).toBe(true);
    kept += rows.length;
    bias += sample.sum.value / sum - 1;
    const holds = (estimate: { value: number; margin: number }, truth: number) =>
      Number(Math.abs(estimate.value - truth) <= estimate.margin);
    hits.sum += holds(sample.sum, sum);
    hits.count += holds(sample.count, ROWS);
    hits.mean += holds(sample.mean, sum / ROWS);
  }
  for (const hit of Object.values(hits)) {
    expect(hit).toBeGreaterThanOrEqual(0.93 * WINDOWS);
    expect(hit).toBeLessThanOrEqual(0.97 * WINDOWS);
  }
  // A fifth for the threshold, a fifth of the rest for the floor, which is drawn at both gates.
  expect(kept / WINDOWS / ROWS).toBeGreaterThan(0.3);
  expect(kept / WINDOWS / ROWS).toBeLessThan(0.42);
  expect(Math.abs(bias / WINDOWS)).toBeLessThan(0.01);
});

test('what the gates count is what was offered, to the row and to the value', () => {
  const contents = new QueueContents(new Int32Array(QueueContents.wordsFor(2)), 2);
  const gate = new IngressGate({
    lanes: 2,
    paths: [{ workMs: [Float64Array.of(1, 2)] }],
    contents,
  });
  const late = new LateGate(contents);
  const random = uniformFrom(4);
  const draw = drawer('pareto', random);
  const offered = [0, 0];
  const done = [0, 0];
  const doneRows = [0, 0];
  const values = new Float64Array(512);
  const tags = new Int32Array(512);
  const batch = { values, words: new Int32Array(values.buffer), tags };
  const rows = new Uint32Array(512);
  for (let step = 0; step < 400; step++) {
    const count = Math.floor(512 * random());
    for (let row = 0; row < count; row++) {
      rows[row] = row;
      tags[row] = Number(random() < 0.3);
      values[row] = draw();
      offered[tags[row]!]! += values[row]!;
    }
    const price = step % 3 === 0 ? 0 : 2 * random();
    gate.reprice(Float64Array.of(price), step % 5 > 2);
    const entered = gate.admit(batch, rows, count, step % 7 === 0 ? 100 : 1000);
    contents.enter(tags, rows, entered);
    late.thresholds.set(0, step % 4 === 0 ? 0 : 3 * random());
    const end = late.take(batch, rows, 0, entered, step % 50 === 0);
    for (let i = 0; i < end; i++) {
      const lane = tags[rows[i]!]! & 0xffff;
      done[lane]! += values[rows[i]!]!;
      doneRows[lane]!++;
    }
  }
  for (const lane of [0, 1]) {
    expect(gate.offered.value(lane) / offered[lane]! - 1).toBeCloseTo(0, 12);
    const admitted = gate.admitted(lane);
    const lost = late.shed.value(lane) + late.expired.value(lane);
    expect((admitted.value - lost) / done[lane]! - 1).toBeCloseTo(0, 10);
    const lostRows = late.shed.counts[lane]! + late.expired.counts[lane]!;
    expect(admitted.count - lostRows).toBe(doneRows[lane]);
  }
  const before = gate.offered.total;
  values.set([1, Number.NaN, 2, Infinity, 4, -Infinity, 8]);
  tags.fill(0);
  tags[2] = 1;
  rows.forEach((_, row) => (rows[row] = row));
  gate.reprice(Float64Array.of(0), false);
  expect(gate.admit(batch, rows, 7, 1000)).toBe(7);
  expect(gate.offered.total - before).toBeCloseTo(15, 6);
  expect(contents.countedRows).toBe(0);
  expect(contents.entered).toEqual(contents.left);
  expect(gate.roomShed.rows).toBeGreaterThan(0);
  expect(late.expired.rows).toBeGreaterThan(0);
});
