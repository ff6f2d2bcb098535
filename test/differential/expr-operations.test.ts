/**
 * Every operation, alone, on every pair of edge values: what random expressions reach too seldom.
 * Each runs on two columns, and with a constant on either side.
 */

import { expect, test } from 'vitest';
import type { Value } from '../../src/expr/index.ts';
import { expectAgreement, typedOrRefused } from './expr-agreement.ts';
import { EDGES, LITERALS, OPERATIONS, SCHEMA } from './expr-grammar.ts';

/** Most edge values of a type. */
const MOST = Math.max(...Object.values(EDGES).map((edges) => edges.length));

/** Columns in pairs by type: the first of a pair counts slowly, the second fast. */
function edgeRows(): readonly (readonly Value[])[] {
  const seen = new Set<string>();
  const isSecond = SCHEMA.map(({ type }) => {
    const wasSeen = seen.has(type.kind);
    seen.add(type.kind);
    return wasSeen;
  });
  return Array.from({ length: MOST * MOST }, (_, k) =>
    SCHEMA.map(({ type }, c) => {
      const edges = EDGES[type.kind];
      return edges[(isSecond[c] ? k % MOST : Math.floor(k / MOST)) % edges.length]!;
    }),
  );
}

const DATA = edgeRows();
const EVERY = Uint32Array.from(DATA, (_, row) => row);
const EVERY_THIRD = EVERY.filter((row) => row % 3 === 1);

/** Two columns of the type of each hole. */
const COLUMNS: Readonly<Record<string, readonly [string, string]>> = {
  '@i': ['i', 'value'],
  '@b': ['b', 'key'],
  '@x': ['x', 'y'],
  '@d': ['d', 'e'],
  '@f': ['f', 'g'],
  '@s': ['s', '"user"'],
  '@t': ['"timestamp"', 'ts'],
  '@u': ['du', 'du'],
};

/** The operation with its holes filled, left to right, by what `fill` says. */
function filled(template: string, fill: (hole: string, occurrence: number) => string): string {
  let occurrence = 0;
  return template.replaceAll(/@[a-z]/g, (hole) => fill(hole, occurrence++));
}

const column = (hole: string, occurrence: number) => COLUMNS[hole]![occurrence % 2]!;

test.each(OPERATIONS)('%s', (template) => {
  const texts = new Set([filled(template, column)]);
  for (const pick of [0, 1, 2, 3]) {
    const place = pick === 1 ? 0 : 1;
    const fill = (hole: string, occurrence: number): string => {
      const literals = LITERALS[hole]!;
      return occurrence % 2 === place
        ? literals[pick % literals.length]!
        : column(hole, occurrence + place);
    };
    texts.add(filled(template, fill));
  }
  let accepted = 0;
  for (const text of texts) {
    const typed = typedOrRefused(text);
    if (typed === undefined) continue;
    accepted++;
    expectAgreement(typed, DATA, [EVERY, EVERY_THIRD]);
  }
  expect(accepted).toBeGreaterThan(0);
});
