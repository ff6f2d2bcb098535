/** Ordering the rows of a batch by small numbers. @module */

/** A stable counting sort of positions by bucket. */
export class PositionSort {
  /** After {@link sort}: positions, by bucket. */
  readonly order: Uint32Array;
  readonly #ends: Int32Array;

  constructor(rowCapacity: number) {
    this.order = new Uint32Array(rowCapacity);
    this.#ends = new Int32Array(rowCapacity + 1);
  }

  /**
   * Orders positions `0 .. count` by `buckets[position]`, which is below `bucketCount`.
   *
   * @hot
   */
  sort(buckets: Int32Array, count: number, bucketCount: number): void {
    const ends = this.#ends;
    const order = this.order;
    ends.fill(0, 0, bucketCount + 1);
    for (let i = 0; i < count; i++) ends[buckets[i]! + 1] = ends[buckets[i]! + 1]! + 1;
    for (let b = 1; b <= bucketCount; b++) ends[b] = ends[b]! + ends[b - 1]!;
    for (let i = 0; i < count; i++) {
      const bucket = buckets[i]!;
      order[ends[bucket]!] = i;
      ends[bucket] = ends[bucket]! + 1;
    }
  }

  /** Where the positions of a bucket end in {@link order}. */
  endOf(bucket: number): number {
    return this.#ends[bucket]!;
  }
}
