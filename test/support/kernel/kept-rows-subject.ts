/** A store of kept rows, and everything to talk to it. @module */

import { Batch } from '../../../src/core/batch.ts';
import { layoutBatch } from '../../../src/core/batch-layout.ts';
import type { KernelMemory } from '../../../src/core/memory.ts';
import type { Schema } from '../../../src/core/schema.ts';
import type { StateIo, Steps } from '../../../src/core/state-io.ts';
import { storageOf } from '../../../src/core/types.ts';
import {
  Arena,
  KeptRows,
  KeyHasher,
  layoutRows,
  MIN_PAGE_CELLS,
} from '../../../src/state/index.ts';
import type { Cell, TestRow } from './rows.ts';
import { allocateBatch, fillBatch, readRow } from './rows.ts';
import { copyState } from './run-kernel.ts';
import { testMemory } from '../memory.ts';

/** Rows of a batch; a store takes half as many at once, at every other position. */
export const ROWS = 64;
const LIMIT_BYTES = 16 * 1024 * 1024;
const full = () => new Error('full') as never;

/** Rows with a key of some columns, and others behind it. */
export class KeptRowsSubject {
  readonly memory: KernelMemory = testMemory(4 * 1024 * 1024);
  readonly rows: KeptRows;
  readonly arena: Arena;
  readonly selection = this.memory.rows(ROWS);
  readonly times = this.#floats();
  readonly earliest = this.#floats();
  readonly latest = this.#floats().fill(Infinity);
  readonly matches = this.memory.words(ROWS);
  readonly found = this.memory.words(ROWS);
  readonly records = this.memory.words(ROWS);
  readonly #input: Batch;
  readonly #output: Batch;
  readonly #hasher: KeyHasher;
  readonly #schema: Schema;
  readonly #keys: number;

  readonly #again: () => KeptRowsSubject;

  constructor(keySchema: Schema, rest: Schema, isTold = false, firstPage = 1) {
    this.#again = () => new KeptRowsSubject(keySchema, rest, isTold, firstPage);
    this.#schema = [...keySchema, ...rest];
    this.#keys = keySchema.length;
    const storages = this.#schema.map(({ type }) => storageOf(type));
    this.arena = Arena.allocate(LIMIT_BYTES, MIN_PAGE_CELLS, full);
    const { arena } = this;
    const pages = {
      take: (count: number) => (count === 1 ? arena.take() : arena.takeRun(count)),
      release: (page: number) => arena.release(page),
    };
    this.rows = new KeptRows(this.memory, arena, pages, {
      layout: layoutRows(storages, { isTimed: true, isTracked: isTold, isTold }),
      keys: keySchema.map((_, k) => k),
      gathered: this.#schema.map((_, c) => c),
      rowCapacity: ROWS,
      firstPage,
    });
    const stream = { schema: this.#schema, hasTime: false };
    this.#input = allocateBatch(stream, ROWS, 1 << 20, this.memory);
    this.#output = Batch.allocate(layoutBatch(stream, ROWS, 1 << 20), this.memory);
    const keyStorages = keySchema.map(({ type }) => storageOf(type));
    this.#hasher = new KeyHasher(this.memory, keyStorages, ROWS, 'table');
  }

  /** Another with the same rows, by their state. */
  renewed(): KeptRowsSubject {
    return copyState(this, this.#again());
  }

  *state(io: StateIo): Steps {
    yield* this.arena.state(io);
    yield* this.rows.state(io);
  }

  #floats(): Float64Array {
    return new Float64Array(this.memory.buffer, this.memory.allocate(ROWS * 8).byteOffset, ROWS);
  }

  /** Takes a batch, at every other position, to be looked for or kept. */
  take(rows: readonly TestRow[]): number {
    const count = Math.min(rows.length, ROWS / 2);
    for (let i = 0; i < count; i++) this.selection[i] = 2 * i + 1;
    fillBatch(this.#input, rows.slice(0, count), [...this.selection.subarray(0, count)]);
    const { columns } = this.#input;
    this.#hasher.hash(columns.slice(0, this.#keys), this.selection, count);
    const hashes = this.#hasher.hashes.slice(0, count);
    for (let i = 0; i < count; i++) this.#hasher.hashes[2 * i + 1] = hashes[i]!;
    this.rows.kernel.bindColumns(columns, this.selection, count);
    this.rows.kernel.bindKeys(columns.slice(0, this.#keys), this.selection, count);
    return count;
  }

  keep(count: number): void {
    const { times, matches } = this;
    const { hashes } = this.#hasher;
    this.rows.append(this.selection, count, { hashes, times, marks: times, matches });
  }

  /** Event times of the rows that are due and were not told so far. */
  takeDue(boundUs: number): number[] {
    const times: number[] = [];
    for (;;) {
      const count = this.rows.takeDue(boundUs, this.records);
      if (count === 0) return times;
      for (const record of this.records.subarray(0, count)) times.push(this.rows.timeUs(record));
    }
  }

  /** The rows that match those of the batch: by row, what was gathered. */
  probe(count: number, most: number): [row: number, values: readonly Cell[]][] {
    const { rows, found, records, earliest, latest } = this;
    const pairs: [number, readonly Cell[]][] = [];
    rows.beginProbe(this.selection, count, { hashes: this.#hasher.hashes, earliest, latest });
    for (;;) {
      const next = rows.probe(found, records, most);
      if (next === 0) return pairs;
      const values = this.#gather(next);
      for (let i = 0; i < next; i++) pairs.push([(found[i]! - 1) / 2, values[i]!]);
    }
  }

  #gather(count: number): (readonly Cell[])[] {
    const { kernel } = this.rows;
    const output = this.#output;
    const positions = this.#schema.map((_, c) => c);
    output.reset();
    kernel.bindTargets(output.columns, positions);
    const heap = output.heap.bytes.byteOffset;
    output.heap.used = kernel.code.gatherRecords(
      kernel.block,
      this.records.byteOffset,
      count,
      0,
      heap,
      0,
    );
    kernel.readNulls(output.columns, positions);
    output.setRowCount(count);
    return Array.from({ length: count }, (_, i) => readRow(output, i).values);
  }
}
