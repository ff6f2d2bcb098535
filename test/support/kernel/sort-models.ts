/** Obvious models of operators that bring rows in order. @module */

import type { Cell, TestRow } from './rows.ts';

/** What rows are ordered by, and the groups that have orders of their own. */
export interface ModelOrder {
  compare(a: TestRow, b: TestRow): number;
  groupOf(row: TestRow): string;
}

/** Nulls first, NaN last, strings by bytes. */
export function compareCells(a: Cell, b: Cell): number {
  if (a === null || b === null) return Number(b === null) - Number(a === null);
  if (typeof a === 'string') return Buffer.compare(Buffer.from(a), Buffer.from(b as string));
  const nan = Number(Number.isNaN(a)) - Number(Number.isNaN(b));
  return nan || (a < b ? -1 : a > b ? 1 : 0);
}

/** The first of the least rows. */
function takeLeast(rows: TestRow[], { compare }: ModelOrder): TestRow {
  let least = 0;
  rows.forEach((row, i) => {
    if (compare(row, rows[least]!) < 0) least = i;
  });
  return rows.splice(least, 1)[0]!;
}

/**
 * Keeps rows of each group until `mustLeave` says that the least leaves; at the end all leave, and all of a
 * group when none has come for `ttlUs`: then `begin` is told.
 */
export function modelBsort(
  rows: readonly TestRow[],
  order: ModelOrder,
  mustLeave: (kept: readonly TestRow[], group: string) => boolean,
  ttlUs = Infinity,
  begin: (group: string) => void = () => undefined,
): TestRow[] {
  const groups = new Map<string, TestRow[]>();
  const latest = new Map<string, number>();
  const left: TestRow[] = [];
  for (const row of rows) {
    const group = order.groupOf(row);
    const kept = groups.get(group) ?? [];
    groups.set(group, kept);
    const markUs = row.timeUs! + (row.lateByUs ?? 0);
    const latestUs = latest.get(group) ?? markUs;
    if (markUs >= latestUs + ttlUs) {
      while (kept.length > 0) left.push(takeLeast(kept, order));
      begin(group);
    }
    latest.set(group, Math.max(latestUs, markUs));
    kept.push(row);
    while (kept.length > 0 && mustLeave(kept, group)) left.push(takeLeast(kept, order));
  }
  for (const kept of groups.values()) while (kept.length > 0) left.push(takeLeast(kept, order));
  return left;
}

/** By group: rows in order of the largest value of their input so far, then of inputs. */
export function modelMerge(
  inputs: readonly (readonly TestRow[])[],
  order: ModelOrder,
): ReadonlyMap<string, TestRow[]> {
  const groups = new Map<string, { row: TestRow; counts: TestRow; input: number }[]>();
  inputs.forEach((rows, input) => {
    const largest = new Map<string, TestRow>();
    for (const row of rows) {
      const group = order.groupOf(row);
      const before = largest.get(group);
      const counts = before === undefined || order.compare(row, before) > 0 ? row : before;
      largest.set(group, counts);
      groups.set(group, [...(groups.get(group) ?? []), { row, counts, input }]);
    }
  });
  return new Map(
    [...groups].map(([group, rows]) => [
      group,
      rows
        .toSorted((a, b) => order.compare(a.counts, b.counts) || a.input - b.input)
        .map(({ row }) => row),
    ]),
  );
}
