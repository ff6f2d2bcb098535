/** Draws topologies, runs each in several ways, and says what differs from the model. @module */

import { type Case, drawCase, modelCase } from './draw/case.ts';
import { drawPlay, type Play, type PlayOptions } from './documents.ts';
import { type Outcome, runPlay } from './run-case.ts';
import { shrinkCase } from './shrink.ts';

/** What was run. */
export interface Checked {
  plays: number;
  /** Rows that were compared. */
  rows: number;
  operators: Map<string, number>;
  /** What is wrong, with all that is needed to see it again. */
  failure: string | undefined;
}

/**
 * Runs the topologies of seeds as they come until one fails, or there are no more.
 *
 * @param attempts - how many smaller cases are tried when one fails
 */
export async function checkTopologies(seeds: Iterable<number>, attempts = 0): Promise<Checked> {
  const checked: Checked = { plays: 0, rows: 0, operators: new Map(), failure: undefined };
  for (const seed of seeds) {
    const drawn = drawCase(seed, sizeOf(seed));
    for (const { type } of Object.values(drawn.operators)) {
      checked.operators.set(type, (checked.operators.get(type) ?? 0) + 1);
    }
    for (const way of WAYS) {
      const outcome = await playCase(seed, drawn, way);
      checked.plays++;
      checked.rows += outcome.rows;
      if (isSound(outcome)) continue;
      checked.failure = await describe(seed, drawn, way, attempts);
      return checked;
    }
  }
  return checked;
}

/** Each case is run plainly, and so that other operators are fused and state goes to disk. */
const WAYS: readonly PlayOptions[] = [
  { noops: false, spills: false },
  { noops: true, spills: true },
];

const sizeOf = (seed: number): { operators: number; rows: number } => ({
  operators: 1 + (seed % 14),
  rows: [40, 300, 1500][seed % 3]!,
});

const isSound = ({ error, differences }: Outcome): boolean =>
  error === undefined && differences.length === 0;

function playOf(seed: number, drawn: Case, way: PlayOptions): Play {
  return drawPlay(seed * WAYS.length + WAYS.indexOf(way), drawn, modelCase(drawn), way);
}

async function playCase(seed: number, drawn: Case, way: PlayOptions): Promise<Outcome> {
  return runPlay(playOf(seed, drawn, way), modelCase(drawn));
}

/** A failure with the smallest case that was found. */
async function describe(
  seed: number,
  drawn: Case,
  way: PlayOptions,
  attempts: number,
): Promise<string> {
  const first = await playCase(seed, drawn, way);
  const code = first.error?.split(':')[0];
  const small = await shrinkCase(
    drawn,
    async (smaller) => {
      try {
        const { error, differences } = await playCase(seed, smaller, way);
        return code === undefined ? differences.length > 0 : error?.split(':')[0] === code;
      } catch {
        return false;
      }
    },
    attempts,
  );
  const { error = '', differences } = await playCase(seed, small, way);
  const play = playOf(seed, small, way);
  const files = [...play.files].map(([path, text]) => `${path}:\n${text.slice(0, 3000)}`);
  const pushes = [...play.pushes].map(
    ([name, lists]) => `${name}: ${jsonOf(lists).slice(0, 3000)}`,
  );
  return [
    `seed ${seed}, ${JSON.stringify(way)}: ${error}`,
    ...differences,
    jsonOf(play.document),
    ...files,
    ...pushes,
  ].join('\n');
}

function jsonOf(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) => {
    if (typeof part === 'bigint') return `${part}n`;
    if (part instanceof Uint8Array) return `bytes ${Buffer.from(part).toString('base64')}`;
    return typeof part === 'number' && !Number.isFinite(part) ? String(part) : part;
  });
}
