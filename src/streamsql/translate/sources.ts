/** Declared streams as sources and sinks, and tables. @module */

import { objectOf } from '../../core/topology/key-order.ts';
import type { JsonValue } from '../../core/topology/model.ts';
import { formatExpression } from '../../expr/index.ts';
import type { CreateStream, CreateTable, Option, Statement } from '../ast.ts';
import { mistake } from '../problems.ts';
import { durationOf, wholeOf } from './amounts.ts';
import { ColumnScope } from './column-scope.ts';
import type { Context } from './context.ts';
import type { DeclaredTable } from './declarations.ts';
import type { NodePlaces } from './document-builder.ts';
import type { Column, StreamInfo } from './stream-info.ts';
import { columnsOf } from './table-scope.ts';

/** Properties by name, and where they stand. */
interface Properties {
  readonly values: Readonly<Record<string, JsonValue>>;
  readonly places: NodePlaces;
}

/** Connectors whose bad rows may go elsewhere. */
const HAS_ERRORS: ReadonlySet<JsonValue> = new Set(['file', 'module']);

/**
 * The source of an input stream: with the connector that it says, else `embedded`.
 *
 * @param errors - takes the stream of its bad rows, if it says nothing of them itself
 */
export function addSource(
  stream: CreateStream,
  context: Context,
  errors: string[] | undefined,
): StreamInfo {
  const { name, fields, options, span } = stream;
  const columns = context.declarations.columns(fields!);
  const { values, places } = properties(options, ['schema']);
  const { connector = 'embedded', time, lateness, idleAfter, ...rest } = values;
  const eventTime = timeOf(time, { lateness, idleAfter }, options);
  const isCaught =
    errors !== undefined && HAS_ERRORS.has(connector) && !Object.hasOwn(rest, 'onError');
  if (isCaught) errors.push(`${name.text}.errors`);
  const policy = isCaught ? { onError: 'deadLetter' } : {};
  const node = { connector, ...rest, ...policy, schema: schemaOf(columns), time: eventTime };
  const at = { ...places, schema: fields!.kind === 'fields' ? fields!.span : fields!.name.span };
  context.builder.add('sources', name.text, node, span, at);
  const field = (eventTime as { readonly field?: JsonValue } | undefined)?.field;
  const timeField = typeof field === 'string' ? field : undefined;
  return { ref: name.text, columns, hasTime: eventTime !== undefined, timeField };
}

/** `time = 'at', lateness = '5s'` as one property. */
function timeOf(
  time: JsonValue | undefined,
  rest: Readonly<Record<string, JsonValue | undefined>>,
  options: readonly Option[],
): JsonValue | undefined {
  const given = Object.entries(rest).filter(
    (entry): entry is [string, JsonValue] => entry[1] !== undefined,
  );
  if (typeof time === 'string') return { field: time, ...Object.fromEntries(given) };
  const [lone] = given;
  if (lone !== undefined) {
    const place = options.find(({ name }) => name.text === lone[0]);
    throw mistake(place!.span, `'${lone[0]}' goes with event time: time = 'COLUMN' is missing`);
  }
  return time;
}

/** A metronome's source. */
export function addMetronome(
  metronome: Extract<Statement, { kind: 'metronome' }>,
  context: Context,
): StreamInfo {
  const { name, field, every, options, span } = metronome;
  const { values, places } = properties(options, ['connector', 'every', 'as']);
  const node = { connector: 'metronome', every: durationOf(every), as: field.text, ...values };
  context.builder.add('sources', name.text, node, span, { ...places, every: every.span });
  const columns: readonly Column[] = [{ name: field.text, type: 'timestamp' }];
  return { ref: name.text, columns, hasTime: true, timeField: field.text };
}

/** The sink of an output stream, behind a filter where it has a predicate. */
export function addSink(stream: CreateStream, info: StreamInfo, context: Context): void {
  const { name, options, predicate, span } = stream;
  const { values, places } = properties(options, ['input']);
  let input = info.ref;
  if (predicate !== undefined) {
    const source = { names: [name.text], columns: info.columns, qualifier: undefined };
    const scope = new ColumnScope([source]);
    const where = formatExpression(scope.rewrite(predicate));
    const filter = { type: 'filter', input, where };
    input = context.builder.freeName(`${name.text}/predicate`);
    context.builder.add('operators', input, filter, predicate.span, { where: predicate.span });
  }
  const { connector = 'embedded', ...rest } = values;
  context.builder.add('sinks', name.text, { connector, input, ...rest }, span, places);
}

/** A table with a key. */
export function addTable(
  table: DeclaredTable,
  { name, onDisk, key, options, span, fields }: CreateTable,
  context: Context,
): void {
  const { values, places } = properties(options, ['schema', 'key', 'keep']);
  const node = {
    schema: schemaOf(columnsOf(table, context)),
    key: key.map(({ text }) => text),
    indexes: table.indexes.length === 0 ? undefined : table.indexes,
    storage: onDisk ? 'disk' : undefined,
    ...values,
  };
  const at = { ...places, schema: fields.kind === 'fields' ? fields.span : fields.name.span };
  context.builder.add('tables', name.text, node, span, { ...at, key: key[0]?.span });
}

/** A materialized window: a table that keeps the last rows, and what puts them there. */
export function addMaterialized(
  table: DeclaredTable,
  statement: Extract<Statement, { kind: 'materialized' }>,
  context: Context,
): void {
  const { name, stream, onDisk, span } = statement;
  const info = context.stream(stream);
  const columns = columnsOf(table, context);
  const {
    by,
    size,
    field,
    partitionBy,
    span: place,
  } = context.declarations.window(statement.window);
  if (by === 'predicate') throw mistake(place, 'a materialized window is of TIME or TUPLES');
  if (by === 'field' && field!.text !== info.timeField) {
    const message = `'${field!.text}' is not the event time of '${stream.text}'`;
    throw mistake(field!.span, `${message}: a materialized window is of TIME or TUPLES`);
  }
  if (by !== 'tuples' && !info.hasTime) {
    const message = `a window of TIME keeps rows by event time, which '${stream.text}' has not`;
    throw mistake(place, `${message}: declare its input WITH (time = 'COLUMN')`);
  }
  const node = {
    schema: schemaOf(columns),
    keep: by === 'tuples' ? { rows: wholeOf(size!, 'tuples') } : { for: durationOf(size!) },
    partitionBy: partitionBy.length === 0 ? undefined : partitionBy.map(({ text }) => text),
    storage: onDisk ? 'disk' : undefined,
  };
  const { builder } = context;
  builder.add('tables', name.text, node, span, { keep: place, partitionBy: partitionBy[0]?.span });
  const kept = builder.freeName(`${name.text}/materialize`);
  const keeper = { type: 'materialize', input: info.ref, table: name.text };
  builder.add('operators', kept, keeper, span);
  addDiscard(name.text, kept, span, context);
}

/** A sink for rows that nobody reads. */
export function addDiscard(
  base: string,
  input: string,
  span: CreateStream['span'],
  { builder }: Context,
): void {
  const name = builder.freeName(`${base}/unread`);
  builder.add('sinks', name, { connector: 'discard', input }, span);
}

/** Columns as a document has them. */
export function schemaOf(columns: readonly Column[]): { readonly [name: string]: JsonValue } {
  return objectOf(columns.map(({ name, type }) => [name, type ?? 'json'] as const));
}

/** `WITH` as properties; those that the statement says itself are refused. */
function properties(options: readonly Option[], own: readonly string[]): Properties {
  const values = new Map<string, JsonValue>();
  for (const { name, value } of options) {
    if (own.includes(name.text)) {
      throw mistake(name.span, `'${name.text}' follows from the statement: leave it out`);
    }
    if (values.has(name.text)) throw mistake(name.span, `there is another '${name.text}'`);
    values.set(name.text, value);
  }
  return {
    values: Object.fromEntries(values),
    places: Object.fromEntries(options.map(({ name, span }) => [name.text, span])),
  };
}
