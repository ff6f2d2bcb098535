/** Outputs that are the input's columns with others behind them, and inputs by name. @module */

import { nearestName } from '../core/nearest-name.ts';
import type { InputStream, ReportIssue } from '../core/operator.ts';
import type { Schema, StreamType } from '../core/schema.ts';
import { fieldIndex } from '../core/schema.ts';
import type { TypeKind } from '../core/types.ts';

type Path = readonly (string | number)[];

/** The position of a column of an input; `undefined` when that was reported. */
export function columnOf(
  name: string,
  { name: stream, stream: { schema } }: InputStream,
  path: Path,
  report: ReportIssue,
): number | undefined {
  const at = fieldIndex(schema, name);
  if (at >= 0) return at;
  const names = schema.map((field) => field.name);
  const message = `unknown column '${name}' in '${stream}' (${names.join(', ')})`;
  report(path, message, nearestName(name, names));
  return undefined;
}

/** The position of a column that must be of one kind of types. */
export function columnOfKind(
  name: string,
  kind: TypeKind,
  input: InputStream,
  path: Path,
  report: ReportIssue,
): number | undefined {
  const at = columnOf(name, input, path, report);
  if (at === undefined) return undefined;
  const found = input.stream.schema[at]!.type.kind;
  if (found === kind) return at;
  report(path, `expected a ${kind} column; '${name}' of '${input.name}' is ${found}`);
  return undefined;
}

/** Positions of columns that are hashed as they are; `undefined` when something was reported. */
export function hashedColumns(
  names: readonly string[],
  input: InputStream,
  property: string,
  report: ReportIssue,
): readonly number[] | undefined {
  const found = names.map((name, i) => {
    const at = columnOf(name, input, [property, i], report);
    const kind = at === undefined ? undefined : input.stream.schema[at]!.type.kind;
    if (kind !== 'json' && kind !== 'float64') return at;
    report([property, i], `'${name}' is ${kind}, of which equal values may look different`);
    return undefined;
  });
  return found.every((at) => at !== undefined) ? found : undefined;
}

/** An output with more columns than the input. */
export interface AddedColumns {
  readonly stream: StreamType;
  /** Positions of the input's columns that come first. */
  readonly kept: readonly number[];
}

/** The input's columns but some, and others behind them; `undefined` when two have one name. */
export function planAdded(
  { name: input, stream: { schema, hasTime, change } }: InputStream,
  dropped: readonly string[],
  added: Schema,
  path: Path,
  report: ReportIssue,
): AddedColumns | undefined {
  const kept = schema.flatMap((field, c) => (dropped.includes(field.name) ? [] : [c]));
  const columns = [...kept.map((c) => schema[c]!), ...added];
  let isSound = true;
  added.forEach(({ name }, i) => {
    if (fieldIndex(columns, name) === kept.length + i) return;
    isSound = false;
    report(path, `the output has another column '${name}', of '${input}' or of its own`);
  });
  if (!isSound) return undefined;
  const changeAt = change === undefined ? -1 : kept.indexOf(change);
  const stream: StreamType = { schema: columns, hasTime };
  return { stream: changeAt < 0 ? stream : { ...stream, change: changeAt }, kept };
}
