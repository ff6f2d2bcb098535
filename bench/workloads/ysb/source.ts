/**
 * Replays tuples from memory: event times move on by a microsecond a tuple, all else comes again.
 *
 * A paced source gives a tuple when it is due by the clock, which is also its event time.
 *
 * @module
 */

import type {
  SourceBatch,
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
/** Tuples that one source gives in a row; divides {@link TEMPLATES}. */
const BLOCK = 1024;
/** How often a paced source looks at the clock. */
const WAKE_MS = 0.05;

class Replay implements SourceModule {
  readonly #context: SourceModuleContext;
  readonly #options: YsbOptions;
  /** By column: the templates' values, and their bytes each; the event time has none. */
  readonly #values: readonly (Uint8Array | undefined)[];
  /** Number of the next tuple. */
  #next: number;

  constructor(options: YsbOptions, context: SourceModuleContext) {
    const { columns } = makeTuples(readAds());
    this.#context = context;
    this.#options = options;
    this.#values = context.schema.map(({ name }) => columns.get(name));
    this.#next = context.instance * BLOCK;
  }

  read(batch: SourceBatch): SourceProgress {
    const { events, startUs } = this.#options;
    const due = this.#due();
    const row = batch.rowCount;
    const at = this.#next % TEMPLATES;
    const left = BLOCK - (at % BLOCK);
    const count = Math.min(batch.rowCapacity - row, left, due - this.#next);
    if (count <= 0) return this.#next >= events ? 'end' : this.#wait();
    const firstUs = startUs + this.#next;
    if (this.#options.isPaced === true && firstUs < batch.ingestTimeUs)
      batch.ingestTimeUs = firstUs;
    for (let c = 0; c < this.#values.length; c++) {
      const column = batch.columns[c]!;
      const values = this.#values[c];
      if (values === undefined) {
        writeTimes(column.words, row, count, firstUs);
      } else {
        const width = values.length / TEMPLATES;
        column.bytes.set(values.subarray(at * width, (at + count) * width), row * width);
      }
    }
    batch.setRowCount(row + count);
    this.#next += count;
    // Blocks of tuples go round the sources.
    if (count === left) this.#next += (this.#context.instances - 1) * BLOCK;
    if (this.#next >= events) return 'end';
    return this.#next < due ? 'more' : this.#wait();
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
  for (let i = 0; i < count; i++) {
    const sum = low + i;
    words[2 * (row + i)] = sum | 0;
    words[2 * (row + i) + 1] = sum < LOW_RANGE ? high : high + 1;
  }
}
