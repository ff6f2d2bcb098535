/** Rows of matches side by side, as columns that expressions read. @module */

import { Batch } from '../../core/batch.ts';
import { Column, Heap } from '../../core/column.ts';
import type { KernelContext, OperatorPlan } from '../../core/operator.ts';
import type { HeldRows } from '../../state/index.ts';
import type { RowsOf } from '../row-gather.ts';
import { RowGather } from '../row-gather.ts';
import type { NamedColumn } from '../row-text.ts';
import type { PatternConfig } from './config.ts';

const LARGEST_HEAP_BYTES = 0x7fff_ffff;

interface Part {
  readonly rows: RowsOf;
  readonly positions: readonly number[];
  readonly heap: Heap;
}

/** Fill {@link records}, then {@link gather}. */
export class MatchColumns {
  /** By event: records by position; only those of events that were asked for. */
  readonly records: readonly Int32Array[];
  /** What was gathered, in the order that the plan's expressions know. */
  readonly batch: Batch;
  /** The columns that are used, for messages. */
  readonly named: readonly NamedColumn[];
  readonly #gather: RowGather;
  readonly #parts: readonly Part[];

  /**
   * @param inputs - by input: its rows
   * @param gathered - the events whose rows are gathered
   * @param capacity - most rows
   */
  constructor(
    plan: OperatorPlan,
    { memory }: KernelContext,
    inputs: readonly HeldRows[],
    gathered: readonly number[],
    capacity: number,
  ) {
    const { events, kept } = plan.config as PatternConfig;
    this.#gather = new RowGather(memory, capacity);
    this.batch = Batch.view(capacity, false);
    this.records = events.map((_, e) => memory.words(gathered.includes(e) ? capacity : 1));
    const named: NamedColumn[] = [];
    const parts: Part[] = [];
    this.batch.columns = events.flatMap(({ name, input, base }, e) => {
      const heap = new Heap(new Uint8Array(0), LARGEST_HEAP_BYTES, memory);
      const own = gathered.includes(e) ? kept[input]! : [];
      const columns = plan.inputs[input]!.schema.map(({ type, name: column }, position) => {
        const isUsed = own.includes(position);
        const result = Column.allocate(type, isUsed ? capacity : 1, memory);
        result.heap = heap;
        if (isUsed) named.push({ name: `${name}.${column}`, column: result });
        return result;
      });
      if (own.length > 0) {
        const rows = { kernel: inputs[input]!.kernel, isKept: true, items: this.records[e]! };
        parts.push({ rows, positions: own.map((position) => base + position), heap });
      }
      return columns;
    });
    this.named = named;
    this.#parts = parts;
  }

  /** Gathers the columns of `count` records of each event. */
  gather(count: number): void {
    this.batch.rowCount = count;
    for (let p = 0; p < this.#parts.length; p++) {
      const { rows, positions, heap } = this.#parts[p]!;
      this.#gather.gatherAll(rows, count, this.batch.columns, positions, heap);
    }
  }
}
