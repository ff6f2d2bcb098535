/**
 * Which rows of a batch are of which part, by the hash of their keys.
 *
 * There are 32 places. A place has one part at first; a part that has become too large is parted in two, by a
 * bit more of another mix of the hash, its *path*.
 *
 * @module
 */

import type { Batch } from '../../../core/batch.ts';
import type { Column } from '../../../core/column.ts';
import type { KernelContext } from '../../../core/operator.ts';
import type { Schema } from '../../../core/schema.ts';
import { storageOf } from '../../../core/types.ts';
import { KeyHasher } from '../../../state/index.ts';
import { PositionSort } from '../../position-sort.ts';
import { PARTITIONS, partitionOf } from '../spilled-rows.ts';

/** The keys of a part in its place: those whose paths begin with these bits. */
export interface PartPath {
  readonly depth: number;
  readonly path: number;
}

/** Whether a key is one of them. @hot */
export function isOnPath(hash: number, depth: number, path: number): boolean {
  if (depth === 0) return true;
  let mixed = Math.imul(hash ^ (hash >>> 16), 0x85eb_ca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2_ae35);
  return (mixed ^ (mixed >>> 16)) >>> (32 - depth) === path;
}

/** Splits batches of one input. */
export class PartSplit {
  /** Live rows by place, and of each the hash of its key. */
  readonly rows: Uint32Array;
  readonly hashes: Int32Array;
  /** What {@link choose} has found. */
  readonly chosen: Uint32Array;
  readonly chosenHashes: Int32Array;
  readonly #positions: readonly number[];
  readonly #hasher: KeyHasher;
  readonly #keys: Column[] = [];
  readonly #sort: PositionSort;
  readonly #places: Int32Array;

  /** @param positions - of the key columns, one at least */
  constructor(
    schema: Schema,
    positions: readonly number[],
    hash: 'table' | 'spread',
    context: KernelContext,
  ) {
    const { memory, rowCapacity } = context;
    const storages = positions.map((column) => storageOf(schema[column]!.type));
    this.#positions = positions;
    this.#hasher = new KeyHasher(memory, storages, rowCapacity, hash);
    this.#sort = new PositionSort(rowCapacity);
    this.#places = new Int32Array(rowCapacity);
    this.rows = memory.rows(rowCapacity);
    this.hashes = new Int32Array(rowCapacity);
    this.chosen = memory.rows(rowCapacity);
    this.chosenHashes = new Int32Array(rowCapacity);
  }

  /** Splits the live rows of a batch. */
  split(batch: Batch): void {
    const { selection, selected } = batch;
    const positions = this.#positions;
    for (let k = 0; k < positions.length; k++) this.#keys[k] = batch.columns[positions[k]!]!;
    const hasher = this.#hasher;
    hasher.hash(this.#keys, selection, selected);
    this.#findPlaces(hasher.hashes, selected);
    this.#sort.sort(this.#places, selected, PARTITIONS);
    this.#putInOrder(selection, hasher.hashes, selected);
  }

  /** Rows of a place are `rows[from .. to)`, `from` that of the place before. */
  endOf(place: number): number {
    return this.#sort.endOf(place);
  }

  /** Lists those of `rows[from .. to)` in {@link chosen} that are of one of the parts of a place. */
  choose({ depth, path }: PartPath, from: number, to: number): number {
    const { rows, hashes, chosen, chosenHashes } = this;
    let count = 0;
    for (let i = from; i < to; i++) {
      if (!isOnPath(hashes[i]!, depth, path)) continue;
      chosen[count] = rows[i]!;
      chosenHashes[count++] = hashes[i]!;
    }
    return count;
  }

  /** @hot */
  #findPlaces(hashes: Int32Array, count: number): void {
    for (let i = 0; i < count; i++) this.#places[i] = partitionOf(hashes[i]!, 0);
  }

  /** @hot */
  #putInOrder(selection: Uint32Array, hashes: Int32Array, count: number): void {
    const { order } = this.#sort;
    for (let i = 0; i < count; i++) {
      const at = order[i]!;
      this.rows[i] = selection[at]!;
      this.hashes[i] = hashes[at]!;
    }
  }
}
