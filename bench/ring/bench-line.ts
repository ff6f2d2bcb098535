/** What a ring benchmark prints, and how costs become ratios. @module */

/** Percentiles of a latency in microseconds. */
export interface Percentiles {
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
  readonly p9999: number;
  readonly max: number;
}

/** One result: one subject in one case. */
export interface BenchLine {
  readonly bench: 'ring';
  readonly case: string;
  readonly subject: string;
  /** Median over the rounds. */
  readonly nsPerRow?: number;
  readonly latencyUs?: Percentiles;
  /** CPU time per time passed, 1 = one core: for the case that measures idleness. */
  readonly coreShare?: number;
  /** Rows, batches or round trips of one round. */
  readonly events: number;
  /** Of the median round. */
  readonly seconds: number;
  readonly workers: number;
  /** Whether the answer was compared with one computed independently. */
  readonly checked: boolean;
  /** Peer → our cost divided by the peer's, median over the rounds. On `millrace`'s lines. */
  readonly ratio?: Readonly<Record<string, number>>;
}

/** How to run. */
export interface BenchOptions {
  /** Ends within a minute. */
  readonly quick: boolean;
  /** One JSON object a line instead of a table. */
  readonly json: boolean;
  readonly print: (line: string) => void;
}

/** What one round of one subject took. */
export interface Sample {
  readonly seconds: number;
  readonly events: number;
  /** The answer; compared with what the case expects. */
  readonly checksum: number;
}

/** Somebody who does the work of a case. */
export interface Contender<T> {
  /** One round of `share` (0 to 1) of its usual length. Throws if the answer is wrong. */
  readonly round: (share: number) => Promise<T>;
  readonly close: () => Promise<void>;
}

/** One whose cost is time per row. */
export interface Subject extends Contender<Sample> {
  readonly name: string;
  readonly workers: number;
}

/** The middle one. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)]!;
}

/** Percentiles of `us`, which it sorts. */
export function percentilesOf(us: Float64Array): Percentiles {
  us.sort();
  const at = (share: number): number => us[Math.min(us.length - 1, Math.floor(share * us.length))]!;
  return { p50: at(0.5), p99: at(0.99), p999: at(0.999), p9999: at(0.9999), max: us.at(-1)! };
}

/** How long a warm-up is: long enough for the compiler to be done. */
const WARM_UP_SHARE = 0.1;
/** However busy the machine, a round is at least this share of its usual length. */
const MIN_SHARE = 0.02;
/** Rounds of a case, and the time after which no new round begins. */
const QUICK = { rounds: 5, budgetMs: 1500 };
const THOROUGH = { rounds: 11, budgetMs: 30_000 };

/**
 * Runs the subjects in turn, round by round, so that a disturbance meets all of them; the answer is
 * what each subject's rounds gave. A short round comes first, as a warm-up; if it shows that the
 * machine is too busy for even one full round within the budget, the rounds are shortened.
 */
export async function takeTurns<T>(
  subjects: readonly Contender<T>[],
  options: BenchOptions,
): Promise<T[][]> {
  const { rounds, budgetMs } = options.quick ? QUICK : THOROUGH;
  const found = subjects.map((): T[] => []);
  try {
    const startMs = performance.now();
    for (const subject of subjects) await subject.round(WARM_UP_SHARE);
    const fullRoundMs = (performance.now() - startMs) / WARM_UP_SHARE;
    const share = Math.max(MIN_SHARE, Math.min(1, budgetMs / fullRoundMs));
    for (let round = 0; round < rounds; round++) {
      if (round > 0 && performance.now() - startMs > budgetMs) break;
      for (const [index, subject] of subjects.entries()) {
        found[index]!.push(await subject.round(share));
      }
    }
  } finally {
    for (const subject of subjects) await subject.close();
  }
  return found;
}

/** Takes turns and compares costs within rounds. The first subject must be `millrace`. */
export async function compare(
  name: string,
  subjects: readonly Subject[],
  options: BenchOptions,
): Promise<BenchLine[]> {
  const samples = await takeTurns(subjects, options);
  const costs = samples.map((list) => list.map((sample) => (sample.seconds * 1e9) / sample.events));
  const ratio = Object.fromEntries(
    subjects.map((subject, index): [string, number] => [
      subject.name,
      median(costs[0]!.map((cost, round) => cost / costs[index]![round]!)),
    ]),
  );
  delete ratio[subjects[0]!.name];
  return subjects.map((subject, index): BenchLine => {
    const nsPerRow = median(costs[index]!);
    const { events } = samples[index]![0]!;
    const line = { bench: 'ring', case: name, subject: subject.name, nsPerRow, events } as const;
    const seconds = (nsPerRow * events) / 1e9;
    const plain = { ...line, seconds, workers: subject.workers, checked: true };
    return subject.name === 'millrace' ? { ...plain, ratio } : plain;
  });
}

/** A line for people. */
export function describeLine(line: BenchLine): string {
  const value =
    line.latencyUs !== undefined
      ? `p50 ${line.latencyUs.p50.toFixed(2)} p99 ${line.latencyUs.p99.toFixed(2)} µs`
      : line.coreShare !== undefined
        ? `${(line.coreShare * 100).toFixed(2)} % of a core`
        : `${line.nsPerRow!.toPrecision(4)} ns`;
  const ratio = Object.entries(line.ratio ?? {})
    .map(([peer, share]) => `${share.toPrecision(3)} × ${peer}`)
    .join(', ');
  return `${line.case.padEnd(44)} ${line.subject.padEnd(20)} ${value.padEnd(30)} ${ratio}`;
}
