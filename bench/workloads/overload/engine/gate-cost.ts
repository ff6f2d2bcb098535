/**
 * What does a row of a source that sheds cost while there is no overload, beside one that blocks?
 *
 * A generator at a rate, a filter, a map and a keyed window, each topology with a worker of its own, two at the same
 * time, so that whatever the machine does is done to both. CPU time of the workers' threads as Linux counts it. What runs is what
 * was built.
 *
 * @module
 */

import { readdirSync, readFileSync } from 'node:fs';
import type { Millrace as MillraceType } from '../../../../src/index.ts';
import { type BenchLine, median } from '../../../shared/bench-line.ts';

const { Millrace } = (await import(new URL('../../../../dist/index.js', import.meta.url).href)) as {
  Millrace: typeof MillraceType;
};

/** The goal: nanoseconds a row beside the expression of its value, and that part of all it costs. */
const MOST_NS = 1;
const MOST_SHARE = 0.01;

const ADMISSIONS: Readonly<Record<string, object | undefined>> = {
  block: undefined,
  shed: { onOverload: 'shed' },
  'shed by value': { onOverload: 'shed', value: 'bid' },
};

/** What to measure. */
export interface GateCostOptions {
  /** Rows a second, of each source. */
  readonly rate: number;
  readonly rounds: number;
  readonly roundMs: number;
  /** Before the first round, in which code is compiled. */
  readonly warmUpMs: number;
}

/** A source that sheds beside one that blocks. */
export interface GateCostLine extends BenchLine {
  /** More than a row of the source that blocks: median of the rounds. */
  readonly costNs?: number;
  /** Rows that were shed: there is nothing to shed for but a machine that stands still. */
  readonly shed: number;
}

type Engine = Awaited<ReturnType<typeof MillraceType.start>>;

/** A topology at work. */
interface Running {
  readonly subject: string;
  readonly engine: Engine;
  /** Of its worker. */
  readonly thread: string;
}

/** Lines of all sources that shed, each with that which blocks beside it. */
export async function measureGateCost(options: GateCostOptions): Promise<readonly GateCostLine[]> {
  const lines: GateCostLine[] = [];
  for (const subject of Object.keys(ADMISSIONS)) {
    if (subject !== 'block') lines.push(...(await measurePair(subject, options)));
  }
  return lines;
}

async function measurePair(
  other: string,
  options: GateCostOptions,
): Promise<readonly GateCostLine[]> {
  const running: Running[] = [];
  try {
    for (const subject of ['block', other]) running.push(await start(subject, options));
    await passed(options.warmUpMs);
    const first = running.map(look);
    const ns = running.map((): number[] => []);
    let before = first;
    for (let round = 0; round < options.rounds; round++) {
      await passed(options.roundMs);
      const now = running.map(look);
      now.forEach((at, s) => ns[s]!.push((at.ns - before[s]!.ns) / (at.rows - before[s]!.rows)));
      before = now;
    }
    const events = before.map((at, s) => at.rows - first[s]!.rows);
    return running.map((of, s) => lineOf(of, options, ns[s]!, ns[0]!, events[s]!));
  } finally {
    for (const { engine } of running) await engine.stop();
  }
}

function lineOf(
  { subject, engine }: Running,
  { rate, rounds, roundMs }: GateCostOptions,
  ns: readonly number[],
  block: readonly number[],
  events: number,
): GateCostLine {
  const nsPerRow = median(ns);
  const { shed, expired } = engine.stats().sources['bids']!;
  const line = {
    bench: 'overload',
    case: `overhead, ${rate / 1e6} M rows/s`,
    subject,
    nsPerRow,
    events,
    seconds: (rounds * roundMs) / 1000,
    workers: 1,
    checked: true,
    shed: shed + expired,
  };
  if (subject === 'block') return line;
  const costNs = median(ns.map((of, round) => of - block[round]!));
  const share = median(ns.map((of, round) => of / block[round]!));
  // Of the value's expression it is not said what it may cost.
  const isJudged = subject === 'shed';
  const holds = costNs <= MOST_NS && share <= 1 + MOST_SHARE;
  return { ...line, costNs, ratio: { block: share }, ...(isJudged ? { holds } : {}) };
}

async function start(subject: string, { rate }: GateCostOptions): Promise<Running> {
  const others = new Set(threads());
  const engine = await Millrace.start(topology(rate, ADMISSIONS[subject]), { workers: 1 });
  await passed(300);
  // The one that has worked most since.
  const own = threads().filter((thread) => !others.has(thread));
  const thread = own.toSorted((a, b) => cpuNs(b) - cpuNs(a))[0]!;
  return { subject, engine, thread };
}

function look({ engine, thread }: Running): { readonly ns: number; readonly rows: number } {
  return { ns: cpuNs(thread), rows: engine.stats().sources['bids']!.offered };
}

function threads(): readonly string[] {
  return readdirSync('/proc/self/task');
}

/** CPU time of a thread. */
function cpuNs(thread: string): number {
  return Number(readFileSync(`/proc/self/task/${thread}/schedstat`, 'utf8').split(' ')[0]);
}

function passed(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}

function topology(rate: number, admission: object | undefined): object {
  return {
    version: 1,
    name: 'not-overloaded',
    sources: {
      bids: {
        connector: 'generator',
        rate,
        schema: { at: 'timestamp', key: 'int64', bid: 'float64', id: 'int64' },
        time: { field: 'at' },
        fields: {
          at: { time: { start: '2026-01-01T00:00:00Z', step: '1us' } },
          key: { uniform: [0, 9999] },
          bid: { uniform: [0, 100] },
          id: { sequence: {} },
        },
        ...(admission && { admission }),
      },
    },
    operators: {
      dear: { type: 'filter', input: 'bids', where: 'bid > 10' },
      scaled: { type: 'map', input: 'dear', select: { key: 'key', x: 'bid * 1.1 + SQRT(bid)' } },
      sums: {
        type: 'aggregate',
        input: 'scaled',
        groupBy: ['key'],
        window: { type: 'tumbling', size: '100ms' },
        select: { n: 'COUNT(*)', sum: 'SUM(x)', most: 'MAX(x)' },
      },
    },
    sinks: { out: { connector: 'discard', input: 'sums' } },
  };
}

/** A line for people. */
export function describeGateCost(line: GateCostLine): string {
  const { costNs, ratio, nsPerRow = 0, holds, shed } = line;
  const more =
    costNs === undefined
      ? ''
      : `, ${costNs.toFixed(2)} ns more, ${ratio!['block']!.toFixed(3)} × block`;
  const verdict = holds === undefined ? '' : holds ? ', holds' : ', DOES NOT HOLD';
  const lost = shed === 0 ? '' : `, ${shed} shed: this machine is busy`;
  return `${line.case.padEnd(30)} ${line.subject.padEnd(14)} ${nsPerRow.toFixed(1)} ns of CPU a row${more}${verdict}${lost}`;
}
