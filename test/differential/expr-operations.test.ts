/**
 * Every operation, alone, on every pair of edge values: what random expressions reach too seldom.
 * Each runs on two columns, and with a constant on either side.
 * Functions that no loop and no kernel does run on two columns only.
 */

import { expect, test } from 'vitest';
import type { Value } from '../../src/expr/index.ts';
import { expectAgreement, typedOrRefused } from './expr-agreement.ts';
import { FUNCTION_CALLS } from './expr-function-grammar.ts';
import { EDGES, filledOperation, OPERATIONS, SCHEMA } from './expr-grammar.ts';

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

test.each(OPERATIONS)('%s', (template) => {
  let accepted = 0;
  for (const text of filledOperation(template)) {
    const typed = typedOrRefused(text);
    if (typed === undefined) continue;
    accepted++;
    expectAgreement(typed, DATA, [EVERY, EVERY_THIRD]);
  }
  expect(accepted).toBeGreaterThan(0);
});

/** Some rows, in which every edge value of every column comes up. */
const SOME = DATA.filter((_, row) => row % 5 === 2);
const SOME_ROWS = Uint32Array.from(SOME, (_, row) => row);

test.each(FUNCTION_CALLS)('%s', (template) => {
  const [text] = filledOperation(template);
  const typed = typedOrRefused(text!);
  expect(typed).toBeDefined();
  expectAgreement(typed!, SOME, [SOME_ROWS]);
});
