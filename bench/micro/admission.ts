/**
 * What does a row cost at the gates of admission, by what becomes of it?
 *
 * Batches of 1,024 rows with lognormal values go through the gate at a source, and what it keeps into
 * the contents of a ring and out again, as in the engine. The answer is checked: kept and dropped rows are those
 * offered, and those that a plain comparison of values finds, but for the bin of the threshold.
 *
 *     node bench/micro/admission.ts [millions of rows]
 *
 * @module
 */

import { threadCpuUsage } from 'node:process';
import {
  IngressGate,
  LateGate,
  QueueContents,
  type ValuedRows,
  WorkerPrice,
  admissionLimits,
} from '../../src/admission/index.ts';
import { drawer, uniformFrom } from '../workloads/overload/values.ts';

const rows = Number(process.argv[2] ?? 20) * 1e6;
const ROUNDS = 5;
const BATCH = 1024;

/** What is measured: a price, and whether much waits. */
interface Case {
  readonly name: string;
  readonly lanes: number;
  readonly price: number;
  readonly isArmed: boolean;
}

const CASES: readonly Case[] = [
  { name: 'not overloaded, one class', lanes: 1, price: 0, isArmed: false },
  { name: 'not overloaded, eight classes', lanes: 8, price: 0, isArmed: false },
  { name: 'much waits, nothing dropped', lanes: 8, price: 0, isArmed: true },
  { name: '80 % dropped, one class', lanes: 1, price: 3.53, isArmed: true },
  { name: '99 % dropped, one class', lanes: 1, price: 32.7, isArmed: true },
  { name: '99 % dropped, eight classes', lanes: 8, price: 32.7, isArmed: true },
];

/** Nanoseconds a row, the gate alone and all that admission does; and the fraction that was kept. */
function measure({ lanes, price, isArmed }: Case): { gate: number; all: number; kept: number } {
  const contents = new QueueContents(new Int32Array(QueueContents.wordsFor(lanes)), lanes);
  const workMs = [new Float64Array(lanes).fill(1)];
  const gate = new IngressGate({ lanes, paths: [{ workMs }], contents });
  const late = new LateGate(contents);
  const values = new Float64Array(BATCH);
  const random = uniformFrom(1);
  const draw = drawer('lognormal', random);
  for (let row = 0; row < BATCH; row++) values[row] = draw();
  const lanesOfRows = Int32Array.from(values, () => Math.floor(lanes * random()));
  const batch: ValuedRows = {
    values,
    words: new Int32Array(values.buffer),
    tags: lanesOfRows.slice(),
  };
  const identity = Uint32Array.from(values.keys());
  const selection = identity.slice();
  const prices = Float64Array.of(price);
  gate.reprice(prices, isArmed);
  late.reprice(prices, workMs, false);
  const batches = Math.ceil(rows / BATCH);
  let kept = 0;
  const timeOf = (whole: boolean): number => {
    const start = threadCpuUsage();
    for (let i = 0; i < batches; i++) {
      selection.set(identity);
      batch.tags.set(lanesOfRows);
      const count = gate.admit(batch, selection, BATCH, Infinity);
      kept = count;
      if (!whole) continue;
      contents.enter(batch.tags, selection, count);
      late.take(batch, selection, 0, count, false);
    }
    const { user } = threadCpuUsage(start);
    return (user * 1000) / (batches * BATCH);
  };
  timeOf(true);
  const gates: number[] = [];
  const alls: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    gates.push(timeOf(false));
    alls.push(timeOf(true));
  }
  check(values, price, kept);
  return { gate: median(gates), all: median(alls), kept: kept / BATCH };
}

/** The fraction kept lies between those above and below the bin of the threshold. */
function check(values: Float64Array, price: number, kept: number): void {
  const least = values.filter((value) => value >= price * 1.07).length;
  const most = values.filter((value) => value >= price / 1.07).length;
  if (kept < least || kept > most) throw new Error(`${kept} rows kept, not ${least} to ${most}`);
}

/** Microseconds that a worker takes to set its price anew. */
function measurePrice(lanes: number): { us: number; share: number } {
  const contents = new QueueContents(new Int32Array(QueueContents.wordsFor(lanes)), lanes);
  const workMs = new Float64Array(lanes).fill(0.01);
  const gate = new IngressGate({ lanes, paths: [{ workMs: [workMs] }], contents });
  const worker = new WorkerPrice({
    limits: admissionLimits(50),
    sources: [{ contents, workMs }],
  });
  gate.reprice(Float64Array.of(0), true);
  const random = uniformFrom(2);
  const draw = drawer('lognormal', random);
  const values = Float64Array.from({ length: 8192 }, draw);
  const tags = Int32Array.from(values, () => Math.floor(lanes * random()));
  const batch = { values, words: new Int32Array(values.buffer), tags };
  const selection = Uint32Array.from(values.keys());
  const kept = gate.admit(batch, selection, values.length, Infinity);
  contents.enter(tags, selection, kept);
  const waiting = Float64Array.of(kept);
  let now = 0;
  const run = (times: number): { us: number; share: number } => {
    const { decisions } = worker;
    const [start, from] = [threadCpuUsage(), now];
    // Nothing comes: as often as is allowed it is looked whether the worker runs dry.
    for (let i = 0; i < times; i++) worker.update((now += 0.5), waiting, 0, 1);
    const us = threadCpuUsage(start).user;
    return { us: us / (worker.decisions - decisions), share: us / (1000 * (now - from)) };
  };
  run(400);
  const rounds = Array.from({ length: ROUNDS }, () => run(2000));
  return {
    us: median(rounds.map(({ us }) => us)),
    share: median(rounds.map(({ share }) => share)),
  };
}

function median(numbers: number[]): number {
  return numbers.sort((a, b) => a - b)[numbers.length >> 1]!;
}

console.log('nanoseconds a row offered'.padEnd(34), 'gate'.padStart(6), 'all'.padStart(6), 'kept');
for (const each of CASES) {
  const { gate, all, kept } = measure(each);
  console.log(
    each.name.padEnd(34),
    gate.toFixed(2).padStart(6),
    all.toFixed(2).padStart(6),
    `${(100 * kept).toFixed(1)} %`,
  );
}
for (const lanes of [1, 8, 64, 256]) {
  const { us, share } = measurePrice(lanes);
  const most = `${(100 * share).toFixed(1)} % of a worker at most`;
  console.log(`a price, ${lanes} lanes:`.padEnd(34), `${us.toFixed(1)} µs, ${most}`);
}
