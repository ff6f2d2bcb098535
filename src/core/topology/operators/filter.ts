/** `filter` in documents. @module */

import * as z from 'zod';
import { expecting, expression, namesTo, object } from '../document/parts.ts';
import { show } from '../issues.ts';
import { entriesOf, keysOf } from '../key-order.ts';
import type { FilterMode, FilterOperator } from '../model/filter.ts';
import type { Loose, NodeReport } from '../node-report.ts';
import { isObject } from '../place.ts';
import { MAIN_PORT } from '../ports.ts';
import { common, conditions, oneInput, type OperatorKind } from './operator-kind.ts';
import { parameterised } from './parameters.ts';

const document = object('an operator', {
  type: z.literal('filter').describe('Keeps rows, or sends each to one of several outputs.'),
  where: expression('price > 100').describe('Rows for which this is true are kept.').optional(),
  routes: namesTo(
    'routes such as {"big": "price > 1e6", "rest": true}',
    z.union(
      [expression('price > 1e6'), z.literal(true, expecting('true'))],
      expecting('an expression such as "price > 1e6", or true for the rest'),
    ),
  )
    .describe(
      'Output name → condition. A row goes to the first output whose condition is true; `true` ' +
        'takes the rows that no condition took. Outputs are read as NODE.NAME.',
    )
    .optional(),
  ...parameterised,
  ...oneInput,
  ...common,
}).meta({ title: 'filter operator' });

type Document = z.input<typeof document>;

/** How the reader of topologies handles a filter. */
export const filterKind: OperatorKind<typeof document, FilterOperator> = {
  document,
  inputs: 'one',
  check,
  normalize: (node, at) => ({ type: 'filter', mode: normalizeMode(at, node) }),
  ports: ({ routes }) => (isObject(routes) ? keysOf(routes) : [MAIN_PORT]),
};

/** Either a condition or routes; names of routes become names of streams. */
function check({ where, routes }: Loose<Document>, report: NodeReport): void {
  if ((where === undefined) === (routes === undefined)) {
    const found = where === undefined ? 'neither' : 'both';
    report.add([], `expected either 'where' or 'routes', found ${found}`);
  }
  if (routes === undefined || !report.isOfKind('routes')) return;
  const names = keysOf(routes);
  if (names.length === 0) report.add(['routes'], 'expected at least one route');
  for (const name of names) {
    if (name.trim() === '' || name.includes('.')) {
      const message = `expected a name without '.' for the output, found ${show(name)}`;
      report.add(['routes', name], message);
    }
    if (name === 'errors') {
      const message = `'errors' is the output for rows in error; expected another name`;
      report.add(['routes', name], message);
    }
  }
  const rests = names.filter((name) => routes[name] === true);
  for (const name of rests.slice(1)) {
    report.add(['routes', name], `only one route can take the rest, and '${rests[0]}' does`);
  }
}

function normalizeMode(at: string, { where, routes }: Document): FilterMode {
  if (where !== undefined) {
    return { kind: 'where', where: { text: where, pointer: `${at}/where` } };
  }
  const entries = entriesOf(routes ?? {});
  return {
    kind: 'routes',
    routes: conditions(`${at}/routes`, entries),
    rest: entries.find(([, condition]) => condition === true)?.[0],
  };
}
