/**
 * Windows of rows by brute force: a window is a list of rows, and every row is held against every
 * window.
 *
 * @module
 */

import type { TestRow } from './rows.ts';

/** A dimension, with functions for its expressions. Lengths are plain numbers. */
export type ModelDimension =
  | {
      readonly kind: 'count';
      readonly size?: number | undefined;
      readonly slide?: number | undefined;
      readonly offset?: number | undefined;
      readonly emit?: number | undefined;
    }
  | {
      readonly kind: 'value';
      readonly of: (row: TestRow) => number;
      readonly size?: number | undefined;
      readonly slide?: number | undefined;
      readonly offset?: number | undefined;
      readonly align: 'epoch' | 'group';
      readonly emit?: number | undefined;
    }
  | {
      readonly kind: 'predicate';
      readonly opens?: ((row: TestRow) => boolean) | undefined;
      readonly closes?: ((row: TestRow) => boolean) | undefined;
      readonly emits?: ((row: TestRow) => boolean) | undefined;
      readonly excludesClosing: boolean;
    };

/** What is modelled besides dimensions. */
export interface ModelWindows {
  readonly dimensions: readonly ModelDimension[];
  readonly timeout?: number | undefined;
  readonly keptRows?: number | undefined;
  readonly keptAge?: number | undefined;
  readonly partial?: boolean | undefined;
}

/** A result: its rows, and what fired it. */
export interface ModelResult {
  readonly rows: readonly TestRow[];
  readonly first: number;
  readonly last: number;
  readonly isClosed: boolean;
  /** `undefined`: the end of the input did. */
  readonly timeUs: number | undefined;
  readonly lateByUs: number;
}

const markOf = (row: TestRow): number => row.timeUs! + (row.lateByUs ?? 0);

interface OpenWindow {
  rows: TestRow[];
  readonly first: number;
  /** By dimension. */
  readonly begins: readonly number[];
}

/**
 * All windows of one group, by walking its rows one by one.
 *
 * @param rows - of one group, in order, of which none is in error
 */
export function modelGroup(model: ModelWindows, rows: readonly TestRow[]): ModelResult[] {
  const { dimensions, timeout = Infinity, keptRows = Infinity, keptAge = Infinity } = model;
  const results: ModelResult[] = [];
  let open: OpenWindow[] = [];
  /** Rows, and the values of dimensions, since the group has begun, or began anew. */
  let seen = 0;
  let latest = -Infinity;
  let before: readonly number[] = [];
  let firstValues: readonly number[] = [];
  const hasOpener = dimensions.some((d) =>
    d.kind === 'predicate' ? d.opens !== undefined : d.slide !== undefined,
  );

  const emit = (window: OpenWindow, isClosed: boolean, timeUs?: number, lateByUs = 0): void => {
    const { rows: all, first } = window;
    const young = all.filter((row) => cut(row) >= cut(all.at(-1)!) - keptAge);
    const kept = keptRows === Infinity ? young : young.slice(-keptRows);
    results.push({ rows: kept, first, last: seen, isClosed, timeUs, lateByUs });
  };
  /** The latest mark up to a row, of the group. */
  const marks = new Map<TestRow, number>();
  const cut = (row: TestRow): number => marks.get(row)!;

  for (const row of rows) {
    const { timeUs, lateByUs = 0 } = row;
    if (timeUs !== undefined && markOf(row) >= latest + timeout) {
      for (const window of open) emit(window, true, latest + timeout - 1);
      open = [];
      seen = 0;
      before = [];
    }
    if (timeUs !== undefined) latest = Math.max(latest, markOf(row));
    marks.set(row, latest);
    const values = dimensions.map((d) => (d.kind === 'value' ? d.of(row) : 0));
    const starts = before.length === 0;
    if (starts) firstValues = values;
    const originOf = (d: number): number => {
      const dimension = dimensions[d]!;
      if (dimension.kind !== 'value') return 0;
      return (dimension.align === 'group' ? firstValues[d]! : 0) + (dimension.offset ?? 0);
    };

    const isLeft = (window: OpenWindow): boolean =>
      dimensions.some(
        (d, i) =>
          d.kind === 'value' && d.size !== undefined && values[i]! >= window.begins[i]! + d.size,
      );
    for (const window of open) if (isLeft(window)) emit(window, true, timeUs, lateByUs);
    open = open.filter((window) => !isLeft(window));
    for (const window of open) {
      // Some multiple lies beyond the value before and not beyond this one.
      const emits = dimensions.some((d, i) => {
        if (d.kind !== 'value' || d.emit === undefined) return false;
        const steps = (value: number): number => Math.floor((value - window.begins[i]!) / d.emit!);
        return steps(values[i]!) > Math.max(0, steps(before[i]!));
      });
      if (emits) emit(window, false, timeUs, lateByUs);
    }
    const closes = (excluding: boolean): boolean =>
      dimensions.some(
        (d) =>
          d.kind === 'predicate' && d.excludesClosing === excluding && d.closes?.(row) === true,
      );
    if (closes(true)) {
      for (const window of open) emit(window, true, timeUs, lateByUs);
      open = [];
    }

    const opens = dimensions.some((d, i) => {
      switch (d.kind) {
        case 'count': {
          const at = seen - (d.offset ?? 0);
          return d.slide !== undefined && at >= 0 && at % d.slide === 0;
        }
        case 'predicate':
          return d.opens?.(row) === true;
        case 'value': {
          if (d.slide === undefined) return false;
          const cell = (value: number): number => Math.floor((value - originOf(i)) / d.slide!);
          if (starts) return d.align === 'epoch' || cell(values[i]!) >= 0;
          const reached = Math.max(cell(before[i]!), d.align === 'group' ? -1 : -Infinity);
          return cell(values[i]!) > reached;
        }
      }
    });
    if (opens || (!hasOpener && open.length === 0)) {
      const begins = dimensions.map((d, i) => {
        if (d.kind !== 'value') return 0;
        const step = d.slide ?? (d.align === 'epoch' ? (d.size ?? d.emit) : undefined);
        if (step === undefined) return values[i]!;
        const origin = originOf(i);
        return origin + Math.floor((values[i]! - origin) / step) * step;
      });
      open.push({ rows: [], first: seen + 1, begins });
    }
    for (const window of open) window.rows.push(row);
    seen++;
    const isFull = (window: OpenWindow): boolean =>
      dimensions.some((d) => d.kind === 'count' && seen - window.first + 1 === d.size);
    for (const window of open) if (isFull(window)) emit(window, true, timeUs, lateByUs);
    open = open.filter((window) => !isFull(window));
    if (closes(false)) {
      for (const window of open) emit(window, true, timeUs, lateByUs);
      open = [];
    }
    for (const window of open) {
      const emits = dimensions.some((d) => {
        if (d.kind === 'predicate') return d.emits?.(row) === true;
        if (d.kind === 'value' || d.emit === undefined) return false;
        return (seen - window.first + 1) % d.emit === 0;
      });
      if (emits) emit(window, false, timeUs, lateByUs);
    }
    before = values;
  }
  if (timeout < Infinity) {
    for (const window of open) emit(window, true, latest + timeout - 1);
  } else if (model.partial === true) {
    for (const window of open) emit(window, true);
  }
  return results;
}
