/** Tables: checks that go beyond their shape, and their normal form. @module */

import { nearestName } from '../nearest-name.ts';
import { parseSizeBytes } from '../units.ts';
import type { TableDocument } from './document/tables.ts';
import { keysOf } from './key-order.ts';
import type { FilePath } from './model/parts.ts';
import type { TableDefinition, TableDisk, TableKeep } from './model/table.ts';
import { checkColumns } from './node-checks.ts';
import { type Loose, type NodeReport, someOf } from './node-report.ts';
import { durationUs, normalizeSchema } from './normalize-values.ts';

const DEFAULT_LIMIT_BYTES = 256 * 1024 * 1024;

/**
 * Either a key or rows to keep, columns that are there and have an order, and a folder for what is on disk.
 *
 * @param hasStateDir - the document says where state is kept
 */
export function checkTable(
  table: Loose<TableDocument>,
  hasStateDir: boolean,
  report: NodeReport,
): void {
  const { schema, key, keep, partitionBy } = table;
  checkStorage(table, hasStateDir, report);
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

function checkStorage(
  { storage, durability, keep }: Loose<TableDocument>,
  hasStateDir: boolean,
  report: NodeReport,
): void {
  if (storage !== 'disk') {
    if (durability !== undefined) {
      report.add(['durability'], `'durability' goes with "storage": "disk"`);
    }
    return;
  }
  if (!hasStateDir) {
    report.add(
      ['storage'],
      'a table on disk needs a folder: say where state is kept, /engine/state/dir',
    );
  }
  if (keep !== undefined) {
    report.add(['storage'], 'a table on disk has a key: rows of a stream are kept in memory');
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
export function normalizeTable(
  name: string,
  table: TableDocument,
  stateDir: FilePath | undefined,
): TableDefinition {
  return {
    name,
    schema: normalizeSchema(table.schema),
    key: table.key ?? [],
    indexes: table.indexes ?? [],
    limitBytes: table.limit === undefined ? DEFAULT_LIMIT_BYTES : parseSizeBytes(table.limit)!,
    keep: normalizeKeep(table.keep),
    partitionBy: table.partitionBy ?? [],
    disk: normalizeDisk(name, table, stateDir),
  };
}

function normalizeDisk(
  name: string,
  { storage, durability = 'process' }: TableDocument,
  stateDir: FilePath | undefined,
): TableDisk | undefined {
  if (storage !== 'disk' || stateDir === undefined) return undefined;
  // A name of a folder of its own, whatever the table is called.
  const folder = encodeURIComponent(name).replace(/^\./, '%2E');
  return { dir: `${stateDir}/tables/${folder}`, durability };
}

function normalizeKeep(keep: TableDocument['keep']): TableKeep | undefined {
  if (keep === undefined) return undefined;
  if ('rows' in keep) return { kind: 'rows', rows: keep.rows };
  return { kind: 'time', forUs: durationUs(keep.for, 0) };
}
