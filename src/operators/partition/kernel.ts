/** What `partition` does. @module */

import type { Batch } from '../../core/batch.ts';
import type { Column } from '../../core/column.ts';
import type { Kernel, KernelContext, OperatorPlan } from '../../core/operator.ts';
import { type Expansion, ExpandingKernel, writeValues } from '../expanding-kernel.ts';
import { fnvPartition } from './fnv-partition.ts';
import { KeyGroups } from './key-groups.ts';
import { keysOf } from './key-values.ts';
import { PackedKeys } from './packed-keys.ts';
import type { PartitionConfig } from './spec.ts';

/** Makes the kernel of a `partition`. */
export function createPartitionKernel(plan: OperatorPlan, context: KernelContext): Kernel {
  const config = plan.config as PartitionConfig;
  return new ExpandingKernel(plan, context, config.kept, new Partitions(config, plan));
}

type Row = readonly [partition: number | null, keys: readonly string[] | null];

const NO_ROWS: readonly Row[] = [];
const WITHOUT_KEYS: readonly Row[] = [[null, null]];

/** The partitions of one row after the other. */
class Partitions implements Expansion {
  readonly isOneToOne = false;
  readonly #config: PartitionConfig;
  readonly #added: OperatorPlan['outputs'][number]['stream']['schema'];
  readonly #packed: PackedKeys;
  readonly #groups: KeyGroups;
  /** The rows of a row that takes more care. */
  #rows = NO_ROWS;
  #next = 0;

  constructor(config: PartitionConfig, plan: OperatorPlan) {
    this.#config = config;
    this.#added = plan.outputs[0]!.stream.schema.slice(config.kept.length);
    this.#packed = new PackedKeys(config.paths);
    this.#groups = new KeyGroups(config.partitions);
  }

  begin(batch: Batch, row: number): string | undefined {
    const { paths, partitions, keepsUnroutable } = this.#config;
    this.#next = 0;
    this.#rows = NO_ROWS;
    if (this.#packed.read(batch, row)) {
      const found = this.#packed.keys;
      this.#groups.begin(found);
      if (found.count === 0 && keepsUnroutable) this.#rows = WITHOUT_KEYS;
      return undefined;
    }
    const texts = keysOf(batch, row, paths);
    if (typeof texts === 'string') return texts;
    this.#rows = rowsOf(texts, partitions);
    if (this.#rows.length === 0 && keepsUnroutable) this.#rows = WITHOUT_KEYS;
    return undefined;
  }

  next(columns: readonly Column[], at: number): boolean | string {
    const groups = this.#groups;
    if (groups.next()) {
      const { partition, list } = groups;
      columns[0]!.setPresent(at);
      columns[0]!.words[at] = partition;
      columns[1]!.setPresent(at);
      if (columns[1]!.setView(at, list.bytes, 0, list.length)) return true;
      return `column '${this.#added[1]!.name}': its list is too long`;
    }
    if (this.#next >= this.#rows.length) return false;
    return writeValues(columns, at, this.#rows[this.#next++]!, this.#added) ?? true;
  }
}

/** By partition, in the order of their first keys: keys, each once. */
function rowsOf(keys: readonly string[], partitions: number): Row[] {
  const byPartition = new Map<number, Set<string>>();
  for (const key of keys) {
    const partition = fnvPartition(key, partitions);
    const known = byPartition.get(partition);
    if (known === undefined) byPartition.set(partition, new Set([key]));
    else known.add(key);
  }
  return Array.from(byPartition, ([partition, own]): Row => [partition, [...own]]);
}
