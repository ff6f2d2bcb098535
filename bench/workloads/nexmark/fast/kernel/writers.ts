/** Writers that let the kernels fill batches. @module */

import type { Batch } from '../../../../../src/core/batch.ts';
import type { Column } from '../../../../../src/core/column.ts';
import type { KernelMemory } from '../../../../../src/core/memory.ts';
import { ENGINE, Import, instantiate, ModuleBuilder } from '../../../../../src/wasm/index.ts';
import type { ColumnWriter } from '../../model/column-writer.ts';
import { putTimes } from '../../model/put-times.ts';
import type { Kind, Timeline } from '../../model/timeline.ts';
import { MAX_NAME, MAX_TEXT } from '../draws.ts';
import { seedHash } from '../random.ts';
import { addAuctions, MAX_AUCTION_EXTRA } from './auctions.ts';
import { addBids, MAX_BID_EXTRA } from './bids.ts';
import { addPersons, CARD_BYTES, MAX_PERSON_EXTRA } from './persons.ts';
import { addPutSlice } from './pieces.ts';
import { type PlacedTables, type PlacedTexts, placeTables } from './placed-tables.ts';

/** Kernels copy whole vectors: a text may take so much more room while it is written. */
const room = (length: number): number => Math.ceil(length / 16) * 16;
const roomOf = ({ stride }: PlacedTexts): number => stride - 16;

const NAMES = { person: 'persons', auction: 'auctions', bid: 'bids' } as const;

/** Writes rows of one kind by a kernel. */
export class KernelWriter implements ColumnWriter {
  readonly rowHeapBytes: number;
  readonly #kind: Kind;
  readonly #timeline: Timeline;
  readonly #write: (...args: number[]) => number;
  readonly #args: number[] = [];

  /** @param memory - where the batches lie that it writes to */
  constructor(kind: Kind, timeline: Timeline, seed: number, memory: KernelMemory) {
    const tables = placeTables(seed, memory);
    this.#kind = kind;
    this.#timeline = timeline;
    this.rowHeapBytes = rowHeapBytes(kind, tables);
    const kernels = instantiate(new WebAssembly.Module(buildModule(tables)), memory, {
      values: { seed: seedHash(seed), eventsPerMs: timeline.eventsPerMs },
    });
    this.#write = kernels[NAMES[kind]]!;
  }

  write(batch: Batch, first: number, count: number): void {
    const { columns, heap, rowCount: row } = batch;
    const args = this.#args;
    args.length = 0;
    args.push(first, count);
    // A kernel writes no event times of bids: they come in long runs of equal ones.
    for (const column of columns) {
      if (this.#kind !== 'bid' || column.type.kind !== 'timestamp') {
        args.push(addressOf(column, row));
      }
    }
    args.push(heap.bytes.byteOffset, (heap.used + 7) & ~7);
    heap.used = this.#write(...args);
    if (this.#kind === 'bid') putTimes(columns[5]!, row, count, 'bid', first, this.#timeline);
    batch.setRowCount(row + count);
  }
}

function addressOf(column: Column, row: number): number {
  return column.valuesAt + row * (column.storage === 'view' ? 16 : 8);
}

function rowHeapBytes(kind: Kind, tables: PlacedTables): number {
  switch (kind) {
    case 'bid':
      return roomOf(tables.urls) + room(MAX_BID_EXTRA);
    case 'auction':
      return room(MAX_NAME) + room(MAX_TEXT) + room(MAX_AUCTION_EXTRA);
    case 'person': {
      const { names, emails, cities, states } = tables;
      const picked = [names, emails, cities, states].map(roomOf);
      return picked.reduce((a, b) => a + b) + room(CARD_BYTES) + room(MAX_PERSON_EXTRA);
    }
  }
}

function buildModule(tables: PlacedTables): Uint8Array<ArrayBuffer> {
  const module = new ModuleBuilder();
  module.importMemory(ENGINE, Import.COLUMNS);
  const constants = {
    seed: module.importGlobal(ENGINE, 'seed', 'i32'),
    eventsPerMs: module.importGlobal(ENGINE, 'eventsPerMs', 'f64'),
    letters: tables.letters,
    prices: tables.prices,
  };
  const slice = addPutSlice(module);
  addBids(module, constants, tables);
  addAuctions(module, constants, slice);
  addPersons(module, constants, tables, slice);
  return module.build();
}
