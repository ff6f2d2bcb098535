/** Columns that a node names: keys of groups, and orders. @module */

import type { ColumnOrigin, Distribution, InputStream, ReportIssue } from '../core/operator.ts';
import type { Schema } from '../core/schema.ts';
import type { SortKey } from '../core/topology/model.ts';
import { columnOf } from './added-columns.ts';
import { MAX_KEYS } from '../state/index.ts';
import type { RecordOrderKey } from '../state/index.ts';

type Path = readonly (string | number)[];

/** The position of a column; -1 where there is none, which is reported. */
export function findColumn(
  name: string,
  input: InputStream,
  path: Path,
  issue: ReportIssue,
): number {
  return columnOf(name, input, path, issue) ?? -1;
}

/** The positions of the columns of an order. */
export function planOrder(
  orderBy: readonly SortKey[],
  input: InputStream,
  issue: ReportIssue,
): readonly RecordOrderKey[] {
  return orderBy.map(({ column, descending }, i): RecordOrderKey => {
    const at = findColumn(column, input, ['orderBy', i], issue);
    if (input.stream.schema[at]?.type.kind === 'json') {
      issue(['orderBy', i], `column '${column}' is json, which has no order; cast it before`);
    }
    return { column: at, direction: descending ? -1 : 1 };
  });
}

/** The positions of the keys of groups, which stand in `property`. */
export function planGroups(
  groupBy: readonly string[],
  property: string,
  input: InputStream,
  issue: ReportIssue,
): readonly number[] {
  if (groupBy.length > MAX_KEYS) {
    issue([property], `there are ${groupBy.length} keys; at most ${MAX_KEYS} are possible`);
  }
  return groupBy.map((name, i) => {
    const at = findColumn(name, input, [property, i], issue);
    if (input.stream.schema[at]?.type.kind === 'json') {
      issue([property, i], `key '${name}' is json, which has no equality; cast it before`);
    }
    return at;
  });
}

/** The columns of an only input, as they are: for operators whose rows are rows of it. */
export function sameColumns(schema: Schema): readonly ColumnOrigin[] {
  return schema.map((_, column) => ({ input: 0, column }));
}

/** Rows with equal keys meet in one task; without keys all do. */
export function groupDistribution(keys: readonly (readonly number[])[]): Distribution {
  return keys[0]!.length === 0 ? { kind: 'single' } : { kind: 'keys', columns: keys };
}
