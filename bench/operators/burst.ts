/**
 * What ends at once: as many sessions as there are rows, of a key each, are closed by one watermark. A kernel
 * gives its worker back in between, so that other tasks have their turns; how long the longest call takes is
 * what counts.
 *
 * @module
 */

import type { Batch } from '../../src/core/batch.ts';
import { goOn, tellWatermark } from '../../src/core/kernel-calls.ts';
import { KernelMemory } from '../../src/core/memory.ts';
import type { Kernel, OperatorPlan, Progress } from '../../src/core/operator.ts';
import { INT32 } from '../../src/core/types.ts';
import { allocateBatches, CountingOutbox, makeKernel, planOperators } from '../kernels/millrace.ts';
import { type BenchLine, median } from '../shared/bench-line.ts';
import { complete, threadCpuNs } from '../shared/one-kernel.ts';
import { BATCH_ROWS } from '../kernels/workshop.ts';

const MEMORY_BYTES = 2 ** 30;
const GAP_US = 10_000_000;
/** How long a worker may be held up. */
const LONGEST_CALL_MS = 5;

/** How much ends at once, and how often. */
export interface BurstExtent {
  /** A multiple of the rows of a batch. */
  readonly sessions: number;
  readonly rounds: number;
}

/** An aggregate over sessions whose results come in some way. */
export interface BurstCase {
  readonly name: string;
  /** With them a session of one row has one result. */
  readonly settings: object;
}

const session = { type: 'session', gap: `${GAP_US}us` } as const;

export const BURST_CASES: readonly BurstCase[] = [
  { name: 'aggregate sessions that end at once', settings: { window: session } },
  {
    name: 'aggregate sessions that end at once, allowedLateness',
    settings: { window: { ...session, allowedLateness: '1s' } },
  },
  {
    name: 'aggregate sessions that end at once, onChange',
    settings: { window: session, emit: 'onChange' },
  },
  {
    name: 'aggregate sessions that end at once, every second',
    settings: { window: session, emit: { every: '1s' } },
  },
];

function planOf({ settings }: BurstCase): OperatorPlan {
  const rows = { schema: { k: 'int32', at: 'timestamp' }, time: 'at' };
  return planOperators(
    { rows },
    {
      ended: {
        type: 'aggregate',
        input: 'rows',
        groupBy: ['k'],
        select: { n: 'COUNT(*)' },
        ...settings,
      },
    },
  ).get('ended')!;
}

/** Rows of one key each. */
class Feed {
  readonly batches: readonly Batch[];
  #round = 0;
  #endUs = 0;

  constructor(memory: KernelMemory, sessions: number) {
    const schema = [
      { name: 'k', type: INT32 },
      { name: 'at', type: INT32 },
    ];
    this.batches = allocateBatches(memory, { schema, hasTime: true }, sessions / BATCH_ROWS);
    for (const [b, batch] of this.batches.entries()) {
      for (let row = 0; row < BATCH_ROWS; row++) {
        batch.columns[0]!.words[row] = b * BATCH_ROWS + row;
      }
      batch.setRowCount(BATCH_ROWS);
    }
  }

  /** Moves the rows behind those of the last round, less than a second of them. */
  advance(): void {
    const startUs = this.#round++ * 3 * GAP_US;
    const stepUs = 900_000 / (this.batches.length * BATCH_ROWS);
    this.#endUs = startUs + 2 * GAP_US + 1_000_000;
    for (const [b, batch] of this.batches.entries()) {
      batch.minTimeUs = Infinity;
      batch.maxTimeUs = -Infinity;
      for (let row = 0; row < BATCH_ROWS; row++) {
        batch.setTimeUs(row, startUs + Math.floor((b * BATCH_ROWS + row) * stepUs));
      }
    }
  }

  /** A watermark that ends all sessions, and behind which nothing is kept of them. */
  get endUs(): number {
    return this.#endUs;
  }
}

/** Sessions that begin, and end at once. */
export class Burst {
  readonly out: CountingOutbox;
  readonly #kernel: Kernel;
  readonly #feed: Feed;

  private constructor(kernel: Kernel, out: CountingOutbox, feed: Feed) {
    this.#kernel = kernel;
    this.out = out;
    this.#feed = feed;
  }

  static async open(given: BurstCase, sessions: number): Promise<Burst> {
    const plan = planOf(given);
    const memory = KernelMemory.create(MEMORY_BYTES);
    const kernel = await makeKernel('measured', plan, memory);
    return new Burst(kernel, new CountingOutbox(plan, memory), new Feed(memory, sessions));
  }

  /** Begins them. */
  begin(): void {
    this.#feed.advance();
    for (const batch of this.#feed.batches) {
      complete(this.#kernel, this.out, this.#kernel.onBatch(0, batch, this.out));
    }
  }

  /** Ends them; `each` makes a call of the kernel. */
  end(each: (call: () => Progress) => Progress): void {
    const [kernel, out] = [this.#kernel, this.out];
    let progress = each(() => tellWatermark(kernel, 0, this.#feed.endUs, out));
    while (progress !== 'done') progress = each(() => goOn(kernel, out));
  }
}

/** Runs a case: what it costs to close a session, and the longest call. */
export async function benchBurst(
  given: BurstCase,
  { sessions, rounds }: BurstExtent,
): Promise<BenchLine> {
  const burst = await Burst.open(given, sessions);
  const nsPerRow: number[] = [];
  const longest: number[] = [];
  let calls = 0;
  for (let round = 0; round < rounds; round++) {
    burst.begin();
    const took: number[] = [];
    const startNs = threadCpuNs();
    burst.end((call) => {
      const start = performance.now();
      const progress = call();
      took.push(performance.now() - start);
      return progress;
    });
    nsPerRow.push((threadCpuNs() - startNs) / sessions);
    longest.push(Math.max(...took));
    calls = took.length;
  }
  // What a call takes longer than in another round is other work of the machine.
  const longestCallMs = Math.min(...longest);
  const cost = median(nsPerRow);
  return {
    bench: 'operators',
    case: given.name,
    subject: 'millrace',
    nsPerRow: Number(cost.toPrecision(4)),
    events: sessions,
    seconds: Number(((cost * sessions) / 1e9).toPrecision(4)),
    workers: 1,
    checked: burst.out.rows === rounds * sessions,
    calls,
    longestCallMs: Number(longestCallMs.toPrecision(4)),
    holds: longestCallMs <= LONGEST_CALL_MS,
  };
}
