/**
 * What does a row cost of a GROUP BY with ten times more groups than its state has room for, whose rows go
 * to disk, and how long does a worker stand still meanwhile?
 *
 * `COUNT(*)`, `SUM` and `MAX` of an int64 by an int32 key, drawn from a quarter as many as there are rows, in batches
 * of 1,024 through the kernel, a tumbling window a round. Subjects take turns: all groups in memory; the kernel that
 * may spill, with room for all; with room for a tenth; for a hundredth. Answers are compared with those of plain
 * arrays. Times are processor time of the thread, system time included, and of single calls wall time: medians over
 * the rounds. Files are written to the folder of temporary files, or to the one that MILLRACE_BENCH_DIR names.
 *
 *     node bench/micro/spilled-groups.ts [--quick]
 *
 * @module
 */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Batch } from '../../src/core/batch.ts';
import { layoutBatch } from '../../src/core/batch-layout.ts';
import { goOn } from '../../src/core/kernel-calls.ts';
import { KernelMemory } from '../../src/core/memory.ts';
import type { Kernel, Outbox, Progress } from '../../src/core/operator.ts';
import type { Schema } from '../../src/core/schema.ts';
import { INT32, INT64, TIMESTAMP } from '../../src/core/types.ts';
import { openAggregateKernel } from '../../src/operators/aggregate/kernel.ts';
import { SpillFiles } from '../../src/storage/spill-files.ts';
import { randomIntegers } from '../kernels/random.ts';
import { kernelContext, planAggregate, threadCpuMs } from '../shared/one-kernel.ts';

const ROWS = 1024;
const isQuick = process.argv.includes('--quick');
const BATCHES = isQuick ? 2048 : 8192;
const GROUPS = (BATCHES * ROWS) / 4;
const ROUNDS = isQuick ? 3 : 7;
const MIB = 1024 * 1024;
const WINDOW_US = 1_000_000;
const SCHEMA: Schema = [
  { name: 'k', type: INT32 },
  { name: 'v', type: INT64 },
];
const SELECT = { n: 'COUNT(*)', sum: 'SUM(v)', most: 'MAX(v)' };
/** A group takes some 60 bytes, with its place in the table. */
const GROUP_BYTES = 60;
const directory = mkdtempSync(
  join(process.env['MILLRACE_BENCH_DIR'] ?? tmpdir(), 'spilled-groups-'),
);

const memory = KernelMemory.create(256 * MIB);
const random = randomIntegers(0x2545_f491);
const keys = Int32Array.from({ length: BATCHES * ROWS }, () => random(GROUPS));
const batch = Batch.allocate(layoutBatch({ schema: SCHEMA, hasTime: true }, ROWS, 0), memory);

/** The value of a row. */
const valueOf = (row: number): number => (row * 7) & 1023;

/** Shows the rows of a batch, of the window of a round. */
function fill(b: number, round: number): Batch {
  batch.reset();
  batch.columns[0]!.words.set(keys.subarray(b * ROWS, (b + 1) * ROWS));
  const values = batch.columns[1]!.words;
  for (let row = 0; row < ROWS; row++) values[2 * row] = valueOf(b * ROWS + row);
  batch.setRowCount(ROWS);
  batch.setSameTime(0, ROWS, round * WINDOW_US);
  return batch;
}

/** Adds up what the results say, so that they can be compared. */
class Results implements Outbox {
  groups = 0;
  sum = 0;
  readonly #slot = Batch.allocate(
    layoutBatch(
      {
        schema: [
          { name: 'window_start', type: TIMESTAMP },
          { name: 'window_end', type: TIMESTAMP },
          SCHEMA[0]!,
          { name: 'n', type: INT64 },
          { name: 'sum', type: INT64 },
          { name: 'most', type: INT64 },
        ],
        hasTime: true,
      },
      ROWS,
      0,
    ),
  );

  offer(): void {}
  watermark(): void {}
  claim(): Batch {
    return this.#slot;
  }
  commit(): void {
    const { rowCount, columns } = this.#slot;
    for (let row = 0; row < rowCount; row++) {
      const [n, sum, most] = [3, 4, 5].map((c) => columns[c]!.words[2 * row]!);
      this.sum += checkOf(columns[2]!.words[row]!, n!, sum!, most!);
    }
    this.groups += rowCount;
    this.#slot.reset();
  }
}

/** A number that hardly stays the same when a result is wrong. */
function checkOf(key: number, n: number, sum: number, most: number): number {
  return ((key & 255) + 1) * (n + 3 * sum + 7 * most);
}

function expected(): { groups: number; sum: number } {
  const [counts, sums, most] = [1, 2, 3].map(() => new Float64Array(GROUPS));
  keys.forEach((key, row) => {
    counts![key]!++;
    sums![key]! += valueOf(row);
    most![key] = Math.max(most![key]!, valueOf(row));
  });
  let groups = 0;
  let sum = 0;
  for (let key = 0; key < GROUPS; key++) {
    if (counts![key] === 0) continue;
    groups++;
    sum += checkOf(key, counts![key]!, sums![key]!, most![key]!);
  }
  return { groups, sum };
}

/** One way to do it. */
class Subject {
  readonly name: string;
  readonly rowNs: number[] = [];
  readonly longestBatchMs: number[] = [];
  readonly longestAtEndMs: number[] = [];
  readonly #onLimit: 'error' | 'spill';
  readonly #limitBytes: number;
  readonly #store = new SpillFiles({ directory, limitBytes: 2 ** 40, owner: 'the benchmark' });
  #kernel: Kernel | undefined;
  #spilledBytes = 0;

  constructor(name: string, onLimit: 'error' | 'spill', limitBytes: number) {
    this.name = name;
    this.#onLimit = onLimit;
    this.#limitBytes = limitBytes;
  }

  async open(): Promise<void> {
    const window = { kind: 'tumbling', sizeUs: WINDOW_US, offsetUs: 0 } as const;
    const stream = { schema: SCHEMA, hasTime: true };
    const plan = planAggregate(stream, SELECT, { onLimit: this.#onLimit, window });
    const context = kernelContext(memory, ROWS, {
      stateLimitBytes: this.#limitBytes,
      openSpillStore: () => Promise.resolve(this.#store),
      counters: {
        addLate: () => undefined,
        addErrors: () => undefined,
        addSpilled: (_, bytes) => void (this.#spilledBytes += bytes),
      },
    });
    this.#kernel = await openAggregateKernel(plan, context);
  }

  /** All rows of a window, and its end. */
  run(round: number): Results {
    const kernel = this.#kernel!;
    const out = new Results();
    let [longestBatchMs, longestAtEndMs] = [0, 0];
    this.#spilledBytes = 0;
    const begin = threadCpuMs();
    for (let b = 0; b < BATCHES; b++) {
      const rows = fill(b, round);
      longestBatchMs = Math.max(
        longestBatchMs,
        longestCallMs(kernel, out, () => kernel.onBatch(0, rows, out)),
      );
    }
    const endUs = (round + 1) * WINDOW_US;
    const atEnd = () => kernel.onWatermark!(0, endUs, out);
    longestAtEndMs = longestCallMs(kernel, out, atEnd);
    this.rowNs.push(((threadCpuMs() - begin) * 1e6) / (BATCHES * ROWS));
    this.longestBatchMs.push(longestBatchMs);
    this.longestAtEndMs.push(longestAtEndMs);
    return out;
  }

  print(): void {
    const bytes = this.#spilledBytes / (BATCHES * ROWS);
    const figures = [
      `${median(this.rowNs).toFixed(1)} ns a row`,
      `${bytes.toFixed(1)} bytes of each on disk`,
      `longest batch ${median(this.longestBatchMs).toFixed(1)} ms`,
      `longest call at the end ${median(this.longestAtEndMs).toFixed(1)} ms`,
    ];
    console.log(`${this.name.padEnd(34)} ${figures.join(', ')}`);
  }

  close(): void {
    this.#store.close();
  }
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

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >>> 1]!;
}

const room = GROUPS * GROUP_BYTES;
const subjects = [
  new Subject('in memory', 'error', 2 * room),
  new Subject('may spill, and has room', 'spill', 2 * room),
  new Subject('10 times more than there is room for', 'spill', room / 10),
  new Subject('100 times more', 'spill', room / 100),
];
try {
  const { groups, sum } = expected();
  for (const subject of subjects) await subject.open();
  for (let round = 0; round < ROUNDS; round++) {
    for (const subject of subjects) {
      const found = subject.run(round);
      if (found.groups !== groups || found.sum !== sum) {
        throw new Error(
          `${subject.name}: ${found.groups} groups, sum ${found.sum}, expected ${groups}, ${sum}`,
        );
      }
    }
  }
  console.log(`${BATCHES * ROWS} rows, ${groups} groups, ${ROUNDS} rounds, answers checked`);
  for (const subject of subjects) subject.print();
} finally {
  for (const subject of subjects) subject.close();
  rmSync(directory, { recursive: true });
}
