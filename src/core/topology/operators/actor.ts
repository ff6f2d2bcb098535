/** `actor` in documents. @module */

import * as z from 'zod';
import {
  columns,
  duration,
  expecting,
  listOf,
  namesTo,
  object,
  option,
  positiveDuration,
  streamName,
  text,
  whole,
} from '../document/parts.ts';
import { anyValue } from '../document/distributions.ts';
import { list, show } from '../issues.ts';
import { entriesOf, keysOf } from '../key-order.ts';
import type { ActorOperator, OutputPolicy } from '../model/actor.ts';
import { checkColumns } from '../node-checks.ts';
import type { Loose, NodeReport } from '../node-report.ts';
import { durationUs, normalizeSchema } from '../normalize-values.ts';
import { isObject } from '../place.ts';
import { ERRORS_PORT, MAIN_PORT, RESPONSES_PORT } from '../ports.ts';
import { common, type OperatorKind } from './operator-kind.ts';

const MOST = 1_000_000_000;
const rows = (): z.ZodNumber => whole('a whole number of rows, 1 or more', 1, MOST);
const columnName = (): z.ZodString => text('the name of a column');
const key = z.union(
  [columnName(), listOf('a list of columns such as ["query", "ad"]', columnName())],
  expecting('the name of a column, or a list of columns such as ["query", "ad"]'),
);

const document = object('an operator', {
  type: z.literal('actor').describe('One object of a class of yours for each key.'),
  input: streamName().describe('The stream it reads.').optional(),
  inputs: listOf('a list of streams such as ["serves", "clicks"]', streamName())
    .describe('The streams it reads.')
    .optional(),
  module: text('a path such as "./counter.js"').describe(
    'The file, relative to the topology file.',
  ),
  export: text('the name of an export such as "Counter"')
    .describe('The exported class; "default" by default.')
    .optional(),
  options: namesTo('options such as {"threshold": 4}', anyValue)
    .describe('What instances find as `options` in their context.')
    .optional(),
  key: z
    .union(
      [key, namesTo('keys by stream such as {"serves": "id", "clicks": "serve"}', key)],
      expecting('a column, a list of columns, or either by stream such as {"clicks": "serve"}'),
    )
    .describe('The columns whose values say which instance a row is for; one instance if left out.')
    .optional(),
  schema: columns().describe('The columns of the rows it emits.').optional(),
  outputs: namesTo('streams by name such as {"alerts": {"user": "string"}}', columns())
    .describe('Columns of several streams it emits on; read as NODE.NAME.')
    .optional(),
  requests: streamName()
    .describe('A stream of requests; what instances answer is read as NODE.responses.')
    .optional(),
  clock: option('clock', ['event', 'processing'])
    .describe('Which time instances live by; event time if all inputs have it.')
    .optional(),
  ttl: positiveDuration('10m')
    .describe('An instance that got no row for so long is removed; never if left out.')
    .optional(),
  maxInstances: whole('a whole number of instances, 1 or more', 1, MOST)
    .describe(
      'Most instances of a task: the one without a row for longest goes; 1000000 by default.',
    )
    .optional(),
  output: z
    .union(
      [
        object('rows such as {"rows": 10}', {
          rows: rows().describe('After each so many rows of an instance.'),
        }),
        object('an interval such as {"every": "10s", "offset": "3s"}', {
          every: positiveDuration('10s').describe('For all instances, at multiples of this.'),
          offset: duration('3s').describe('Later by this; "0s" by default.').optional(),
        }),
      ],
      expecting('rows such as {"rows": 10}, or an interval such as {"every": "10s"}'),
    )
    .describe('When onOutput is called.')
    .optional(),
  trigger: object('a trigger such as {"rows": 10, "every": "5s"}', {
    rows: rows().describe('After so many rows since the last call.').optional(),
    every: positiveDuration('5s').describe('After so long since the last call.').optional(),
  })
    .describe('When onTrigger is called, which is only as a row comes.')
    .optional(),
  timer: positiveDuration('1s')
    .describe('How far apart calls of onTime are for an instance.')
    .optional(),
  ...common,
}).meta({ title: 'actor operator' });

type Document = z.input<typeof document>;

/** Names of outputs that the engine has a meaning for. */
const OWN_PORTS: readonly string[] = [ERRORS_PORT, RESPONSES_PORT];
const OWN_NAMES = list(OWN_PORTS.map(show), 'or');

const DEFAULT_MAX_INSTANCES = 1_000_000;

/** How the reader of topologies handles an actor. */
export const actorKind: OperatorKind<typeof document, ActorOperator> = {
  document,
  inputs: 'several',
  check,
  normalize: (node) => ({
    type: 'actor',
    module: node.module,
    export: node.export ?? 'default',
    options: node.options ?? {},
    keys: normalizeKeys(node),
    outputs:
      node.outputs === undefined
        ? [{ name: MAIN_PORT, schema: normalizeSchema(node.schema ?? {}) }]
        : entriesOf(node.outputs).map(([name, schema]) => ({
            name,
            schema: normalizeSchema(schema),
          })),
    isAsked: node.requests !== undefined,
    clock: node.clock,
    ttlUs: durationUs(node.ttl, undefined),
    maxInstances: node.maxInstances ?? DEFAULT_MAX_INSTANCES,
    output: normalizeOutput(node.output),
    trigger: node.trigger && {
      rows: node.trigger.rows ?? Infinity,
      everyUs: durationUs(node.trigger.every, Infinity),
    },
    timerUs: durationUs(node.timer, undefined),
  }),
  ports: ({ outputs, requests }) => [
    ...(isObject(outputs) ? keysOf(outputs) : [MAIN_PORT]),
    ...(requests === undefined ? [] : [RESPONSES_PORT]),
  ],
};

function check(node: Loose<Document>, report: NodeReport): void {
  const { input, inputs, schema, outputs, key: keys } = node;
  if ((input === undefined) === (inputs === undefined)) {
    const found = input === undefined ? 'neither' : 'both';
    report.add([], `expected either 'input' or 'inputs', found ${found}`);
  }
  if ((schema === undefined) === (outputs === undefined)) {
    const found = schema === undefined ? 'neither' : 'both';
    report.add([], `expected either 'schema' or 'outputs', found ${found}`);
  }
  checkColumns(schema, report);
  if (outputs !== undefined && report.isOfKind('outputs')) checkOutputs(outputs, report);
  if (typeof keys !== 'object' || Array.isArray(keys) || !report.isSound('key')) return;
  const streams = inputs ?? [input];
  for (const name of keysOf(keys)) {
    if (!streams.includes(name)) report.add(['key', name], `it does not read a stream '${name}'`);
  }
  for (const name of streams) {
    if (name !== undefined && !Object.hasOwn(keys, name)) {
      report.add(['key'], `expected the key of '${name}' as well`);
    }
  }
}

function checkOutputs(outputs: Readonly<Record<string, object>>, report: NodeReport): void {
  const names = keysOf(outputs);
  if (names.length === 0) report.add(['outputs'], 'expected at least one stream');
  for (const name of names) {
    if (name.trim() === '' || name.includes('.') || OWN_PORTS.includes(name)) {
      const expected = `expected a name without '.', other than ${OWN_NAMES}`;
      const message = `${expected}, found ${show(name)}`;
      report.add(['outputs', name], message);
    }
    if (report.isOfKind('outputs', name) && keysOf(outputs[name]!).length === 0) {
      report.add(['outputs', name], 'expected at least one column');
    }
  }
}

function normalizeKeys({ input, inputs, key: keys }: Document): readonly (readonly string[])[] {
  const streams = inputs ?? [input!];
  const list = (of: string | readonly string[]): readonly string[] =>
    typeof of === 'string' ? [of] : of;
  if (keys === undefined) return streams.map(() => []);
  if (typeof keys === 'string' || Array.isArray(keys)) return streams.map(() => list(keys));
  return streams.map((name) => list(keys[name]!));
}

function normalizeOutput(output: Document['output']): OutputPolicy | undefined {
  if (output === undefined) return undefined;
  if ('rows' in output) return { kind: 'rows', rows: output.rows };
  const { every, offset } = output;
  return { kind: 'time', everyUs: durationUs(every, 0), offsetUs: durationUs(offset, 0) };
}
