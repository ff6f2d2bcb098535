/** Operators that look at one row after the other. @module */

import type { Field, Schema } from '../../../../src/core/schema.ts';
import { parseType } from './types.ts';
import { INT64 } from '../../../../src/core/types.ts';
import type { Value } from '../../../../src/expr/index.ts';
import { conditionOver, evaluate, expressionOver } from './expression.ts';
import {
  columnAt,
  keyOf,
  type ModelRow,
  type ModelStream,
  Unmodelled,
  valuesOf,
} from './stream.ts';
import { durationUs } from './windows.ts';

/** A row with other values. */
const withValues = ({ timeUs, sourceUs }: ModelRow, values: readonly Value[]): ModelRow => ({
  values,
  timeUs,
  sourceUs,
});

/** Rows for which a condition is true; those on which it fails are left out. */
export function modelFilter(input: ModelStream, where: string): ModelStream {
  const condition = conditionOver(where, input.schema);
  return {
    ...input,
    rows: input.rows.filter(({ values }) => evaluate(condition, values) === true),
  };
}

/** Each row on the first output whose condition is true; a condition that fails ends it. */
export function modelRoutes(
  input: ModelStream,
  routes: Readonly<Record<string, string | true>>,
): Record<string, ModelStream> {
  const conditions = Object.entries(routes).map(([name, where]) => ({
    name,
    condition: where === true ? undefined : conditionOver(where, input.schema),
  }));
  const rows = new Map<string, ModelRow[]>(conditions.map(({ name }) => [name, []]));
  for (const row of input.rows) {
    const route = routeOf(row, conditions);
    if (route !== undefined) rows.get(route)!.push(row);
  }
  return Object.fromEntries([...rows].map(([name, taken]) => [name, { ...input, rows: taken }]));
}

type Route = {
  readonly name: string;
  readonly condition: ReturnType<typeof conditionOver> | undefined;
};

/** `true` is for those that no condition took, wherever it stands. */
function routeOf({ values }: ModelRow, routes: readonly Route[]): string | undefined {
  for (const { name, condition } of routes) {
    if (condition === undefined) continue;
    const taken = evaluate(condition, values);
    if (taken instanceof Error) return undefined;
    if (taken === true) return name;
  }
  return routes.find(({ condition }) => condition === undefined)?.name;
}

/** Computed columns; rows on which one fails are left out. */
export function modelMap(
  input: ModelStream,
  select: Readonly<Record<string, string | true>>,
): ModelStream {
  const columns = new Map<string, ReturnType<typeof expressionOver>>();
  for (const [name, text] of Object.entries(select)) {
    if (text !== true) columns.set(name, expressionOver(text, input.schema));
    else
      for (const { name } of input.schema)
        columns.set(name, expressionOver(`"${name}"`, input.schema));
  }
  const rows = input.rows.flatMap((row) => {
    const values = [...columns.values()].map((expr) => evaluate(expr, row.values));
    if (values.some((value) => value instanceof Error)) return [];
    return [withValues(row, values as Value[])];
  });
  const schema = [...columns].map(([name, { type }]) => ({ name, type }));
  return { ...input, schema, rows };
}

/** All rows of all inputs. */
export function modelUnion(inputs: readonly ModelStream[]): ModelStream {
  const schema: Field[] = [];
  for (const field of inputs.flatMap((input) => input.schema)) {
    if (!schema.some(({ name }) => name === field.name)) schema.push(field);
  }
  const hasTime = inputs.every((input) => input.hasTime);
  const rows = inputs.flatMap((input) => {
    const places = schema.map(({ name }) => input.schema.findIndex((field) => field.name === name));
    return input.rows.map((row): ModelRow => {
      const values = places.map((place) => (place < 0 ? null : row.values[place]!));
      return hasTime ? withValues(row, values) : { values, timeUs: 0, sourceUs: -Infinity };
    });
  });
  return {
    schema,
    rows,
    hasTime,
    isTimeOdd: inputs.some(({ isTimeOdd }) => isTimeOdd === true),
    isOrdered: inputs.length === 1 && inputs[0]!.isOrdered,
    isChanging: inputs.some(({ isChanging }) => isChanging),
  };
}

/** Rows with numbers, in their order. */
export function modelSequence(
  input: ModelStream,
  { as, start = 1, step = 1 }: { as: string; start?: number; step?: number },
): ModelStream {
  if (!input.isOrdered) throw new Unmodelled('numbers need an order');
  const rows = input.rows.map((row, i) =>
    withValues(row, [...row.values, BigInt(start) + BigInt(i) * BigInt(step)]),
  );
  return { ...input, schema: [...input.schema, { name: as, type: INT64 }], rows };
}

/** A dedup as a document has it. */
export interface DedupDocument {
  readonly key: readonly string[];
  readonly keep?: 'first' | 'last';
  readonly within?: string;
  readonly emit?: string;
}

/** The first or last rows of keys. */
export function modelDedup(input: ModelStream, document: DedupDocument): ModelStream {
  const { key, keep = 'first', within, emit } = document;
  if (!input.isOrdered) throw new Unmodelled('which row is first needs an order');
  const isLate = input.rows.some(({ sourceUs }) => sourceUs > -Infinity);
  if (within !== undefined && (isLate || !input.hasTime))
    throw new Unmodelled('late rows of a dedup');
  const withinUs = within === undefined ? Infinity : durationUs(within);
  const columns = key.map((name) => columnAt(input.schema, name));
  const fields = columns.map((column) => input.schema[column]!);
  const groups = Map.groupBy(input.rows, (row) => keyOf(fields, valuesOf(row, columns)));
  const pick = keep === 'first' ? firstRows : lastRows;
  const isChanging = emit === 'onChange';
  return {
    ...input,
    rows: [...groups.values()].flatMap((group) => pick(group, withinUs, input.hasTime)),
    isOrdered: false,
    isChanging,
    isTimeOdd: isChanging || input.isTimeOdd === true,
    hasTime: input.hasTime && !isChanging,
  };
}

function firstRows(rows: readonly ModelRow[], withinUs: number): ModelRow[] {
  const left: ModelRow[] = [];
  for (const row of rows) {
    const last = left.at(-1);
    if (last === undefined || row.timeUs - last.timeUs > withinUs) left.push(row);
  }
  return left;
}

function lastRows(rows: readonly ModelRow[], withinUs: number, hasTime: boolean): ModelRow[] {
  const left: ModelRow[] = [];
  for (const row of rows) {
    const last = left.at(-1);
    if (last === undefined || row.timeUs - last.timeUs > withinUs) left.push(row);
    else if (!hasTime || row.timeUs >= last.timeUs) left[left.length - 1] = row;
  }
  return left;
}

/** An unnest as a document has it. */
export interface UnnestDocument {
  readonly column: string;
  readonly columns: Readonly<Record<string, string>>;
  readonly position?: string;
  readonly outer?: boolean;
  readonly keep?: boolean;
}

/** A row for each element of a list; rows without one, and elements that do not fit, are left out. */
export function modelUnnest(input: ModelStream, document: UnnestDocument): ModelStream {
  const { column, columns, position, outer = false, keep = false } = document;
  const at = columnAt(input.schema, column);
  const added = fieldsOf(columns);
  const kept = (values: readonly Value[]): Value[] => values.filter((_, i) => keep || i !== at);
  const rows = input.rows.flatMap((row) => {
    const list = row.values[at]!;
    if (list !== null && !Array.isArray(list)) return [];
    if (list === null || list.length === 0) {
      const nulls = [...added, ...(position === undefined ? [] : [position])].map(() => null);
      return outer ? [withValues(row, [...kept(row.values), ...nulls])] : [];
    }
    return list.flatMap((element: Value, i: number) => {
      const values = elementValues(element, added);
      if (values === undefined) return [];
      const places = position === undefined ? [] : [BigInt(i)];
      return [withValues(row, [...kept(row.values), ...values, ...places])];
    });
  });
  const places = position === undefined ? [] : [{ name: position, type: INT64 }];
  const schema = [...input.schema.filter((_, i) => keep || i !== at), ...added, ...places];
  return { ...input, schema, rows };
}

function fieldsOf(columns: Readonly<Record<string, string>>): Field[] {
  return Object.entries(columns).map(([name, type]) => ({ name, type: parseType(type) }));
}

function elementValues(element: Value, fields: readonly Field[]): Value[] | undefined {
  const isObject = typeof element === 'object' && element !== null && !Array.isArray(element);
  const values = isObject
    ? fields.map((field) => fitted(memberOf(element, field.name), field))
    : fields.length === 1
      ? [fitted(element, fields[0]!)]
      : [undefined];
  return values.includes(undefined) ? undefined : (values as Value[]);
}

const memberOf = (object: unknown, name: string): Value =>
  (object as Record<string, Value>)[name] ?? null;

/** A JSON value as one of a column, or `undefined` where it does not fit. */
function fitted(json: Value, { type }: Field): Value | undefined {
  if (json === null) return null;
  const value = typeof json === 'bigint' ? Number(json) : json;
  switch (type.kind) {
    case 'int32':
      return typeof value === 'number' && value === (value | 0) ? value : undefined;
    case 'int64':
      return typeof value === 'number' && Number.isSafeInteger(value) ? BigInt(value) : undefined;
    case 'float64':
      return typeof value === 'number' ? value : undefined;
    case 'string':
      return typeof value === 'string' ? value : undefined;
    case 'bool':
      return typeof value === 'boolean' ? value : undefined;
    default:
      throw new Unmodelled(`json as ${type.kind}`);
  }
}

/** Members of an object as columns; rows where one does not fit are left out. */
export function modelPivot(
  input: ModelStream,
  { column, columns }: { column: string; columns: Readonly<Record<string, string>> },
): ModelStream {
  const at = columnAt(input.schema, column);
  const added = fieldsOf(columns);
  const rows = input.rows.flatMap((row) => {
    const object = row.values[at]!;
    if (object !== null && (typeof object !== 'object' || Array.isArray(object))) return [];
    const values = added.map((field) =>
      object === null ? null : fitted(memberOf(object, field.name), field),
    );
    if (values.includes(undefined)) return [];
    return [withValues(row, [...row.values.filter((_, i) => i !== at), ...(values as Value[])])];
  });
  return { ...input, schema: [...input.schema.filter((_, i) => i !== at), ...added], rows };
}

/** The rows of a table that a lookup reads. */
export interface ModelTable {
  readonly schema: Schema;
  readonly rows: readonly (readonly Value[])[];
}

/** A lookup as a document has it. */
export interface LookupDocument {
  readonly on: Readonly<Record<string, string>>;
  readonly kind?: string;
}

/** Rows with the columns of the row of a table that has the same key. */
export function modelLookup(
  input: ModelStream,
  { on, kind = 'inner' }: LookupDocument,
  table: ModelTable,
): ModelStream {
  const theirs = Object.values(on).map((name) => columnAt(table.schema, name));
  const ours = Object.keys(on).map((name) => columnAt(input.schema, name));
  const fields = theirs.map((column) => table.schema[column]!);
  const byKey = new Map(
    table.rows.map((row) => [
      keyOf(
        fields,
        theirs.map((c) => row[c]!),
      ),
      row,
    ]),
  );
  const added = table.schema.map((_, i) => i).filter((i) => !theirs.includes(i));
  const adds = kind === 'inner' || kind === 'left';
  const rows = input.rows.flatMap((row) => {
    const key = valuesOf(row, ours);
    const found = key.includes(null) ? undefined : byKey.get(keyOf(fields, key));
    if (!adds) return (found !== undefined) === (kind === 'semi') ? [row] : [];
    if (found === undefined && kind === 'inner') return [];
    return [withValues(row, [...row.values, ...added.map((c) => found?.[c] ?? null)])];
  });
  const schema = adds ? [...input.schema, ...added.map((c) => table.schema[c]!)] : input.schema;
  return { ...input, schema, rows };
}
