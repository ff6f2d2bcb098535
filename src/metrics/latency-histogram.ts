/**
 * Latencies in shared memory: written by one thread per batch, read by the host at any time.
 *
 * Buckets are log-linear: each power of two is divided into {@link STEPS} equal parts, so a
 * percentile is at most 1 / {@link STEPS} too high.
 *
 * @module
 */

import {
  allocateCounters,
  type Allocator,
  type CounterAddress,
  CounterBlock,
  counterBytes,
  CounterReader,
} from '../ringbuf/index.ts';

const STEPS_BITS = 4;
/** Buckets per power of two. */
const STEPS = 1 << STEPS_BITS;
/** Latencies up to 2^36 µs, 19 hours; longer ones count as that. */
const OCTAVES = 36;
const BUCKETS = (OCTAVES - STEPS_BITS + 1) * STEPS;

/** Bytes that {@link allocateLatencies} takes. */
export const LATENCY_BYTES = counterBytes(BUCKETS);

/** Reserves a histogram for one writer. */
export function allocateLatencies(arena: Allocator): CounterAddress {
  return allocateCounters(arena, BUCKETS);
}

/** Bucket of a latency in microseconds. */
export function bucketOf(latencyUs: number): number {
  const us = latencyUs < 1 ? 0 : Math.floor(latencyUs);
  if (us < STEPS) return us;
  const octave = Math.floor(Math.log2(us));
  const step = Math.floor(us / 2 ** (octave - STEPS_BITS)) - STEPS;
  return Math.min(BUCKETS - 1, (octave - STEPS_BITS + 1) * STEPS + step);
}

/** The largest latency of a bucket. */
export function upperBoundUs(bucket: number): number {
  if (bucket < STEPS) return bucket;
  const octave = Math.floor(bucket / STEPS) - 1;
  return (STEPS + (bucket % STEPS) + 1) * 2 ** octave - 1;
}

/** The writing end. */
export class LatencyRecorder {
  readonly #counters: CounterBlock;

  constructor(buffer: SharedArrayBuffer, address: CounterAddress) {
    this.#counters = new CounterBlock(buffer, address);
  }

  /** Takes note of `rows` rows that took so long. Once per batch. */
  record(latencyUs: number, rows: number): void {
    this.#counters.add(bucketOf(latencyUs), rows);
  }
}

/** Percentiles in microseconds; `null` when nothing was recorded. */
export interface Latencies {
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
  readonly p9999: number;
  readonly max: number;
}

/** A reading end. */
export class LatencyReader {
  readonly #counters: CounterReader;

  constructor(buffer: SharedArrayBuffer, address: CounterAddress) {
    this.#counters = new CounterReader(buffer, address);
  }

  /** Percentiles over all rows since the start. */
  read(): Latencies | null {
    const counts = Array.from({ length: BUCKETS }, (_, bucket) => this.#counters.read(bucket));
    const total = counts.reduce((sum, count) => sum + count, 0);
    if (total === 0) return null;
    const at = (share: number): number => {
      let left = Math.ceil(total * share);
      const bucket = counts.findIndex((count) => (left -= count) <= 0);
      return upperBoundUs(bucket);
    };
    return { p50: at(0.5), p99: at(0.99), p999: at(0.999), p9999: at(0.9999), max: at(1) };
  }
}
