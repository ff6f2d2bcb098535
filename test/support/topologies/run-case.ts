/** Runs a topology through the public API and compares what comes out with the model. @module */

import { Millrace, MillraceError } from '../../../src/index.ts';
import { expectConservation } from '../conservation.ts';
import { canonical, type Cell } from '../oracle/cells.ts';
import { readCsv, readJsonl } from '../oracle/files.ts';
import { Workspace } from '../run-topology.ts';
import { type Play, typesOf } from './documents.ts';
import { keyOf, type ModelStream } from './model/stream.ts';
import { typeName } from '../../../src/core/types.ts';
import type { Field } from '../../../src/core/schema.ts';

/** What a play gave: rows by stream, or why there are none. */
export interface Outcome {
  readonly error: string | undefined;
  /** What differs from the model, by stream. */
  readonly differences: readonly string[];
  readonly rows: number;
}

type Row = Readonly<Record<string, unknown>>;

/** Runs a play to its end. */
export async function runPlay(
  play: Play,
  streams: ReadonlyMap<string, ModelStream>,
  deadlineMs = 60_000,
): Promise<Outcome> {
  using workspace = new Workspace();
  for (const [name, text] of play.files) workspace.write(name, text);
  let engine: Millrace | undefined;
  try {
    engine = await Millrace.start(play.document, { baseDirectory: workspace.directory });
    const found = await within(deadlineMs, collect(engine, play));
    const differences: string[] = [];
    let rows = 0;
    for (const [sink, { stream, path }] of play.sinks) {
      const expected = streams.get(stream)!;
      const texts =
        path === undefined
          ? found.get(sink)!.map((row) => embeddedText(expected, row))
          : fileTexts(expected, path, workspace.read(path));
      rows += expected.rows.length;
      const difference = differenceOf(stream, expected, texts);
      if (difference !== undefined) differences.push(difference);
    }
    return { error: undefined, differences, rows };
  } catch (error) {
    return { error: errorText(error), differences: [], rows: 0 };
  } finally {
    await engine?.stop();
  }
}

async function collect(engine: Millrace, play: Play): Promise<Map<string, readonly Row[]>> {
  const outputs = [...play.sinks].filter(([, { path }]) => path === undefined);
  const reading = outputs.map(async ([name]) => [name, await engine.output(name).rows()] as const);
  const pushing = [...play.pushes].map(async ([name, lists]) => {
    const input = engine.input(name);
    // Not waiting for each list lets lists share batches; waiting makes one of each.
    for (const rows of lists) await input.push(rows);
    await input.close();
  });
  await Promise.all([...pushing, engine.completed, ...reading]);
  expectConservation(play.document, await engine.completed);
  return new Map(await Promise.all(reading));
}

async function within<T>(ms: number, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no end after ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

function errorText(error: unknown): string {
  if (!(error instanceof MillraceError)) return String((error as Error).stack ?? error);
  return `${error.code}: ${error.message} ${JSON.stringify(error.issues ?? [])}`;
}

/** A row as a program gets it, as one text. */
function embeddedText({ schema, isChanging }: ModelStream, row: Row): string {
  // A map with all columns of its input has the change among them.
  const fields = isChanging ? [...schema, CHANGE] : schema;
  const names = Object.keys(row)
    .filter((name) => !isChanging || name !== CHANGE.name)
    .join();
  const wanted = schema.map(({ name }) => name).join();
  if (names !== wanted) return `columns ${names}, not ${wanted}`;
  return fields
    .map(({ name, type }) => canonical(typeName(type), cellOfOutput({ name, type }, row[name])))
    .join(' | ');
}

const CHANGE: Field = { name: 'change', type: { kind: 'string' } };

function cellOfOutput({ type }: Field, value: unknown): Cell {
  if (value === null) return null;
  switch (type.kind) {
    case 'decimal':
      return BigInt((value as string).replace('.', ''));
    case 'timestamp':
    case 'duration':
      return Math.round((value as number) * 1000);
    case 'bytes':
      return Buffer.from(value as Uint8Array);
    case 'json':
      return {
        json: JSON.parse(
          JSON.stringify(value, (_, part: unknown) =>
            typeof part === 'bigint' ? Number(part) : part,
          ),
        ),
      };
    default:
      return value as Cell;
  }
}

function fileTexts({ schema }: ModelStream, path: string, text: string): string[] {
  const types = typesOf(schema);
  return path.endsWith('.csv') ? readCsv(types, text) : readJsonl(types, text);
}

const ADDS = new Set(['"+I"', '"+U"']);

function differenceOf(
  name: string,
  { schema, rows, isChanging }: ModelStream,
  texts: readonly string[],
): string | undefined {
  const counts = new Map<string, number>();
  const add = (text: string, by: number): void => {
    counts.set(text, (counts.get(text) ?? 0) + by);
  };
  for (const row of rows) add(keyOf(schema, row.values), 1);
  for (const text of texts) {
    if (!isChanging) {
      add(text, -1);
      continue;
    }
    const cut = text.lastIndexOf(' | ');
    const [values, change] = cut < 0 ? ['', text] : [text.slice(0, cut), text.slice(cut + 3)];
    add(values, ADDS.has(change) ? -1 : 1);
  }
  const wrong = [...counts].filter(([, count]) => count !== 0);
  if (wrong.length === 0) return undefined;
  const shown = wrong
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .slice(0, 8)
    .map(
      ([text, count]) => `  ${count > 0 ? `missing ${count}` : `unexpected ${-count}`}: ${text}`,
    );
  const columns = schema.map((field) => `${field.name} ${typeName(field.type)}`).join(', ');
  return `${name} (${columns}): ${wrong.length} kinds of ${rows.length} rows differ, ${texts.length} came\n${shown.join('\n')}`;
}
