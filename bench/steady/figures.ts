/** What the samples of a run and the trace of its collector come to. Pure. @module */

import { median } from '../shared/bench-line.ts';
import type { Collection } from '../shared/gc-trace.ts';
import type { Sample, SteadyRun } from './run.ts';

export const MIB = 2 ** 20;
const LEAST_ROWS = 1e5;
/** Of each length, at most so many. */
const STRETCHES = 10;
/** The dearest power of ten by the cheapest: what is called flat. */
const FLAT = 1.1;
export const LONGEST_PAUSE_MS = 5;

/** A run, and what its collector did. */
export interface Traced {
  readonly run: SteadyRun;
  readonly collections: readonly Collection[];
}

/** The powers of ten up to `rows`. */
function powers(rows: number): number[] {
  const ends: number[] = [];
  for (let end = LEAST_ROWS; end <= rows; end *= 10) ends.push(end);
  return ends;
}

/** CPU time of a row between two samples. */
function nsBetween(from: Sample, to: Sample): number {
  return ((to.cpuUs - from.cpuUs) * 1000) / (to.rows - from.rows);
}

/** CPU time of a row in stretches of some `rows` rows, one behind the other: the mean of the first few. */
function nsPerRowOf(samples: readonly Sample[], rows: number): number {
  const [first] = samples;
  const most = first!.rows + STRETCHES * rows;
  // Samples are not to the row: what is left for the last stretch may be a little short.
  const last = samples.findLast((sample) => sample.rows <= most * 1.01)!;
  return nsBetween(first!, last);
}

/** By power of ten. */
function byPower<Value>(rows: number, of: (end: number) => Value): Record<string, Value> {
  return Object.fromEntries(powers(rows).map((end) => [labelOf(end), of(end)]));
}

function labelOf(end: number): string {
  return `1e${Math.round(Math.log10(end))}`;
}

/** Figures of one run, or of several: the middle one of each. */
export interface Costs {
  readonly nsPerRow: Readonly<Record<string, number>>;
  readonly fresh: Readonly<Record<string, number>>;
  readonly residentMiB: Readonly<Record<string, number>>;
  readonly drift: number;
}

/** The figures of a run of `rows` rows behind its warm-up. */
export function costsOf({ samples, warm }: SteadyRun, rows: number): Costs {
  const steady = samples.slice(warm);
  const [first, last] = [samples[0]!, steady.at(-1)!];
  const origin = steady[0]!.rows;
  const at = (row: number, list: readonly Sample[]): Sample =>
    list.find((sample) => sample.rows >= row) ?? list.at(-1)!;
  const fifth = (last.rows - origin) / 5;
  const early = nsBetween(steady[0]!, at(origin + fifth, steady));
  const late = nsBetween(at(last.rows - fifth, steady), last);
  return {
    nsPerRow: byPower(rows, (end) => nsPerRowOf(steady, end)),
    fresh: byPower(rows, (end) => nsBetween(first, at(first.rows + end, samples))),
    residentMiB: byPower(rows, (end) => at(origin + end, steady).rssBytes / MIB),
    drift: late / early,
  };
}

/** What is printed of several runs. */
export interface Middle extends Omit<Costs, 'drift'> {
  readonly flat: { readonly ratio: number; readonly drift: number; readonly holds: boolean };
}

/** The figures of several runs. */
export function middle(runs: readonly Costs[], rows: number): Middle {
  const of = (pick: 'nsPerRow' | 'fresh' | 'residentMiB', digits: number): Record<string, number> =>
    byPower(rows, (end) => round(median(runs.map((run) => run[pick][labelOf(end)]!)), digits));
  const nsPerRow = of('nsPerRow', 3);
  const sizes = Object.values(nsPerRow);
  const ratio = Math.max(...sizes) / Math.min(...sizes);
  const drift = median(runs.map((run) => run.drift));
  const flat = { ratio: round(ratio), drift: round(drift), holds: ratio <= FLAT && drift <= FLAT };
  return { nsPerRow, flat, fresh: of('fresh', 3), residentMiB: of('residentMiB', 3) };
}

/** Collections behind the warm-up, by thread. */
export interface Pauses {
  readonly longestMs: number;
  readonly interruptedMs: number;
  readonly threads: readonly object[];
}

/** The collections of a run behind its warm-up. */
export function pausesOf({ run, collections }: Traced): Pauses {
  const [host] = collections;
  const steady = collections.filter(({ atMs }) => atMs > run.warmMs && atMs <= run.endedMs);
  const threads = [...new Set(collections.map(({ thread }) => thread))];
  const longest = (list: readonly Collection[]): number =>
    Math.max(0, ...list.map(({ pauseMs }) => pauseMs));
  return {
    longestMs: longest(steady),
    interruptedMs: round(run.interruptedMs),
    threads: threads.map((thread) => {
      const own = steady.filter((collection) => collection.thread === thread);
      return {
        thread: thread === host!.thread ? 'host' : 'worker',
        collections: own.length,
        medianMs: own.length === 0 ? 0 : median(own.map(({ pauseMs }) => pauseMs)),
        longestMs: longest(own),
        overFiveMs: own.filter(({ pauseMs }) => pauseMs > LONGEST_PAUSE_MS).length,
        longestOf: own.toSorted((a, b) => b.pauseMs - a.pauseMs)[0]?.kind,
      };
    }),
  };
}

function round(value: number, digits = 4): number {
  return Number(value.toPrecision(digits));
}
