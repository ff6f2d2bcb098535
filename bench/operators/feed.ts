/** Rows for operators: as batches, and as objects. @module */

import type { Batch } from '../../src/core/batch.ts';
import type { KernelMemory } from '../../src/core/memory.ts';
import type { StreamType } from '../../src/core/schema.ts';
import {
  type DataType,
  FLOAT64,
  INT32,
  JSON_TYPE,
  STRING,
  TIMESTAMP,
} from '../../src/core/types.ts';
import { encodeJson } from '../../src/rows/values/json.ts';
import { allocateBatches } from '../kernels/millrace.ts';
import { randomNumbers } from '../kernels/random.ts';
import { BATCH_ROWS } from '../kernels/workshop.ts';

/** All columns that there are; a case says which it wants. */
const COLUMNS = {
  /** The number of the row in its pass. */
  id: INT32,
  /** The same for a row of each of two inputs. */
  pair: INT32,
  /** One of 100 keys. */
  k: INT32,
  /** One of 10,000 keys. */
  u: INT32,
  /** 0 to 999. */
  v: INT32,
  /** 0 to 1000 in eighths, so that sums are exact in any order. */
  x: FLOAT64,
  /** Event time. */
  at: TIMESTAMP,
  /** A record of CSV: id and x. */
  csv: STRING,
  /** A text with an object of JSON: id and x. */
  text: STRING,
  /** Such an object, decoded: for us as a column of type json has it. */
  object: JSON_TYPE,
  /** A list of two numbers. */
  list: JSON_TYPE,
} as const satisfies Readonly<Record<string, DataType>>;

export type ColumnName = keyof typeof COLUMNS;

/**
 * A row as an object; it has the columns of its case only. Its event time moves on from pass to pass, so
 * what is kept beyond a batch keeps a time of its own.
 */
export interface Row {
  readonly id: number;
  readonly pair: number;
  readonly k: number;
  readonly u: number;
  readonly v: number;
  readonly x: number;
  at: number;
  readonly csv: string;
  readonly text: string;
  readonly object: { readonly id: number; readonly x: number };
  readonly list: readonly number[];
}

/** What a case reads: one input `rows`, or two, `a` and `b`. */
export interface CaseInputs {
  /** Columns by the input's name. Batches go to the inputs in turns. */
  readonly inputs: Readonly<Record<string, readonly ColumnName[]>>;
  readonly hasTime?: boolean;
  /** Event times of two inputs alternate row by row; else batch by batch. */
  readonly isInterleaved?: boolean;
  /** Rows of each 16 are shuffled in time. */
  readonly isShuffled?: boolean;
}

/** Between two rows in event time. */
const STEP_US = 100;
/** How far a shuffled row may be from its place. */
const SHUFFLED_ROWS = 16;
const START_US = 1_700_000_000_000_000;
const HEAP_BYTES = BATCH_ROWS * 64;

/** How many rows a pass has. */
export interface Extent {
  /** Even, as inputs take turns. */
  readonly batches: number;
  /** A power of two, 16 to 1,024. */
  readonly batchRows: number;
}

/** What inputs consist of, as objects: pass 0. */
export class Rows {
  readonly ports: number;
  /** By batch. */
  readonly batches: readonly (readonly Row[])[];
  readonly #inputs: CaseInputs;
  readonly #batchRows: number;
  #pass = 0;

  constructor(inputs: CaseInputs, extent: Extent) {
    const { batches, batchRows } = extent;
    const columns = Object.values(inputs.inputs);
    this.#inputs = inputs;
    this.#batchRows = batchRows;
    this.ports = columns.length;
    const times = timesOf(inputs, extent, this.ports);
    const random = randomNumbers(77);
    this.batches = Array.from({ length: batches }, (_, b) =>
      Array.from({ length: batchRows }, (__, row) => {
        const id = b * batchRows + row;
        // Another order on the second input: an odd factor permutes.
        const place = b % this.ports === 0 ? row : (row * 389) % batchRows;
        const pair = Math.floor(b / this.ports) * batchRows + place;
        const whole = makeRow(id, pair, times[id]!, random);
        const own: ColumnName[] = [...columns[b % this.ports]!];
        // Objects have nowhere else to have their event time.
        if (inputs.hasTime === true && !own.includes('at')) own.push('at');
        return Object.fromEntries(own.map((name) => [name, whole[name]])) as unknown as Row;
      }),
    );
  }

  /** The rows of a pass by port. */
  byPort(): Row[][] {
    const found = Array.from({ length: this.ports }, (): Row[] => []);
    for (const [b, rows] of this.batches.entries()) found[b % this.ports]!.push(...rows);
    return found;
  }

  /** Moves event times to the next pass. */
  advance(): void {
    this.#pass++;
    if (this.#inputs.hasTime !== true) return;
    const passUs = this.batches.length * this.#batchRows * STEP_US;
    for (const rows of this.batches) for (const row of rows) row.at += passUs;
  }

  /** After this batch no row of its input, and unless they alternate of any, is earlier. */
  watermarkUs(batch: number): number {
    const { isInterleaved = false, isShuffled = false } = this.#inputs;
    const width = isInterleaved ? this.ports : 1;
    const last = (Math.floor(batch / width) + 1) * width * this.#batchRows - 1;
    const place = this.#pass * this.batches.length * this.#batchRows + last;
    const spare = isInterleaved ? this.ports : isShuffled ? SHUFFLED_ROWS : 0;
    return START_US + (place - spare) * STEP_US;
  }

  /** The ports whose watermark a batch raises. */
  raisedPorts(batch: number): readonly number[] {
    if (this.#inputs.hasTime !== true) return [];
    if (this.#inputs.isInterleaved === true) return [batch % this.ports];
    return Array.from({ length: this.ports }, (_, port) => port);
  }
}

function makeRow(id: number, pair: number, at: number, random: () => number): Row {
  const v = Math.floor(random() * 1000);
  const x = Math.floor(random() * 8000) / 8;
  return {
    id,
    pair,
    k: Math.floor(random() * 100),
    u: Math.floor(random() * 10_000),
    v,
    x,
    at,
    csv: `${id},${x}`,
    text: JSON.stringify({ id, x }),
    object: { id, x },
    list: [v, id],
  };
}

/** Event times of pass 0, by row. */
function timesOf(inputs: CaseInputs, { batches, batchRows }: Extent, ports: number): number[] {
  const places = Array.from({ length: batches * batchRows }, (_, i) => {
    if (inputs.isInterleaved !== true) return i;
    const batch = Math.floor(i / batchRows);
    const turn = Math.floor(batch / ports);
    return (turn * batchRows + (i % batchRows)) * ports + (batch % ports);
  });
  if (inputs.isShuffled === true) {
    const random = randomNumbers(5);
    for (let i = 0; i < places.length; i++) {
      const start = i - (i % SHUFFLED_ROWS);
      const other = start + Math.floor(random() * (i - start + 1));
      [places[i], places[other]] = [places[other]!, places[i]!];
    }
  }
  return places.map((place) => START_US + place * STEP_US);
}

/** The streams of a case. */
export function streamsOf({
  inputs,
  hasTime = false,
}: CaseInputs): { name: string; stream: StreamType }[] {
  return Object.entries(inputs).map(([name, columns]) => {
    const schema = columns.map((column) => ({ name: column, type: COLUMNS[column] }));
    return { name, stream: { schema, hasTime } };
  });
}

/** Rows as batches in a worker's memory. */
export class BatchFeed {
  readonly rows: Rows;
  readonly batches: readonly Batch[];

  constructor(inputs: CaseInputs, extent: Extent, memory: KernelMemory) {
    this.rows = new Rows(inputs, extent);
    const streams = streamsOf(inputs);
    this.batches = this.rows.batches.map((rows, b) => {
      const { stream } = streams[b % streams.length]!;
      const batch = allocateBatches(memory, stream, 1, HEAP_BYTES)[0]!;
      for (const [c, { name }] of stream.schema.entries()) {
        rows.forEach((row, i) => writeValue(batch, c, i, row[name as ColumnName]));
      }
      batch.setRowCount(rows.length);
      return batch;
    });
    if (inputs.hasTime === true) this.#stamp();
  }

  /** Moves event times to the next pass. */
  advance(): void {
    this.rows.advance();
    if (this.batches[0]!.hasTime) this.#stamp();
  }

  #stamp(): void {
    for (const [b, batch] of this.batches.entries()) {
      batch.minTimeUs = Infinity;
      batch.maxTimeUs = -Infinity;
      const at = batch.columns.find(({ type }) => type.kind === 'timestamp');
      for (const [i, row] of this.rows.batches[b]!.entries()) {
        batch.setTimeUs(i, row.at);
        at?.setI64FromNumber(i, row.at);
      }
    }
  }
}

const encoder = new TextEncoder();

function writeValue(batch: Batch, position: number, row: number, value: Row[ColumnName]): void {
  const column = batch.columns[position]!;
  if (typeof value !== 'number') {
    const bytes = typeof value === 'string' ? encoder.encode(value) : encodeJson(value)!;
    if (!column.setView(row, bytes, 0, bytes.length)) throw new Error('heap too small');
  } else if (column.storage === 'f64') column.f64[row] = value;
  else if (column.storage === 'i32') column.words[row] = value;
  else column.setI64FromNumber(row, value);
}
