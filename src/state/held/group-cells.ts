/** A few words of state for each group of rows, or for all rows together. @module */

import type { Batch } from '../../core/batch.ts';
import { Column } from '../../core/column.ts';
import type { KernelMemory } from '../../core/memory.ts';
import type { StateIo, Steps } from '../../core/state-io.ts';
import { invariant } from '../../core/invariant.ts';
import type { DataType } from '../../core/types.ts';
import { storageOf } from '../../core/types.ts';
import type { Arena } from '../arena.ts';
import { GroupTable } from '../group-table.ts';
import { GroupKernel } from '../kernel/group-kernel.ts';
import { canonicalFloats } from '../keys.ts';
import { RecordLayout } from '../record-layout.ts';

/** What is kept of which groups. */
export interface GroupCellsOptions {
  /** Positions and types of the columns that a group has in common; none: there is one group. */
  readonly keys: readonly { readonly column: number; readonly type: DataType }[];
  /** What the words of a new group are; an even number of them. */
  readonly initial: readonly number[];
  readonly rowCapacity: number;
}

/** Words by group. They lie in an arena and never move. */
export class GroupCells {
  /** By position of the rows assigned last: the first word of the group. */
  readonly words: Int32Array;
  readonly #arena: Arena;
  #table: GroupTable | undefined;
  /** The table that groups are being moved to. */
  #target: GroupTable | undefined;
  readonly #keys: GroupCellsOptions['keys'];
  readonly #canonical: readonly (Column | undefined)[];
  readonly #columns: Column[] = [];
  readonly #cell: number = 0;
  readonly #initial: readonly number[];
  /** The first word of the only group. */
  readonly #only: number = 0;
  readonly #listed: Int32Array;
  readonly #moved: Int32Array;

  constructor(
    memory: KernelMemory,
    arena: Arena,
    { keys, initial, rowCapacity }: GroupCellsOptions,
  ) {
    this.#arena = arena;
    this.#keys = keys;
    this.#initial = initial;
    this.words = new Int32Array(rowCapacity);
    this.#listed = memory.words(rowCapacity);
    this.#moved = memory.words(keys.length === 0 ? 1 : rowCapacity);
    this.#canonical = keys.map(({ type }) =>
      type.kind === 'float64' ? Column.allocate(type, rowCapacity, memory) : undefined,
    );
    if (keys.length === 0) {
      this.#only = arena.take() * 2;
      arena.words.set(initial, this.#only);
      this.words.fill(this.#only);
      return;
    }
    const layout = new RecordLayout(keys.map(({ type }) => storageOf(type)));
    this.#cell = layout.reserve(initial.length / 2, initial);
    this.#table = new GroupTable(new GroupKernel(memory, arena, layout, [], rowCapacity));
  }

  /** Groups so far. */
  get count(): number {
    return this.#table === undefined ? 1 : this.#table.count;
  }

  /**
   * Finds or makes the groups of rows `rows[0 .. count)`: see {@link words}.
   *
   * @param columns - positions of the keys, where the batch is not like those that the options say
   * @throws MillraceError of the arena
   */
  assign(batch: Batch, rows: Uint32Array, count: number, columns?: readonly number[]): void {
    const table = this.#table;
    if (table === undefined) return;
    const { kernel } = table;
    this.#keys.forEach(({ column }, k) => {
      const key = batch.columns[columns?.[k] ?? column]!;
      const canonical = this.#canonical[k];
      if (canonical !== undefined) canonicalFloats(key, canonical, rows, 0, count);
      this.#columns[k] = canonical ?? key;
    });
    kernel.bindKeys(this.#columns, rows, 0, count);
    kernel.hash(0, count);
    table.assign(0, count);
    for (let i = 0; i < count; i++) this.words[i] = 2 * (kernel.records[i]! + this.#cell);
    this.#columns.length = 0;
  }

  /** Lists the first words of groups `from .. from + count`, in the order they came, at most as many as a batch has rows. */
  list(from: number, count: number): Int32Array {
    const listed = this.#listed;
    const table = this.#table;
    if (table === undefined) {
      listed[0] = this.#only;
      return listed;
    }
    table.listRecords(from, count, listed);
    for (let i = 0; i < count; i++) listed[i] = 2 * (listed[i]! + this.#cell);
    return listed;
  }

  /** The hash of the keys of a group; only where there are keys. */
  hashOf(group: number): number {
    return this.#arena.words[group - 2 * this.#cell]!;
  }

  /** Most groups of {@link list}. */
  get mostListed(): number {
    return this.#listed.length;
  }

  /** Whether groups can be forgotten: there are keys. */
  get canForget(): boolean {
    return this.#table !== undefined;
  }

  /** Forgets a group; the others stay where they are, but can be neither listed nor moved any more. */
  remove(group: number): void {
    this.#table!.remove((group >>> 1) - this.#cell);
  }

  /** Not while groups are moved. */
  *state(io: StateIo): Steps {
    const table = this.#table;
    if (table === undefined) return;
    invariant(this.#target === undefined, 'groups are being moved');
    yield* table.kernel.headers.state(io);
    yield* table.state(io);
  }

  /** Begins to forget all groups but those that are {@link move}d. */
  beginMove(): void {
    const table = this.#table!;
    this.#target = new GroupTable(table.kernel);
    this.#target.noteKeysOf(table);
  }

  /**
   * Keeps groups, which get other words.
   *
   * @param groups - their first words, from position 0 on, at most as many as a batch has rows; becomes
   * those of now
   */
  move(groups: Int32Array, count: number): void {
    const { words } = this.#arena;
    const cell = this.#cell;
    const width = this.#initial.length;
    const sources = this.#listed;
    const targets = this.#moved;
    for (let i = 0; i < count; i++) sources[i] = (groups[i]! >>> 1) - cell;
    this.#target!.assignRecords(sources, count, targets, true);
    for (let i = 0; i < count; i++) {
      const from = groups[i]!;
      const to = 2 * (targets[i]! + cell);
      for (let w = 0; w < width; w++) words[to + w] = words[from + w]!;
      groups[i] = to;
    }
  }

  /** Forgets the groups that were not moved. */
  endMove(): void {
    this.#table!.clear();
    this.#table = this.#target;
    this.#target = undefined;
  }
}
