/**
 * Question: what does a row cost in functions of texts, beside the same in TypeScript?
 *
 * Bids of NEXMark's shape: channels of 9 bytes, urls of some 60, other texts of 40 on average. Columns in
 * the memory of kernels are computed by those, columns elsewhere by TypeScript; rounds alternate between
 * both, and the CPU time of a row is printed, with the median of the rounds' ratios. Answers are compared
 * with the interpreter's. `node bench/micro/texts.ts [part of an expression]`
 *
 * @module
 */

import { layoutBatch } from '../../src/core/batch-layout.ts';
import { Batch } from '../../src/core/batch.ts';
import type { ColumnMemory } from '../../src/core/memory.ts';
import { KernelMemory, ownMemory } from '../../src/core/memory.ts';
import { INT64, STRING } from '../../src/core/types.ts';
import type { BatchExpression, TypedExpr } from '../../src/expr/index.ts';
import {
  compileBatch,
  inferExpression,
  interpret,
  parseExpression,
  RowErrors,
  scopeOf,
} from '../../src/expr/index.ts';
import { median } from '../shared/bench-line.ts';

const ROWS = 4096;
const BATCHES = 2;
const ROUNDS = 9;
/** Batches of a round. */
const TURNS = 24;
const EXPRESSIONS = [
  'LOWER(channel)',
  'UPPER(url)',
  "SPLIT_INDEX(url, '/', 3)",
  "SPLIT_INDEX(url, '&', 1)",
  "SPLIT_PART(url, '://', 2)",
  'SUBSTRING(url, 9, 20)',
  "SUBSTRING(url, POSITION('?' IN url) + 1)",
  'LEFT(extra, 10)',
  'RIGHT(extra, 10)',
  "TRIM(BOTH 'h' FROM url)",
  "channel || '-' || url",
  "CONCAT(channel, '!')",
  "REPLACE(extra, 'c', '')",
  "REPLACE(url, 'item', 'auction')",
  "REGEXP_EXTRACT(url, '(&|^)channel_id=([^&]*)', 2)",
  "CASE WHEN price < 1000 THEN 'low' WHEN price < 500000 THEN channel ELSE url END",
  'CAST(price AS string)',
  "CAST(SPLIT_INDEX(url, '=', 2) AS bigint)",
  "LPAD(channel, 12, '.')",
  'REVERSE(channel)',
];

const schema = [
  { name: 'channel', type: STRING },
  { name: 'url', type: STRING },
  { name: 'extra', type: STRING },
  { name: 'price', type: INT64 },
];
const layout = layoutBatch({ schema, hasTime: false }, ROWS, 1 << 20);
const scope = scopeOf(schema);

let state = 42;
function random(below: number): number {
  state = (Math.imul(state, 1664525) + 1013904223) | 0;
  return Math.floor(((state >>> 0) / 2 ** 32) * below);
}

const letters = (count: number): string =>
  Array.from({ length: count }, () => String.fromCharCode(97 + random(26))).join('');

type Row = readonly [string, string, string, bigint];

function makeRow(): Row {
  const channel = `Channel-${random(10)}`;
  const folders = [letters(3 + random(5)), letters(3 + random(5)), letters(3 + random(5))];
  const url = `https://www.nexmark.com/${folders.join('/')}/item.htm?query=1&channel_id=${random(1e6)}`;
  return [channel, url, letters(20 + random(40)), BigInt(random(1_000_000))];
}

const data = Array.from({ length: BATCHES }, () => Array.from({ length: ROWS }, makeRow));
const encoder = new TextEncoder();

function batchesIn(memory: ColumnMemory): readonly Batch[] {
  return data.map((rows) => {
    const batch = Batch.allocate(layout, memory);
    batch.reset();
    for (const [r, row] of rows.entries()) {
      for (let c = 0; c < 3; c++) {
        const bytes = encoder.encode(row[c] as string);
        batch.columns[c]!.setView(r, bytes, 0, bytes.length);
      }
      batch.columns[3]!.i64[r] = row[3];
    }
    batch.setRowCount(ROWS);
    return batch;
  });
}

/** One way to compute an expression. */
interface Subject {
  readonly expression: BatchExpression;
  readonly batches: readonly Batch[];
  /** CPU nanoseconds a row, of each round. */
  readonly rounds: number[];
}

const memory = KernelMemory.create(512 * 1024 * 1024);
const places = [batchesIn(memory), batchesIn(ownMemory)];
const errors = new RowErrors(ROWS);
let sum = 0;

function check(typed: TypedExpr, { expression, batches }: Subject): void {
  const [batch] = batches;
  const column = expression.evaluate(batch!, batch!.selection, ROWS, errors);
  for (let r = 0; r < ROWS; r++) {
    const start = column.viewStart(r);
    const bytes = column.viewSource(r).slice(start, start + column.viewLength(r));
    const found = column.isNull(r)
      ? null
      : column.storage === 'view'
        ? Buffer.from(bytes).toString()
        : column.i64[r]!;
    const wanted = interpret(typed, data[0]![r]!);
    if (found !== wanted) throw new Error(`row ${r}: ${String(found)}, not ${String(wanted)}`);
  }
}

function measure({ expression, batches, rounds }: Subject, turns: number): void {
  const before = process.cpuUsage();
  for (let i = 0; i < turns; i++) {
    const batch = batches[i % BATCHES]!;
    sum += expression.evaluate(batch, batch.selection, ROWS, errors).nullCount;
  }
  const { user, system } = process.cpuUsage(before);
  rounds.push(((user + system) * 1000) / (turns * ROWS));
}

const wanted = process.argv[2] ?? '';
for (const text of EXPRESSIONS.filter((expression) => expression.includes(wanted))) {
  const typed = inferExpression(parseExpression(text), scope);
  const subjects: readonly Subject[] = places.map((batches) => ({
    expression: compileBatch(typed, { rowCapacity: ROWS, memory }),
    batches,
    rounds: [],
  }));
  for (const subject of subjects) {
    check(typed, subject);
    measure(subject, TURNS);
    subject.rounds.length = 0;
  }
  for (let round = 0; round < ROUNDS; round++) {
    for (const subject of subjects) measure(subject, TURNS);
  }
  const [kernels, loops] = subjects.map(({ rounds }) => rounds) as [number[], number[]];
  const ratio = median(kernels.map((ns, i) => loops[i]! / ns));
  const ns = [kernels, loops].map((rounds) => median(rounds).toFixed(1).padStart(7));
  console.log(`${text.padEnd(82)} ${ns[0]} TypeScript ${ns[1]} ns/row, ${ratio.toFixed(1)} x`);
}
if (Number.isNaN(sum)) throw new Error('nothing was measured');
