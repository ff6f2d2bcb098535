/** An edge that spreads rows over the tasks of a node by their keys. @module */

import { Batch } from '../../../core/batch.ts';
import type { BatchLayout } from '../../../core/batch-layout.ts';
import type { Column } from '../../../core/column.ts';
import type { KernelMemory } from '../../../core/memory.ts';
import { storageOf } from '../../../core/types.ts';
import type { TimeUs } from '../../../core/units.ts';
import { RowSpreader } from '../../../columns/index.ts';
import { KeyHasher } from '../../../state/key-hasher.ts';
import type { Edge } from '../flow.ts';
import { areIdle } from '../flow.ts';

/** Sends each row to `targets[hash(keys) mod n]`, as a view with a selection of its own. */
export class HashEdge implements Edge {
  readonly #keyColumns: readonly number[];
  readonly #targets: readonly Edge[];
  readonly #hasher: KeyHasher;
  readonly #keys: Column[] = [];
  readonly #spreader: RowSpreader;
  readonly #views: readonly Batch[];

  constructor(
    keyColumns: readonly number[],
    targets: readonly Edge[],
    { schema, rowCapacity, hasTime }: BatchLayout,
    memory: KernelMemory,
  ) {
    this.#keyColumns = keyColumns;
    this.#targets = targets;
    const storages = keyColumns.map((column) => storageOf(schema[column]!.type));
    this.#hasher = new KeyHasher(memory, storages, rowCapacity, 'spread');
    this.#spreader = new RowSpreader(memory, targets.length, rowCapacity);
    this.#views = targets.map(() => Batch.view(rowCapacity, hasTime));
  }

  offer(batch: Batch): void {
    const keyColumns = this.#keyColumns;
    for (let k = 0; k < keyColumns.length; k++) this.#keys[k] = batch.columns[keyColumns[k]!]!;
    this.#hasher.hash(this.#keys, batch.selection, batch.selected);
    this.#spreader.spread(this.#hasher.hashes, batch.selection, batch.selected);
    const { lists, counts } = this.#spreader;
    for (let target = 0; target < this.#targets.length; target++) {
      const count = counts[target]!;
      if (count === 0) continue;
      const view = this.#views[target]!;
      view.shareColumns(batch);
      view.selection = lists[target]!;
      view.selected = count;
      this.#targets[target]!.offer(view);
    }
  }

  watermark(watermarkUs: TimeUs): void {
    for (const target of this.#targets) target.watermark(watermarkUs);
  }

  end(): void {
    for (const target of this.#targets) target.end();
  }

  isIdle(): boolean {
    return areIdle(this.#targets);
  }

  pump(): boolean {
    let moved = false;
    for (const target of this.#targets) if (!target.isIdle() && target.pump()) moved = true;
    return moved;
  }

  flush(nowMs: number): boolean {
    let moved = false;
    for (const target of this.#targets) if (target.flush(nowMs)) moved = true;
    return moved;
  }
}
