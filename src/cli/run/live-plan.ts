/** Running a topology and showing its plan with the figures of the run, again and again. @module */

import type { EngineStats, Override } from '../../index.ts';
import { ExitStatus } from '../exit-status.ts';
import { whileStarting } from '../failure.ts';
import { livePlanText } from '../format/live-plan.ts';
import type { World } from '../world.ts';
import { onStopSignals } from './stop-signals.ts';

const EVERY_MS = 1000;

/** Writes figures as lines of JSON: of histories what is new since the line before. */
class StatsLines {
  #lastMs = -Infinity;

  /** What has no finite watermark has `null`. */
  readonly next = (name: string, { sources, ...stats }: EngineStats): string => {
    const afterMs = this.#lastMs;
    this.#lastMs = stats.elapsedMs;
    const withNews = Object.entries(sources).map(([source, { admission, ...counts }]) => {
      const history = admission?.history.filter(({ elapsedMs }) => elapsedMs > afterMs);
      return [
        source,
        admission === undefined ? counts : { ...counts, admission: { ...admission, history } },
      ];
    });
    return `${JSON.stringify({ name, ...stats, sources: Object.fromEntries(withNews) })}\n`;
  };
}

/** What to run, and how. */
export interface LiveOptions {
  /** `json`: one object a line. */
  readonly format: 'text' | 'json';
  readonly workers?: number;
  readonly overrides: readonly Override[];
}

/**
 * Runs a topology to its end, or to a signal, and writes its figures once a second and at the end. They
 * go to standard output, or to standard error where a sink writes rows to the other.
 */
export async function showLivePlan(
  file: string,
  options: LiveOptions,
  world: World,
): Promise<ExitStatus> {
  const { Millrace } = await import('../../index.ts');
  const engine = await whileStarting(() => Millrace.start(file, options));
  const { workers } = engine.explain();
  const hasRows = workers.some(({ tasks }) => tasks.some(({ kind }) => kind === 'stdout sink'));
  const screen = hasRows ? world.stderr : world.stdout;
  const textOf = options.format === 'json' ? new StatsLines().next : livePlanText;
  const show = (): void => void screen.write(textOf(engine.name, engine.stats()));
  const timer = setInterval(show, EVERY_MS);
  // How it ends is told by `completed`.
  const ignore = (): undefined => undefined;
  let wasCutOff = false;
  const stopListening = onStopSignals(world.signals, {
    first: () => void engine.drain().catch(ignore),
    second: () => {
      wasCutOff = true;
      engine.stop().catch(ignore);
    },
  });
  try {
    await engine.completed;
    return wasCutOff ? ExitStatus.FAILED : ExitStatus.DONE;
  } finally {
    clearInterval(timer);
    stopListening();
    show();
  }
}
