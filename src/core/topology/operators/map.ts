/** `map` in documents. @module */

import * as z from 'zod';
import { expecting, expression, namesTo, object } from '../document/parts.ts';
import { show } from '../issues.ts';
import { entriesOf, keysOf } from '../key-order.ts';
import type { MapOperator } from '../model/map.ts';
import type { Select } from '../model/parts.ts';
import type { Loose, NodeReport } from '../node-report.ts';
import { common, conditions, oneInput, type OperatorKind } from './operator-kind.ts';
import { parameterised } from './parameters.ts';

const select = namesTo(
  'columns such as {"total": "price * amount"}',
  z.union(
    [expression('price * amount'), z.literal(true, expecting('true'))],
    expecting('an expression such as "price * amount", or true for "*"'),
  ),
);

const document = object('an operator', {
  type: z.literal('map').describe('Computes columns.'),
  select: select.describe('Column → expression; "*": true keeps the input\'s columns first.'),
  ...parameterised,
  ...oneInput,
  ...common,
}).meta({ title: 'map operator' });

type Document = z.input<typeof document>;

/** How the reader of topologies handles a map. */
export const mapKind: OperatorKind<typeof document, MapOperator> = {
  document,
  inputs: 'one',
  check,
  normalize: (node, at) => ({
    type: 'map',
    select: normalizeSelect(`${at}/select`, node.select),
  }),
};

/** `"*"` goes with true, every other column with an expression. */
function check({ select }: Loose<Document>, report: NodeReport): void {
  if (select === undefined || !report.isOfKind('select')) return;
  const names = keysOf(select);
  if (names.length === 0) report.add(['select'], 'expected at least one column');
  for (const name of names) {
    const value = select[name];
    if (name === '') report.add(['select', name], 'expected a name for the column');
    if (!report.isSound('select', name)) continue;
    if (name === '*' && value !== true) {
      report.add(['select', name], `expected true, found ${show(value)}`);
    }
    if (name !== '*' && value === true) {
      report.add(['select', name], 'expected an expression such as "price * amount", found true');
    }
  }
}

function normalizeSelect(at: string, select: Document['select']): Select {
  return {
    keepInput: Object.hasOwn(select, '*'),
    columns: conditions(at, entriesOf(select)),
  };
}
