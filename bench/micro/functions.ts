/**
 * Question: what does a row cost in functions, and in a decision table, beside plain JavaScript?
 *
 * 64 different batches in turn, in a worker's memory. Subjects take turns in rounds; the medians of
 * CPU time are printed. `node bench/micro/functions.ts [name …]`
 *
 * @module
 */

import { Batch } from '../../src/core/batch.ts';
import { Column } from '../../src/core/column.ts';
import { KernelMemory } from '../../src/core/memory.ts';
import type { Kernel, Outbox } from '../../src/core/operator.ts';
import type { Schema } from '../../src/core/schema.ts';
import {
  normalizeOperator,
  type OperatorDocument,
} from '../../src/core/topology/operators/index.ts';
import { FLOAT64, INT32, INT64, STRING, TIMESTAMP } from '../../src/core/types.ts';
import {
  compileBatch,
  inferExpression,
  parseExpression,
  RowErrors,
  scopeOf,
} from '../../src/expr/index.ts';
import { createKernel } from '../../src/operators/kernels.ts';
import { planOperator } from '../../src/operators/specs.ts';
import { complete, kernelContext, refuse } from '../shared/one-kernel.ts';

const ROWS = 1024;
const BATCHES = 64;
const ROUNDS = 15;
const ROUND_MS = 25;
const NAMES = ['alpha', 'beta', 'gamma', 'delta', 'a name that is longer', 'Robert', 'x=1, y=22'];
const SCHEMA: Schema = [
  { name: 'x', type: FLOAT64 },
  { name: 'n', type: INT32 },
  { name: 'b', type: INT64 },
  { name: 's', type: STRING },
  { name: 't', type: TIMESTAMP },
];

let state = 42;
function random(): number {
  state = (Math.imul(state, 1664525) + 1013904223) | 0;
  return (state >>> 0) / 2 ** 32;
}

const memory = KernelMemory.create(256 * 1024 * 1024);
const encoder = new TextEncoder();

function makeBatch(): Batch {
  const batch = Batch.view(ROWS, false);
  const columns = SCHEMA.map(({ type }) => Column.allocate(type, ROWS, memory));
  for (let row = 0; row < ROWS; row++) {
    columns[0]!.f64[row] = random() * 200 - 100;
    columns[1]!.words[row] = Math.floor(random() * 1000);
    columns[2]!.i64[row] = BigInt(Math.floor(random() * 1e12));
    const bytes = encoder.encode(NAMES[Math.floor(random() * NAMES.length)]);
    columns[3]!.setView(row, bytes, 0, bytes.length);
    columns[4]!.i64[row] = 1_769_900_000_000_000n + BigInt(Math.floor(random() * 3.6e9));
  }
  columns.forEach((column, c) => (batch.columns[c] = column));
  batch.setRowCount(ROWS);
  return batch;
}

const batches = Array.from({ length: BATCHES }, makeBatch);

/** Something that goes through a batch; its number keeps the work from being left out. */
type Subject = (batch: Batch) => number;

function expression(text: string): Subject {
  const typed = inferExpression(parseExpression(text), scopeOf(SCHEMA));
  const compiled = compileBatch(typed, { rowCapacity: ROWS, memory });
  const errors = new RowErrors(ROWS);
  return (batch) => {
    errors.reset();
    const column = compiled.evaluate(batch, batch.selection, ROWS, errors);
    if (errors.count > 0) throw new Error(`${text}: ${errors.message(0)}`);
    return column.isNull(0) ? 0 : 1;
  };
}

const RULES = [
  { when: { n: '< 100', x: '> 0' }, then: { tier: 'gold', rate: 0.1 } },
  { when: { s: 'alpha, beta' }, then: { tier: 'silver', rate: 0.05 } },
  { when: { x: '-10..10' }, then: { tier: 'bronze', rate: 0.02 } },
  { when: { n: '>= 900' }, then: { tier: 'late', rate: 0 } },
  { then: { tier: 'none', rate: 0 } },
];

async function table(hit: string): Promise<Subject> {
  const results = { tier: 'string', rate: 'float64' };
  const document = { type: 'decision_table', input: 'in', rules: RULES, results, hit };
  const node = normalizeOperator('table', document as unknown as OperatorDocument);
  const plan = planOperator(
    node,
    [{ name: 'in', stream: { schema: SCHEMA, hasTime: false } }],
    refuse,
  )!;
  const context = kernelContext(memory, ROWS, { slotHeapBytes: 1 << 20 });
  const kernel: Kernel = await createKernel(plan, context);
  let rows = 0;
  const out = {
    offer: (_port: number, batch: Batch) => void (rows += batch.selected),
  } as unknown as Outbox;
  return (batch) => {
    rows = 0;
    complete(kernel, out, kernel.onBatch(0, batch, out));
    if (rows < ROWS) throw new Error(`only ${rows} rows came out`);
    return rows;
  };
}

/** The same rules over rows as objects, as one writes them. */
function plainTable(): Subject {
  const decoder = new TextDecoder();
  const rowsOf = new Map(
    batches.map((batch) => [
      batch,
      Array.from({ length: ROWS }, (_, row) => {
        const s = batch.columns[3]!;
        const start = s.viewStart(row);
        const bytes = s.viewSource(row).slice(start, start + s.viewLength(row));
        const n = batch.columns[1]!.words[row]!;
        return { x: batch.columns[0]!.f64[row]!, n, s: decoder.decode(bytes) };
      }),
    ]),
  );
  return (batch) => {
    let sum = 0;
    for (const row of rowsOf.get(batch)!) {
      const { x, n, s } = row;
      const result =
        n < 100 && x > 0
          ? { ...row, tier: 'gold', rate: 0.1 }
          : s === 'alpha' || s === 'beta'
            ? { ...row, tier: 'silver', rate: 0.05 }
            : x >= -10 && x <= 10
              ? { ...row, tier: 'bronze', rate: 0.02 }
              : { ...row, tier: n >= 900 ? 'late' : 'none', rate: 0 };
      sum += result.rate;
    }
    return sum;
  };
}

const EXPRESSIONS = [
  'SIN(x)',
  'ROUND(x, 2)',
  'CLAMP(x, -10, 10)',
  'BITAND(n, 255)',
  'SHIFT_LEFT(b, 3)',
  'FLOOR_MOD(n, 7)',
  'GCD(n, 360)',
  'EPOCH_MS(t)',
  "DATE_BIN('15m', t)",
  'TIMESTAMPADD(MONTH, 1, t)',
  "AT_TIME_ZONE(t, 'Europe/Berlin')",
  "FROM_TIME_ZONE(t, 'Europe/Berlin')",
  "DATE_FORMAT(t, 'HH:mm', 'Europe/Berlin')",
  'INITCAP(s)',
  "LEVENSHTEIN(s, 'alpha')",
  "FORMAT('%s %05d', s, n)",
  "REGEXP_COUNT(s, 'a')",
  'MURMUR3(s)',
  'XXHASH64(s)',
  'HASH(n, s)',
  'MD5(s)',
  'SHA256(s)',
  'TO_BASE64(s)',
  "SPLIT(s, 'a')",
  "JSON_OBJECT('n', n, 's', s)",
  'GEO_DISTANCE(x / 2, x, 48.1, 11.6)',
];

const subjects: (readonly [string, Subject])[] = [
  ...EXPRESSIONS.map((text) => [text, expression(text)] as const),
  ['decision_table, 5 rules', await table('first')],
  ['decision_table, 5 rules, all', await table('all')],
  ['the same rules in JavaScript', plainTable()],
];

const wanted = process.argv.slice(2);
const chosen = subjects.filter(
  ([name]) => wanted.length === 0 || wanted.some((part) => name.includes(part)),
);
let kept = 0;

/** Nanoseconds of CPU a row, of about 25 ms of batches. */
function measure(subject: Subject): number {
  const begin = process.cpuUsage();
  const until = performance.now() + ROUND_MS;
  let rows = 0;
  while (performance.now() < until) {
    for (const batch of batches) kept += subject(batch);
    rows += BATCHES * ROWS;
  }
  const { user, system } = process.cpuUsage(begin);
  return ((user + system) * 1000) / rows;
}

const costs = chosen.map((): number[] => []);
for (let round = 0; round < ROUNDS; round++) {
  for (const [i, [, subject]] of chosen.entries()) costs[i]!.push(measure(subject));
}
for (const [i, [name]] of chosen.entries()) {
  const sorted = costs[i]!.slice(2).toSorted((a, b) => a - b);
  const median = sorted[Math.floor(sorted.length / 2)]!;
  console.log(`${name.padEnd(44)} ${median.toFixed(2).padStart(9)} ns/row`);
}
if (Number.isNaN(kept)) throw new Error('nothing was measured');
