/** `exec` in documents. @module */

import * as z from 'zod';
import {
  columns,
  csvProperties,
  fileFormat,
  object,
  option,
  positiveDuration,
  text,
  whole,
} from '../document/parts.ts';
import type { ExecOperator } from '../model/exec.ts';
import { checkColumns } from '../node-checks.ts';
import { durationUs, normalizeSchema } from '../normalize-values.ts';
import { common, oneInput, type OperatorKind } from './operator-kind.ts';

const document = object('an operator', {
  type: z.literal('exec').describe('Rows through a process outside of the engine.'),
  command: text('the name of a command such as "enrich"').describe(
    'The name of a command that the options of the engine allow.',
  ),
  args: z
    .array(z.string())
    .describe('More arguments, if the options allow them; rows are never among them.')
    .optional(),
  per: option('way', ['row', 'stream'])
    .describe('"row": it answers each row by one, in order (default); "stream": as it likes.')
    .optional(),
  format: fileFormat()
    .describe('How rows lie on its input and output; "jsonl" by default.')
    .optional(),
  delimiter: csvProperties.delimiter,
  nullText: csvProperties.nullText,
  schema: columns().describe('The columns of the rows it gives.'),
  timeout: positiveDuration('10s')
    .describe('How long it may take for a batch, and to end behind its input; "10s" by default.')
    .optional(),
  restarts: whole('a whole number of times from 0 to 1000', 0, 1000)
    .describe('How often it is started anew when it has ended by itself; 0 by default.')
    .optional(),
  ...oneInput,
  ...common,
}).meta({ title: 'exec operator' });

const DEFAULT_TIMEOUT_US = 10_000_000;

/** How the reader of topologies handles an exec. */
export const execKind: OperatorKind<typeof document, ExecOperator> = {
  document,
  inputs: 'one',
  check(node, report) {
    checkColumns(node.schema, report);
    if (node.format === 'csv') return;
    for (const property of ['delimiter', 'nullText'] as const) {
      if (node[property] !== undefined) {
        report.add([property], `'${property}' goes with the format csv only`);
      }
    }
  },
  normalize: (node) => ({
    type: 'exec',
    command: node.command,
    args: node.args ?? [],
    per: node.per ?? 'row',
    format:
      node.format === 'csv'
        ? {
            kind: 'csv',
            delimiter: node.delimiter ?? ',',
            nullText: node.nullText ?? '',
            header: false,
          }
        : { kind: 'jsonl' },
    schema: normalizeSchema(node.schema),
    timeoutUs: durationUs(node.timeout, DEFAULT_TIMEOUT_US),
    restarts: node.restarts ?? 0,
  }),
};
