/** From the best rows of a window to rows of the output. @module */

import { Column } from '../../core/column.ts';
import { MillraceError } from '../../core/errors.ts';
import { appendColumns, TUPLE_TOO_LARGE } from '../../core/gather.ts';
import type { Outbox } from '../../core/operator.ts';
import { INT64, TIMESTAMP } from '../../core/types.ts';
import type { TimeUs } from '../../core/units.ts';
import type { BestRows } from './best-rows.ts';
import type { TopConfig } from './config.ts';
import { Port } from './config.ts';
import { RowStore } from './row-store.ts';

/** Lists of rows, and the window they belong to. */
export interface ResultSource {
  readonly lists: readonly (readonly number[])[];
  readonly startUs: TimeUs;
  readonly endUs: TimeUs;
  /** When the last of the rows entered the engine; `-Infinity`: unknown. */
  readonly lastIngestUs: TimeUs;
}

/** Writes one source after the other. */
export class ResultWriter {
  readonly #config: TopConfig;
  readonly #node: string;
  readonly #store: RowStore;
  readonly #best: BestRows;
  /** As many rows as a segment has, so that all columns of a row have it at the same position. */
  readonly #start = Column.allocate(TIMESTAMP, RowStore.SEGMENT_ROWS);
  readonly #end = Column.allocate(TIMESTAMP, RowStore.SEGMENT_ROWS);
  readonly #rank = Column.allocate(INT64, RowStore.SEGMENT_ROWS);
  readonly #one = new Uint32Array(1);
  #source: ResultSource | undefined;
  /** The next row: which list, and where in it. */
  #list = 0;
  #index = 0;
  /** The rank of the row before it. */
  #rankBefore = 0;

  constructor(config: TopConfig, node: string, store: RowStore, best: BestRows) {
    this.#config = config;
    this.#node = node;
    this.#store = store;
    this.#best = best;
  }

  /** Begins with lists, which must stay as they are until {@link write} is true. */
  begin(source: ResultSource): void {
    this.#source = source;
    this.#list = 0;
    this.#index = 0;
  }

  /** Goes on writing; false when the output is full, true when all rows are written. */
  write(out: Outbox): boolean {
    const source = this.#source!;
    const { lists, endUs, lastIngestUs } = source;
    while (this.#list < lists.length) {
      const target = out.claim(Port.OUT);
      if (target === undefined) return false;
      let added = 1;
      while (added === 1 && this.#list < lists.length) {
        const list = lists[this.#list]!;
        added = appendColumns(target, this.#columnsOf(source, list), this.#one, 0, 1);
        if (added !== 1) break;
        if (target.hasTime) {
          target.setTimeUs(target.rowCount - 1, endUs - 1);
          target.setLateBy(target.rowCount - 1, 0);
        }
        this.#advance(list);
      }
      if (lastIngestUs > -Infinity && lastIngestUs < target.ingestTimeUs) {
        target.ingestTimeUs = lastIngestUs;
      }
      out.commit(Port.OUT, added === 0);
      if (added === TUPLE_TOO_LARGE) throw this.#tooLarge(target.heap.capacityBytes);
    }
    this.#source = undefined;
    return true;
  }

  #advance(list: readonly number[]): void {
    this.#rankBefore = this.#best.rankOf(list, this.#index, this.#rankBefore);
    if (++this.#index < list.length) return;
    this.#index = 0;
    this.#list++;
  }

  /** The columns of the next row, which lies where `#one` says. */
  #columnsOf({ startUs, endUs }: ResultSource, list: readonly number[]): readonly Column[] {
    const { showsWindow, showsRank } = this.#config;
    const row = list[this.#index]!;
    const at = this.#store.positionOf(row);
    this.#one[0] = at;
    const columns = this.#store.columnsOf(row);
    if (!showsWindow && !showsRank) return columns;
    this.#start.setI64FromNumber(at, startUs);
    this.#end.setI64FromNumber(at, endUs);
    const rank = this.#best.rankOf(list, this.#index, this.#rankBefore);
    this.#rank.setI64FromNumber(at, rank);
    return [
      ...(showsWindow ? [this.#start, this.#end] : []),
      ...columns,
      ...(showsRank ? [this.#rank] : []),
    ];
  }

  #tooLarge(limitBytes: number): MillraceError {
    return new MillraceError(
      'ERR_TUPLE_TOO_LARGE',
      `a row of '${this.#node}' has long values of more than the ${limitBytes} bytes that a slot ` +
        'has room for: raise engine.ring.heap',
      { node: this.#node },
    );
  }
}
