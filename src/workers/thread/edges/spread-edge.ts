/** An edge that deals rows out to the tasks of a node. @module */

import { Batch } from '../../../core/batch.ts';
import type { TimeUs } from '../../../core/units.ts';
import type { Edge } from '../flow.ts';
import { areIdle } from '../flow.ts';

/** Says which rows of a batch go where. */
export interface RowSplit {
  /** By target: its rows, in the order in which they came; valid until the next call of {@link split}. */
  readonly lists: readonly Uint32Array[];
  /** By target: how many. */
  readonly counts: Int32Array;
  split(batch: Batch): void;
}

/** Sends each row to one of its targets, as a view with a selection of its own. */
export class SpreadEdge implements Edge {
  readonly #targets: readonly Edge[];
  readonly #split: RowSplit;
  readonly #views: readonly Batch[];

  constructor(
    targets: readonly Edge[],
    split: RowSplit,
    { rowCapacity, hasTime }: { readonly rowCapacity: number; readonly hasTime: boolean },
  ) {
    this.#targets = targets;
    this.#split = split;
    this.#views = targets.map(() => Batch.view(rowCapacity, hasTime));
  }

  offer(batch: Batch): void {
    this.#split.split(batch);
    const { lists, counts } = this.#split;
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
