/** Tables: checks that go beyond their shape, and their normal form. @module */

import { nearestName } from '../nearest-name.ts';
import { parseSizeBytes } from '../units.ts';
import type { TableDocument } from './document/tables.ts';
import { keysOf } from './key-order.ts';
import type { TableDefinition, TableKeep } from './model/table.ts';
import { checkColumns } from './node-checks.ts';
import { type Loose, type NodeReport, someOf } from './node-report.ts';
import { durationUs, normalizeSchema } from './normalize-values.ts';

const DEFAULT_LIMIT_BYTES = 256 * 1024 * 1024;

/** Either a key or rows to keep, and columns that are there and have an order. */
export function checkTable(table: Loose<TableDocument>, report: NodeReport): void {
  const { schema, key, keep, partitionBy } = table;
  checkColumns(schema, report);
  if ((key === undefined) === (keep === undefined)) {
    const found = key === undefined ? 'neither' : 'both';
    report.add([], `expected either 'key', or 'keep' for rows of a stream, found ${found}`);
  }
  if (partitionBy !== undefined && keep === undefined) {
    report.add(['partitionBy'], "'partitionBy' goes with 'keep'");
  }
  if (schema === undefined || !report.isOfKind('schema')) return;
  for (const property of ['key', 'indexes', 'partitionBy'] as const) {
    if (!report.isSound(property)) continue;
    table[property]?.forEach((name, i) => checkColumn(schema, name, [property, i], report));
  }
}

function checkColumn(
  schema: Readonly<Record<string, string>>,
  name: string,
  at: readonly (string | number)[],
  report: NodeReport,
): void {
  if (!Object.hasOwn(schema, name)) {
    const names = keysOf(schema);
    report.add(at, `unknown column '${name}'${someOf(names)}`, nearestName(name, names));
  } else if (schema[name] === 'json') {
    report.add(at, `'${name}' is json, which has neither equality nor order`);
  }
}

/** The normal form of a checked table. */
export function normalizeTable(name: string, table: TableDocument): TableDefinition {
  return {
    name,
    schema: normalizeSchema(table.schema),
    key: table.key ?? [],
    indexes: table.indexes ?? [],
    limitBytes: table.limit === undefined ? DEFAULT_LIMIT_BYTES : parseSizeBytes(table.limit)!,
    keep: normalizeKeep(table.keep),
    partitionBy: table.partitionBy ?? [],
  };
}

function normalizeKeep(keep: TableDocument['keep']): TableKeep | undefined {
  if (keep === undefined) return undefined;
  if ('rows' in keep) return { kind: 'rows', rows: keep.rows };
  return { kind: 'time', forUs: durationUs(keep.for, 0) };
}
