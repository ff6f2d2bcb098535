/** What `pivot` does. @module */

import type { Batch } from '../../core/batch.ts';
import type { Column } from '../../core/column.ts';
import type { Kernel, KernelContext, OperatorPlan } from '../../core/operator.ts';
import { readValue } from '../../rows/row-reader.ts';
import { PackedEntries } from '../../rows/packed/packed-entries.ts';
import { PackedMembers } from '../../rows/packed/packed-members.ts';
import { UNSURE } from '../../rows/packed/packed-value.ts';
import { type Expansion, ExpandingKernel, writeValues } from '../expanding-kernel.ts';
import { forColumn, isObject, kindOf } from '../json-values.ts';
import type { PivotConfig } from './spec.ts';

/** Makes the kernel of a `pivot`. */
export function createPivotKernel(plan: OperatorPlan, context: KernelContext): Kernel {
  const config = plan.config as PivotConfig;
  return new ExpandingKernel(plan, context, config.kept, new Members(config));
}

/** The members of one object after the other. */
class Members implements Expansion {
  readonly isOneToOne = true;
  readonly #config: PivotConfig;
  /** Column → its place. */
  readonly #places: ReadonlyMap<string, number>;
  readonly #packed: PackedMembers | PackedEntries;
  #batch: Batch | undefined;
  #row = 0;

  constructor(config: PivotConfig) {
    const { columns, entries } = config;
    this.#config = config;
    this.#places = new Map(columns.map(({ name }, c) => [name, c]));
    this.#packed =
      entries === undefined
        ? new PackedMembers(columns)
        : new PackedEntries(columns, entries.key, entries.value);
  }

  begin(batch: Batch, row: number): undefined {
    this.#batch = batch;
    this.#row = row;
  }

  next(columns: readonly Column[], at: number): true | string {
    const column = this.#batch!.columns[this.#config.source]!;
    const row = this.#row;
    if (column.isNull(row)) {
      for (let c = 0; c < columns.length; c++) columns[c]!.setNull(at);
      return true;
    }
    const end = this.#packed.write(columns, at, column.viewSource(row), column.viewStart(row));
    return end === UNSURE ? this.#writeValue(columns, at, column) : true;
  }

  #writeValue(targets: readonly Column[], at: number, column: Column): true | string {
    const { columns, entries } = this.#config;
    const value = readValue(column, this.#row, { int64: 'bigint' });
    const values = Array.from<unknown>({ length: columns.length }).fill(null);
    const problem =
      entries === undefined ? this.#takeMembers(value, values) : this.#takeEntries(value, values);
    return problem ?? writeValues(targets, at, values, columns) ?? true;
  }

  #takeMembers(value: unknown, values: unknown[]): string | undefined {
    if (!isObject(value)) return `expected an object, found ${kindOf(value)}`;
    for (const [name, member] of Object.entries(value)) this.#take(name, member, values);
    return undefined;
  }

  #takeEntries(value: unknown, values: unknown[]): string | undefined {
    if (!Array.isArray(value)) return `expected a list, found ${kindOf(value)}`;
    const { key, value: held } = this.#config.entries!;
    for (const [position, entry] of (value as readonly unknown[]).entries()) {
      const name = isObject(entry) && Object.hasOwn(entry, key) ? entry[key] : undefined;
      if (typeof name !== 'string') {
        return `expected an object with a text '${key}' at position ${position} of the list`;
      }
      const { [held]: member = null } = entry as Record<string, unknown>;
      this.#take(name, member, values);
    }
    return undefined;
  }

  #take(name: string, value: unknown, values: unknown[]): void {
    const at = this.#places.get(name);
    if (at !== undefined) values[at] = forColumn(value, this.#config.columns[at]!.type.kind);
  }
}
