/** What random operators are drawn from, and what they have in common. @module */

import type { Field, Schema } from '../../../../src/core/schema.ts';
import type { Random } from '../../oracle/random.ts';
import type { OperatorDocument } from '../model/evaluate.ts';
import type { ModelStream } from '../model/stream.ts';

/** What an operator is drawn from. */
export interface World {
  readonly random: Random;
  /** Streams by name; at least one. */
  readonly streams: ReadonlyMap<string, ModelStream>;
  /** Draws a table for a lookup by these columns; its path. */
  readonly drawTable: (fields: readonly Field[]) => TableDocument;
}

/** The table of a lookup. */
export interface TableDocument {
  readonly path: string;
  readonly schema: Readonly<Record<string, string>>;
  /** Columns of the table that are its key. */
  readonly key: readonly string[];
}

/** Draws an operator, where the streams have what it needs. */
export type Drawer = (world: World) => OperatorDocument | undefined;

/** A stream by its name; later ones are likelier, so that chains become long. */
export function drawStream({ random, streams }: World): [string, ModelStream] {
  const all = [...streams];
  const at = random.chance(0.5)
    ? Math.max(0, all.length - 1 - random.below(3))
    : random.below(all.length);
  return all[at]!;
}

/** What most operators have: rows that fail are left out. */
export const SKIPPING = { onError: 'skip' };

/** Whether a column may be a key. */
export const isKey = ({ type }: Field): boolean => type.kind !== 'json';

/** Some columns that may be keys. */
export function drawKeys(random: Random, schema: Schema): string[] {
  const able = schema.filter(isKey).map(({ name }) => name);
  const count = Math.min(able.length, random.pick([0, 1, 1, 1, 2, 3]));
  return [...new Set(Array.from({ length: count }, () => random.pick(able)))];
}

/** A length of event time. */
export const drawLength = (random: Random): string =>
  random.pick(['50us', '3ms', '250ms', '1s', '7s', '1m']);

/** A window of event time. */
export function drawWindow(random: Random): object {
  const offset = random.chance(0.3) ? { offset: random.pick(['1ms', '333us', '2s']) } : {};
  const allowed = random.chance(0.15) ? { allowedLateness: random.pick(['0s', '1s', '1m']) } : {};
  const scale = random.pick(['us', 'ms', 's', 's', 'm']);
  const step = random.pick([1, 2, 5]);
  switch (random.below(5)) {
    case 0:
    case 1:
      return { type: 'tumbling', size: drawLength(random), ...offset, ...allowed };
    case 2:
      return {
        type: 'hopping',
        size: `${step * random.pick([1, 2, 3, 5])}${scale}`,
        slide: `${step}${scale}`,
        ...offset,
        ...allowed,
      };
    case 3:
      return {
        type: 'cumulating',
        size: `${step * random.pick([1, 2, 4])}${scale}`,
        step: `${step}${scale}`,
        ...offset,
        ...allowed,
      };
    default:
      return { type: 'session', gap: drawLength(random), ...allowed };
  }
}
