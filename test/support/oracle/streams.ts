/**
 * What streams, windows and joins mean, computed slowly: every window asks every row, every left row
 * asks every right one.
 *
 * @module
 */

import { canonical, type Cell, type Cells, type Types } from './cells.ts';

/** A row of a stream. */
export interface Row {
  readonly cells: Cells;
  readonly timeUs: number;
  /**
   * Where the row's own source stood just before it, if that was beyond the row's time: the row is
   * flagged late. `-Infinity` for a row in time.
   */
  readonly sourceUs: number;
}

/** The stream of a source: event times taken from a column, lateness judged row by row. */
export function sourceStream(rows: readonly Cells[], field: string, latenessUs: number): Row[] {
  let largestUs = -Infinity;
  return rows.map((cells) => {
    const timeUs = cells[field] as number;
    const watermarkUs = largestUs - latenessUs;
    largestUs = Math.max(largestUs, timeUs);
    return { cells, timeUs, sourceUs: timeUs < watermarkUs ? watermarkUs : -Infinity };
  });
}

/** Rows with other columns, at the same time. */
export function mapRows(rows: readonly Row[], select: (cells: Cells) => Cells): Row[] {
  return rows.map((row) => ({ ...row, cells: select(row.cells) }));
}

/** Windows of event time. */
export interface Windows {
  readonly sizeUs: number;
  /** `sizeUs` for tumbling windows. */
  readonly slideUs: number;
  readonly offsetUs: number;
}

/** How rows are grouped, and what comes of a group. */
export interface Aggregation {
  readonly groupBy: readonly string[];
  readonly window?: Windows;
  readonly select: Readonly<Record<string, (group: readonly Cells[]) => Cell>>;
}

/** The results, and the rows that were too late for all their windows. */
export function aggregateRows(
  rows: readonly Row[],
  types: Types,
  { groupBy, window, select }: Aggregation,
): { readonly results: Row[]; readonly late: Row[] } {
  const groups = new Map<string, { key: Cells; startUs: number; members: Cells[] }>();
  const late: Row[] = [];
  for (const row of rows) {
    const all = window === undefined ? [-Infinity] : windowStarts(row.timeUs, window);
    const open = all.filter((startUs) => row.sourceUs < startUs + (window?.sizeUs ?? Infinity));
    if (open.length === 0 && window !== undefined) late.push(row);
    const key = Object.fromEntries(groupBy.map((name) => [name, row.cells[name]!]));
    const keyText = groupBy.map((name) => canonical(types[name]!, row.cells[name]!)).join('|');
    for (const startUs of window === undefined ? all : open) {
      const id = `${startUs}|${keyText}`;
      let group = groups.get(id);
      if (group === undefined) groups.set(id, (group = { key, startUs, members: [] }));
      group.members.push(row.cells);
    }
  }
  if (groupBy.length === 0 && window === undefined && groups.size === 0) {
    groups.set('', { key: {}, startUs: -Infinity, members: [] });
  }
  const results = [...groups.values()].map(({ key, startUs, members }): Row => {
    const endUs = startUs + (window?.sizeUs ?? 0);
    const bounds: Cells = window === undefined ? {} : { window_start: startUs, window_end: endUs };
    const values = Object.entries(select).map(([name, of]) => [name, of(members)] as const);
    return {
      cells: { ...bounds, ...key, ...Object.fromEntries(values) },
      timeUs: endUs - 1,
      sourceUs: -Infinity,
    };
  });
  return { results, late };
}

/** Beginnings of the windows that a time lies in. */
function windowStarts(timeUs: number, { sizeUs, slideUs, offsetUs }: Windows): number[] {
  const starts: number[] = [];
  const lastUs = Math.floor((timeUs - offsetUs) / slideUs) * slideUs + offsetUs;
  for (let startUs = lastUs; startUs > timeUs - sizeUs; startUs -= slideUs) starts.push(startUs);
  return starts;
}

/** An interval join. */
export interface IntervalJoin {
  readonly kind: 'inner' | 'left';
  readonly beforeUs: number;
  readonly afterUs: number;
  readonly time?: 'left' | 'right';
  readonly matches: (left: Cells, right: Cells) => boolean;
  readonly select: (left: Cells, right: Cells | undefined) => Cells;
}

/**
 * Joined rows. A flagged row misses those partners that its source had already ruled out: their
 * times plus the interval lie before where that source stood.
 */
export function joinRows(
  lefts: readonly Row[],
  rights: readonly Row[],
  { kind, beforeUs, afterUs, time = 'left', matches, select }: IntervalJoin,
): { readonly results: Row[]; readonly late: number } {
  const results: Row[] = [];
  const isHopeless = (row: Row): boolean => row.sourceUs > row.timeUs + beforeUs + afterUs;
  for (const left of lefts) {
    let found = 0;
    for (const right of rights) {
      const distanceUs = right.timeUs - left.timeUs;
      if (distanceUs < -beforeUs || distanceUs > afterUs) continue;
      if (left.sourceUs > right.timeUs + beforeUs) continue;
      if (right.sourceUs > left.timeUs + afterUs) continue;
      if (!matches(left.cells, right.cells)) continue;
      found++;
      const timeUs = time === 'left' ? left.timeUs : right.timeUs;
      const closedUs =
        time === 'left'
          ? Math.max(left.sourceUs, right.sourceUs - afterUs)
          : Math.max(right.sourceUs, left.sourceUs - beforeUs);
      const sourceUs = closedUs > timeUs ? closedUs : -Infinity;
      results.push({ cells: select(left.cells, right.cells), timeUs, sourceUs });
    }
    if (kind === 'left' && found === 0 && !isHopeless(left)) {
      results.push({ ...left, cells: select(left.cells, undefined) });
    }
  }
  return { results, late: [...lefts, ...rights].filter(isHopeless).length };
}

/** A join over windows, or one without a bound. */
export interface PlainJoin {
  readonly kind: 'inner' | 'left';
  readonly matches: (left: Cells, right: Cells) => boolean;
  readonly select: (left: Cells, right: Cells | undefined) => Cells;
}

/** Joined rows of each window: each asks its members, which are those that were in time for it. */
export function joinWindows(
  lefts: readonly Row[],
  rights: readonly Row[],
  window: Windows,
  { kind, matches, select }: PlainJoin,
): { readonly results: Row[]; readonly late: number } {
  const startsOf = (row: Row): readonly number[] =>
    windowStarts(row.timeUs, window).filter((startUs) => row.sourceUs < startUs + window.sizeUs);
  const results: Row[] = [];
  for (const left of lefts) {
    for (const startUs of startsOf(left)) {
      const bounds: Cells = { window_start: startUs, window_end: startUs + window.sizeUs };
      const partners = rights.filter(
        (right) => startsOf(right).includes(startUs) && matches(left.cells, right.cells),
      );
      for (const right of kind === 'left' && partners.length === 0 ? [undefined] : partners) {
        results.push({ ...left, cells: { ...bounds, ...select(left.cells, right?.cells) } });
      }
    }
  }
  const late = [...lefts, ...rights].filter((row) => startsOf(row).length === 0).length;
  return { results, late };
}

/** All pairs that match, at the later of both times. */
export function joinAll(
  lefts: readonly Row[],
  rights: readonly Row[],
  { matches, select }: Omit<PlainJoin, 'kind'>,
): Row[] {
  return lefts.flatMap((left) =>
    rights
      .filter((right) => matches(left.cells, right.cells))
      .map((right): Row => {
        const timeUs = Math.max(left.timeUs, right.timeUs);
        const closedUs = Math.max(left.sourceUs, right.sourceUs);
        const sourceUs = closedUs > timeUs ? closedUs : -Infinity;
        return { cells: select(left.cells, right.cells), timeUs, sourceUs };
      }),
  );
}

/** Rows as texts, in the columns of `types`, to be compared with what a file has. */
export function asTexts(types: Types, rows: readonly Row[]): string[] {
  return rows.map((row) =>
    Object.entries(types)
      .map(([name, type]) => canonical(type, row.cells[name]!))
      .join(' | '),
  );
}

/** Aggregates over one column of a group, nulls left out. */
export const of = {
  count: (group: readonly Cells[]): Cell => BigInt(group.length),
  countOf:
    (name: string) =>
    (group: readonly Cells[]): Cell =>
      BigInt(present(group, name).length),
  distinct:
    (name: string, type: string) =>
    (group: readonly Cells[]): Cell =>
      BigInt(new Set(present(group, name).map((cell) => canonical(type, cell))).size),
  /** Of int32, int64 and decimal: exact. */
  sum:
    (name: string) =>
    (group: readonly Cells[]): Cell => {
      const cells = present(group, name) as (number | bigint)[];
      return cells.length === 0 ? null : cells.reduce<bigint>((sum, x) => sum + BigInt(x), 0n);
    },
  /** Of float64 whose sums are exact, and of durations. */
  sumOfNumbers:
    (name: string) =>
    (group: readonly Cells[]): Cell => {
      const cells = present(group, name) as number[];
      return cells.length === 0 ? null : cells.reduce((sum, x) => sum + x, 0);
    },
  average:
    (name: string) =>
    (group: readonly Cells[]): Cell => {
      const cells = present(group, name) as number[];
      return cells.length === 0 ? null : cells.reduce((sum, x) => sum + x, 0) / cells.length;
    },
  /** Of a decimal, with four more places, rounded half away from zero. */
  averageOfDecimals:
    (name: string) =>
    (group: readonly Cells[]): Cell => {
      const cells = present(group, name) as bigint[];
      if (cells.length === 0) return null;
      const sum = cells.reduce((total, x) => total + x, 0n) * 10_000n;
      const count = BigInt(cells.length);
      const size = ((sum < 0n ? -sum : sum) * 2n + count) / (count * 2n);
      return sum < 0n ? -size : size;
    },
  least:
    (name: string) =>
    (group: readonly Cells[]): Cell =>
      present(group, name).toSorted(compareCells)[0] ?? null,
  greatest:
    (name: string) =>
    (group: readonly Cells[]): Cell =>
      present(group, name).toSorted(compareCells).at(-1) ?? null,
};

function present(group: readonly Cells[], name: string): Exclude<Cell, null>[] {
  return group.map((cells) => cells[name]!).filter((cell) => cell !== null);
}

/** Strings compare by their bytes in UTF-8, false is less than true. */
function compareCells(a: Cell, b: Cell): number {
  if (typeof a === 'string') return Buffer.compare(Buffer.from(a), Buffer.from(b as string));
  if (Buffer.isBuffer(a)) return Buffer.compare(a, b as Buffer);
  return a! < b! ? -1 : a! > b! ? 1 : 0;
}
