/** Keeps the states of an aggregate of the topology's author. @module */

import { Column, Heap } from '../../core/column.ts';
import { MillraceError } from '../../core/errors.ts';
import { invariant } from '../../core/invariant.ts';
import type { StateIo, Steps } from '../../core/state-io.ts';
import { stateOfNumbers } from '../../core/state-io.ts';
import { readValue } from '../../rows/row-reader.ts';
import { describeValueFault, writeValue } from '../../rows/value-write.ts';
import { Fault } from '../../rows/values/fault.ts';
import type {
  Arena,
  GivenRows,
  GroupState,
  ScriptedAccumulator,
  UserAggregate,
} from '../../state/index.ts';
import { rowText } from '../row-text.ts';
import { stateOfValue } from '../user-state.ts';
import type { KeyConfig } from './config.ts';
import type { UserFunctions } from './user-functions.ts';
import { callUser } from './user-functions.ts';

/** What a state of a group counts for in the limit: what it really takes, nobody can say. */
const STATE_LOG = 5;

/** Most bytes of the long values that are read at once. */
const RESULT_BYTES = 256 * 1024 * 1024;

/** What an author can do whose states are more than values. */
const ADVICE = 'let states be plain objects, lists, maps and sets of values';

const OPTIONS = { int64: 'bigint' } as const;

/** States as they are: values of JavaScript's, which records refer to by number. */
export class UserAccumulator implements ScriptedAccumulator {
  readonly #node: string;
  readonly #user: UserAggregate;
  readonly #functions: UserFunctions;
  readonly #keys: readonly KeyConfig[];
  readonly #words: Int32Array;
  readonly #cell: number;
  /** States of groups, by number; those of number 0 and of groups that are gone are `undefined`. */
  #values: unknown[] = [undefined];
  #free: number[] = [];
  /** The numbers of a state's groups. */
  readonly #numbers = new Map<GroupState, number[]>();
  readonly #heap = new Heap(new Uint8Array(0), RESULT_BYTES);

  /** @param cell - of the group's record: the number of its state, or 0 */
  constructor(
    node: string,
    user: UserAggregate,
    functions: UserFunctions,
    keys: readonly KeyConfig[],
    arena: Arena,
    cell: number,
  ) {
    this.#node = node;
    this.#user = user;
    this.#functions = functions;
    this.#keys = keys;
    this.#words = arena.words;
    this.#cell = cell;
  }

  update(state: GroupState, given: GivenRows, others: readonly Column[]): void {
    this.#change('add', state, given, others);
  }

  retract(state: GroupState, given: GivenRows, others: readonly Column[]): void {
    this.#change('retract', state, given, others);
  }

  #change(
    what: 'add' | 'retract',
    state: GroupState,
    { column, records, rows, from, to }: GivenRows,
    others: readonly Column[],
  ): void {
    const columns = [column!, ...others];
    for (let i = from; i < to; i++) {
      const row = rows[i]!;
      const values = columns.map((one) => readValue(one, row, OPTIONS));
      this.#replace(what, state, records[i]!, (value) => this.#functions[what]!(value, ...values));
    }
  }

  /** Gives a group the state that a function makes of the one it has. */
  #replace(
    what: string,
    state: GroupState,
    record: number,
    change: (value: unknown) => unknown,
  ): void {
    const at = 2 * (record + this.#cell);
    if (this.#words[at] === 0) this.#words[at] = this.#begin(state, record);
    const number = this.#words[at]!;
    const changed = this.#call(what, state, record, () => change(this.#values[number]));
    if (changed !== undefined) this.#values[number] = changed;
  }

  /** The number of a new state. */
  #begin(state: GroupState, record: number): number {
    state.blocks.take(STATE_LOG);
    const value = this.#call('init', state, record, () => this.#functions.init());
    const number = this.#free.pop() ?? this.#values.length;
    this.#values[number] = value;
    const numbers = this.#numbers.get(state);
    if (numbers === undefined) this.#numbers.set(state, [number]);
    else numbers.push(number);
    return number;
  }

  #call(what: string, state: GroupState, record: number, call: () => unknown): unknown {
    return callUser(this.#node, this.#user, what, () => this.#group(state, record), call);
  }

  /** The keys of a group. */
  #group({ table }: GroupState, record: number): string {
    const records = Int32Array.of(record);
    const named = this.#keys.map(({ name, expr }, k) => {
      const column = Column.allocate(expr.type, 1);
      table.readKey(k, records, 1, column);
      return { name, column };
    });
    return rowText(named, 0);
  }

  merge(target: GroupState, targets: Int32Array, sources: Int32Array, count: number): void {
    for (let i = 0; i < count; i++) {
      const number = this.#words[2 * (sources[i]! + this.#cell)]!;
      if (number === 0) continue;
      const other = this.#values[number];
      this.#replace('merge', target, targets[i]!, (value) => this.#functions.merge(value, other));
    }
  }

  own(): void {}

  release(state: GroupState): void {
    for (const number of this.#numbers.get(state) ?? []) {
      this.#values[number] = undefined;
      this.#free.push(number);
    }
    this.#numbers.delete(state);
  }

  /** Which numbers are free; the values of each state follow with it. */
  *state(io: StateIo): Steps {
    this.#free = yield* stateOfNumbers(io, this.#free);
  }

  *stateOf(io: StateIo, state: GroupState): Steps {
    const numbers = yield* stateOfNumbers(io, this.#numbers.get(state) ?? []);
    if (io.isReading && numbers.length > 0) this.#numbers.set(state, numbers);
    const path = `a state of aggregate '${this.#user.name}' of '${this.#node}'`;
    for (const number of numbers) {
      this.#values[number] = yield* stateOfValue(io, this.#values[number], path, ADVICE);
      if (io.isDue) yield;
    }
  }

  read(
    records: Int32Array,
    count: number,
    target: Column,
    _failed: Uint8Array,
    state?: GroupState,
  ): number {
    invariant(state !== undefined, 'values are read of a state');
    this.#heap.used = 0;
    target.heap = this.#heap;
    for (let i = 0; i < count; i++) {
      const record = records[i]!;
      const number = this.#words[2 * (record + this.#cell)]!;
      const result = this.#call('result', state, record, () =>
        this.#functions.result(number === 0 ? this.#functions.init() : this.#values[number]),
      );
      const fault = writeValue(target, i, result);
      if (fault === Fault.OK) continue;
      const what = describeValueFault(fault, target.type, result);
      throw new MillraceError(
        'ERR_USER_CODE',
        `aggregate '${this.#user.name}' of '${this.#node}': result of the group ` +
          `${this.#group(state, record)}: ${what}`,
        { node: this.#node },
      );
    }
    return 0;
  }
}
