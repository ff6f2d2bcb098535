/** What `partition` does. @module */

import type { Batch } from '../../core/batch.ts';
import type { Column } from '../../core/column.ts';
import type { Kernel, KernelContext, OperatorPlan } from '../../core/operator.ts';
import { readValue } from '../../rows/row-reader.ts';
import { type Expansion, ExpandingKernel, writeValues } from '../expanding-kernel.ts';
import { isObject, kindOf } from '../json-values.ts';
import { fnvPartition } from './fnv-partition.ts';
import type { KeyPath, PartitionConfig } from './spec.ts';

/** Makes the kernel of a `partition`. */
export function createPartitionKernel(plan: OperatorPlan, context: KernelContext): Kernel {
  const config = plan.config as PartitionConfig;
  return new ExpandingKernel(plan, context, config.kept, new Partitions(config, plan));
}

/** The partitions of one row after the other. */
class Partitions implements Expansion {
  readonly isOneToOne = false;
  readonly #config: PartitionConfig;
  readonly #added: OperatorPlan['outputs'][number]['stream']['schema'];
  /** By partition, in the order of their first keys: keys, each once. */
  readonly #keys = new Map<number, Set<string>>();
  #rows: readonly (readonly [partition: number | null, keys: readonly string[] | null])[] = [];
  #next = 0;

  constructor(config: PartitionConfig, plan: OperatorPlan) {
    this.#config = config;
    this.#added = plan.outputs[0]!.stream.schema.slice(config.kept.length);
  }

  begin(batch: Batch, row: number): string | undefined {
    const { paths, partitions, keepsUnroutable } = this.#config;
    this.#next = 0;
    this.#rows = [];
    let keys: string[] | undefined;
    for (const path of paths) {
      const found = textsAt(batch, row, path);
      if (typeof found === 'string') return found;
      // Each of the parts so far with each of these.
      keys = keys === undefined ? found : keys.flatMap((key) => found.map((t) => `${key}:${t}`));
    }
    this.#keys.clear();
    for (const key of keys!) {
      const partition = fnvPartition(key, partitions);
      const known = this.#keys.get(partition);
      if (known === undefined) this.#keys.set(partition, new Set([key]));
      else known.add(key);
    }
    this.#rows = Array.from(this.#keys, ([partition, own]) => [partition, [...own]]);
    if (this.#rows.length === 0 && keepsUnroutable) this.#rows = [[null, null]];
    return undefined;
  }

  next(columns: readonly Column[], at: number): boolean | string {
    if (this.#next >= this.#rows.length) return false;
    return writeValues(columns, at, this.#rows[this.#next++]!, this.#added) ?? true;
  }
}

/** The texts that a path leads to; why there are none, as a text, if that is a mistake. */
function textsAt(batch: Batch, row: number, { column: at, members }: KeyPath): string[] | string {
  const column = batch.columns[at]!;
  const texts: string[] = [];
  if (column.isNull(row)) return texts;
  const value = readValue(column, row, { int64: 'bigint' });
  return collect(value, members, 0, texts) ?? texts;
}

/** Adds the texts of a value; why it has none. Nulls, and members that are missing, give nothing. */
function collect(
  value: unknown,
  members: readonly string[],
  depth: number,
  texts: string[],
): string | undefined {
  if (value === null || value === undefined) return undefined;
  if (Array.isArray(value)) {
    for (const element of value as readonly unknown[]) {
      const problem = collect(element, members, depth, texts);
      if (problem !== undefined) return problem;
    }
    return undefined;
  }
  const member = members[depth];
  if (member === undefined) {
    if (isObject(value)) return 'expected a value as a key, found an object';
    texts.push(typeof value === 'string' ? value : String(value));
    return undefined;
  }
  if (!isObject(value)) return `expected an object with '${member}', found ${kindOf(value)}`;
  const inner = Object.hasOwn(value, member) ? value[member] : undefined;
  return collect(inner, members, depth + 1, texts);
}
