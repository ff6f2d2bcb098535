/**
 * What came for parts that are on disk: their rows, in the order of each input, and watermarks.
 *
 * A watermark may come later than it did, behind rows that came after it, but never before rows that it
 * came behind. So rows are gathered over many watermarks, and only the last of these is noted.
 *
 * @module
 */

import type { Batch } from '../../../core/batch.ts';
import type { KernelContext, OperatorPlan } from '../../../core/operator.ts';
import type { SpillStore } from '../../../core/spill-store.ts';
import type { StateIo, Steps } from '../../../core/state-io.ts';
import { stateOfItems } from '../../../core/state-io.ts';
import type { TimeUs } from '../../../core/units.ts';
import { SpilledRows, SpilledRun } from '../spilled-rows.ts';

/** Rows that lie between watermarks that are noted, of all parts; fewer for a small state: bytes of it for each. */
const ROWS_BETWEEN = 8192;
const LIMIT_PER_ROW = 1024;

/** By input: pieces of rows of a part that come before watermarks, and these. */
interface LogMark {
  readonly pieces: readonly number[];
  readonly watermarksUs: readonly TimeUs[];
}

/** What came for one part. */
export class PartQueue {
  /** Which of the places of keys its part is in. */
  readonly place: number;
  /** By input. */
  runs: SpilledRun[];
  /** What came, in order. */
  marks: LogMark[] = [];

  constructor(place: number, inputs: number) {
    this.place = place;
    this.runs = Array.from({ length: inputs }, () => new SpilledRun(0));
  }

  /** By input: pieces of rows. */
  get pieces(): number[] {
    return this.runs.map(({ partitions }) => partitions[this.place]!.length);
  }
}

/** The queues of one task. */
export class PartLog {
  /** By input. */
  readonly #rows: readonly SpilledRows[];
  readonly #rowsBetween: number;
  /** Rows that are gathered and not written yet. */
  #gathered = 0;

  constructor({ inputs }: OperatorPlan, store: SpillStore, context: KernelContext) {
    this.#rowsBetween = Math.min(ROWS_BETWEEN, context.stateLimitBytes / LIMIT_PER_ROW);
    this.#rows = inputs.map(({ schema, hasTime }) => {
      const positions = schema.map((_, c) => c);
      return new SpilledRows({ stream: { schema, hasTime }, positions }, store, context);
    });
  }

  /** Takes rows `rows[0 .. count)`, of these hashes. */
  add(
    queue: PartQueue,
    port: number,
    batch: Batch,
    rows: Uint32Array,
    hashes: Int32Array,
    count: number,
  ): void {
    this.#rows[port]!.add(queue.runs[port]!, batch, rows, hashes, count);
    this.#gathered += count;
  }

  /** Whether there are so many rows that watermarks of now should be noted behind them: by {@link flush}. */
  get isDue(): boolean {
    return this.#gathered >= this.#rowsBetween;
  }

  /** Writes what was gathered, so that all rows can be read: in front of watermarks of now. */
  flush(queues: readonly PartQueue[], watermarksUs: readonly TimeUs[]): void {
    if (this.#gathered === 0) return;
    for (const rows of this.#rows) rows.flush();
    this.#gathered = 0;
    for (const { pieces, marks } of queues) {
      const before = marks.at(-1)?.pieces;
      if (pieces.every((count, port) => count === (before?.[port] ?? 0))) continue;
      marks.push({ pieces, watermarksUs: [...watermarksUs] });
    }
  }

  /** The rows of a piece, which is read once; valid until the next is read. */
  read({ runs, place }: PartQueue, port: number, piece: number): Batch {
    return this.#rows[port]!.read(runs[port]!, place, piece, false)!;
  }

  /** Forgets what came, all of which was read. */
  forget(queue: PartQueue): void {
    this.#rows.forEach((rows, port) => rows.forget(queue.runs[port]!, queue.place));
    queue.marks.length = 0;
  }

  /** Nothing is gathered. */
  *stateOf(io: StateIo, queue: PartQueue): Steps {
    for (const [port, rows] of this.#rows.entries()) {
      const known = io.isReading ? undefined : queue.runs[port];
      queue.runs[port] = yield* rows.stateOf(io, known);
    }
    const ports = [...this.#rows.keys()];
    queue.marks = yield* stateOfItems(io, queue.marks, (mark): LogMark => ({
      pieces: ports.map((port) => io.int(mark?.pieces[port] ?? 0)),
      watermarksUs: ports.map((port) => io.float(mark?.watermarksUs[port] ?? 0)),
    }));
  }
}
