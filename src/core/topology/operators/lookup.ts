/** `lookup` in documents. @module */

import * as z from 'zod';
import { anyValue } from '../document/distributions.ts';
import {
  columns,
  csvProperties,
  duration,
  expecting,
  fileFormat,
  listOf,
  namesTo,
  object,
  option,
  positiveDuration,
  size,
  text,
  whole,
} from '../document/parts.ts';
import { isGzip } from '../file-format.ts';
import { pointer } from '../issues.ts';
import { entriesOf, keysOf } from '../key-order.ts';
import { parseSizeBytes } from '../../units.ts';
import type { LookupKey, LookupOperator, TableModule } from '../model/lookup.ts';
import type { TableFile } from '../model/parts.ts';
import { checkColumns, checkFormat } from '../node-checks.ts';
import type { Loose, NodeReport } from '../node-report.ts';
import { durationUs, normalizeFormat, normalizeSchema } from '../normalize-values.ts';
import { common, oneInput, type OperatorKind } from './operator-kind.ts';

const document = object('an operator', {
  type: z
    .literal('lookup')
    .describe('Adds the columns of the row of a table that has the same key.'),
  module: text('a path such as "./items.js"')
    .describe(
      'Instead of a table: code of yours that is asked for rows, relative to the topology file.',
    )
    .optional(),
  export: text('the name of an export such as "open"')
    .describe('With "module": the function that opens it; "default" by default.')
    .optional(),
  schema: columns().describe('With "module": the columns of the rows that it finds.').optional(),
  options: namesTo('options such as {"host": "localhost"}', anyValue)
    .describe('With "module": what the function is called with.')
    .optional(),
  batch: whole('a whole number of keys from 1 to 100000', 1, 100_000)
    .describe('With "module": keys that are asked for at once, at most; 256 by default.')
    .optional(),
  calls: whole('a whole number of calls from 1 to 64', 1, 64)
    .describe('With "module": calls that wait for an answer at a time; 4 by default.')
    .optional(),
  timeout: positiveDuration('1s')
    .describe('With "module": a call without an answer has failed after so long; "10s" by default.')
    .optional(),
  retry: object('retries such as {"times": 3, "delay": "100ms"}', {
    times: whole('a whole number of times from 0 to 100', 0, 100)
      .describe('How often a call that failed is made again; 3 by default.')
      .optional(),
    delay: duration('100ms')
      .describe('How long it waits before, twice as long each time; "100ms" by default.')
      .optional(),
    states: listOf('a list of states such as ["40001"]', text('a state such as "40001"'))
      .describe(
        'What may be made again: the "code" or "sqlState" of the error, or "TIMEOUT"; all by default.',
      )
      .optional(),
  })
    .describe('With "module": calls that failed are made again.')
    .optional(),
  cache: object('a cache such as {"size": "16MiB", "ttl": "1m"}', {
    size: size('16MiB').describe('Bytes of the answers that are kept, at most, about.'),
    ttl: positiveDuration('1m')
      .describe('How long an answer is kept; until there is no room if left out.')
      .optional(),
  })
    .describe('With "module": answers are kept, also that there is no row.')
    .optional(),
  table: object('a table such as {"path": "ads.csv", "schema": {"ad": "int32", …}}', {
    path: text('a path such as "ads.csv"').describe(
      'The file, relative to the topology file; compressed if its name ends in .gz.',
    ),
    format: fileFormat().describe('How rows lie in the file; by its name if left out.').optional(),
    ...csvProperties,
    schema: columns().describe('The columns of the table: name → type.'),
  })
    .describe('A file that is read at the start and kept in memory. A key is in it once.')
    .optional(),
  on: z
    .union(
      [
        listOf('a list of columns such as ["ad"]', text('the name of a column')),
        namesTo('columns such as {"ad_id": "ad"}', text('the name of a column of the table')),
      ],
      expecting('a list of columns such as ["ad"], or columns such as {"ad_id": "ad"}'),
    )
    .describe('The key: columns of both, or column of the input → column of the table.'),
  kind: option('lookup kind', ['inner', 'left', 'semi', 'anti'])
    .describe(
      'What becomes of rows without a match: "inner" drops them (default), "left" does not; ' +
        '"semi" and "anti" keep rows with and without a match as they are, and add nothing.',
    )
    .optional(),
  ...oneInput,
  ...common,
}).meta({ title: 'lookup operator' });

type Document = z.input<typeof document>;

/** How the reader of topologies handles a lookup. */
export const lookupKind: OperatorKind<typeof document, LookupOperator> = {
  document,
  inputs: 'one',
  check,
  normalize: (node, at) => ({
    type: 'lookup',
    table: node.table === undefined ? normalizeModule(node) : normalizeFile(node.table),
    on: normalizeLookupKeys(`${at}/on`, node.on),
    kind: node.kind ?? 'inner',
  }),
};

function normalizeFile(table: NonNullable<Document['table']>): TableFile {
  return {
    path: table.path,
    format: normalizeFormat({ connector: 'file', ...table }),
    gzip: isGzip(table.path),
    schema: normalizeSchema(table.schema),
  };
}

function normalizeModule(node: Document): TableModule {
  const { retry, cache } = node;
  return {
    module: node.module!,
    export: node.export ?? 'default',
    options: node.options ?? {},
    schema: normalizeSchema(node.schema!),
    batchKeys: node.batch ?? 256,
    calls: node.calls ?? 4,
    timeoutMs: durationUs(node.timeout, 10_000_000) / 1000,
    retry: {
      times: retry?.times ?? 3,
      delayMs: durationUs(retry?.delay, 100_000) / 1000,
      states: retry?.states,
    },
    cache: cache && {
      limitBytes: parseSizeBytes(cache.size)!,
      ttlUs: durationUs(cache.ttl, Infinity),
    },
  };
}

/** What goes with `module` only. */
const ASKED = [
  'export',
  'schema',
  'options',
  'batch',
  'calls',
  'timeout',
  'retry',
  'cache',
] as const;

/** Either a table or code that is asked. */
function checkSource(node: Loose<Document>, report: NodeReport): void {
  const { table, module, schema } = node;
  if ((table === undefined) === (module === undefined)) {
    const found = table === undefined ? 'neither' : 'both';
    report.add([], `expected either 'table' or 'module', found ${found}`);
    return;
  }
  if (module === undefined) {
    for (const name of ASKED) {
      if (node[name] !== undefined) report.add([name], `'${name}' goes with 'module'`);
    }
  } else if (schema === undefined) {
    report.add(['schema'], `expected the columns of the rows that '${module}' finds`);
  } else checkColumns(schema, report);
}

/** A table that can be read, and keys. */
function check(node: Loose<Document>, report: NodeReport): void {
  const { table, on } = node;
  checkSource(node, report);
  if (on !== undefined && !Array.isArray(on) && report.isOfKind('on') && keysOf(on).length === 0) {
    report.add(['on'], 'expected at least one column');
  }
  if (table === undefined || !report.isOfKind('table')) return;
  const below = report.below('table');
  checkColumns((table as Loose<typeof table>).schema, below);
  checkFormat({ ...table, connector: 'file' }, below);
}

function normalizeLookupKeys(at: string, on: Document['on']): LookupKey[] {
  if (Array.isArray(on)) {
    return on.map((name, i) => ({ input: name, table: name, pointer: at + pointer(i) }));
  }
  return entriesOf(on).map(([input, table]) => ({ input, table, pointer: at + pointer(input) }));
}
