/** The rows of a batch that reaches a join, with what is needed to find their matches. @module */

import type { Batch } from '../../core/batch.ts';
import { identitySelection } from '../../core/batch.ts';
import { Column } from '../../core/column.ts';
import type { KernelMemory } from '../../core/memory.ts';
import { storageOf } from '../../core/types.ts';
import type { Schema, StreamType } from '../../core/schema.ts';
import type { TimeUs } from '../../core/units.ts';
import type { BatchExpression, BatchOptions } from '../../expr/index.ts';
import { compileBatch, RowErrors } from '../../expr/index.ts';
import type { KeptFacts, Wanted } from '../../state/index.ts';
import { canonicalFloats, KeyHasher } from '../../state/index.ts';
import type { RowFailures } from '../row-failures.ts';
import { nameColumns } from '../row-text.ts';
import type { JoinSide, Side } from './config.ts';
import type { Reach } from './reach.ts';
import type { RowNotes } from './row-notes.ts';
import type { TimeKernels } from './time-kernels.ts';

/** Room for a float64 for each row. */
export function floatsOf(memory: KernelMemory, rows: number): Float64Array {
  return new Float64Array(memory.buffer, memory.allocate(8 * rows).byteOffset, rows);
}

/** The rows of one input's current batch. Arrays beside `live` and `keyless` are by row. */
export class ArrivingRows implements KeptFacts, Wanted, RowNotes {
  /** `live[0 .. liveCount)`: rows with a key. */
  readonly live: Uint32Array;
  liveCount = 0;
  /** `keyless[0 .. keylessCount)`: rows that cannot match because a key is null. */
  readonly keyless: Uint32Array;
  keylessCount = 0;
  readonly times: Float64Array;
  /** Event time plus lateness. */
  readonly marks: Float64Array;
  /** The least time and the largest mark of a match. */
  readonly earliest: Float64Array;
  readonly latest: Float64Array;
  /** Where that is asked: the matches that each row has found. */
  readonly matches: Int32Array;
  /** By key; columns of the batch, or computed. */
  readonly keys: Column[] = [];
  /** By position in what is kept of a row; columns of the batch, or of `keys`. */
  readonly kept: Column[] = [];
  readonly #port: Side;
  readonly #side: JoinSide;
  readonly #schema: Schema;
  readonly #hasTime: boolean;
  readonly #reach: Reach;
  /** By key; `undefined` where the key is a column. */
  readonly #expressions: readonly (BatchExpression | undefined)[];
  /** By key: where float keys go to be hashed. */
  readonly #canonical: readonly (Column | undefined)[];
  readonly #hashed: Column[] = [];
  /** `undefined`: there are no keys, and all rows have one hash. */
  readonly #hasher: KeyHasher | undefined;
  readonly #hashes: Int32Array;
  /** By row. */
  #rowHashes: Int32Array;
  readonly #isTracked: boolean;
  readonly #kernels: TimeKernels;
  readonly #errors: RowErrors;

  /** @param isTracked - whether it is asked which rows found a match */
  constructor(
    port: Side,
    side: JoinSide,
    { schema, hasTime }: StreamType,
    reach: Reach,
    isTracked: boolean,
    kernels: TimeKernels,
    options: BatchOptions,
  ) {
    const { rowCapacity, memory } = options;
    this.#port = port;
    this.#side = side;
    this.#isTracked = isTracked;
    this.#kernels = kernels;
    this.#schema = schema;
    this.#hasTime = hasTime;
    this.#reach = reach;
    this.#errors = new RowErrors(rowCapacity);
    this.live = memory.rows(rowCapacity);
    this.keyless = memory.rows(rowCapacity);
    this.#hashes = memory.words(rowCapacity);
    const storages = side.keys.map(({ type }) => storageOf(type));
    const hasKeys = storages.length > 0;
    this.#hasher = hasKeys ? new KeyHasher(memory, storages, rowCapacity, 'table') : undefined;
    this.#rowHashes = this.#hashes;
    this.times = floatsOf(memory, rowCapacity).fill(0);
    this.marks = floatsOf(memory, rowCapacity).fill(0);
    this.earliest = floatsOf(memory, rowCapacity).fill(-Infinity);
    this.latest = floatsOf(memory, rowCapacity).fill(Infinity);
    this.matches = memory.words(isTracked ? rowCapacity : 1);
    this.#expressions = side.keys.map((key) =>
      key.op === 'column' ? undefined : compileBatch(key, options),
    );
    this.#canonical = side.keys.map((key) =>
      key.type.kind === 'float64' ? Column.allocate(key.type, rowCapacity, memory) : undefined,
    );
  }

  /**
   * Takes the selected rows of a batch, but those that nothing can match any more.
   *
   * @returns how many rows were left out as too late
   */
  take(batch: Batch, failures: RowFailures): number {
    const tooLate = this.#select(batch);
    this.#computeKeys(batch, failures);
    this.#setNullsAside();
    this.#hash();
    if (this.#hasTime) {
      this.#note(batch, this.live, this.liveCount);
      if (this.#isTracked) this.#note(batch, this.keyless, this.keylessCount);
    }
    if (this.#isTracked) this.#forgetMatches(batch.rowCount);
    return tooLate;
  }

  #forgetMatches(rowCount: number): void {
    const { live, liveCount, keyless, keylessCount, matches } = this;
    if (liveCount > rowCount / 4) {
      matches.fill(0, 0, rowCount);
      return;
    }
    for (let i = 0; i < liveCount; i++) matches[live[i]!] = 0;
    for (let i = 0; i < keylessCount; i++) matches[keyless[i]!] = 0;
  }

  /** Hash of each row's key. */
  get hashes(): Int32Array {
    return this.#rowHashes;
  }

  /** @hot */
  noteMatches(rows: Int32Array, pairs: Uint32Array, count: number, bits: Int32Array): void {
    const matched = this.matches;
    for (let i = 0; i < count; i++) {
      const pair = pairs[i]!;
      const row = rows[pair]!;
      matched[row] = matched[row]! | bits[pair]!;
    }
  }

  /** @hot */
  noteMatch(row: number, bits: number): boolean {
    const before = this.matches[row]!;
    this.matches[row] = before | bits;
    return (before & bits) === 0;
  }

  matchesOf(row: number): number {
    return this.matches[row]!;
  }

  timeUs(row: number): TimeUs {
    return this.times[row]!;
  }

  markUs(row: number): TimeUs {
    return this.marks[row]!;
  }

  readTimes(
    rows: Int32Array,
    pairs: Uint32Array,
    count: number,
    times: Float64Array,
    lateBy: Float64Array,
  ): void {
    this.#kernels.readRows(
      pairs.byteOffset,
      count,
      rows.byteOffset,
      this.times.byteOffset,
      this.marks.byteOffset,
      times.byteOffset,
      lateBy.byteOffset,
    );
  }

  #select(batch: Batch): number {
    const { selection, selected } = batch;
    if (!this.#hasTime || batch.lateCount === 0) {
      for (let i = 0; i < selected; i++) this.live[i] = selection[i]!;
      this.liveCount = selected;
      return 0;
    }
    let count = 0;
    for (let i = 0; i < selected; i++) {
      const row = selection[i]!;
      const timeUs = batch.timeUs(row);
      if (this.#reach.isTooLate(timeUs, timeUs + batch.lateByUs(row), this.#port)) continue;
      this.live[count++] = row;
    }
    this.liveCount = count;
    return selected - count;
  }

  #computeKeys(batch: Batch, failures: RowFailures): void {
    const { keys, kept } = this.#side;
    for (let k = 0; k < keys.length; k++) {
      const key = keys[k]!;
      const expression = this.#expressions[k];
      if (key.op === 'column') {
        this.keys[k] = batch.columns[key.index]!;
      } else if (expression !== undefined) {
        const { live, liveCount } = this;
        const errors = this.#errors;
        this.keys[k] = expression.evaluate(batch, live, liveCount, errors);
        if (errors.count === 0) continue;
        const named = nameColumns(this.#schema, batch.columns);
        this.liveCount = failures.drop(errors, live, liveCount, 'on', named);
      }
    }
    for (let c = 0; c < kept.length; c++) {
      const column = kept[c]!;
      this.kept[c] =
        column.kind === 'column' ? batch.columns[column.position]! : this.keys[column.key]!;
    }
  }

  /** Moves rows with a null key from `live` to `keyless`. */
  #setNullsAside(): void {
    const { live, keyless } = this;
    this.keylessCount = 0;
    for (let k = 0; k < this.keys.length; k++) {
      const key = this.keys[k]!;
      if (key.nullCount === 0) continue;
      let count = 0;
      for (let i = 0; i < this.liveCount; i++) {
        const row = live[i]!;
        if (key.isNull(row)) keyless[this.keylessCount++] = row;
        else live[count++] = row;
      }
      this.liveCount = count;
    }
  }

  #hash(): void {
    const { live, liveCount: count } = this;
    const hasher = this.#hasher;
    if (hasher === undefined) return;
    for (let k = 0; k < this.keys.length; k++) {
      const key = this.keys[k]!;
      const canonical = this.#canonical[k];
      if (canonical !== undefined) canonicalFloats(key, canonical, live, 0, count);
      this.#hashed[k] = canonical ?? key;
    }
    this.#rowHashes = hasher.hashes;
    // Rows are in order, so these are all there are.
    if (count === 0 || live[count - 1] === count - 1) {
      hasher.hash(this.#hashed, identitySelection(live.length), count);
      return;
    }
    // Hashes are by position, and wanted by row.
    hasher.hash(this.#hashed, live, count);
    for (let i = 0; i < count; i++) this.#hashes[live[i]!] = hasher.hashes[i]!;
    this.#rowHashes = this.#hashes;
  }

  #note(batch: Batch, rows: Uint32Array, count: number): void {
    const { timeWords, lateBy, lateCount } = batch;
    const { buffer } = rows;
    if (timeWords.buffer !== buffer || (lateCount !== 0 && lateBy.buffer !== buffer)) {
      this.#noteTimes(batch, rows, count);
      return;
    }
    this.#reach.note(this.#kernels, this.#port, batch, [
      rows.byteOffset,
      count,
      timeWords.byteOffset,
      lateCount === 0 ? 0 : lateBy.byteOffset,
      this.times.byteOffset,
      this.marks.byteOffset,
      this.earliest.byteOffset,
      this.latest.byteOffset,
    ]);
  }

  /** @hot */
  #noteTimes(batch: Batch, rows: Uint32Array, count: number): void {
    const { times, marks, earliest, latest } = this;
    const port = this.#port;
    for (let i = 0; i < count; i++) {
      const row = rows[i]!;
      const timeUs = batch.timeUs(row);
      const markUs = timeUs + batch.lateByUs(row);
      times[row] = timeUs;
      marks[row] = markUs;
      earliest[row] = this.#reach.earliestUs(port, markUs);
      latest[row] = this.#reach.latestUs(port, timeUs);
    }
  }
}
