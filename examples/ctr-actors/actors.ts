/**
 * The application that Yahoo! S4 was made for: the click-through rate of each query and advertisement,
 * by four kinds of actors, none of which knows where another one runs.
 *
 * Types are erased as the file is loaded; there is no build.
 */
import type { ActorContext, ActorRow } from 'millrace';

/** One for each serve. A click says of which serve it is, not of which query and advertisement. */
export class JoinServeClick {
  #serve: ActorRow | undefined;

  onRow(row: ActorRow, { emit }: ActorContext): void {
    if (row['clicks'] === 0) this.#serve = row;
    const { query, ad } = this.#serve ?? {};
    if (query !== undefined) emit({ user: row['user'], query, ad, clicks: row['clicks'] });
  }
}

/** One for each user: those who click too much are no people, and nothing of theirs counts from there on. */
export class BotFilter {
  #clicks = 0;
  #isBot = false;

  onRow(row: ActorRow, { emit, options }: ActorContext): void {
    this.#clicks += row['clicks'] as number;
    this.#isBot ||= this.#clicks > (options['mostClicks'] as number);
    if (!this.#isBot) emit(row);
  }
}

/** One for each query and advertisement. */
export class ClickThroughRate {
  #serves = 0;
  #clicks = 0;

  onRow({ clicks }: ActorRow): void {
    if (clicks === 0) this.#serves++;
    else this.#clicks++;
  }

  onOutput({ key: [query, ad], emit }: ActorContext): void {
    const ctr = this.#serves === 0 ? null : this.#clicks / this.#serves;
    emit({ query, ad, serves: this.#serves, clicks: this.#clicks, ctr });
  }

  onEnd(context: ActorContext): void {
    this.onOutput(context);
  }
}

/** The only one: the best pairs of those it has heard of. */
export class TopPairs {
  readonly #pairs = new Map<string, ActorRow>();

  onRow(row: ActorRow): void {
    this.#pairs.set(`${String(row['query'])} ${String(row['ad'])}`, row);
  }

  onEnd({ emit, options }: ActorContext): void {
    const best = [...this.#pairs.values()]
      .filter(({ serves }) => (serves as number) >= (options['leastServes'] as number))
      .toSorted((a, b) => (b['ctr'] as number) - (a['ctr'] as number))
      .slice(0, options['n'] as number);
    best.forEach((pair, i) => emit({ rank: i + 1, ...pair }));
  }
}
