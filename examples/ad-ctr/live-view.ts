/** What the example shows: a table that is drawn again and again, or lines where no terminal is. */
import { stdout } from 'node:process';
import type { Millrace, RunSummary } from 'millrace';

/** Click-through of an advertisement on the result page of a query. */
export interface Ad {
  readonly query: string;
  readonly ad: string;
  readonly impressions: number;
  readonly clicks: number;
  /** Smoothed, so that an advertisement shown twice and clicked once does not lead. */
  readonly ctr: number;
}

const TOP = 10;
/** The two tasks that count send their parts of a minute at nearly the same time. */
const GATHER_MS = 200;

/** Shows one minute after the other. */
export class LiveView {
  readonly #engine: Millrace;
  readonly #minutes = new Map<number, Ad[]>();
  #timer: NodeJS.Timeout | undefined;
  #drawnLines = 0;

  constructor(engine: Millrace) {
    this.#engine = engine;
    for (const { worker, tasks } of engine.explain().workers) {
      stdout.write(`worker ${worker} runs ${tasks.map(({ node }) => node).join(', ')}\n`);
    }
    stdout.write('Three minutes of the stream come at once, then one a second.\n');
  }

  /** Takes a result of a minute. */
  add(ad: Ad & { readonly window_start: number }): void {
    const ads = this.#minutes.get(ad.window_start) ?? [];
    this.#minutes.set(ad.window_start, ads);
    ads.push(ad);
    this.#timer ??= setTimeout(() => this.#showAll(), GATHER_MS);
  }

  /** Shows the last minutes, and what came out in all. */
  finish(totals: readonly Ad[], { sources, seconds }: RunSummary): void {
    this.#showAll();
    const rows = Object.values(sources).reduce((sum, { admitted }) => sum + admitted, 0);
    stdout.write(`\n${rows} rows in ${seconds.toFixed(1)} s. The top ten:\n`);
    stdout.write(`${table(totals).join('\n')}\n`);
  }

  #showAll(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const minutes = [...this.#minutes].sort(([a], [b]) => a - b);
    this.#minutes.clear();
    if (stdout.isTTY) return this.#draw(minutes.at(-1));
    for (const [minute, ads] of minutes) stdout.write(`${clockOf(minute)}  ${line(ads)}\n`);
  }

  /** Draws a minute's table over the one before. */
  #draw(newest: readonly [minute: number, ads: readonly Ad[]] | undefined): void {
    if (newest === undefined) return;
    const [minute, ads] = newest;
    const rates = new Map<number, number>();
    for (const { worker, rowsPerSecond } of this.#engine.stats().tasks) {
      rates.set(worker, (rates.get(worker) ?? 0) + rowsPerSecond);
    }
    const busy = Array.from(
      rates,
      ([worker, rate]) => `worker ${worker}: ${Math.round(rate)} rows/s`,
    );
    const lines = ['', `${clockOf(minute)}  ${busy.join(', ')}`, ...table(ads)];
    const up = this.#drawnLines === 0 ? '' : `\x1b[${this.#drawnLines}A\x1b[J`;
    stdout.write(`${up}${lines.join('\n')}\n`);
    this.#drawnLines = lines.length;
  }
}

function clockOf(time: number): string {
  return new Date(time).toISOString().slice(11, 16);
}

function line(ads: readonly Ad[]): string {
  const sum = (of: (ad: Ad) => number): number => ads.reduce((total, ad) => total + of(ad), 0);
  const [best] = ranked(ads);
  const counts = `${sum((ad) => ad.impressions)} impressions, ${sum((ad) => ad.clicks)} clicks`;
  return `${counts}; first: ${best!.query} ${best!.ad} ${percent(best!.ctr)}`;
}

function table(ads: readonly Ad[]): string[] {
  const rows = ranked(ads)
    .slice(0, TOP)
    .map((ad, i) => [i + 1, ad.query, ad.ad, ad.impressions, ad.clicks, percent(ad.ctr)]);
  return [['', 'query', 'ad', 'shown', 'clicked', 'rate'], ...rows].map(
    ([place, query, ad, shown, clicked, rate]) =>
      `${pad(place, 2)}  ${String(query).padEnd(8)}${String(ad).padEnd(6)}` +
      `${pad(shown, 8)}${pad(clicked, 9)}${pad(rate, 9)}`,
  );
}

/** Best first; by name where rates are equal. */
function ranked(ads: readonly Ad[]): Ad[] {
  const name = (ad: Ad): string => `${ad.query} ${ad.ad}`;
  return ads.toSorted((a, b) => b.ctr - a.ctr || (name(a) < name(b) ? -1 : 1));
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

function pad(value: unknown, width: number): string {
  return String(value).padStart(width);
}
