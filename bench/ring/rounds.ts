/** Rounds in which the subjects of a ring benchmark take turns. @module */

import { type BenchLine, type BenchOptions, median } from '../shared/bench-line.ts';

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
