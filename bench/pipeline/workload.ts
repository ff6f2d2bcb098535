/** What every pipeline computes, so that answers can be compared. @module */

export const KEYS = 1000;
export const WINDOW_MS = 10_000;
export const START_MS = Date.UTC(2026, 0, 1);

/** Sums over all windows and keys. */
export interface Answer {
  groups: number;
  rows: number;
  total: number;
}

/** One measured run. */
export interface PipelineRun {
  readonly answer: Answer;
  readonly seconds: number;
}

/** A row as a program has it. */
export interface Tick {
  readonly ts: number;
  readonly id: number;
}

/** Rows as the peers get them: made when asked for, since nobody has them all in memory. */
export function* ticks(rows: number): Generator<Tick> {
  for (let id = 0; id < rows; id++) yield { ts: START_MS + id, id };
}

/** The keyed window of the peers: a Map per window, fired when time passes its end. */
export class WindowSums {
  readonly answer: Answer = { groups: 0, rows: 0, total: 0 };
  #end = -Infinity;
  #groups = new Map<number, { n: number; total: number }>();

  add(ts: number, key: number, value: number): void {
    if (ts >= this.#end) {
      this.fire();
      this.#end = (Math.floor(ts / WINDOW_MS) + 1) * WINDOW_MS;
    }
    const group = this.#groups.get(key);
    if (group === undefined) {
      this.#groups.set(key, { n: 1, total: value });
    } else {
      group.n++;
      group.total += value;
    }
  }

  fire(): void {
    for (const { n, total } of this.#groups.values()) {
      this.answer.groups++;
      this.answer.rows += n;
      this.answer.total += total;
    }
    this.#groups.clear();
  }
}

/** The answer by arithmetic alone, without any of the code that is measured. */
export function expectedAnswer(rows: number): Answer {
  const answer: Answer = { groups: 0, rows: 0, total: 0 };
  for (let start = 0; start < rows; start += WINDOW_MS) {
    const seen = new Uint8Array(KEYS);
    for (let id = start; id < Math.min(rows, start + WINDOW_MS); id++) {
      if (id % 10 >= 7) continue;
      answer.rows++;
      answer.total += id * 0.5;
      if (seen[id % KEYS] === 0) answer.groups++;
      seen[id % KEYS] = 1;
    }
  }
  return answer;
}
