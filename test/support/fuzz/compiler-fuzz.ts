/** Throws texts at the compiler: it understands or refuses each, soon, and forgets it. @module */

import { setImmediate } from 'node:timers/promises';
import * as fc from 'fast-check';
import { expressionArbitrary } from '../../differential/expr-grammar.ts';
import { Random } from '../oracle/random.ts';
import { compileAll } from './compile-all.ts';
import { hostileText } from './hostile-text.ts';

/** Texts of one seed. */
const CHUNK = 1000;
/** Share of texts that are left as the grammar makes them. */
const SOUND_SHARE = 0.4;

/** What became of the texts. */
export interface FuzzReport {
  readonly texts: number;
  readonly understood: number;
  readonly refused: number;
  /** The longest any of them took, and which. */
  readonly slowestMs: number;
  readonly slowest: string;
  /** Heap and external memory in use at the end. */
  readonly usedBytes: number;
}

/** A text that was neither understood nor refused. */
export class FuzzFailure extends Error {}

const expressions = expressionArbitrary(5).any;

/** Texts of a seed. */
export function fuzzTexts(seed: number, count = CHUNK): readonly string[] {
  const random = new Random(seed);
  const sound = fc.sample(expressions, { numRuns: count, seed });
  return sound.map((text) => (random.chance(SOUND_SHARE) ? text : hostileText(random, text)));
}

/**
 * Compiles so many texts.
 *
 * @param progress - called now and then with a report of what has been done
 * @throws FuzzFailure with the text
 */
export async function fuzzCompiler(
  seed: number,
  count: number,
  progress: (report: FuzzReport) => void = () => undefined,
): Promise<FuzzReport> {
  let [texts, understood, slowestMs] = [0, 0, 0];
  let slowest = '';
  const report = (): FuzzReport => {
    const { heapUsed, external } = process.memoryUsage();
    const usedBytes = heapUsed + external;
    return { texts, understood, refused: texts - understood, slowestMs, slowest, usedBytes };
  };
  for (let chunk = 0; texts < count; chunk++) {
    const list = fuzzTexts(seed + chunk, Math.min(CHUNK, count - texts));
    for (const text of list) {
      const startMs = performance.now();
      try {
        if (compileAll(text)) understood++;
      } catch (error) {
        throw new FuzzFailure(`${JSON.stringify(text.slice(0, 2000))}: ${String(error)}`, {
          cause: error,
        });
      }
      texts++;
      const tookMs = performance.now() - startMs;
      if (tookMs > slowestMs) [slowestMs, slowest] = [tookMs, text.slice(0, 200)];
    }
    progress(report());
    // What was collected is forgotten between turns of the event loop.
    await setImmediate();
  }
  return report();
}
