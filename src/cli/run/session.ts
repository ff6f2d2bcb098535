/** One run of a topology, from start to end. @module */

import { setTimeout as sleep } from 'node:timers/promises';
import type { AllowedCommands, Millrace, Override, RunSummary } from '../../index.ts';
import { describeIssue, whileStarting } from '../failure.ts';
import { prometheusText } from '../format/prometheus.ts';
import { isLiveTerminal, type World } from '../world.ts';
import { type ProgressMode, ProgressView } from './progress-view.ts';

/** How a topology is to be run. */
export interface SessionOptions {
  readonly file: string;
  readonly workers?: number;
  readonly overrides: readonly Override[];
  readonly isQuiet: boolean;
  /** The summary goes to standard output as JSON: none in words. */
  readonly isJson: boolean;
  readonly durationMs: number | undefined;
  readonly metricsPort: number | undefined;
  readonly commands: AllowedCommands;
}

/** How a run ended; the summary is there after a failure as well. */
export interface SessionResult {
  readonly summary: RunSummary;
  /** Why it failed. */
  readonly error?: unknown;
  /** Ended before all that was in had been delivered. */
  readonly wasCutOff: boolean;
}

const TWO_WRITERS = 'a sink writes to standard output as well; the summary is the last line there';

/** A run that can be asked to end before it has begun. */
export class Session {
  readonly #options: SessionOptions;
  readonly #world: World;
  #engine: Millrace | undefined;
  #view: ProgressView | undefined;
  #request: 'none' | 'drain' | 'stop' = 'none';

  constructor(options: SessionOptions, world: World) {
    this.#options = options;
    this.#world = world;
  }

  /**
   * Runs until the sources end, or until asked to stop.
   *
   * @throws PhaseError when the run cannot begin; what fails later is in the result
   */
  async run(): Promise<SessionResult> {
    const { file, workers, overrides, metricsPort, isJson, commands } = this.#options;
    const server = metricsPort === undefined ? undefined : await this.#serve(metricsPort);
    const ended = new AbortController();
    try {
      const { Millrace } = await import('../../index.ts');
      const engine = await whileStarting(() =>
        Millrace.start(file, {
          overrides,
          commands,
          ...(workers === undefined ? {} : { workers }),
          onWarning: (warning) => this.#warn(describeIssue(file, warning)),
        }),
      );
      this.#engine = engine;
      const writesRows = hasStdoutSink(engine);
      if (isJson && writesRows) this.#warn(TWO_WRITERS);
      this.#view = new ProgressView(engine, this.#world, this.#mode(writesRows));
      if (server !== undefined) this.#view.print(`metrics: ${server.url}`);
      this.#obey();
      void this.#endAfterDuration(ended.signal);
      const result = await this.#result(engine);
      this.#view.close(isJson ? undefined : result.summary);
      return result;
    } finally {
      this.#engine = undefined;
      ended.abort();
      server?.close();
    }
  }

  /** Ends the sources and lets everything that is in come out. */
  drain(): void {
    if (this.#request === 'none') this.#request = 'drain';
    this.#obey();
  }

  /** Ends the run at once. */
  stop(): void {
    this.#request = 'stop';
    this.#obey();
  }

  #obey(): void {
    if (this.#engine === undefined || this.#request === 'none') return;
    this.#view?.setState(this.#request === 'drain' ? 'draining' : 'stopping');
    const ending = this.#request === 'drain' ? this.#engine.drain() : this.#engine.stop();
    // How it ends is told by `completed`.
    ending.catch(() => undefined);
  }

  async #result(engine: Millrace): Promise<SessionResult> {
    const wasCutOff = (): boolean => this.#request === 'stop';
    try {
      const summary = await engine.completed;
      return { summary, wasCutOff: wasCutOff() };
    } catch (error) {
      return { summary: engine.summary(), error, wasCutOff: wasCutOff() };
    }
  }

  async #endAfterDuration(signal: AbortSignal): Promise<void> {
    const { durationMs } = this.#options;
    if (durationMs === undefined) return;
    try {
      await sleep(durationMs, undefined, { signal });
      this.drain();
    } catch {
      // The run ended first.
    }
  }

  async #serve(port: number): Promise<{ readonly url: string; close(): void }> {
    const { serveMetrics } = await import('./metrics-server.ts');
    return await serveMetrics(port, () =>
      this.#engine === undefined ? '' : prometheusText(this.#engine.name, this.#engine.stats()),
    );
  }

  #mode(writesRows: boolean): ProgressMode {
    if (this.#options.isQuiet) return 'quiet';
    // Rows that go to the same terminal would tear a live table.
    const isTorn = writesRows && this.#world.stdout.isTTY === true;
    return isLiveTerminal(this.#world) && !isTorn ? 'live' : 'log';
  }

  #warn(warning: string): void {
    if (this.#options.isQuiet) return;
    const { stderr, paint } = this.#world;
    stderr.write(`${paint('yellow', 'warning:')} ${warning}\n`);
  }
}

function hasStdoutSink(engine: Millrace): boolean {
  return engine
    .explain()
    .workers.some(({ tasks }) => tasks.some(({ kind }) => kind === 'stdout sink'));
}
