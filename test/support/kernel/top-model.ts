/** Tops for tests: plans from short descriptions, and an obvious model. @module */

import type { OperatorPlan, RowErrorPolicy } from '../../../src/core/operator.ts';
import type { Schema } from '../../../src/core/schema.ts';
import type { TopOperator, Window } from '../../../src/core/topology/model.ts';
import { topSpec } from '../../../src/operators/top/spec.ts';
import type { Cell, TestRow } from './rows.ts';
import type { Place } from './window-places.ts';
import { placesAt } from './window-places.ts';

/** What a test says of a top. */
export interface TopDescription {
  readonly n: number;
  /** As in a document: `-name` is descending. */
  readonly orderBy: readonly string[];
  readonly groupBy?: readonly string[];
  readonly window?: Window | 'input' | undefined;
  readonly ties?: boolean;
  readonly rank?: string | undefined;
  readonly onError?: RowErrorPolicy;
}

function sortKeys(top: TopDescription): { column: string; descending: boolean }[] {
  return top.orderBy.map((key) => {
    const descending = key.startsWith('-');
    return { column: descending ? key.slice(1) : key, descending };
  });
}

/** Plans a top over a stream named `in`, and gathers what was reported. */
export function planTop(
  schema: Schema,
  top: TopDescription,
  hasTime = true,
): { plan: OperatorPlan | undefined; issues: string[] } {
  const at = '/operators/tested';
  const node: TopOperator = {
    section: 'operators',
    type: 'top',
    name: 'tested',
    inputs: [{ node: 'in', port: '', pointer: `${at}/input` }],
    onError: top.onError ?? 'stop',
    parallel: undefined,
    n: top.n,
    orderBy: sortKeys(top).map((key) => ({ ...key, pointer: at })),
    groupBy: top.groupBy ?? [],
    window: top.window,
    ties: top.ties ?? false,
    rank: top.rank,
  };
  const issues: string[] = [];
  const input = { name: 'in', stream: { schema, hasTime } };
  const plan = topSpec.plan(node, [input], (path, message, suggestion) => {
    const meant = suggestion === undefined ? '' : ` [${suggestion}]`;
    issues.push(`${path.join('/')}: ${message}${meant}`);
  });
  return { plan, issues };
}

/** The plan of a top that must be sound. */
export function soundTop(schema: Schema, top: TopDescription, hasTime = true): OperatorPlan {
  const { plan, issues } = planTop(schema, top, hasTime);
  if (plan === undefined || issues.length > 0) throw new Error(issues.join('\n'));
  return plan;
}

/** Sorts all rows of each group and window, and takes the first. */
export function modelTop(
  schema: Schema,
  top: TopDescription,
  rows: readonly TestRow[],
): { rows: TestRow[]; late: number } {
  const { n, window, ties = false, rank } = top;
  const own: Window | undefined =
    window === 'input' ? { kind: 'tumbling', sizeUs: 1, offsetUs: 0 } : window;
  const columnOf = (name: string): number => schema.findIndex((field) => field.name === name);
  const keys = sortKeys(top).map(({ column, descending }) => ({
    at: columnOf(column),
    sign: descending ? -1 : 1,
  }));
  const byKeys = (a: readonly Cell[], b: readonly Cell[]): number => {
    for (const { at, sign } of keys) {
      const result = compareCells(a[at]!, b[at]!);
      if (result !== 0) return result * sign;
    }
    return 0;
  };
  const byAll = (a: readonly Cell[], b: readonly Cell[]): number =>
    byKeys(a, b) || (a.map((cell, c) => compareCells(cell, b[c]!)).find((by) => by !== 0) ?? 0);

  const groups = new Map<string, { place: Place; members: (readonly Cell[])[] }>();
  let late = 0;
  for (const row of rows) {
    const closedUs = row.lateByUs! > 0 ? row.timeUs! + row.lateByUs! : -Infinity;
    const places: Place[] = own === undefined ? [[0, 0]] : placesAt(own, row.timeUs!);
    const open = places.filter(([, endUs]) => own === undefined || endUs > closedUs);
    if (open.length === 0) late++;
    const key = (top.groupBy ?? []).map((name) => String(row.values[columnOf(name)])).join('|');
    for (const place of open) {
      const id = `${place.join()}|${key}`;
      const group = groups.get(id) ?? { place, members: [] };
      groups.set(id, group);
      group.members.push(row.values);
    }
  }
  const kept = [...groups.values()].flatMap(({ place, members }): TestRow[] => {
    const sorted = members.toSorted(byAll);
    const best = sorted.filter(
      (cells, i) => i < n || (ties && byKeys(cells, sorted[n - 1]!) === 0),
    );
    return best.map((cells, i): TestRow => {
      const better = sorted.filter((other) => byKeys(other, cells) < 0).length;
      const [startUs, endUs] = place;
      const edges = own === undefined || window === 'input' ? [] : [BigInt(startUs), BigInt(endUs)];
      const ranks = rank === undefined ? [] : [BigInt(ties ? better + 1 : i + 1)];
      const values = [...edges, ...cells, ...ranks];
      return own === undefined ? { values } : { values, timeUs: endUs - 1, lateByUs: 0 };
    });
  });
  return { rows: kept, late };
}

/** Nulls first, strings by bytes. */
function compareCells(a: Cell, b: Cell): number {
  if (a === null || b === null) return Number(b === null) - Number(a === null);
  if (typeof a === 'string') return Buffer.compare(Buffer.from(a), Buffer.from(b as string));
  return a < b ? -1 : a > b ? 1 : 0;
}
