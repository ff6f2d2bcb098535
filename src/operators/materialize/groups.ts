/** Groups of a table with kept rows: the slots of each, in order. @module */

import type { Batch } from '../../core/batch.ts';
import { Column } from '../../core/column.ts';
import { MillraceError } from '../../core/errors.ts';
import type { KernelContext } from '../../core/operator.ts';
import { fieldIndex } from '../../core/schema.ts';
import type { StateIo, Steps } from '../../core/state-io.ts';
import { stateOfItems, stateOfList } from '../../core/state-io.ts';
import type { TableDefinition } from '../../core/topology/model.ts';
import type { TimeUs } from '../../core/units.ts';
import { Arena, canonicalFloats, KeyedRecords, pageCellsFor } from '../../state/index.ts';

const LEAST_FORGOTTEN = 64;

/** Slots by time, or as they came. */
export class Group {
  latestUs: TimeUs = -Infinity;
  #slots: number[] = [];
  #times: TimeUs[] = [];
  #first = 0;

  get size(): number {
    return this.#slots.length - this.#first;
  }

  get firstUs(): TimeUs {
    return this.#times[this.#first]!;
  }

  add(slot: number, timeUs: TimeUs): void {
    this.#slots.push(slot);
    this.#times.push(timeUs);
  }

  /** Rows come nearly in the order of time, so this is a step or none. */
  addByTime(slot: number, timeUs: TimeUs): void {
    const times = this.#times;
    let at = times.length;
    while (at > this.#first && times[at - 1]! > timeUs) at--;
    if (at === times.length) return this.add(slot, timeUs);
    this.#slots.splice(at, 0, slot);
    times.splice(at, 0, timeUs);
  }

  takeFirst(): number {
    const slot = this.#slots[this.#first++]!;
    if (this.#first >= LEAST_FORGOTTEN && 2 * this.#first >= this.#slots.length) {
      this.#slots.splice(0, this.#first);
      this.#times.splice(0, this.#first);
      this.#first = 0;
    }
    return slot;
  }

  *state(io: StateIo): Steps {
    this.latestUs = io.float(this.latestUs);
    this.#first = io.int(this.#first);
    this.#slots = yield* stateOfItems(io, this.#slots, (slot = 0) => io.int(slot));
    this.#times = yield* stateOfItems(io, this.#times, (timeUs = 0) => io.float(timeUs));
  }
}

/** Finds the groups of rows by the columns of `partitionBy`; a null is a value of its own. */
export class Groups {
  readonly #by: readonly number[];
  #groups: Group[] = [];
  readonly #records: KeyedRecords;
  readonly #arena: Arena;
  readonly #canonical: readonly (Column | undefined)[];
  readonly #keys: Column[] = [];

  constructor({ schema, partitionBy, name }: TableDefinition, context: KernelContext) {
    const { memory, rowCapacity, stateLimitBytes, node } = context;
    this.#by = partitionBy.map((column) => fieldIndex(schema, column));
    const types = this.#by.map((c) => schema[c]!.type);
    this.#arena = Arena.allocate(
      stateLimitBytes,
      pageCellsFor(KeyedRecords.cells(types, 1)),
      (limitBytes) =>
        new MillraceError(
          'ERR_LIMIT_EXCEEDED',
          `table '${name}' has ${this.#groups.length} groups, and more would exceed the limit of a ` +
            `state, ${limitBytes} bytes: partition it by fewer distinct values`,
          { node },
        ),
    );
    context.counters.watchState?.(() => this.#arena.usedBytes);
    this.#records = new KeyedRecords(memory, this.#arena, types, [0, 0], rowCapacity);
    this.#canonical = types.map((type) =>
      type.kind === 'float64' ? Column.allocate(type, rowCapacity, memory) : undefined,
    );
  }

  /** Finds the groups of a batch's rows: by position, for {@link group}, until the next call. */
  assign(batch: Batch): Int32Array {
    const { selection, selected } = batch;
    for (let k = 0; k < this.#by.length; k++) {
      const column = batch.columns[this.#by[k]!]!;
      const canonical = this.#canonical[k];
      if (canonical !== undefined) canonicalFloats(column, canonical, selection, 0, selected);
      this.#keys[k] = canonical ?? column;
    }
    return this.#records.assign(this.#keys, selection, selected);
  }

  /** The group of the row at a position. */
  group(records: Int32Array, position: number): Group {
    const { words } = this.#arena;
    const at = 2 * (records[position]! + this.#records.ownCell);
    const number = words[at]!;
    if (number !== 0) return this.#groups[number - 1]!;
    const group = new Group();
    words[at] = this.#groups.push(group);
    return group;
  }

  *state(io: StateIo): Steps {
    yield* this.#arena.state(io);
    yield* this.#records.state(io);
    this.#groups = yield* stateOfList(io, this.#groups, function* (known): Steps<Group> {
      const group = known ?? new Group();
      yield* group.state(io);
      return group;
    });
  }
}
