/** Options of a source, as a topology writes them. @module */

import type { JsonValue } from '../../../../src/index.ts';
import type { Kind } from './timeline.ts';

/** What a source generates. */
export interface GeneratorOptions {
  readonly generator: 'beam' | 'fast';
  /** The kind of rows it gives. */
  readonly kind: Kind;
  /** Other kinds that it generates and drops. */
  readonly with: readonly Kind[];
  /** Events of all kinds together. */
  readonly events: number;
  /** Events per second of event time. */
  readonly rate: number;
  /** Of the fast generator. */
  readonly seed: number;
}

const KINDS: readonly Kind[] = ['person', 'auction', 'bid'];

/** Checks the options; those left out are a million events at 10 M/s. */
export function readOptions(given: Readonly<Record<string, JsonValue>>): GeneratorOptions {
  const number = (name: string, ifMissing: number, least: number): number => {
    const value = Number(given[name] ?? ifMissing);
    if (Number.isFinite(value) && value >= least) return value;
    throw new RangeError(`option '${name}' is ${JSON.stringify(given[name])}`);
  };
  const kind = (value: JsonValue | undefined): Kind => {
    const found = KINDS.find((known) => known === value);
    if (found !== undefined) return found;
    throw new RangeError(`${JSON.stringify(value)} is no kind; there are ${KINDS.join(', ')}`);
  };
  const generator = given['generator'] ?? 'fast';
  if (generator !== 'fast' && generator !== 'beam') {
    throw new RangeError(`option 'generator' is ${JSON.stringify(generator)}, not fast or beam`);
  }
  return {
    generator,
    kind: kind(given['kind']),
    with: ((given['with'] ?? []) as JsonValue[]).map(kind),
    events: number('events', 1_000_000, 0),
    rate: number('rate', 10_000_000, 1),
    seed: number('seed', 1, 0),
  };
}
