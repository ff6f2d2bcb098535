/**
 * The tables in the memory that kernels work on.
 *
 * A table of texts is a list of entries of `stride` bytes: the 16 bytes of the view that a column has
 * of the text, as far as they are known beforehand, and the text itself in whole 16-byte words. Behind
 * every table there is room to read on.
 *
 * @module
 */

import { INLINE_BYTES } from '../../../../../src/core/column.ts';
import type { KernelMemory } from '../../../../../src/core/memory.ts';
import { type Tables, tablesOf } from '../tables.ts';

/** Texts in memory. */
export interface PlacedTexts {
  readonly address: number;
  readonly stride: number;
  readonly count: number;
}

/** Addresses of all tables. */
export interface PlacedTables {
  /** Views alone: all names are short enough to lie in them. */
  readonly channels: PlacedTexts;
  readonly urls: PlacedTexts;
  readonly names: PlacedTexts;
  readonly emails: PlacedTexts;
  readonly cities: PlacedTexts;
  readonly states: PlacedTexts;
  /** '0000' to '9999', four bytes each. */
  readonly digits: number;
  readonly letters: number;
  readonly prices: number;
}

const placed = new WeakMap<object, Map<number, PlacedTables>>();

/** The tables of a seed, in a worker's memory; sources on one worker share them. */
export function placeTables(seed: number, memory: KernelMemory): PlacedTables {
  const seeds = placed.get(memory) ?? new Map<number, PlacedTables>();
  placed.set(memory, seeds);
  const known = seeds.get(seed) ?? place(tablesOf(seed), memory);
  seeds.set(seed, known);
  return known;
}

function place(tables: Tables, memory: KernelMemory): PlacedTables {
  const digits = Array.from({ length: 10_000 }, (_, i) => String(i).padStart(4, '0')).join('');
  return {
    channels: placeTexts(tables.channels, memory, true),
    urls: placeTexts(tables.urls, memory),
    names: placeTexts(tables.names, memory),
    emails: placeTexts(tables.emails, memory),
    cities: placeTexts(tables.cities, memory),
    states: placeTexts(tables.states, memory),
    digits: placeBytes(new TextEncoder().encode(digits), memory),
    letters: placeBytes(tables.letters, memory),
    prices: placeBytes(new Uint8Array(tables.prices.buffer), memory),
  };
}

function placeBytes(bytes: Uint8Array, memory: KernelMemory): number {
  const { buffer, byteOffset } = memory.allocate(bytes.length);
  new Uint8Array(buffer, byteOffset, bytes.length).set(bytes);
  return byteOffset;
}

function placeTexts(texts: readonly string[], memory: KernelMemory, areViews = false): PlacedTexts {
  const longest = Math.max(...texts.map((text) => text.length));
  const stride = 16 + (areViews ? 0 : Math.ceil(longest / 16) * 16);
  const { buffer, byteOffset } = memory.allocate(texts.length * stride);
  const bytes = new Uint8Array(buffer, byteOffset, texts.length * stride);
  const encoder = new TextEncoder();
  texts.forEach((text, i) => {
    const encoded = encoder.encode(text);
    const entry = i * stride;
    bytes[entry] = encoded.length;
    bytes.set(encoded.subarray(0, encoded.length <= INLINE_BYTES ? INLINE_BYTES : 4), entry + 4);
    if (!areViews) bytes.set(encoded, entry + 16);
  });
  return { address: byteOffset, stride, count: texts.length };
}
