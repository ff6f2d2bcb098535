/** How soon a run settles after a step of the load, and how steady it is then. @module */

import type { EngineOutcome, Sample } from './run-engine.ts';

/** A price that stays so close to its mean has settled. */
const CLOSE = 0.1;
/** A price is averaged over that many looks, ten milliseconds each: one row more or less moves it. */
const LOOKS = 3;

/** How steady a run was after a step. */
export interface Steadiness {
  /** From the first drop to when the price stayed within a tenth of its mean for a while; `undefined`: it never did. */
  readonly settledMs: number | undefined;
  /** Standard deviation of the work that is kept waiting, from 200 ms after the first drop. */
  readonly backlogSdMs: number;
}

/** For how long a backlog may settle, and for how long a price has to stay. */
const SETTLING_MS = 200;
/** Looks and loads are known to begin together as exactly as that. */
const SKEW_MS = 30;

/**
 * @param worker - whose price it is
 * @param stepMs - when the load rose, and it stayed so to the end
 * @returns `undefined` where nothing was dropped
 */
export function steadinessOf(
  { samples }: EngineOutcome,
  worker: number,
  stepMs: number,
  endMs: number,
): Steadiness | undefined {
  const priceOf = ({ stats }: Sample) => stats.prices?.find((price) => price.worker === worker);
  const from = samples.findIndex(
    (sample) => sample.ms >= stepMs && (priceOf(sample)?.price ?? 0) > 0,
  );
  const seen = samples.slice(from).filter(({ ms }) => ms < endMs - SKEW_MS);
  const openedMs = seen[0]?.ms;
  if (from < 0 || openedMs === undefined) return undefined;
  const times = seen.map(({ ms }) => ms - openedMs);
  const late = seen.filter((_, i) => times[i]! >= SETTLING_MS);
  if (late.length < LOOKS) return undefined;
  const prices = seen.map((sample) => priceOf(sample)?.price ?? 0);
  const smooth = prices.map((_, i) => mean(prices.slice(Math.max(0, i - LOOKS + 1), i + 1)));
  const level = mean(late.map((sample) => priceOf(sample)?.price ?? 0));
  const isClose = smooth.map((price) => Math.abs(price / level - 1) <= CLOSE);
  const stays = (i: number): boolean =>
    isClose.every(
      (close, j) => close || times[j]! < times[i]! || times[j]! > times[i]! + SETTLING_MS,
    );
  const settled = isClose.findIndex((close, i) => close && stays(i));
  const waits = late.map((sample) => priceOf(sample)?.keptMs ?? 0);
  const middle = mean(waits);
  return {
    settledMs: settled < 0 ? undefined : times[settled]!,
    backlogSdMs: Math.sqrt(mean(waits.map((ms) => (ms - middle) ** 2))),
  };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
