/** A case as a topology document, in one of the many ways in which it may run. @module */

import type { Case, CaseSource } from './draw/case.ts';
import { schemaDocument } from './draw/values.ts';
import { type Cells, decimalText, type Types } from '../oracle/cells.ts';
import { csvText, jsonlText } from '../oracle/files.ts';
import { Random } from '../oracle/random.ts';
import type { OperatorDocument } from './model/evaluate.ts';
import { cellOf, type ModelStream } from './model/stream.ts';
import type { Field, Schema } from '../../../src/core/schema.ts';
import type { Value } from '../../../src/expr/index.ts';

/** A document, the files that it reads, and what a program pushes. */
export interface Play {
  readonly document: object;
  readonly files: ReadonlyMap<string, string>;
  /** Rows of embedded sources, in the lists in which they are pushed. */
  readonly pushes: ReadonlyMap<string, readonly (readonly unknown[])[][]>;
  /** Sinks by name: the stream and how it is read. */
  readonly sinks: ReadonlyMap<
    string,
    { readonly stream: string; readonly path: string | undefined }
  >;
}

/** How a case is run. */
export interface PlayOptions {
  /** Operators that change nothing are put between others. */
  readonly noops: boolean;
  /** Operators that can keep state on disk, with little room. */
  readonly spills: boolean;
}

/** One way to run a case: the same for the same seed in all that is still there of a case. */
export function drawPlay(
  seed: number,
  drawn: Case,
  streams: ReadonlyMap<string, ModelStream>,
  { noops, spills }: PlayOptions,
): Play {
  const randomFor = (what: string): Random => new Random(seed ^ hashOf(what));
  const files = new Map<string, string>();
  for (const [path, { schema, rows }] of drawn.tables) {
    files.set(
      path,
      csvText(
        typesOf(schema),
        rows.map((row) => cellsOf(schema, row)),
        randomFor(path),
      ),
    );
  }
  const pushes = new Map<string, (readonly unknown[])[][]>();
  const sources = Object.entries(drawn.sources).map(([name, source]) => {
    const random = randomFor(name);
    const connector = drawConnector(random, source);
    const { schema, rows, time } = source;
    const path = `${name}.${connector}`;
    if (connector === 'csv')
      files.set(
        path,
        csvText(
          typesOf(schema),
          rows.map((row) => cellsOf(schema, row)),
          random,
        ),
      );
    if (connector === 'jsonl')
      files.set(
        path,
        jsonlText(
          typesOf(schema),
          rows.map((row) => cellsOf(schema, row)),
          random,
        ),
      );
    if (connector === 'embedded')
      pushes.set(
        name,
        cut(
          random,
          rows.map((row) => pushed(schema, row)),
        ),
      );
    const timed =
      time === undefined ? {} : { time: { field: time.field, lateness: `${time.latenessUs}us` } };
    const how = connector === 'embedded' ? { connector } : { connector: 'file', path };
    return [name, { ...how, schema: schemaDocument(schema), ...timed }] as const;
  });
  const sinks = new Map<string, { stream: string; path: string | undefined }>();
  drawn.checked.forEach((stream, i) => {
    const path = drawSinkFile(randomFor(`to ${stream}`), streams.get(stream)!, i);
    sinks.set(`sink${i}`, { stream, path });
  });
  const random = randomFor('engine');
  let operators: Record<string, OperatorDocument> = { ...drawn.operators };
  if (spills) operators = withSpills(randomFor, operators, streams);
  if (noops) operators = withNoops(randomFor, operators, streams);
  return {
    files,
    pushes,
    sinks,
    document: {
      version: 1,
      name: 'drawn',
      sources: Object.fromEntries(sources),
      operators,
      sinks: Object.fromEntries(
        [...sinks].map(([name, { stream, path }]) => [
          name,
          path === undefined
            ? { connector: 'embedded', input: stream }
            : { connector: 'file', input: stream, path },
        ]),
      ),
      engine: {
        workers: random.between(1, 4),
        ring: {
          rows: random.pick([1, 3, 7, 64, 255, 1000, 1024, 2000]),
          slots: random.pick([2, 4, 16]),
        },
        state: { dir: './state' },
      },
    },
  };
}

/** Columns with their types by name. */
export const typesOf = (schema: Schema): Types => schemaDocument(schema);

const cellsOf = (schema: Schema, row: readonly Value[]): Cells =>
  Object.fromEntries(schema.map(({ name, type }, i) => [name, cellOf(type, row[i]!)]));

const isOdd = (value: Value): boolean =>
  typeof value === 'number' && (!Number.isFinite(value) || Object.is(value, -0));

function drawConnector(random: Random, { rows }: CaseSource): 'embedded' | 'csv' | 'jsonl' {
  const connector = random.pick(['embedded', 'embedded', 'csv', 'jsonl'] as const);
  return rows.some((row) => row.some(isOdd)) ? 'embedded' : connector;
}

/** A path for a file sink, or none for an embedded one. */
function drawSinkFile(
  random: Random,
  { rows, isChanging }: ModelStream,
  i: number,
): string | undefined {
  if (random.chance(0.7) || isChanging || rows.some((row) => row.values.some(isOdd)))
    return undefined;
  return `out${i}.${random.pick(['csv', 'jsonl'])}`;
}

/** Rows as a program pushes them. */
function pushed(schema: Schema, row: readonly Value[]): unknown[] {
  return row.map((value, i) => pushedValue(schema[i]!, value));
}

function pushedValue({ type }: Field, value: Value): unknown {
  if (value === null) return null;
  if (type.kind === 'decimal') return decimalText(value as bigint, type.scale);
  if (type.kind === 'timestamp' || type.kind === 'duration') return Number(value) / 1000;
  return value;
}

/** Lists of random lengths: batches with odd tails. */
function cut<T>(random: Random, rows: readonly T[]): T[][] {
  const most = random.pick([1, 8, 37, 300, 2000]);
  const lists: T[][] = [];
  for (let at = 0; at < rows.length;) {
    const count = most === 1 ? random.between(1, 40) : random.between(1, most);
    lists.push(rows.slice(at, at + count));
    at += count;
  }
  return lists;
}

const SPILLING_WINDOWS = new Set([undefined, 'tumbling', 'hopping', 'cumulating']);

function withSpills(
  randomFor: (what: string) => Random,
  operators: Readonly<Record<string, OperatorDocument>>,
  streams: ReadonlyMap<string, ModelStream>,
): Record<string, OperatorDocument> {
  return Object.fromEntries(
    Object.entries(operators).map(([name, operator]) => {
      const isChanging = (operator.inputs ?? [operator.input!]).some(
        (input) => streams.get(input)!.isChanging,
      );
      if (isChanging || !canSpill(operator)) return [name, operator];
      const stateLimit = randomFor(`state of ${name}`).pick(['64KiB', '128KiB', '512KiB']);
      return [name, { ...operator, stateLimit, onLimit: 'spill' }];
    }),
  );
}

function canSpill({
  type,
  groupBy,
  emit,
  window,
  kind,
  within,
  asOf,
  select,
}: OperatorDocument): boolean {
  const of = window as { type: string; allowedLateness?: string } | undefined;
  if (type === 'join') {
    return of === undefined && within === undefined && asOf === undefined && kind === 'inner';
  }
  if (type !== 'aggregate' || !Array.isArray(groupBy)) return false;
  if (of?.type !== undefined && /DISTINCT/.test(JSON.stringify(select))) return false;
  const atEnd = emit === undefined || emit === 'end' || emit === 'onClose';
  return atEnd && SPILLING_WINDOWS.has(of?.type) && of?.allowedLateness === undefined;
}

/** Operators that pass all rows on, between some others. */
function withNoops(
  randomFor: (what: string) => Random,
  operators: Readonly<Record<string, OperatorDocument>>,
  streams: ReadonlyMap<string, ModelStream>,
): Record<string, OperatorDocument> {
  const added: Record<string, OperatorDocument> = {};
  const through = (reader: string, input: string): string => {
    const random = randomFor(`${input} to ${reader}`);
    if (!random.chance(0.4) || streams.get(input)!.schema.length === 0) return input;
    const name = `${input.replace('.', '_')}_${reader}`;
    added[name] = random.pick<OperatorDocument>([
      { type: 'map', input, select: { '*': true } },
      { type: 'filter', input, where: 'TRUE' },
      { type: 'filter', input, where: '1 + 1 = 2' },
      { type: 'union', inputs: [input] },
    ]);
    return name;
  };
  const changed = Object.entries(operators).map(([name, operator]) => {
    const { input, inputs } = operator;
    const through2 =
      inputs === undefined ? {} : { inputs: inputs.map((input) => through(name, input)) };
    const through1 = input === undefined ? {} : { input: through(name, input) };
    return [name, { ...operator, ...through1, ...through2 }];
  });
  return { ...(Object.fromEntries(changed) as Record<string, OperatorDocument>), ...added };
}

/** FNV-1a, of 32 bits. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x0100_0193);
  return hash;
}
