/** Random topologies with rows for their sources, and what they must give. @module */

import type { Field, Schema } from '../../../../src/core/schema.ts';
import { INT32, TIMESTAMP } from '../../../../src/core/types.ts';
import type { Value } from '../../../../src/expr/index.ts';
import { RowError } from '../../../../src/expr/index.ts';
import { MillraceError, validateTopology } from '../../../../src/index.ts';
import { Random } from '../../oracle/random.ts';
import { modelOperator, modelSource, type OperatorDocument } from '../model/evaluate.ts';
import type { ModelTable } from '../model/rows.ts';
import { keyOf, type ModelStream, Unmodelled } from '../model/stream.ts';
import { drawOperator } from './operators.ts';
import type { TableDocument } from './world.ts';
import { drawColumn, type DrawnColumn, schemaDocument } from './values.ts';

/** A source: its columns, its rows, and its event time. */
export interface CaseSource {
  readonly schema: Schema;
  readonly rows: readonly (readonly Value[])[];
  readonly time: { readonly field: string; readonly latenessUs: number } | undefined;
}

/** A topology with its input. */
export interface Case {
  readonly sources: Readonly<Record<string, CaseSource>>;
  readonly tables: ReadonlyMap<string, ModelTable>;
  readonly operators: Readonly<Record<string, OperatorDocument>>;
  /** Streams that are looked at. */
  readonly checked: readonly string[];
}

/** How large a topology becomes. */
export interface CaseSize {
  readonly operators: number;
  readonly rows: number;
}

const MOST_ROWS = 8000;

/** All streams of a case, by the model. */
export function modelCase({ sources, tables, operators }: Case): Map<string, ModelStream> {
  const streams = sourceStreams(sources);
  for (const [name, operator] of Object.entries(operators)) {
    modelOperator(name, operator, streams, tables);
  }
  return streams;
}

function sourceStreams(sources: Case['sources']): Map<string, ModelStream> {
  return new Map(
    Object.entries(sources).map(([name, { schema, rows, time }]) => [
      name,
      modelSource(schema, rows, time),
    ]),
  );
}

/** A case that is the same for the same seed. */
export function drawCase(seed: number, size: CaseSize): Case {
  const random = new Random(seed);
  const sources = drawSources(random, size.rows);
  const tables = new Map<string, ModelTable>();
  const operators: Record<string, OperatorDocument> = {};
  const streams = sourceStreams(sources);
  const drawTable = (fields: readonly Field[]): TableDocument =>
    drawLookupTable(random, fields, streams, tables);
  for (let tries = 0; tries < size.operators * 8; tries++) {
    const count = Object.keys(operators).length;
    if (count >= size.operators) break;
    const operator = drawOperator({ random, streams, drawTable });
    if (operator === undefined) continue;
    const next = new Map(streams);
    const name = `n${count}`;
    if (!isModelled(() => modelOperator(name, operator, next, tables))) continue;
    const added = [...next].slice(streams.size);
    if (!isValid({ sources, tables, operators: { ...operators, [name]: operator }, checked: [] }))
      continue;
    if (added.some(([, { rows, schema }]) => rows.length > MOST_ROWS || schema.length > 40))
      continue;
    operators[name] = operator;
    for (const [stream, of] of added) streams.set(stream, of);
  }
  return { sources, tables, operators, checked: checkedOf(random, operators, streams) };
}

/** Whether the engine takes the topology as well. */
function isValid(drawn: Case): boolean {
  const sources = Object.entries(drawn.sources).map(([name, { schema, time }]) => {
    const lateness = `${time?.latenessUs}us`;
    const timed = time === undefined ? {} : { time: { field: time.field, lateness } };
    return [name, { connector: 'embedded', schema: schemaDocument(schema), ...timed }];
  });
  const document = { version: 1, name: 'drawn', sources: Object.fromEntries(sources) as object };
  return validateTopology({ ...document, operators: drawn.operators }).issues.length === 0;
}

/** Whether there is an answer; what a draw has got wrong is none. */
function isModelled(run: () => void): boolean {
  try {
    run();
    return true;
  } catch (error) {
    if (
      error instanceof Unmodelled ||
      error instanceof RowError ||
      error instanceof MillraceError
    ) {
      return false;
    }
    throw error;
  }
}

function checkedOf(
  random: Random,
  operators: Case['operators'],
  streams: ReadonlyMap<string, ModelStream>,
): string[] {
  const read = new Set(Object.values(operators).flatMap(({ input, inputs }) => inputs ?? [input!]));
  const checked = [...streams.keys()].filter((name) => {
    const isSource = operators[name.split('.')[0]!] === undefined;
    return read.has(name) ? random.chance(0.2) : !isSource || random.chance(0.3);
  });
  return checked.length > 0 ? checked : [[...streams.keys()].at(-1)!];
}

const NAMES = ['value', 'key', 'count', 'end', 'user', 'x', 'y', 'z', 'w', 'order', 'data'];

function drawSources(random: Random, mostRows: number): Record<string, CaseSource> {
  const sources: Record<string, CaseSource> = {};
  let columns: DrawnColumn[] | undefined;
  for (let s = random.pick([1, 2, 2, 3]); s > 0; s--) {
    if (columns === undefined || random.chance(0.6)) {
      columns = NAMES.slice(0, random.between(1, NAMES.length)).map((name) =>
        drawColumn(random, name),
      );
    }
    sources[`s${s}`] = drawSource(random, columns, mostRows);
  }
  return sources;
}

function drawSource(random: Random, columns: readonly DrawnColumn[], mostRows: number): CaseSource {
  const small = random.pick([0, 1, 2, 7, 8, 9, 31, 64]);
  const count = random.chance(0.15) ? small : random.between(1, mostRows);
  const isTimed = random.chance(0.8);
  const keys = random.pick([1, 3, 20, 500]);
  const stepUs = random.pick([1, 7, 1000, 30_000, 1_000_000]);
  const disorderUs = random.pick([0, 0, 3, 20]) * stepUs;
  const latenessUs = random.chance(0.6) ? disorderUs * 2 : Math.floor(disorderUs / 2);
  let atUs = random.pick([0, -50 * stepUs, 1_767_225_600_000_000]);
  const rows = Array.from({ length: count }, (): Value[] => {
    atUs += random.below(3) * stepUs + (random.chance(0.01) ? 40 * stepUs : 0);
    const timeUs = disorderUs === 0 ? atUs : atUs + random.between(-disorderUs, disorderUs);
    return [BigInt(timeUs), random.below(keys), ...columns.map((column) => column.draw())];
  });
  const schema = [
    { name: 'at', type: TIMESTAMP },
    { name: 'k', type: INT32 },
    ...columns.map(({ name, type }) => ({ name, type })),
  ];
  return { schema, rows, time: isTimed ? { field: 'at', latenessUs } : undefined };
}

function drawLookupTable(
  random: Random,
  fields: readonly Field[],
  streams: ReadonlyMap<string, ModelStream>,
  tables: Map<string, ModelTable>,
): TableDocument {
  const number = tables.size;
  const path = `table${number}.csv`;
  const key = fields.map((_, i) => `k${number}_${i}`);
  const schema = [
    ...fields.map(({ type }, i) => ({ name: key[i]!, type })),
    { name: `t${number}`, type: INT32 },
  ];
  const keys = new Map<string, Value[]>();
  for (const { schema: columns, rows } of streams.values()) {
    const places = fields.map(({ name, type }) =>
      columns.findIndex((c) => c.name === name && JSON.stringify(c.type) === JSON.stringify(type)),
    );
    if (places.includes(-1)) continue;
    for (const row of rows.slice(0, 200)) {
      const values = places.map((place) => row.values[place]!);
      if (values.every((value) => value !== null) && random.chance(0.5))
        keys.set(keyOf(fields, values), values);
    }
  }
  const rows = [...keys.values()].map((values) => [...values, random.below(100)]);
  tables.set(path, { schema, rows });
  return { path, schema: schemaDocument(schema), key };
}
