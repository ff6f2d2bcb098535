/** Rounds in which the subjects of a case take turns. @module */

import { setImmediate } from 'node:timers/promises';
import { type BenchLine, median } from '../shared/bench-line.ts';
import type { PreparedCase } from './case.ts';
import { agree, type KernelSubject } from './subject.ts';

/** How long to measure. */
export interface Pace {
  readonly rounds: number;
  /** CPU time of one subject's part of a round. A subject whose pass takes longer makes one pass. */
  readonly roundMs: number;
  /** CPU time before the first round, at least; for a subject that still gets faster, at most. */
  readonly warmUpMs: number;
  readonly longestWarmUpMs: number;
  /** No new round begins after this time. */
  readonly budgetMs: number;
}

interface Entrant {
  readonly subject: KernelSubject;
  readonly passes: number;
  readonly nsPerRow: number[];
}

/** Runs a case of a benchmark; the lines of its subjects. */
export async function measure(
  name: string,
  { subjects, expected, bytesPerRow }: PreparedCase,
  pace: Pace,
  bench = 'kernels',
): Promise<BenchLine[]> {
  const entrants: Entrant[] = [];
  for (const subject of subjects) {
    const nsPerPass = await warmUp(subject, pace);
    const passes = Math.max(1, Math.round((pace.roundMs * 1e6) / nsPerPass));
    entrants.push({ subject, passes, nsPerRow: [] });
  }
  const startMs = performance.now();
  for (let round = 0; round < pace.rounds; round++) {
    if (round > 0 && performance.now() - startMs > pace.budgetMs) break;
    for (const { subject, passes, nsPerRow } of entrants) {
      nsPerRow.push((await subject.run(passes)) / (passes * subject.rows));
    }
  }
  const lines: BenchLine[] = [];
  for (const entrant of entrants) {
    const isRight = agree(await entrant.subject.answer(), expected);
    lines.push({ bench, ...lineOf(name, entrant, isRight, bytesPerRow) });
  }
  const [ours, ...peers] = entrants as [Entrant, ...Entrant[]];
  lines[0] = { ...lines[0]!, ratio: ratios(ours, peers) };
  return lines;
}

/** Passes, ever more, until they get no faster; the time of one pass. */
async function warmUp(
  subject: KernelSubject,
  { warmUpMs, longestWarmUpMs }: Pace,
): Promise<number> {
  let spentNs = 0;
  let before = Infinity;
  for (let passes = 1; ; passes *= 2) {
    const ns = await subject.run(passes);
    spentNs += ns;
    const isSteady = ns / passes > 0.9 * before;
    if (spentNs >= (isSteady ? warmUpMs : longestWarmUpMs) * 1e6) return ns / passes;
    before = ns / passes;
    // V8 puts compiled code in place between turns of the event loop at the latest.
    await setImmediate();
  }
}

function lineOf(
  name: string,
  { subject, passes, nsPerRow }: Entrant,
  checked: boolean,
  bytesPerRow: number | undefined,
): Omit<BenchLine, 'bench'> {
  const cost = median(nsPerRow);
  const events = passes * subject.rows;
  return {
    case: name,
    subject: subject.name,
    nsPerRow: round(cost),
    ...(bytesPerRow === undefined ? {} : { gigabytesPerSecond: round(bytesPerRow / cost) }),
    events,
    seconds: round((cost * events) / 1e9),
    workers: 1,
    checked,
  };
}

/** Medians over the rounds of our cost divided by the peer's in the same round. */
function ratios(ours: Entrant, peers: readonly Entrant[]): Record<string, number> {
  return Object.fromEntries(
    peers.map((peer) => [
      peer.subject.name,
      round(median(ours.nsPerRow.map((cost, i) => cost / peer.nsPerRow[i]!))),
    ]),
  );
}

/** Four digits are more than any of this is good for. */
function round(value: number): number {
  return Number(value.toPrecision(4));
}
