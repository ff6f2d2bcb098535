/** What `window_drop` does. @module */

import type { Batch } from '../../core/batch.ts';
import type { Kernel, KernelContext, OperatorPlan } from '../../core/operator.ts';
import { hashRows } from '../../state/index.ts';
import { DropKernel, dropBound, mix32 } from '../drop-kernel.ts';
import { SlidingWindows, type WindowIndex } from '../window-scheme.ts';
import type { WindowDropConfig } from './spec.ts';

/** Makes the kernel of a `window_drop`. */
export function createWindowDropKernel(plan: OperatorPlan, context: KernelContext): Kernel {
  const windows = new WindowChance(plan.config as WindowDropConfig, context);
  return new DropKernel(plan, context, (batch, kept) => windows.choose(batch, kept));
}

/** Which windows of which groups are kept. */
class WindowChance {
  readonly #config: WindowDropConfig;
  readonly #scheme: SlidingWindows;
  readonly #bound: number;
  readonly #salt: number;
  readonly #hashes: Int32Array;

  constructor(config: WindowDropConfig, context: KernelContext) {
    this.#config = config;
    this.#scheme = new SlidingWindows(config.window);
    this.#bound = dropBound(config.rate);
    this.#salt = mix32(config.seed);
    this.#hashes = context.memory.words(context.rowCapacity);
  }

  choose(batch: Batch, kept: Uint32Array): number {
    const { columns, selection, selected } = batch;
    const { groupBy } = this.#config;
    const groups = groupBy.map((c) => columns[c]!);
    hashRows(groups, selection, 0, selected, this.#hashes);
    let count = 0;
    for (let i = 0; i < selected; i++) {
      const row = selection[i]!;
      kept[count] = row;
      count += this.#isKept(batch, row, this.#hashes[i]!) ? 1 : 0;
    }
    return count;
  }

  #isKept(batch: Batch, row: number, group: number): boolean {
    const { start } = this.#config;
    const scheme = this.#scheme;
    if (start !== undefined) {
      const column = batch.columns[start]!;
      return (
        column.isNull(row) || this.#keeps(scheme.lastWindowAt(column.getI64AsNumber(row)), group)
      );
    }
    const timeUs = batch.timeUs(row);
    const last = scheme.lastWindowAt(timeUs);
    for (let window = scheme.firstOpenWindow(timeUs); window <= last; window++) {
      if (this.#keeps(window, group)) return true;
    }
    return false;
  }

  #keeps(window: WindowIndex, group: number): boolean {
    const high = Math.floor(window / 4294967296);
    const hash = mix32(mix32(mix32(group ^ this.#salt) ^ (window | 0)) ^ high);
    return hash >>> 0 >= this.#bound;
  }
}
