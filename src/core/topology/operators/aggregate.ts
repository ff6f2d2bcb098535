/** `aggregate` in documents. @module */

import * as z from 'zod';
import type { AggregateOperator, Emit } from '../model/aggregate.ts';
import { invariant } from '../../invariant.ts';
import type { DataType } from '../../types.ts';
import { parseTypeName } from '../../types.ts';
import {
  expecting,
  flag,
  listOf,
  namesTo,
  object,
  option,
  positiveDuration,
  tagged,
  text,
  typeName,
} from '../document/parts.ts';
import { pointer } from '../issues.ts';
import { MAIN_PORT } from '../ports.ts';
import { entriesOf, keysOf } from '../key-order.ts';
import type { GroupKey } from '../model/parts.ts';
import { checkOutputNames, type Loose, type NodeReport } from '../node-report.ts';
import { durationUs } from '../normalize-values.ts';
import {
  common,
  expressions,
  namedExpressions,
  oneInput,
  type OperatorKind,
} from './operator-kind.ts';
import { checkAggregateLimit } from './aggregate-limit.ts';
import { limited } from './state-limit.ts';
import { parameterised } from './parameters.ts';
import { checkRowWindow, isRowWindow, normalizeRowWindow, rowWindows } from './row-windows.ts';
import { aggregateWindow, checkWindow, normalizeAggregateWindow, windowPorts } from './windows.ts';
import { revisable } from './revisions.ts';

const userAggregate = object('an aggregate of a module', {
  module: text('a path such as "./spread.js"').describe('The file, relative to the topology file.'),
  export: text('the name of an export such as "spread"')
    .describe('The exported object with init, add, merge and result; "default" by default.')
    .optional(),
  arguments: listOf('a list of types such as ["float64"]', typeName).describe(
    'The types of its arguments.',
  ),
  returns: typeName.describe('The type of its result.'),
  retracts: flag().describe('Whether it exports retract as well; false by default.').optional(),
});

const anyWindow = tagged(
  'type',
  { noun: 'window type', expected: 'a window such as {"type": "tumbling", "size": "10s"}' },
  [...aggregateWindow.options, ...rowWindows],
);

const document = object('an operator', {
  type: z.literal('aggregate').describe('Groups rows. Late rows can be read as NODE.late.'),
  groupBy: z
    .union(
      [
        z.array(text('the name of a column'), expecting('a list of columns such as ["ad"]')),
        namedExpressions('price % 10'),
      ],
      expecting('a list of columns such as ["ad"], or columns such as {"bucket": "price % 10"}'),
    )
    .describe('Column names, or column → expression. One group if left out.')
    .optional(),
  window: anyWindow
    .describe('Windows of time or of rows. Without one a result comes at the end of the input.')
    .optional(),
  emit: z
    .union(
      [
        option('time for results', ['end', 'each', 'onClose', 'onChange']),
        object('an interval such as {"every": "1s"}', {
          every: positiveDuration('1s').describe(
            'How far apart updates are, in event time, or in the time that the window goes by.',
          ),
        }),
      ],
      expecting('"end", "each", "onClose", "onChange", or an interval such as {"every": "1s"}'),
    )
    .describe(
      'When results come. Without a window: at the end of the input ("end", by default), an updated ' +
        'row for each row ("each"), at each multiple of an interval the groups that changed, or as ' +
        'a stream of changes what each row changes ("onChange"). With a window: when it closes ' +
        '("onClose", by default), and before that, as a stream of changes, at each multiple of an ' +
        'interval, or with each row ("onChange").',
    )
    .optional(),
  aggregates: namesTo(
    'aggregates such as {"spread": {"module": "./spread.js", "arguments": ["float64"], "returns": "float64"}}',
    userAggregate,
  )
    .describe('Aggregates of your own: the name that select calls it by → what a module exports.')
    .optional(),
  select: namedExpressions('SUM(price)').describe('Column → aggregate expression.').optional(),
  ...parameterised,
  ...oneInput,
  ...limited,
  ...revisable,
  ...common,
}).meta({ title: 'aggregate operator' });

type Document = z.input<typeof document>;

/** How the reader of topologies handles an aggregate. */
export const aggregateKind: OperatorKind<typeof document, AggregateOperator> = {
  document,
  inputs: 'one',
  check,
  normalize: (node, at) => ({
    type: 'aggregate',
    groupBy: normalizeGroupBy(`${at}/groupBy`, node.groupBy ?? []),
    ...(isRowWindow(node.window)
      ? { window: undefined, rowWindow: normalizeRowWindow(node.window, at) }
      : { window: normalizeAggregateWindow(node.window) }),
    emit: normalizeEmit(node.emit),
    aggregates: entriesOf(node.aggregates ?? {}).map(([name, given]) => ({
      name,
      module: given.module,
      export: given.export ?? 'default',
      arguments: given.arguments.map(typeOf),
      returns: typeOf(given.returns),
      retracts: given.retracts ?? false,
    })),
    select: expressions(`${at}/select`, node.select ?? {}),
  }),
  ports: (node) => (isRowWindow(node['window']) ? [MAIN_PORT] : windowPorts(node)),
};

function typeOf(name: string): DataType {
  const type = parseTypeName(name);
  invariant(type !== undefined, `unchecked type '${name}'`);
  return type;
}

/** Something to compute, output columns that differ, and a slide that leaves no gaps. */
function check(operator: Loose<Document>, report: NodeReport): void {
  const { groupBy = [], select = {}, window } = operator;
  if (!report.isSound('groupBy') || !report.isOfKind('select')) return;
  const keys = Array.isArray(groupBy) ? groupBy : keysOf(groupBy);
  const outputs = keysOf(select);
  if (keys.length === 0 && outputs.length === 0) {
    const expected = 'expected columns such as {"total": "SUM(price)"}';
    report.add([], `missing property 'select'; ${expected}`);
  }
  checkOutputNames(select, report);
  const hasEdges = window !== undefined && (!isRowWindow(window) || window.type === 'value');
  const taken = new Set(hasEdges ? ['window_start', 'window_end'] : []);
  keys.forEach((name, i) => {
    checkFree(['groupBy', Array.isArray(groupBy) ? i : name], name, taken, report);
  });
  for (const name of outputs) checkFree(['select', name], name, taken, report);
  if (report.isSound('window') && report.isSound('emit')) {
    checkEmit(operator, report);
    if (report.isSound('onLimit')) checkAggregateLimit(operator, report);
  }
  if (!report.isSound('window')) return;
  if (isRowWindow(window)) checkRowWindow(window, report);
  else checkWindow(window, report);
}

/** Not all times for results go with all windows. */
function checkEmit({ emit, window }: Loose<Document>, report: NodeReport): void {
  if (window === undefined || emit === undefined) return;
  if (isRowWindow(window)) {
    const message = 'windows of rows give their results when they close';
    report.add(['emit'], `${message}: leave 'emit' out`);
    return;
  }
  if (emit === 'end' || emit === 'each') {
    const message = `"${emit}" is for aggregates without a window`;
    report.add(['emit'], `${message}; expected "onClose", "onChange", or {"every": "1s"}`);
  }
}

/** An output column must not have the name of another. */
function checkFree(
  steps: readonly (string | number)[],
  name: string,
  taken: Set<string>,
  report: NodeReport,
): void {
  if (taken.has(name)) report.add(steps, `the output has another column '${name}'`);
  taken.add(name);
}

function normalizeGroupBy(at: string, groupBy: NonNullable<Document['groupBy']>): GroupKey[] {
  if (Array.isArray(groupBy)) {
    return groupBy.map((name, i) => ({ kind: 'column', name, pointer: at + pointer(i) }));
  }
  return expressions(at, groupBy).map((key) => ({ kind: 'expression', ...key }));
}

function normalizeEmit(emit: Document['emit']): Emit {
  if (typeof emit === 'object') return { kind: 'every', everyUs: durationUs(emit.every, 0) };
  switch (emit) {
    case 'each':
      return { kind: 'each' };
    case 'onChange':
      return { kind: 'change' };
    default:
      return { kind: 'end' };
  }
}
