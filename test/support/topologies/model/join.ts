/** Joins: every left row asks every right one. @module */

import type { Field, Schema } from '../../../../src/core/schema.ts';
import { TIMESTAMP } from '../../../../src/core/types.ts';
import {
  inferExpression,
  inferPredicate,
  parseExpression,
  type Value,
} from '../../../../src/expr/index.ts';
import { evaluate, scopeOfJoin } from './expression.ts';
import { type ModelRow, type ModelStream, Unmodelled } from './stream.ts';
import { durationUs, placesAt, type WindowDocument } from './windows.ts';

/** A join as a document has it. */
export interface JoinDocument {
  readonly on: string;
  readonly kind?: string;
  readonly within?: { readonly before?: string; readonly after?: string };
  readonly window?: WindowDocument;
  readonly asOf?: boolean;
  readonly time?: 'left' | 'right';
  readonly select: Readonly<Record<string, string>>;
}

interface Sides {
  readonly lefts: readonly ModelRow[];
  readonly rights: readonly ModelRow[];
  readonly kind: string;
  readonly matches: (left: ModelRow, right: ModelRow) => boolean;
  /** Values of a joined row, or `undefined` where one fails. */
  readonly select: (left: ModelRow | undefined, right: ModelRow | undefined) => Value[] | undefined;
}

type Put = (values: Value[] | undefined, at: { timeUs: number; sourceUs: number }) => void;

const MOST_PAIRS = 120_000;
const givesLeft = (kind: string): boolean => ['left', 'full', 'anti'].includes(kind);
const givesRight = (kind: string): boolean => ['right', 'full'].includes(kind);
const givesPairs = (kind: string): boolean => kind !== 'semi' && kind !== 'anti';

/** The joined rows. */
export function modelJoin(
  left: ModelStream,
  right: ModelStream,
  document: JoinDocument,
): ModelStream {
  if (left.rows.length * right.rows.length > MOST_PAIRS) throw new Unmodelled('too many pairs');
  const { schema, sides } = sidesOf(left, right, document);
  const rows: ModelRow[] = [];
  const put: Put = (values, { timeUs, sourceUs }) => {
    if (values !== undefined) rows.push({ values, timeUs, sourceUs });
  };
  const hasTime = left.hasTime && right.hasTime;
  const { window, within, asOf } = document;
  const bounded = window !== undefined || within !== undefined || asOf === true;
  if (bounded && !hasTime) throw new Unmodelled('no event time');
  if (asOf === true) putAsOf(sides, document, left, right, put);
  else if (window !== undefined) putWindows(sides, window, put);
  else if (within !== undefined) putNear(sides, document, put);
  else putAll(sides, put);
  const isChanging =
    !bounded && (!['inner', 'semi'].includes(sides.kind) || left.isChanging || right.isChanging);
  // The time of a semi join's row is that of the match that came first.
  const isTimeOdd = isChanging || (!bounded && sides.kind === 'semi');
  return {
    schema: window === undefined ? schema : [...windowColumns, ...schema],
    hasTime: hasTime && !isTimeOdd,
    isTimeOdd,
    isOrdered: false,
    isChanging,
    rows,
  };
}

const windowColumns: readonly Field[] = [
  { name: 'window_start', type: TIMESTAMP },
  { name: 'window_end', type: TIMESTAMP },
];

function sidesOf(
  left: ModelStream,
  right: ModelStream,
  document: JoinDocument,
): { schema: Schema; sides: Sides } {
  const scope = scopeOfJoin(left.schema, right.schema);
  const on = inferPredicate(parseExpression(document.on), scope);
  const select = Object.entries(document.select).map(([name, text]) => {
    const expr = inferExpression(parseExpression(text), scope);
    return { name, type: expr.type, expr };
  });
  const nulls = {
    left: left.schema.map(() => null),
    right: right.schema.map(() => null),
  };
  return {
    schema: select.map(({ name, type }) => ({ name, type })),
    sides: {
      lefts: left.rows,
      rights: right.rows,
      kind: document.kind ?? 'inner',
      matches(l, r) {
        const result = evaluate(on, [...l.values, ...r.values]);
        if (result instanceof Error) throw new Unmodelled('a condition of a join fails');
        return result === true;
      },
      select(l, r) {
        const row = [...(l?.values ?? nulls.left), ...(r?.values ?? nulls.right)];
        const values = select.map(({ expr }) => evaluate(expr, row));
        if (values.some((value) => value instanceof Error)) {
          throw new Unmodelled('a column of a join fails');
        }
        return values as Value[];
      },
    },
  };
}

const lateAt = (timeUs: number, closedUs: number): { timeUs: number; sourceUs: number } => ({
  timeUs,
  sourceUs: closedUs > timeUs ? closedUs : -Infinity,
});

/** A row misses those partners that its source had already ruled out. */
function putNear(
  { lefts, rights, kind, matches, select }: Sides,
  document: JoinDocument,
  put: Put,
): void {
  const { within = {}, time = 'left' } = document;
  const [beforeUs, afterUs] = [durationUs(within.before), durationUs(within.after)];
  const isPossible = (row: ModelRow): boolean => row.sourceUs <= row.timeUs + beforeUs + afterUs;
  // A row may be on both sides.
  const matched = { left: new Set<ModelRow>(), right: new Set<ModelRow>() };
  const [ls, rs] = [lefts.filter(isPossible), rights.filter(isPossible)];
  for (const l of ls) {
    for (const r of rs) {
      const distanceUs = r.timeUs - l.timeUs;
      if (distanceUs < -beforeUs || distanceUs > afterUs) continue;
      if (l.sourceUs > r.timeUs + beforeUs || r.sourceUs > l.timeUs + afterUs) continue;
      if (!matches(l, r)) continue;
      matched.left.add(l);
      matched.right.add(r);
      if (!givesPairs(kind)) continue;
      const [timeUs, closedUs] =
        time === 'left'
          ? [l.timeUs, Math.max(l.sourceUs, r.sourceUs - afterUs)]
          : [r.timeUs, Math.max(r.sourceUs, l.sourceUs - beforeUs)];
      put(select(l, r), lateAt(timeUs, closedUs));
    }
    if (matched.left.has(l) ? kind === 'semi' : givesLeft(kind)) put(select(l, undefined), l);
  }
  for (const r of givesRight(kind) ? rs : [])
    if (!matched.right.has(r)) put(select(undefined, r), r);
}

/** Each window asks its members, which are those that were in time for it. */
function putWindows(
  { lefts, rights, kind, matches, select }: Sides,
  window: WindowDocument,
  put: Put,
): void {
  const startsOf = (row: ModelRow): string[] =>
    placesAt(window, row.timeUs)
      .filter(([, endUs]) => row.sourceUs < endUs)
      .map((place) => place.join());
  const starts = new Map([...lefts, ...rights].map((row) => [row, startsOf(row)]));
  const areMatched = (l: ModelRow, r: ModelRow, place: string): boolean =>
    starts.get(l)!.includes(place) && starts.get(r)!.includes(place) && matches(l, r);
  const bounds = (place: string): Value[] => place.split(',').map(BigInt);
  const putIn = (place: string, row: ModelRow, values: Value[] | undefined): void => {
    put(values === undefined ? undefined : [...bounds(place), ...values], row);
  };
  for (const l of lefts) {
    for (const place of starts.get(l)!) {
      const found = rights.filter((r) => areMatched(l, r, place));
      if (givesPairs(kind)) for (const r of found) putIn(place, l, select(l, r));
      if (found.length > 0 ? kind === 'semi' : givesLeft(kind)) {
        putIn(place, l, select(l, undefined));
      }
    }
  }
  for (const r of givesRight(kind) ? rights : []) {
    for (const place of starts.get(r)!) {
      if (!lefts.some((l) => areMatched(l, r, place))) putIn(place, r, select(undefined, r));
    }
  }
}

/** All rows, at the later of both times. */
function putAll({ lefts, rights, kind, matches, select }: Sides, put: Put): void {
  // A row may be on both sides.
  const matched = { left: new Set<ModelRow>(), right: new Set<ModelRow>() };
  for (const l of lefts) {
    for (const r of rights) {
      if (!matches(l, r)) continue;
      matched.left.add(l);
      matched.right.add(r);
      const timeUs = Math.max(l.timeUs, r.timeUs);
      if (givesPairs(kind)) put(select(l, r), lateAt(timeUs, Math.max(l.sourceUs, r.sourceUs)));
    }
    if (matched.left.has(l) ? kind === 'semi' : givesLeft(kind)) put(select(l, undefined), l);
  }
  for (const r of givesRight(kind) ? rights : [])
    if (!matched.right.has(r)) put(select(undefined, r), r);
}

/** The latest version that is not beyond the left row; of several of that time the one that came last. */
function putAsOf(
  { lefts, rights, kind, matches, select }: Sides,
  { within }: JoinDocument,
  left: ModelStream,
  right: ModelStream,
  put: Put,
): void {
  const isLate = ({ sourceUs }: ModelRow): boolean => sourceUs > -Infinity;
  if (!right.isOrdered || left.rows.some(isLate) || right.rows.some(isLate)) {
    throw new Unmodelled('versions in no order');
  }
  const beforeUs = within === undefined ? Infinity : durationUs(within.before);
  for (const l of lefts) {
    let best: ModelRow | undefined;
    for (const r of rights) {
      if (r.timeUs > l.timeUs || r.timeUs < l.timeUs - beforeUs || !matches(l, r)) continue;
      if (best === undefined || r.timeUs >= best.timeUs) best = r;
    }
    if (best !== undefined || kind === 'left') put(select(l, best), l);
  }
}
