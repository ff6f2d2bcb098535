/** `iterate` in documents. @module */

import * as z from 'zod';
import { expression, object, text, whole } from '../document/parts.ts';
import type { IterateOperator } from '../model/iterate.ts';
import type { Expression } from '../model/parts.ts';
import { common, oneInput, type OperatorKind } from './operator-kind.ts';

const MOST = Number.MAX_SAFE_INTEGER;

const document = object('an operator', {
  type: z.literal('iterate').describe('A row for each whole number of a range.'),
  as: text('the name of a column').describe('The column with the number.'),
  from: expression('0').describe('The first number, an expression; 0 by default.').optional(),
  to: expression('n')
    .describe('The last number, an expression; a row for which it is null gives no row.')
    .optional(),
  step: whole('a whole number such as 1', -MOST, MOST)
    .describe('What the next number has more; 1 by default, not 0.')
    .optional(),
  while: expression('i * i < n')
    .describe(
      'Over the columns and the number: it ends before the first for which this is not true.',
    )
    .optional(),
  limit: whole('a whole number of rows from 1 to 1000000000', 1, 1_000_000_000)
    .describe('A row that would give more rows is in error; 1000000 by default.')
    .optional(),
  ...oneInput,
  ...common,
}).meta({ title: 'iterate operator' });

const DEFAULT_LIMIT = 1_000_000;

/** How the reader of topologies handles an iterate. */
export const iterateKind: OperatorKind<typeof document, IterateOperator> = {
  document,
  inputs: 'one',
  check(node, report) {
    if (node.step === 0) report.add(['step'], 'expected a step other than 0: it would never end');
    if (node.to === undefined && node.while === undefined) {
      report.add([], "expected 'to', 'while' or both: without either it would never end");
    }
  },
  normalize(node, at) {
    const expressionAt = (property: 'to' | 'while'): Expression | undefined => {
      const written = node[property];
      return written === undefined ? undefined : { text: written, pointer: `${at}/${property}` };
    };
    return {
      type: 'iterate',
      as: node.as,
      from: { text: node.from ?? '0', pointer: `${at}/from` },
      to: expressionAt('to'),
      step: node.step ?? 1,
      while: expressionAt('while'),
      limit: node.limit ?? DEFAULT_LIMIT,
    };
  },
};
