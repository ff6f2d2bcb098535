/** The best rows of groups: all rows of each are sorted. @module */

import { INT64, TIMESTAMP } from '../../../../src/core/types.ts';
import type { Field } from '../../../../src/core/schema.ts';
import type { Value } from '../../../../src/expr/index.ts';
import {
  columnAt,
  compareValues,
  keyOf,
  type ModelRow,
  type ModelStream,
  Unmodelled,
  valuesOf,
} from './stream.ts';
import { type Place, placesAt, type WindowDocument } from './windows.ts';

/** A top as a document has it. */
export interface TopDocument {
  readonly n: number;
  readonly orderBy: readonly string[];
  readonly groupBy?: readonly string[];
  readonly window?: WindowDocument;
  readonly ties?: boolean;
  readonly rank?: string;
}

type Compare = (a: readonly Value[], b: readonly Value[]) => number;

/** The results, and the rows that were too late for all their windows. */
export function modelTop(
  input: ModelStream,
  document: TopDocument,
): { readonly results: ModelStream; readonly late: ModelStream } {
  const { groupBy = [], window, rank } = document;
  if (window !== undefined && !input.hasTime) throw new Unmodelled('windows need event time');
  const columns = groupBy.map((name) => columnAt(input.schema, name));
  const fields = columns.map((column) => input.schema[column]!);
  const groups = new Map<string, { place: Place | undefined; members: ModelRow[] }>();
  const late: ModelRow[] = [];
  for (const row of input.rows) {
    const places =
      window === undefined
        ? [undefined]
        : placesAt(window, row.timeUs).filter(([, endUs]) => row.sourceUs < endUs);
    if (places.length === 0) late.push(row);
    for (const place of places) {
      const id = `${place?.join() ?? ''} ${keyOf(fields, valuesOf(row, columns))}`;
      if (!groups.has(id)) groups.set(id, { place, members: [] });
      groups.get(id)!.members.push(row);
    }
  }
  const rows = [...groups.values()].flatMap(({ place, members }) =>
    best(members, orderOf(input, document), document).map(([row, number]): ModelRow => ({
      values: [
        ...(place ?? []).map(BigInt),
        ...row.values,
        ...(rank === undefined ? [] : [BigInt(number)]),
      ],
      timeUs: place === undefined ? 0 : place[1] - 1,
      sourceUs: -Infinity,
    })),
  );
  const edges: Field[] = ['window_start', 'window_end'].map((name) => ({ name, type: TIMESTAMP }));
  const schema = [
    ...(window === undefined ? [] : edges),
    ...input.schema,
    ...(rank === undefined ? [] : [{ name: rank, type: INT64 }]),
  ];
  const hasTime = window !== undefined;
  return {
    results: { schema, hasTime, isOrdered: false, isChanging: false, rows },
    late: { ...input, isOrdered: false, rows: late },
  };
}

function orderOf({ schema }: ModelStream, { orderBy }: TopDocument): Compare {
  const keys = orderBy.map((key) => {
    const isDescending = key.startsWith('-');
    return { at: columnAt(schema, isDescending ? key.slice(1) : key), sign: isDescending ? -1 : 1 };
  });
  return (a, b) => {
    for (const { at, sign } of keys) {
      const by = compareValues(a[at]!, b[at]!);
      if (by !== 0) return by * sign;
    }
    return 0;
  };
}

/** The best rows with their ranks; equal ones are told apart by all their columns. */
function best(
  members: readonly ModelRow[],
  byKeys: Compare,
  { n, ties = false }: TopDocument,
): (readonly [ModelRow, number])[] {
  const byAll = (a: ModelRow, b: ModelRow): number =>
    byKeys(a.values, b.values) ||
    (a.values.map((value, i) => compareValues(value, b.values[i]!)).find((by) => by !== 0) ?? 0);
  const sorted = members.toSorted(byAll);
  const last = sorted[Math.min(n, sorted.length) - 1]!;
  return sorted
    .filter((row, i) => i < n || (ties && byKeys(row.values, last.values) === 0))
    .map((row, i) => {
      const better = sorted.filter((other) => byKeys(other.values, row.values) < 0).length;
      return [row, ties ? better + 1 : i + 1] as const;
    });
}
