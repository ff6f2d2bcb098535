/** What `pivot` does. @module */

import type { Batch } from '../../core/batch.ts';
import type { Kernel, KernelContext, OperatorPlan } from '../../core/operator.ts';
import { readValue } from '../../rows/row-reader.ts';
import { type Expansion, ExpandingKernel } from '../expanding-kernel.ts';
import { forColumn, isObject, kindOf } from '../json-values.ts';
import type { PivotConfig } from './spec.ts';

/** Makes the kernel of a `pivot`. */
export function createPivotKernel(plan: OperatorPlan, context: KernelContext): Kernel {
  const config = plan.config as PivotConfig;
  return new ExpandingKernel(plan, context, config.kept, new Members(config));
}

/** The members of one object after the other. */
class Members implements Expansion {
  readonly #config: PivotConfig;
  /** Column → its place. */
  readonly #places: ReadonlyMap<string, number>;
  #values: unknown[] | undefined;

  constructor(config: PivotConfig) {
    this.#config = config;
    this.#places = new Map(config.columns.map(({ name }, c) => [name, c]));
  }

  begin(batch: Batch, row: number): string | undefined {
    const { source, entries, columns } = this.#config;
    const value = readValue(batch.columns[source]!, row, { int64: 'bigint' });
    const values = Array.from<unknown>({ length: columns.length }).fill(null);
    this.#values = values;
    if (value === null) return undefined;
    return entries === undefined
      ? this.#takeMembers(value, values)
      : this.#takeEntries(value, values);
  }

  next(): readonly unknown[] | undefined {
    const values = this.#values;
    this.#values = undefined;
    return values;
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
