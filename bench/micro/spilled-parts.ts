/**
 * What does a row cost of an operator whose state has ten times less room than it needs, so that parts of it are on
 * disk in turns, and how long does a worker stand still meanwhile?
 *
 * Sessions, a dedup and groups of distinct values, over keys that are new or were seen a while ago, in batches of 4,096
 * through the kernel, each with a watermark. Subjects take turns: all in memory; the kernel that may spill, with room for
 * all; with room for a tenth of what the first one took; for a twentieth. Results are compared by number and sum. Times
 * are processor time of the thread, system time included, and of single calls wall time: medians over the rounds. Files
 * are written to the folder of temporary files, or to the one that MILLRACE_BENCH_DIR names.
 *
 *     node bench/micro/spilled-parts.ts [--quick]
 *
 * @module
 */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Batch } from '../../src/core/batch.ts';
import { layoutBatch } from '../../src/core/batch-layout.ts';
import { goOn, tellEnd, tellWatermark } from '../../src/core/kernel-calls.ts';
import { KernelMemory } from '../../src/core/memory.ts';
import type { Kernel, OperatorPlan, Outbox, Progress } from '../../src/core/operator.ts';
import type { Schema } from '../../src/core/schema.ts';
import { INT32, INT64 } from '../../src/core/types.ts';
import { createKernel } from '../../src/operators/kernels.ts';
import { SpillFiles } from '../../src/storage/spill-files.ts';
import { documentPlan } from '../../test/support/kernel/operator-nodes.ts';
import { randomIntegers } from '../kernels/random.ts';
import { kernelContext, threadCpuMs } from '../shared/one-kernel.ts';

const ROWS = 4096;
const isQuick = process.argv.includes('--quick');
const BATCHES = isQuick ? 128 : 512;
const KEYS = BATCHES * ROWS;
const ROUNDS = isQuick ? 1 : 3;
const MIB = 1024 * 1024;
const SCHEMA: Schema = [
  { name: 'k', type: INT32 },
  { name: 'v', type: INT64 },
];
const NODES: Readonly<Record<string, object>> = {
  sessions: {
    type: 'aggregate',
    groupBy: ['k'],
    window: { type: 'session', gap: `${(BATCHES * ROWS) >>> 2}us` },
    select: { n: 'COUNT(*)', sum: 'SUM(v)' },
  },
  dedup: { type: 'dedup', key: ['k'] },
  'distinct values': { type: 'aggregate', groupBy: ['k'], select: { n: 'COUNT(DISTINCT v)' } },
};
/** Of what is taken in memory. */
const ROOM = { 'with room for all': 2, 'for a tenth': 1 / 10, 'for a twentieth': 1 / 20 };
const directory = mkdtempSync(
  join(process.env['MILLRACE_BENCH_DIR'] ?? tmpdir(), 'spilled-parts-'),
);

const memory = KernelMemory.create(512 * MIB);
const random = randomIntegers(0x2545_f491);
const keys = Int32Array.from({ length: BATCHES * ROWS }, () => random(KEYS));
const batch = Batch.allocate(layoutBatch({ schema: SCHEMA, hasTime: true }, ROWS, 0), memory);

/** Shows the rows of a batch: a microsecond apart. */
function fill(b: number): Batch {
  batch.reset();
  batch.columns[0]!.words.set(keys.subarray(b * ROWS, (b + 1) * ROWS));
  const values = batch.columns[1]!.words;
  for (let row = 0; row < ROWS; row++) {
    values[2 * row] = (row * 7) & 1023;
    batch.setTimeUs(row, b * ROWS + row);
  }
  batch.setRowCount(ROWS);
  return batch;
}

/** Adds up what the results say, so that they can be compared. */
class Results implements Outbox {
  rows = 0;
  sum = 0;
  readonly #slot: Batch;

  constructor({ outputs }: OperatorPlan) {
    this.#slot = Batch.allocate(layoutBatch(outputs[0]!.stream, ROWS, 0));
  }

  offer(_port: number, given: Batch): void {
    this.#add(given);
  }
  watermark(): void {}
  claim(): Batch {
    return this.#slot;
  }
  commit(): void {
    this.#add(this.#slot);
    this.#slot.reset();
  }

  #add({ columns, selection, selected }: Batch): void {
    this.rows += selected;
    const last = columns.at(-1)!.words;
    for (let i = 0; i < selected; i++) this.sum += last[2 * selection[i]!]!;
  }
}

/** One run through all rows. */
interface Figures {
  readonly rowNs: number;
  readonly bytes: number;
  readonly longestMs: number;
  readonly longestAtEndMs: number;
  readonly mostBytes: number;
}

async function run(plan: OperatorPlan, limitBytes: number): Promise<[Figures, Results]> {
  const store = new SpillFiles({ directory, limitBytes: 2 ** 40, owner: 'the benchmark' });
  const watched: (() => number)[] = [];
  let [spilled, mostBytes, longestMs] = [0, 0, 0];
  const lent = memory.lend();
  const context = kernelContext(lent, ROWS, {
    stateLimitBytes: limitBytes,
    openSpillStore: () => Promise.resolve(store),
    counters: {
      addLate: () => undefined,
      addErrors: () => undefined,
      addSpilled: (_, bytes) => void (spilled += bytes),
      watchState: (usedBytes) => void watched.push(usedBytes),
    },
  });
  const kernel = await createKernel(plan, context);
  const out = new Results(plan);
  const begin = threadCpuMs();
  for (let b = 0; b < BATCHES; b++) {
    const rows = fill(b);
    longestMs = Math.max(
      longestMs,
      longestCallMs(kernel, out, () => kernel.onBatch(0, rows, out)),
      longestCallMs(kernel, out, () => tellWatermark(kernel, 0, b * ROWS, out)),
    );
    mostBytes = Math.max(
      mostBytes,
      watched.reduce((sum, used) => sum + used(), 0),
    );
  }
  const longestAtEndMs = Math.max(
    longestCallMs(kernel, out, () => tellWatermark(kernel, 0, Infinity, out)),
    longestCallMs(kernel, out, () => tellEnd(kernel, 0, out)),
  );
  const rowNs = ((threadCpuMs() - begin) * 1e6) / (BATCHES * ROWS);
  store.close();
  lent.giveBack();
  const bytes = spilled / (BATCHES * ROWS);
  return [{ rowNs, bytes, longestMs, longestAtEndMs, mostBytes }, out];
}

/** Calls a kernel until it is done; how long the longest call took. */
function longestCallMs(kernel: Kernel, out: Outbox, call: () => Progress): number {
  let longestMs = 0;
  for (let next = call; ; next = () => goOn(kernel, out)) {
    const startMs = performance.now();
    const progress = next();
    longestMs = Math.max(longestMs, performance.now() - startMs);
    if (progress === 'done') return longestMs;
  }
}

function print(name: string, runs: readonly Figures[]): void {
  const median = (of: (figures: Figures) => number): number =>
    runs.map(of).toSorted((a, b) => a - b)[runs.length >>> 1]!;
  const figures = [
    `${median(({ rowNs }) => rowNs).toFixed(0)} ns a row`,
    `${median(({ bytes }) => bytes).toFixed(0)} bytes of each written`,
    `${(median(({ mostBytes }) => mostBytes) / MIB).toFixed(1)} MiB of state at most`,
    `longest call ${median(({ longestMs }) => longestMs).toFixed(1)} ms`,
    `at the end ${median(({ longestAtEndMs }) => longestAtEndMs).toFixed(1)} ms`,
  ];
  console.log(`${name.padEnd(36)} ${figures.join(', ')}`);
}

try {
  console.log(`${BATCHES * ROWS} rows, ${ROUNDS} rounds, results compared`);
  for (const [name, node] of Object.entries(NODES)) {
    const inputs = [{ name: 'in', schema: SCHEMA, hasTime: true }];
    const [whole, parts] = ['error', 'spill'].map((onLimit) =>
      documentPlan({ ...node, onLimit }, inputs),
    ) as [OperatorPlan, OperatorPlan];
    const figures = new Map<string, Figures[]>();
    for (let round = 0; round < ROUNDS; round++) {
      const [first, expected] = await run(whole, 1024 * MIB);
      figures.set('in memory', [...(figures.get('in memory') ?? []), first]);
      for (const [room, share] of Object.entries(ROOM)) {
        const [found, results] = await run(parts, Math.ceil(first.mostBytes * share));
        if (results.rows !== expected.rows || results.sum !== expected.sum) {
          throw new Error(`${name}, ${room}: ${results.rows} results, not ${expected.rows}`);
        }
        figures.set(room, [...(figures.get(room) ?? []), found]);
      }
    }
    for (const [room, runs] of figures) print(`${name}, ${room}`, runs);
  }
} finally {
  rmSync(directory, { recursive: true });
}
