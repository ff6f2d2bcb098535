/** How admission went over time: thresholds, prices and what was let in, sampled on the host. @module */

import type { PhysicalPlan } from '../workers/protocol.ts';
import { LOSSES, sumOf, type Worth } from '../workers/protocol-ledger.ts';
import type { AdmissionCell, AdmissionReader, WorkerPriceStats } from './admission-stats.ts';
import { workersBehind } from './plan/behind-gate.ts';

/** How often samples are taken, while the host has time. */
export const SAMPLE_MS = 250;
/** Samples that are kept: those of the last minute. */
export const HISTORY_SAMPLES = 240;

/** What the gate of a source has done. */
export interface AdmissionStats {
  readonly cells: readonly AdmissionCell[];
  /** Windows of which groups were left out, where whole groups are shed. */
  readonly windows?: number;
  /** The last minute, oldest first. */
  readonly history: readonly AdmissionSample[];
}

/** A source at one moment, and what came since the sample before. */
export interface AdmissionSample {
  /** Milliseconds since the start. */
  readonly elapsedMs: number;
  /** `shedding` while a worker behind the source asks for a price. */
  readonly mode: 'open' | 'shedding';
  /** By class, all tenants together. */
  readonly classes: readonly ClassSample[];
  /** Those that work on the source's rows. */
  readonly workers: readonly Pick<WorkerPriceStats, 'worker' | 'price' | 'backlogMs'>[];
}

/** A class of a source at one moment, and its rows since the sample before. */
export interface ClassSample {
  readonly class: string;
  /** What a row has to be worth to be let in; 0 while all are. */
  readonly threshold: number;
  readonly offered: Worth;
  /** Less those that were let in earlier and dropped now, so it may be negative. */
  readonly admitted: Worth;
  /** Dropped, here or before they were worked on, for whatever reason. */
  readonly shed: Worth;
}

/** What is known of a class up to a moment. */
interface ClassTotals {
  threshold: number;
  offered: Worth;
  shed: Worth;
  spilled: Worth;
}

const NOTHING: Worth = { rows: 0, value: 0 };
const NO_TOTALS: ClassTotals = { threshold: 0, offered: NOTHING, shed: NOTHING, spilled: NOTHING };

/** The last samples of each source with a gate. */
export class AdmissionHistory {
  readonly #reader: AdmissionReader;
  /** Tasks with gates, and workers behind them, by source. */
  readonly #sources: readonly {
    readonly node: string;
    readonly tasks: readonly number[];
    readonly workers: readonly number[];
    readonly samples: AdmissionSample[];
  }[];
  readonly #before = new Map<string, ReadonlyMap<string, ClassTotals>>();

  constructor(plan: PhysicalPlan, reader: AdmissionReader) {
    this.#reader = reader;
    const gates = Map.groupBy(plan.admission?.gates ?? [], ({ node }) => node);
    this.#sources = [...gates].map(([node, list]) => {
      const tasks = list.map(({ task }) => task);
      const workers = new Set(tasks.flatMap((task) => workersBehind(plan, task)));
      return { node, tasks, workers: [...workers], samples: [] };
    });
  }

  /** Whether there is anything to sample. */
  get isEmpty(): boolean {
    return this.#sources.length === 0;
  }

  /** The samples of a source, oldest first. */
  of(node: string): readonly AdmissionSample[] {
    return this.#sources.find((source) => source.node === node)?.samples.slice() ?? [];
  }

  /** Takes a sample of every source. */
  sample(elapsedMs: number): void {
    const prices = this.#reader.prices();
    for (const { node, tasks, workers, samples } of this.#sources) {
      const behind = workers.map((worker) => prices[worker]!);
      const isOpen = behind.every(({ mode }) => mode === 'open');
      const totals = this.#totalsOf(tasks);
      const before = this.#before.get(node);
      this.#before.set(node, totals);
      samples.push({
        elapsedMs,
        mode: isOpen ? 'open' : 'shedding',
        classes: [...totals].map(([name, now]) =>
          // While nobody asks for a price, thresholds may be those of the last batch that came.
          since(name, isOpen ? { ...now, threshold: 0 } : now, before?.get(name) ?? NO_TOTALS),
        ),
        workers: behind.map(({ worker, price, backlogMs }) => ({ worker, price, backlogMs })),
      });
      if (samples.length > HISTORY_SAMPLES) samples.shift();
    }
  }

  /** By class, over all tasks and tenants of a source. */
  #totalsOf(tasks: readonly number[]): Map<string, ClassTotals> {
    const totals = new Map<string, ClassTotals>();
    for (const task of tasks) {
      const gate = this.#reader.gateOf(task)!;
      const lanes = gate.read();
      for (let lane = 0; lane < lanes; lane++) {
        const name = gate.classOf(lane);
        const sum = totals.get(name) ?? NO_TOTALS;
        const lost = (isSpilled: boolean): readonly Worth[] =>
          LOSSES.filter(({ reason }) => (reason === 'spilled') === isSpilled).map((loss) =>
            gate.lost(lane, loss),
          );
        totals.set(name, {
          threshold: Math.max(sum.threshold, gate.threshold(lane)),
          offered: sumOf([sum.offered, gate.offered(lane)]),
          shed: sumOf([sum.shed, ...lost(false)]),
          spilled: sumOf([sum.spilled, ...lost(true)]),
        });
      }
    }
    return totals;
  }
}

function since(name: string, now: ClassTotals, before: ClassTotals): ClassSample {
  const offered = less(now.offered, before.offered);
  const shed = less(now.shed, before.shed);
  const admitted = less(less(offered, shed), less(now.spilled, before.spilled));
  return { class: name, threshold: now.threshold, offered, admitted, shed };
}

function less(a: Worth, b: Worth): Worth {
  return { rows: a.rows - b.rows, value: a.value - b.value };
}
