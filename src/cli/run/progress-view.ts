/** Shows how a run goes on standard error. @module */

import type { EngineStats, RunSummary } from '../../index.ts';
import { printable } from '../failure.ts';
import {
  progressLine,
  progressTable,
  type RunState,
  STATE_TEXT,
} from '../format/progress-lines.ts';
import { summaryLines } from '../format/summary.ts';
import { clip } from '../format/table.ts';
import type { World } from '../world.ts';
import { progressOf, RateWindow } from './node-progress.ts';

/** How progress is shown: drawn over and over, as lines of a log, or not at all. */
export type ProgressMode = 'live' | 'log' | 'quiet';

/** What the view needs of an engine. */
export interface Watched {
  readonly name: string;
  stats(): EngineStats;
}

const LIVE_MS = 250;
const LOG_MS = 5000;
const RATE_SPAN_MS = { live: 2000, log: LOG_MS, quiet: 0 } as const;

const HIDE_CURSOR = '\u001b[?25l';
const SHOW_CURSOR = '\u001b[?25h';
const CLEAR_BELOW = '\u001b[J';
const CLEAR_LINE = '\u001b[2K';

/**
 * The progress of one run. Other lines go to the same screen through {@link print}, so that a live
 * table is never torn.
 */
export class ProgressView {
  readonly #engine: Watched;
  readonly #world: World;
  readonly #mode: ProgressMode;
  readonly #rates: RateWindow;
  readonly #timer: NodeJS.Timeout | undefined;
  readonly #restoreCursor = (): void => void this.#world.stderr.write(SHOW_CURSOR);
  #state: RunState = 'running';
  /** Lines of the table that is on the screen now. */
  #drawn = 0;

  constructor(engine: Watched, world: World, mode: ProgressMode) {
    this.#engine = engine;
    this.#world = world;
    this.#mode = mode;
    this.#rates = new RateWindow(RATE_SPAN_MS[mode]);
    if (mode === 'quiet') return;
    this.#rates.add(progressOf(engine.stats()));
    if (mode === 'live') {
      world.stderr.write(HIDE_CURSOR);
      world.signals.on('exit', this.#restoreCursor);
    }
    this.#timer = setInterval(() => this.#show(), mode === 'live' ? LIVE_MS : LOG_MS);
  }

  /** Prints a line above the table, unless quiet. */
  print(line: string): void {
    if (this.#mode === 'quiet') return;
    this.#erase();
    this.#world.stderr.write(`${line}\n`);
    if (this.#mode === 'live') this.#show();
  }

  /** Says that the run is being ended. */
  setState(state: RunState): void {
    if (this.#state === state) return;
    this.#state = state;
    if (this.#mode === 'live') this.#show();
    else if (this.#mode === 'log') this.print(`${this.#engine.name}: ${STATE_TEXT[state]}`);
  }

  /** Takes the table away and, unless quiet, leaves the lines of the summary. */
  close(summary: RunSummary | undefined): void {
    clearInterval(this.#timer);
    this.#erase();
    if (this.#mode === 'live') {
      this.#world.signals.off('exit', this.#restoreCursor);
      this.#restoreCursor();
    }
    if (this.#mode === 'quiet' || summary === undefined) return;
    const [first = '', ...rest] = summaryLines(summary).map(printable);
    this.#world.stderr.write(`${[this.#world.paint('bold', first), ...rest].join('\n')}\n`);
  }

  #show(): void {
    const progress = progressOf(this.#engine.stats());
    this.#rates.add(progress);
    const shown = {
      name: this.#engine.name,
      state: this.#state,
      progress,
      rate: (node: string) => this.#rates.rate(node),
    };
    if (this.#mode === 'live') this.#draw(progressTable(shown).map(printable));
    else this.#world.stderr.write(`${printable(progressLine(shown))}\n`);
  }

  /** Draws over the table before: in one piece, or a slow terminal would flicker. */
  #draw(lines: readonly string[]): void {
    const { stderr, paint } = this.#world;
    const columns = sizeOr(stderr.columns, 80) - 1;
    const height = Math.max(3, sizeOr(stderr.rows, 24) - 1);
    const fitting = lines.length <= height ? lines : [...lines.slice(0, height - 1), '…'];
    const painted = fitting.map((line, at) => {
      const clipped = clip(line, columns);
      if (at === 0) return paint('bold', clipped);
      return at === 1 ? paint('dim', clipped) : clipped;
    });
    const text = painted.map((line) => `${CLEAR_LINE}${line}\n`).join('');
    stderr.write(`${this.#home()}${text}${CLEAR_BELOW}`);
    this.#drawn = fitting.length;
  }

  #erase(): void {
    if (this.#drawn === 0) return;
    this.#world.stderr.write(`${this.#home()}${CLEAR_BELOW}`);
    this.#drawn = 0;
  }

  /** Moves the cursor to where the table begins. */
  #home(): string {
    return this.#drawn === 0 ? '' : `\r\u001b[${this.#drawn}A`;
  }
}

/** A terminal that does not know its size says 0. */
function sizeOr(size: number | undefined, fallback: number): number {
  return size === undefined || size === 0 ? fallback : size;
}
