/**
 * The best rows of groups so far, by the code of `best-module.ts`; here is what it leaves to others:
 * memory, and rows of which a key says nothing.
 *
 * Everything that is kept for a window lies in pages of its own, which are given back at once.
 *
 * @module
 */

import type { Column } from '../../core/column.ts';
import type { KernelMemory } from '../../core/memory.ts';
import type { StateIo, Steps } from '../../core/state-io.ts';
import type { Storage } from '../../core/types.ts';
import { compileModule, instantiate } from '../../wasm/index.ts';
import type { Arena } from '../arena.ts';
import { PageList } from '../arena.ts';
import { GroupTable } from '../group-table.ts';
import { GroupKernel } from '../kernel/group-kernel.ts';
import { RecordLayout } from '../record-layout.ts';
import { RowKernel } from '../rows/row-kernel.ts';
import { layoutRows } from '../rows/row-layout.ts';
import type { BestFunctions } from './best-module.ts';
import { bestModuleKey, buildBestModule } from './best-module.ts';
import type { RecordOrderKey } from './record-order.ts';
import { RecordOrder } from './record-order.ts';
import {
  BEST_WORDS,
  BestNeed,
  BestWord,
  ENTRY_BYTES,
  EntryAt,
  FIRST_ENTRY_AT,
  FREE_LISTS,
  GroupAt,
  groupTemplate,
  isAlone,
} from './shape.ts';

const ENTRY_WORDS = ENTRY_BYTES / 4;
/** Bytes of the lists of free blocks, at the front of a window's first page; the only group is behind them. */
const FREE_BYTES = 4 * FREE_LISTS;

/** What is kept of which rows. */
export interface BestRowsOptions {
  /** Storage of all columns; all are kept. */
  readonly columns: readonly Storage[];
  /** Storage of the keys of groups; none: there is one group. */
  readonly groupBy: readonly Storage[];
  readonly orderBy: readonly RecordOrderKey[];
  /** Rows per group, at least 1. */
  readonly n: number;
  /** Rows that are equal to the last by `orderBy` are kept too. */
  readonly ties: boolean;
  readonly rowCapacity: number;
}

/** The groups of one window. */
export interface BestState {
  /** `undefined` where there is one group. */
  readonly table: GroupTable | undefined;
  readonly pages: PageList;
  /** Address of the lists of free blocks. */
  free: number;
  /** Memory that was never used. */
  nextByte: number;
  endByte: number;
}

/** Keeps rows of several windows, one after the other. */
export class BestRows {
  /** Binds the columns of batches, and gathers rows. */
  readonly kernel: RowKernel;
  readonly #arena: Arena;
  readonly #order: RecordOrder;
  readonly #groups: GroupKernel | undefined;
  readonly #code: BestFunctions;
  readonly #block: Int32Array;
  /** Positions of rows that may be good enough. */
  readonly #chosen: Int32Array;
  /** The engine's memory. */
  readonly #engine: Int32Array;
  readonly #n: number;
  readonly #ties: boolean;
  readonly #isAlone: boolean;
  /** What a group's part of its record begins as. */
  readonly #template: readonly number[];
  /** First cell of a group's part of its record. */
  readonly #groupCell: number;
  readonly #idle: BestState[] = [];
  readonly #records: Int32Array;

  constructor(memory: KernelMemory, arena: Arena, options: BestRowsOptions) {
    const { columns, groupBy, orderBy, n, ties, rowCapacity } = options;
    const layout = layoutRows(columns, { isTimed: false, isTracked: false, isTold: false });
    const pageBytes = arena.pageCells * 8;
    const rows = { pageBytes, layout, keys: [], gathered: columns.map((_, c) => c) };
    this.#arena = arena;
    this.#engine = new Int32Array(memory.buffer);
    this.#n = n;
    this.#ties = ties;
    this.#order = new RecordOrder(arena, layout, orderBy);
    this.kernel = new RowKernel(memory, arena, rows, rowCapacity);
    const hasGroups = groupBy.length > 0;
    const groupLayout = new RecordLayout(groupBy);
    this.#isAlone = isAlone(options);
    const template = groupTemplate(this.#isAlone);
    const cell = groupLayout.reserve(template.length / 2, template);
    this.#template = template;
    this.#groupCell = cell;
    this.#groups = hasGroups
      ? new GroupKernel(memory, arena, groupLayout, [], rowCapacity)
      : undefined;
    this.#block = memory.words(BEST_WORDS);
    this.#chosen = memory.words(rowCapacity);
    this.#records = memory.words(rowCapacity);
    this.#block[BestWord.KEYS] = memory.allocate(8 * rowCapacity).byteOffset;
    const shape = {
      rows,
      n,
      ties,
      order: orderBy,
      groupCell: hasGroups ? cell : undefined,
    };
    const module = compileModule(bestModuleKey(shape), () => buildBestModule(shape));
    const exports: unknown = instantiate(module, memory, { state: arena.memory });
    this.#code = exports as BestFunctions;
  }

  /** Nothing kept so far. */
  acquire(): BestState {
    const state = this.#idle.pop() ?? this.#newState();
    const { words, pageCells } = this.#arena;
    state.free = state.pages.take() * 8;
    words.fill(0, state.free / 4, (state.free + FREE_BYTES) / 4);
    state.nextByte = state.free + FREE_BYTES;
    state.endByte = state.free + pageCells * 8;
    if (state.table === undefined) {
      words.set(this.#template, state.nextByte / 4);
      state.nextByte += 4 * this.#template.length;
    }
    return state;
  }

  #newState(): BestState {
    return {
      table: this.#groups === undefined ? undefined : new GroupTable(this.#groups),
      pages: new PageList(this.#arena),
      free: 0,
      nextByte: 0,
      endByte: 0,
    };
  }

  /** What all windows have in common; those that are in use follow, by {@link stateOf}. */
  *state(io: StateIo): Steps {
    yield* this.#arena.state(io);
    if (this.#groups !== undefined) yield* this.#groups.headers.state(io);
  }

  /**
   * One window.
   *
   * @param state - `undefined`: one to be read
   */
  *stateOf(io: StateIo, state: BestState | undefined): Steps<BestState> {
    const result = state ?? this.#newState();
    if (result.table !== undefined) yield* result.table.state(io);
    yield* result.pages.state(io);
    result.free = io.float(result.free);
    result.nextByte = io.float(result.nextByte);
    result.endByte = io.float(result.endByte);
    return result;
  }

  /** Forgets what was kept. */
  release(state: BestState): void {
    state.table?.clear();
    state.pages.releaseAll();
    this.#idle.push(state);
  }

  /** How many groups there are, with or without keys. */
  groupsOf({ table }: BestState): number {
    return table === undefined ? 1 : table.count;
  }

  /**
   * Says which rows the next calls of {@link add} mean, `rows[0 .. count)`.
   *
   * @param keys - the columns of the groups' keys; floats are canonical
   * @param rows - in the engine's memory
   */
  bind(
    columns: readonly Column[],
    keys: readonly Column[],
    rows: Uint32Array,
    count: number,
  ): void {
    this.kernel.bindColumns(columns, rows, count);
    this.#block[BestWord.ROWS] = rows.byteOffset;
    if (this.#groups === undefined) return;
    this.#groups.bindKeys(keys, rows, 0, count);
    this.#groups.hash(0, count);
  }

  /** Keeps those of the rows at positions `from .. to` that are among the best of their groups. */
  add(state: BestState, from: number, to: number): void {
    const { table } = state;
    const block = this.#block;
    table?.assign(from, to);
    const onlyGroup = state.free + FREE_BYTES;
    block[BestWord.GROUPS] = this.#groups?.records.byteOffset ?? onlyGroup;
    block[BestWord.FREE] = state.free;
    block[BestWord.NEXT_BYTE] = state.nextByte;
    block[BestWord.END_BYTE] = state.endByte;
    const { block: columns } = this.kernel;
    const chosen = this.#chosen.byteOffset;
    const count = this.#code.choose(columns, block.byteOffset, from, to, chosen);
    let at = 0;
    for (;;) {
      at = this.#code.insert(columns, block.byteOffset, chosen, at, count);
      if (at === count) break;
      if (block[BestWord.NEED] === BestNeed.MEMORY) this.#addMemory(state);
      else this.#insert(state, this.#chosen[at++]!);
    }
    state.nextByte = block[BestWord.NEXT_BYTE]!;
    state.endByte = block[BestWord.END_BYTE]!;
  }

  #addMemory({ pages }: BestState): void {
    const pageBytes = this.#arena.pageCells * 8;
    const run = Math.ceil(this.#block[BestWord.BYTES_NEEDED]! / pageBytes);
    const start = (run === 1 ? pages.take() : pages.takeRun(run)) * 8;
    this.#block[BestWord.NEXT_BYTE] = start;
    this.#block[BestWord.END_BYTE] = start + run * pageBytes;
  }

  /** Inserts the row at a position, which has the key of another; only where ties are kept. */
  #insert(state: BestState, position: number): void {
    const { words } = this.#arena;
    const block = this.#block;
    const engine = this.#engine;
    const row = engine[block[BestWord.ROWS]! / 4 + position]!;
    const record = this.#must(state, () =>
      this.#code.write(this.kernel.block, block.byteOffset, row),
    );
    const group =
      this.#groups === undefined
        ? block[BestWord.GROUPS]! / 4
        : 2 * (this.#groups.records[position]! + this.#groupCell);
    const countAt = group + GroupAt.COUNT / 4;
    const count = words[countAt]!;
    const isFull = count >= this.#n;
    if (isFull && this.#order.compareKeys(record, this.#recordAt(group, count - 1)) > 0) {
      this.#code.give(block.byteOffset, record);
      return;
    }
    if (count === words[group + GroupAt.ROOM / 4]!) this.#growList(state, group, count);
    const place = this.#placeOf(group, count, record);
    const list = (words[group + GroupAt.LIST / 4]! + FIRST_ENTRY_AT) / 4;
    const at = list + ENTRY_WORDS * place;
    words.copyWithin(at + ENTRY_WORDS, at, list + ENTRY_WORDS * count);
    const key = (block[BestWord.KEYS]! + 8 * position) / 4;
    words[at] = engine[key]!;
    words[at + 1] = engine[key + 1]!;
    words[at + EntryAt.RECORD / 4] = record;
    words[countAt] = count + 1;
    this.#dropWorst(group);
    if (words[countAt] < this.#n) return;
    const last = list + ENTRY_WORDS * (this.#n - 1);
    words[group] = words[last]!;
    words[group + 1] = words[last + 1]!;
  }

  /** Calls until there is memory. */
  #must(state: BestState, call: () => number): number {
    for (;;) {
      const address = call();
      if (address !== 0) return address;
      this.#addMemory(state);
    }
  }

  #growList(state: BestState, group: number, count: number): void {
    const { words } = this.#arena;
    const room = Math.max(4, 2 * count);
    const bytes = FIRST_ENTRY_AT + ENTRY_BYTES * room;
    const block = this.#block.byteOffset;
    const larger = this.#must(state, () => this.#code.take(block, bytes));
    const at = group + GroupAt.LIST / 4;
    const list = words[at]!;
    if (list !== 0) {
      const from = (list + FIRST_ENTRY_AT) / 4;
      words.copyWithin((larger + FIRST_ENTRY_AT) / 4, from, from + ENTRY_WORDS * count);
      this.#code.give(block, list);
    }
    words[at] = larger;
    words[group + GroupAt.ROOM / 4] = room;
  }

  #recordAt(group: number, index: number): number {
    const { words } = this.#arena;
    if (this.#isAlone) return words[group + EntryAt.RECORD / 4]!;
    const list = words[group + GroupAt.LIST / 4]! + FIRST_ENTRY_AT;
    return words[(list + ENTRY_BYTES * index + EntryAt.RECORD) / 4]!;
  }

  /** Where a row goes: before the first that is worse. */
  #placeOf(group: number, count: number, record: number): number {
    let low = 0;
    let high = count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#order.compare(record, this.#recordAt(group, middle)) < 0) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  /** Takes rows out that are not among the best any more. */
  #dropWorst(group: number): void {
    const { words } = this.#arena;
    const countAt = group + GroupAt.COUNT / 4;
    for (;;) {
      const count = words[countAt]!;
      if (count <= this.#n) return;
      const last = this.#recordAt(group, count - 1);
      if (this.#order.compareKeys(last, this.#recordAt(group, this.#n - 1)) === 0) return;
      this.#code.give(this.#block.byteOffset, last);
      words[countAt] = count - 1;
    }
  }

  /** Goes over the rows of a state, group by group, best first. */
  cursor(state: BestState): BestCursor {
    return new BestCursor(this, state);
  }

  /** The words at which the parts of groups `from .. from + count` begin. */
  listGroups({ table, free }: BestState, from: number, count: number): Int32Array {
    const records = this.#records;
    if (table === undefined) {
      records[0] = (free + FREE_BYTES) / 4;
      return records;
    }
    table.listRecords(from, count, records);
    for (let i = 0; i < count; i++) records[i] = 2 * (records[i]! + this.#groupCell);
    return records;
  }

  /** Most groups of {@link listGroups}. */
  get mostGroups(): number {
    return this.#records.length;
  }

  /** How many rows a group has. */
  countOf(group: number): number {
    return this.#arena.words[group + GroupAt.COUNT / 4]!;
  }

  /** The record of a row of a group. */
  recordOf(group: number, index: number): number {
    return this.#recordAt(group, index);
  }

  /** The rank of a row: with ties one more than the number of better rows. */
  rankOf(group: number, index: number, before: number): number {
    if (!this.#ties || index === 0) return index + 1;
    const [a, b] = [this.#recordAt(group, index - 1), this.#recordAt(group, index)];
    return this.#order.compareKeys(a, b) === 0 ? before : index + 1;
  }
}

/** Where a walk over the rows of a state has come to. */
export class BestCursor {
  readonly #rows: BestRows;
  readonly #state: BestState;
  readonly #groups: number;
  /** Groups `#listed .. #listed + #listedCount` are listed. */
  #list = new Int32Array(0);
  #listed = 0;
  #listedCount = 0;
  #group = 0;
  #index = 0;
  #rank = 0;

  constructor(rows: BestRows, state: BestState) {
    this.#rows = rows;
    this.#state = state;
    this.#groups = rows.groupsOf(state);
  }

  /**
   * Takes the next rows.
   *
   * @param records - gets the addresses of their records, `ranks` their ranks, from 0 on
   * @returns how many; 0 at the end
   */
  next(records: Int32Array, ranks: Int32Array): number {
    const rows = this.#rows;
    let count = 0;
    while (this.#group < this.#groups) {
      if (this.#group === this.#listed + this.#listedCount) this.#listMore();
      const group = this.#list[this.#group - this.#listed]!;
      const total = rows.countOf(group);
      for (; this.#index < total && count < records.length; this.#index++) {
        this.#rank = rows.rankOf(group, this.#index, this.#rank);
        records[count] = rows.recordOf(group, this.#index);
        ranks[count++] = this.#rank;
      }
      if (this.#index < total) return count;
      this.#index = 0;
      this.#group++;
    }
    return count;
  }

  #listMore(): void {
    this.#listed += this.#listedCount;
    this.#listedCount = Math.min(this.#groups - this.#listed, this.#rows.mostGroups);
    // The list may be another's by the next call.
    this.#list = this.#rows.listGroups(this.#state, this.#listed, this.#listedCount).slice();
  }
}
