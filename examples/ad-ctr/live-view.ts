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

/** Shows the last complete minute. */
export class LiveView {
  readonly #engine: Millrace;
  #minute = -Infinity;
  #ads: Ad[] = [];
  #drawnLines = 0;

  constructor(engine: Millrace) {
    this.#engine = engine;
    for (const { worker, tasks } of engine.explain().workers) {
      stdout.write(`worker ${worker} runs ${tasks.map(({ node }) => node).join(', ')}\n`);
    }
    stdout.write('One second of the run is one minute of the stream.\n');
  }

  /** Takes a result of a minute. Minutes come in order, the results of one in any. */
  add(ad: Ad & { readonly window_start: number }): void {
    if (ad.window_start !== this.#minute) {
      this.#show();
      this.#minute = ad.window_start;
      this.#ads = [];
    }
    this.#ads.push(ad);
  }

  /** Shows the last minute, and what came out in all. */
  finish(totals: readonly Ad[], { sources, seconds }: RunSummary): void {
    this.#show();
    const rows = Object.values(sources).reduce((sum, { admitted }) => sum + admitted, 0);
    stdout.write(`\n${rows} rows in ${seconds.toFixed(1)} s. The top ten:\n`);
    stdout.write(`${table(totals).join('\n')}\n`);
  }

  #show(): void {
    if (this.#ads.length === 0) return;
    const time = new Date(this.#minute).toISOString().slice(11, 16);
    const [best] = ranked(this.#ads);
    if (!stdout.isTTY) {
      const shown = this.#ads.reduce((sum, { impressions }) => sum + impressions, 0);
      const clicks = this.#ads.reduce((sum, ad) => sum + ad.clicks, 0);
      const leader = `${best!.query} ${best!.ad} ${percent(best!.ctr)}`;
      stdout.write(`${time}  ${shown} impressions, ${clicks} clicks; first: ${leader}\n`);
      return;
    }
    const { tasks } = this.#engine.stats();
    const busy = tasks.map((task) => `${task.node} ${Math.round(task.rowsPerSecond)}/s`);
    const lines = ['', `${time}  ${busy.join('  ')}`.slice(0, stdout.columns), ...table(this.#ads)];
    const up = this.#drawnLines === 0 ? '' : `\x1b[${this.#drawnLines}A\x1b[J`;
    stdout.write(`${up}${lines.join('\n')}\n`);
    this.#drawnLines = lines.length;
  }
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
