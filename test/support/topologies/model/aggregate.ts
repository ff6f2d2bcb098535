/** Aggregates: every group asks all its rows. @module */

import type { Field, Schema } from '../../../../src/core/schema.ts';
import { TIMESTAMP } from '../../../../src/core/types.ts';
import type { TypedExpr, Value } from '../../../../src/expr/index.ts';
import { evaluate, expressionOver } from './expression.ts';
import { type ModelAggregate, modelAggregate } from './functions.ts';
import { keyOf, type ModelRow, type ModelStream, Unmodelled } from './stream.ts';
import { durationUs, type Place, placesAt, type WindowDocument } from './windows.ts';

/** An aggregate as a document has it. */
export interface AggregateDocument {
  readonly groupBy?: readonly string[] | Readonly<Record<string, string>>;
  readonly window?: WindowDocument;
  readonly emit?: string | { readonly every: string };
  readonly select: Readonly<Record<string, string>>;
}

interface Keyed {
  readonly row: ModelRow;
  readonly keys: readonly Value[];
  readonly text: string;
  /** A key fails: the row is left out, unless it is late, which is looked at first. */
  readonly fails: boolean;
}

interface Plan {
  readonly input: ModelStream;
  readonly document: AggregateDocument;
  readonly keys: readonly { readonly field: Field; readonly of: TypedExpr }[];
  readonly select: readonly { readonly name: string; readonly aggregate: ModelAggregate }[];
  /** All rows, in order. */
  readonly rows: readonly Keyed[];
}

/** The results, and the rows that were too late for all their windows. */
export function modelAggregates(
  input: ModelStream,
  document: AggregateDocument,
): { readonly results: ModelStream; readonly late: ModelStream } {
  const plan = planOf(input, document);
  const late: ModelRow[] = [];
  const results = resultsOf(plan, late);
  return { results, late: { ...input, isOrdered: false, rows: late } };
}

function planOf(input: ModelStream, document: AggregateDocument): Plan {
  const { schema, hasTime } = input;
  const { groupBy = [], select } = document;
  const written = Array.isArray(groupBy)
    ? groupBy.map((name: string) => [name, `"${name}"`] as const)
    : Object.entries(groupBy);
  const keys = written.map(([name, text]) => {
    const of = expressionOver(text, schema);
    return { field: { name, type: of.type }, of };
  });
  const fields = keys.map(({ field }) => field);
  const rows = input.rows.map((row): Keyed => {
    const values = keys.map(({ of }) => evaluate(of, row.values));
    const fails = values.some((value) => value instanceof Error);
    return {
      row,
      keys: values as Value[],
      text: fails ? '' : keyOf(fields, values as Value[]),
      fails,
    };
  });
  const aggregates = Object.entries(select).map(([name, text]) => ({
    name,
    aggregate: modelAggregate(text, schema, input.isTimeOdd === true ? undefined : hasTime),
  }));
  return { input, document, keys, select: aggregates, rows };
}

function resultsOf(plan: Plan, late: ModelRow[]): ModelStream {
  const { window, emit } = plan.document;
  if (window === undefined) return withoutWindow(plan);
  if (window.type === 'count') return ofCounts(plan, window);
  if (!plan.input.hasTime) throw new Unmodelled('windows need event time');
  const members = window.type === 'session' ? inSessions(plan, window, late) : inPlaces(plan, late);
  const isChanging =
    (emit !== undefined && emit !== 'onClose') || durationUs(window.allowedLateness) > 0;
  return {
    schema: [
      { name: 'window_start', type: TIMESTAMP },
      { name: 'window_end', type: TIMESTAMP },
      ...outputs(plan),
    ],
    hasTime: !isChanging,
    isTimeOdd: isChanging,
    isOrdered: false,
    isChanging,
    rows: members.map(({ place: [startUs, endUs], keyed }) =>
      resultOf(plan, keyed, endUs - 1, [BigInt(startUs), BigInt(endUs)]),
    ),
  };
}

function outputs({ keys, select }: Plan): Schema {
  return [
    ...keys.map(({ field }) => field),
    ...select.map(({ name, aggregate }) => ({ name, type: aggregate.type })),
  ];
}

/** A result of a group, of the rows given. */
function resultOf(
  { select }: Plan,
  keyed: readonly Keyed[],
  timeUs: number,
  before: readonly Value[] = [],
  sourceUs = -Infinity,
): ModelRow {
  const rows = keyed.map(({ row }) => row);
  const values = select.map(({ aggregate }) => aggregate.of(rows));
  return { values: [...before, ...(keyed[0]?.keys ?? []), ...values], timeUs, sourceUs };
}

interface Members {
  readonly place: Place;
  readonly keyed: Keyed[];
}

/** Windows that do not depend on rows. */
function inPlaces({ document, rows }: Plan, late: ModelRow[]): Members[] {
  const window = document.window!;
  const allowedUs = durationUs(window.allowedLateness);
  const groups = new Map<string, Members>();
  for (const keyed of rows) {
    const { timeUs, sourceUs } = keyed.row;
    const open = placesAt(window, timeUs).filter(([, endUs]) => sourceUs < endUs + allowedUs);
    if (open.length === 0) late.push(keyed.row);
    for (const place of keyed.fails ? [] : open) {
      const id = `${place.join()} ${keyed.text}`;
      if (!groups.has(id)) groups.set(id, { place, keyed: [] });
      groups.get(id)!.keyed.push(keyed);
    }
  }
  return [...groups.values()];
}

interface Session {
  firstUs: number;
  lastUs: number;
  keyed: Keyed[];
}

function inSessions({ input, document, rows }: Plan, window: WindowDocument, late: ModelRow[]) {
  const gapUs = durationUs(window.gap);
  const isSimple = document.emit === undefined && window.allowedLateness === undefined;
  if (input.rows.some(({ sourceUs }) => sourceUs > -Infinity) && !(isSimple && input.isOrdered)) {
    throw new Unmodelled('late rows of sessions');
  }
  const groups = new Map<string, Session[]>();
  for (const keyed of rows) {
    const { timeUs, sourceUs } = keyed.row;
    if (sourceUs >= timeUs + gapUs) {
      late.push(keyed.row);
      continue;
    }
    if (keyed.fails) continue;
    const all = groups.get(keyed.text) ?? [];
    const near = all.filter(
      ({ firstUs, lastUs }) =>
        lastUs + gapUs > sourceUs && timeUs < lastUs + gapUs && timeUs > firstUs - gapUs,
    );
    const united = {
      firstUs: Math.min(timeUs, ...near.map(({ firstUs }) => firstUs)),
      lastUs: Math.max(timeUs, ...near.map(({ lastUs }) => lastUs)),
      keyed: [...near.flatMap((session) => session.keyed), keyed],
    };
    groups.set(keyed.text, [...all.filter((session) => !near.includes(session)), united]);
  }
  return [...groups.values()].flat().map(({ firstUs, lastUs, keyed }): Members => {
    return { place: [firstUs, lastUs + gapUs], keyed };
  });
}

function grouped(rows: readonly Keyed[]): Keyed[][] {
  const sound = rows.filter(({ fails }) => !fails);
  return [...Map.groupBy(sound, ({ text }) => text).values()];
}

function withoutWindow(plan: Plan): ModelStream {
  const { emit = 'end' } = plan.document;
  const { rows, keys, input } = plan;
  const schema = outputs(plan);
  const plain = { schema, hasTime: false, isOrdered: false, isChanging: false };
  if (emit === 'each') return { ...plain, hasTime: input.hasTime, rows: updatesOfEach(plan) };
  if (typeof emit === 'object') {
    return { ...plain, hasTime: true, rows: updatesOfTicks(plan, durationUs(emit.every)) };
  }
  const groups = grouped(rows);
  // Without groups there is a result of no rows, but not where results come with rows.
  if (keys.length === 0 && groups.length === 0 && emit === 'end') groups.push([]);
  return {
    ...plain,
    isChanging: emit === 'onChange',
    rows: groups.map((group) => resultOf(plan, group, 0)),
  };
}

function updatesOfEach(plan: Plan): ModelRow[] {
  if (!plan.input.isOrdered) throw new Unmodelled('updates with each row need an order');
  return grouped(plan.rows).flatMap((group) =>
    group.map(({ row: { timeUs, sourceUs } }, i) =>
      resultOf(plan, group.slice(0, i + 1), timeUs, [], sourceUs),
    ),
  );
}

/** A row counts from the first multiple that is beyond its time and that its source had not reached. */
function updatesOfTicks(plan: Plan, everyUs: number): ModelRow[] {
  if (!plan.input.hasTime) throw new Unmodelled('updates at even times need event time');
  const tickOf = ({ row: { timeUs, sourceUs } }: Keyed): number =>
    (Math.floor(Math.max(timeUs, sourceUs) / everyUs) + 1) * everyUs;
  return grouped(plan.rows).flatMap((group) =>
    [...new Set(group.map(tickOf))].map((tickUs) =>
      resultOf(
        plan,
        group.filter((keyed) => tickOf(keyed) <= tickUs),
        tickUs - 1,
      ),
    ),
  );
}

/** Windows of so many rows of a group, in order. */
function ofCounts(plan: Plan, window: WindowDocument): ModelStream {
  if (!plan.input.isOrdered) throw new Unmodelled('windows of rows need an order');
  const size = Number(window.size);
  const slide = Number(window.slide ?? size);
  const rows = grouped(plan.rows).flatMap((group) => {
    const results: ModelRow[] = [];
    for (let first = Number(window.offset ?? 0); first < group.length; first += slide) {
      const members = group.slice(first, first + size);
      const isWhole = members.length === size;
      if (!isWhole && window.partial !== true) continue;
      const last = (isWhole ? members : group).at(-1)!.row;
      results.push(resultOf(plan, members, last.timeUs, [], last.sourceUs));
    }
    return results;
  });
  const { hasTime } = plan.input;
  return { schema: outputs(plan), hasTime, isOrdered: false, isChanging: false, rows };
}
