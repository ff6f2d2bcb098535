/** Instances by the keys of rows. @module */

import type { Batch } from '../../core/batch.ts';
import type { Instance } from './instance.ts';
import type { KeyReader } from './keys.ts';

/** A power of two. */
const LEAST_BUCKETS = 64;

/** A hash table whose buckets are chains of instances. */
export class InstanceIndex {
  #buckets: (Instance | undefined)[] = emptyBuckets(LEAST_BUCKETS);
  #mask = LEAST_BUCKETS - 1;
  #size = 0;

  /**
   * The instance for the row that `reader` has read last.
   *
   * @hot
   */
  find(reader: KeyReader, batch: Batch, row: number): Instance | undefined {
    const { hash } = reader;
    let instance = this.#buckets[hash & this.#mask];
    while (instance !== undefined) {
      if (instance.key.hash === hash && reader.matches(instance.key, batch, row)) return instance;
      instance = instance.sibling;
    }
    return undefined;
  }

  /** Adds an instance whose key is not there. */
  add(instance: Instance): void {
    if (++this.#size > this.#buckets.length) this.#grow();
    this.#insert(instance);
  }

  remove(instance: Instance): void {
    const at = instance.key.hash & this.#mask;
    let before = this.#buckets[at];
    if (before === instance) this.#buckets[at] = instance.sibling;
    else {
      while (before!.sibling !== instance) before = before!.sibling;
      before!.sibling = instance.sibling;
    }
    instance.sibling = undefined;
    this.#size--;
  }

  #insert(instance: Instance): void {
    const at = instance.key.hash & this.#mask;
    instance.sibling = this.#buckets[at];
    this.#buckets[at] = instance;
  }

  #grow(): void {
    const old = this.#buckets;
    this.#buckets = emptyBuckets(old.length * 2);
    this.#mask = old.length * 2 - 1;
    for (const first of old) {
      for (let instance = first; instance !== undefined;) {
        const next = instance.sibling;
        this.#insert(instance);
        instance = next;
      }
    }
  }
}

function emptyBuckets(count: number): (Instance | undefined)[] {
  return Array.from({ length: count }, () => undefined);
}
