/**
 * Replays tuples from memory: event times move on by a microsecond a tuple, all else comes again.
 *
 * A paced source gives a tuple when it is due by the clock, which is also its event time.
 *
 * @module
 */

import type {
  SourceBatch,
  SourceColumn,
  SourceModule,
  SourceModuleContext,
  SourceModuleOptions,
  SourceProgress,
} from '../../../src/index.ts';
import { makeTuples, readAds, TEMPLATES } from './tuples.ts';

/** What the topology says. */
export interface YsbOptions {
  readonly events: number;
  /** Event time of the first tuple; if it is paced, also when it is due. */
  readonly startUs: number;
  /** A tuple is due every microsecond; otherwise they go as fast as they are taken. */
  readonly isPaced?: boolean;
}

/** Opens the source. */
export function open(options: SourceModuleOptions, context: SourceModuleContext): SourceModule {
  return new Replay(options as unknown as YsbOptions, context);
}

/** Words of an int64 are computed with, since no bigint is fast enough. */
const LOW_RANGE = 4_294_967_296;
/** Tuples that one source gives in a row, and most rows of a batch; divides {@link TEMPLATES}. */
const BLOCK = 4096;
/** The same of a paced source: the others' windows wait for it meanwhile. */
const PACED_BLOCK = 1024;
/** How often a paced source looks at the clock. */
const WAKE_MS = 0.05;

class Replay implements SourceModule {
  readonly #context: SourceModuleContext;
  readonly #options: YsbOptions;
  readonly #blockRows: number;
  /** By block and column: its values; event times are not among them. */
  readonly #blocks: readonly (readonly (SourceColumn | undefined)[])[];
  /** Number of the next tuple. */
  #next: number;

  constructor(options: YsbOptions, context: SourceModuleContext) {
    const blockRows = options.isPaced === true ? PACED_BLOCK : BLOCK;
    if (context.rowCapacity < blockRows)
      throw new RangeError(`expected batches of ${blockRows} rows`);
    const { columns } = makeTuples(readAds());
    this.#context = context;
    this.#options = options;
    this.#blockRows = blockRows;
    this.#blocks = Array.from({ length: TEMPLATES / blockRows }, (_, block) =>
      context.schema.map(({ name }, position) => {
        const values = columns.get(name);
        if (values === undefined) return undefined;
        const bytes = (values.length / TEMPLATES) * blockRows;
        const column = context.createColumn(position);
        column.bytes.set(values.subarray(block * bytes, (block + 1) * bytes));
        return column;
      }),
    );
    this.#next = context.nextPart() * blockRows;
  }

  read(batch: SourceBatch): SourceProgress {
    const { events, startUs } = this.#options;
    const blockRows = this.#blockRows;
    const due = this.#due();
    const row = batch.rowCount;
    const at = this.#next % TEMPLATES;
    const left = blockRows - (at % blockRows);
    const count = Math.min(batch.rowCapacity - row, left, due - this.#next);
    if (count <= 0) return this.#next >= events ? 'end' : this.#wait();
    const firstUs = startUs + this.#next;
    if (this.#options.isPaced === true && firstUs < batch.ingestTimeUs)
      batch.ingestTimeUs = firstUs;
    this.#fill(batch, this.#blocks[(at / blockRows) | 0]!, at % blockRows, count, firstUs);
    batch.setRowCount(row + count);
    this.#next += count;
    // Blocks of tuples are dealt out among the sources.
    if (count === left) this.#next = this.#context.nextPart() * blockRows;
    if (this.#next >= events) return 'end';
    return this.#next < due ? 'more' : this.#wait();
  }

  #fill(
    batch: SourceBatch,
    block: readonly (SourceColumn | undefined)[],
    from: number,
    count: number,
    firstUs: number,
  ): void {
    const row = batch.rowCount;
    for (let c = 0; c < block.length; c++) {
      const values = block[c];
      const { bytes, words } = batch.columns[c]!;
      if (values === undefined) {
        writeTimes(words, row, count, firstUs);
      } else if (from === 0 && row === 0) {
        batch.show(c, values, count);
      } else {
        const width = bytes.length / batch.rowCapacity;
        bytes.set(values.bytes.subarray(from * width, (from + count) * width), row * width);
      }
    }
  }

  /** Tuples that have come by now. */
  #due(): number {
    const { events, startUs, isPaced } = this.#options;
    if (isPaced !== true) return events;
    return Math.min(events, Math.floor(this.#context.clock.nowUs() - startUs));
  }

  /** Others may have the core meanwhile. */
  #wait(): SourceProgress {
    this.#context.wakeAfter(WAKE_MS);
    return 'wait';
  }
}

/** `firstUs`, `firstUs + 1`, … as int64. */
function writeTimes(words: Int32Array, row: number, count: number, firstUs: number): void {
  const high = Math.floor(firstUs / LOW_RANGE);
  const low = firstUs - high * LOW_RANGE;
  const before = Math.min(count, LOW_RANGE - low);
  writeRun(words, row, before, low | 0, high);
  if (before < count) writeRun(words, row + before, count - before, 0, high + 1);
}

/** int64 values with one high half. */
function writeRun(words: Int32Array, row: number, count: number, low: number, high: number): void {
  const end = 2 * (row + count);
  let next = low;
  for (let at = 2 * row; at < end; at += 2) {
    words[at] = next;
    words[at + 1] = high;
    next = (next + 1) | 0;
  }
}
