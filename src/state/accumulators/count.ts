/** `COUNT`. @module */

import type { Column } from '../../core/column.ts';
import type { Arena } from '../arena.ts';
import type { GroupState } from './accumulator.ts';
import type { RecordLayout } from '../record-layout.ts';
import type { Accumulator } from './accumulator.ts';

/** Counts rows, in one float64: exact up to 2^53. */
export class CountAccumulator implements Accumulator {
  readonly #floats: Float64Array;
  readonly #cell: number;

  constructor(arena: Arena, layout: RecordLayout) {
    this.#floats = arena.floats;
    this.#cell = layout.reserve(1);
  }

  update(
    _state: GroupState,
    records: Int32Array,
    _column: Column | undefined,
    _rows: Uint32Array,
    from: number,
    to: number,
  ): void {
    addOnes(this.#floats, this.#cell, records, from, to);
  }

  merge(targets: Int32Array, sources: Int32Array, count: number): void {
    const floats = this.#floats;
    for (let i = 0; i < count; i++) {
      const at = targets[i]! + this.#cell;
      floats[at] = floats[at]! + floats[sources[i]! + this.#cell]!;
    }
  }

  finishMerge(): void {}

  read(records: Int32Array, count: number, target: Column): number {
    for (let i = 0; i < count; i++) {
      target.setI64FromNumber(i, this.#floats[records[i]! + this.#cell]!);
    }
    return 0;
  }
}

/** @hot */
function addOnes(
  floats: Float64Array,
  cell: number,
  records: Int32Array,
  from: number,
  to: number,
): void {
  for (let i = from; i < to; i++) {
    const at = records[i]! + cell;
    floats[at] = floats[at]! + 1;
  }
}
