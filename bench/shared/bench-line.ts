/** What a benchmark prints, and how costs become ratios. @module */

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
  readonly bench: string;
  readonly case: string;
  readonly subject: string;
  /** Median over the rounds. */
  readonly nsPerRow?: number;
  /** Of the rows' bytes, where a case is about copying or decoding them. */
  readonly gigabytesPerSecond?: number;
  /** Median over the rounds, for whole pipelines. */
  readonly eventsPerSecond?: number;
  readonly latencyUs?: Percentiles;
  /** CPU time per time passed, 1 = one core: for the case that measures idleness. */
  readonly coreShare?: number;
  /** Rows, batches or round trips of one round. */
  readonly events: number;
  /** Of the median round. */
  readonly seconds: number;
  /** CPU time of all threads: median over the rounds. */
  readonly coreSeconds?: number;
  readonly workers: number;
  /** Throughput divided by that with the first number of workers: median over the rounds. */
  readonly speedup?: number;
  /** Whether the answer was compared with one computed independently. */
  readonly checked: boolean;
  /** Peer → our cost divided by the peer's, median over the rounds. On `millrace`'s lines. */
  readonly ratio?: Readonly<Record<string, number>>;
  /** Calls of a kernel that it took, and the longest: that of the round in which it is shortest. */
  readonly calls?: number;
  readonly longestCallMs?: number;
  /** Whether it is as near to its floor as it should be, and gives its worker back in time. On `millrace`'s lines. */
  readonly holds?: boolean;
}

/** How to run. */
export interface BenchOptions {
  /** Ends within a minute. */
  readonly quick: boolean;
  /** One JSON object a line instead of a table. */
  readonly json: boolean;
  readonly print: (line: string) => void;
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

/** A line for people. */
export function describeLine(line: BenchLine): string {
  const value =
    line.latencyUs !== undefined
      ? `p50 ${line.latencyUs.p50.toFixed(2)} p99 ${line.latencyUs.p99.toFixed(2)} µs`
      : line.coreShare !== undefined
        ? `${(line.coreShare * 100).toFixed(2)} % of a core`
        : `${line.nsPerRow!.toPrecision(4)} ns${line.gigabytesPerSecond === undefined ? '' : ` ${line.gigabytesPerSecond.toPrecision(3)} GB/s`}`;
  const ratio = Object.entries(line.ratio ?? {})
    .map(([peer, share]) => `${share.toPrecision(3)} × ${peer}`)
    .join(', ');
  const doubt = line.checked ? '' : 'WRONG ANSWER ';
  const calls =
    line.longestCallMs === undefined
      ? ''
      : `${line.calls!} calls, the longest ${line.longestCallMs.toFixed(2)} ms`;
  const verdict = line.holds === undefined ? '' : line.holds ? ', holds' : ', DOES NOT HOLD';
  return `${line.case.padEnd(44)} ${line.subject.padEnd(20)} ${value.padEnd(30)} ${doubt}${ratio}${calls}${verdict}`;
}
