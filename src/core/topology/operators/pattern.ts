/** `pattern` in documents. @module */

import * as z from 'zod';
import { nearestName } from '../../nearest-name.ts';
import {
  expecting,
  expression,
  listOf,
  namesTo,
  number,
  object,
  option,
  positiveDuration,
  streamName,
  text,
} from '../document/parts.ts';
import { pointer } from '../issues.ts';
import { entriesOf } from '../key-order.ts';
import type { PatternEvent, PatternOperator, PatternWindow } from '../model/pattern.ts';
import { checkOutputNames, type Loose, type NodeReport, someOf } from '../node-report.ts';
import { durationUs } from '../normalize-values.ts';
import { LATE_PORT, MAIN_PORT } from '../ports.ts';
import { columnNames, common, expressions, namedExpressions } from './operator-kind.ts';
import { limited } from './state-limit.ts';
import type { OperatorKind } from './operator-kind.ts';
import { revisable } from './revisions.ts';

const columnList = () =>
  z.array(text('the name of a column'), expecting('a list of columns such as ["order"]'));

const document = object('an operator', {
  type: z
    .literal('pattern')
    .describe(
      'Combinations of rows, of one stream or several, that follow each other, come together or stay out ' +
        'as a template says.',
    ),
  input: streamName().describe('The stream it reads, if it is one.').optional(),
  inputs: listOf('a list of streams such as ["orders", "payments"]', streamName())
    .describe('The streams it reads.')
    .optional(),
  events: namesTo(
    'events such as {"a": "orders", "b": {"input": "payments", "where": "amount > 0"}}',
    z.union(
      [
        streamName(),
        object('an event such as {"input": "orders", "where": "amount > 100"}', {
          input: streamName().describe('The input whose rows it may be.'),
          where: expression('amount > 100')
            .describe('Which of them, over columns of that input; any if left out.')
            .optional(),
        }),
      ],
      expecting('the name of an input, or {"input": "orders", "where": "amount > 100"}'),
    ),
  )
    .describe('What the template calls by a name; the inputs by their own names if left out.')
    .optional(),
  key: z
    .union(
      [
        columnNames('Columns of all inputs.').unwrap(),
        namesTo('columns such as {"orders": ["id"], "payments": ["order"]}', columnList()),
      ],
      expecting('a list of columns such as ["order"], or a list for each input'),
    )
    .describe(
      'Columns that all rows of a match have in common, of all inputs or, as an object, of each input. ' +
        'None if left out.',
    )
    .optional(),
  pattern: text('a template such as "a THEN b"').describe(
    'Names of events, joined by THEN, AND and OR, with NOT before what must stay out; parentheses group.',
  ),
  within: z
    .union(
      [
        positiveDuration('10s'),
        object('a window such as {"field": "seq", "size": 100}', {
          field: text('the name of a column').describe(
            'A column of numbers or times, of all inputs.',
          ),
          size: z
            .union(
              [number('a number such as 100'), positiveDuration('10s')],
              expecting('a number such as 100, or a duration such as "10s"'),
            )
            .describe(
              'How much larger its value may be than in the first row of a match; of times, a duration.',
            ),
        }),
      ],
      expecting('a duration such as "10s", or {"field": "seq", "size": 100}'),
    )
    .describe('How far behind the first row of a match its last one may be.'),
  orderBy: text('the name of a column')
    .describe(
      'A column of numbers or times, of all inputs, that says which of two rows of one event time is later. ' +
        'Neither is if left out.',
    )
    .optional(),
  where: expression('b.amount < a.amount')
    .describe('What the rows of a match must fulfil together, over EVENT.NAME; all if left out.')
    .optional(),
  select: namedExpressions('a.amount - b.amount')
    .describe('Column → expression over EVENT.NAME. All columns, as EVENT_NAME, if left out.')
    .optional(),
  skip: option('way to go on after a match', ['none', 'next', 'past'])
    .describe(
      'Which matches count: all combinations of rows ("none", the default), the first of those that begin ' +
        'with the same row ("next"), or the first of those that overlap ("past").',
    )
    .optional(),
  ...limited,
  ...revisable,
  ...common,
}).meta({ title: 'pattern operator' });

type Document = z.input<typeof document>;
type Pattern = Loose<Document>;

/** How the reader of topologies handles a pattern. */
export const patternKind: OperatorKind<typeof document, PatternOperator> = {
  document,
  inputs: 'several',
  check(pattern, report) {
    const { input, inputs } = pattern;
    if (input === undefined && inputs === undefined) {
      report.add([], `missing property 'inputs'; expected a list of streams`);
    } else if (input !== undefined && inputs !== undefined) {
      report.add(['inputs'], `expected either 'input' or 'inputs', found both`);
    }
    checkOutputNames(pattern.select, report);
    checkEvents(pattern, report);
    checkKey(pattern, report);
    checkWindow(pattern, report);
  },
  normalize: (node, at) => ({
    type: 'pattern',
    events: normalizeEvents(node, at),
    keys: normalizeKeys(node),
    pattern: { text: node.pattern, pointer: `${at}/pattern` },
    within: normalizeWindow(node.within),
    orderBy: node.orderBy,
    where: node.where === undefined ? undefined : { text: node.where, pointer: `${at}/where` },
    select: expressions(`${at}/select`, node.select ?? {}),
    skip: node.skip ?? 'none',
  }),
  ports: ({ inputs }) =>
    Array.isArray(inputs) && inputs.length > 1 ? [MAIN_PORT] : [MAIN_PORT, LATE_PORT],
};

/** The streams of a node whose own are sound. */
function inputsOf({ input, inputs }: Pattern): readonly string[] {
  return inputs ?? (input === undefined ? [] : [input]);
}

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
const WORDS = new Set(['THEN', 'AND', 'OR', 'NOT']);

function checkEvents(pattern: Pattern, report: NodeReport): void {
  if (!report.isSound('inputs') || !report.isSound('input')) return;
  const { events } = pattern;
  const inputs = inputsOf(pattern);
  inputs.forEach((name, i) => {
    if (inputs.indexOf(name) < i) report.add(['inputs', i], `'${name}' is there twice`);
  });
  if (events === undefined) {
    inputs.forEach((name, i) => {
      if (isEventName(name)) return;
      const message = `'${name}' cannot be the name of an event`;
      const at = pattern.inputs === undefined ? ['input'] : ['inputs', i];
      report.add(at, `${message}; name it in 'events': {"a": "${name}"}`);
    });
    return;
  }
  if (!report.isOfKind('events')) return;
  for (const [name, event] of entriesOf(events)) {
    if (!isEventName(name)) {
      const expected = 'expected letters, digits and _, and not THEN, AND, OR or NOT';
      report.add(['events', name], `'${name}' cannot be the name of an event; ${expected}`);
    }
    if (!report.isSound('events', name)) continue;
    const input = typeof event === 'string' ? event : event.input;
    if (inputs.includes(input)) continue;
    const at = typeof event === 'string' ? ['events', name] : ['events', name, 'input'];
    const message = `'${input}' is none of the inputs${someOf(inputs)}`;
    report.add(at, message, nearestName(input, inputs));
  }
}

function isEventName(name: string): boolean {
  return NAME.test(name) && !WORDS.has(name.toUpperCase());
}

function checkKey(pattern: Pattern, report: NodeReport): void {
  const { key } = pattern;
  if (key === undefined || Array.isArray(key)) return;
  if (!report.isSound('key') || !report.isSound('inputs') || !report.isSound('input')) return;
  const inputs = inputsOf(pattern);
  const lists = key as Readonly<Record<string, readonly string[]>>;
  for (const name of Object.keys(lists)) {
    if (inputs.includes(name)) continue;
    const message = `'${name}' is none of the inputs${someOf(inputs)}`;
    report.add(['key', name], message, nearestName(name, inputs));
  }
  const first = lists[inputs[0]!]?.length;
  for (const name of inputs) {
    const length = Object.hasOwn(lists, name) ? lists[name]!.length : undefined;
    if (length === undefined) report.add(['key'], `expected a list of columns of '${name}' too`);
    else if (first !== undefined && length !== first) {
      report.add(['key', name], `expected ${first} columns as for '${inputs[0]}', found ${length}`);
    }
  }
}

function checkWindow({ within, onLimit }: Pattern, report: NodeReport): void {
  if (onLimit === 'evict' && typeof within === 'object') {
    const message = 'with a window over a field no partial match began first in all keys';
    report.add(['onLimit'], `${message}: expected "error"`);
  }
  if (typeof within !== 'object' || !report.isSound('within')) return;
  if (typeof within.size === 'string' || within.size > 0) return;
  report.add(['within', 'size'], `expected a number greater than zero, found ${within.size}`);
}

function normalizeEvents(node: Document, at: string): PatternEvent[] {
  const { events } = node;
  const inputs = inputsOf(node);
  if (events === undefined) {
    return inputs.map((name, input): PatternEvent => ({ name, input, where: undefined }));
  }
  return entriesOf(events).map(([name, event]): PatternEvent => {
    if (typeof event === 'string') return { name, input: inputs.indexOf(event), where: undefined };
    const { input, where } = event;
    const place = `${at}${pointer('events', name, 'where')}`;
    return {
      name,
      input: inputs.indexOf(input),
      where: where === undefined ? undefined : { text: where, pointer: place },
    };
  });
}

function normalizeKeys(node: Document): (readonly string[])[] {
  const { key = [] } = node;
  return inputsOf(node).map((name) => (Array.isArray(key) ? key : (key[name] ?? [])));
}

function normalizeWindow(within: Document['within']): PatternWindow {
  if (typeof within === 'string') return { kind: 'time', sizeUs: durationUs(within, 0) };
  const { field, size } = within;
  if (typeof size === 'number') return { kind: 'field', field, size, isDuration: false };
  return { kind: 'field', field, size: durationUs(size, 0), isDuration: true };
}
