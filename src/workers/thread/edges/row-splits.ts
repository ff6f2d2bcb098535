/** The ways in which rows are dealt out to tasks. @module */

import type { Batch } from '../../../core/batch.ts';
import type { BatchLayout } from '../../../core/batch-layout.ts';
import type { Column } from '../../../core/column.ts';
import type { KernelMemory } from '../../../core/memory.ts';
import { storageOf } from '../../../core/types.ts';
import { RowSpreader } from '../../../columns/index.ts';
import { readValue } from '../../../rows/row-reader.ts';
import { KeyHasher } from '../../../state/key-hasher.ts';
import type { SpreadPlan } from '../../protocol.ts';
import type { RowSplit } from './spread-edge.ts';

/** Makes the split of a plan over so many targets. */
export function createSplit(
  { style, columns }: SpreadPlan,
  targets: number,
  layout: BatchLayout,
  memory: KernelMemory,
): RowSplit {
  if (style === 'hash') return new HashSplit(columns, targets, layout, memory);
  const { rowCapacity } = layout;
  switch (style) {
    case 'roundRobin':
      return new RuleSplit(targets, rowCapacity, memory, inTurns(targets));
    case 'number':
      return new RuleSplit(targets, rowCapacity, memory, byNumber(columns[0]!, targets));
    case 'fnv1':
      return new RuleSplit(targets, rowCapacity, memory, byFnv1(columns, targets));
  }
}

/** By the hash of key columns, in compiled code. */
class HashSplit implements RowSplit {
  readonly #keyColumns: readonly number[];
  readonly #hasher: KeyHasher;
  readonly #keys: Column[] = [];
  readonly #spreader: RowSpreader;

  constructor(
    keyColumns: readonly number[],
    targets: number,
    { schema, rowCapacity }: BatchLayout,
    memory: KernelMemory,
  ) {
    this.#keyColumns = keyColumns;
    const storages = keyColumns.map((column) => storageOf(schema[column]!.type));
    this.#hasher = new KeyHasher(memory, storages, rowCapacity, 'spread');
    this.#spreader = new RowSpreader(memory, targets, rowCapacity);
  }

  get lists(): readonly Uint32Array[] {
    return this.#spreader.lists;
  }

  get counts(): Int32Array {
    return this.#spreader.counts;
  }

  split(batch: Batch): void {
    const keyColumns = this.#keyColumns;
    for (let k = 0; k < keyColumns.length; k++) this.#keys[k] = batch.columns[keyColumns[k]!]!;
    this.#hasher.hash(this.#keys, batch.selection, batch.selected);
    this.#spreader.spread(this.#hasher.hashes, batch.selection, batch.selected);
  }
}

/** Which target a row is for. */
type Rule = (batch: Batch, row: number) => number;

/** By a rule, a row at a time. */
class RuleSplit implements RowSplit {
  readonly lists: readonly Uint32Array[];
  readonly counts: Int32Array;
  readonly #rule: Rule;

  constructor(targets: number, rowCapacity: number, memory: KernelMemory, rule: Rule) {
    this.lists = Array.from({ length: targets }, () => memory.rows(rowCapacity));
    this.counts = new Int32Array(targets);
    this.#rule = rule;
  }

  split(batch: Batch): void {
    const { lists, counts } = this;
    counts.fill(0);
    for (let i = 0; i < batch.selected; i++) {
      const row = batch.selection[i]!;
      const target = this.#rule(batch, row);
      lists[target]![counts[target]!++] = row;
    }
  }
}

function inTurns(targets: number): Rule {
  let next = 0;
  return () => {
    const target = next;
    next = target + 1 === targets ? 0 : target + 1;
    return target;
  };
}

function byNumber(at: number, targets: number): Rule {
  return ({ columns }, row) => {
    const column = columns[at]!;
    if (column.isNull(row)) return 0;
    if (column.storage === 'i32') return modulo(column.words[row]!, targets);
    // Exact for all 64 bits: (high · 2^32 + low) mod n, of which each part is below 2^53.
    const high = modulo(column.words[2 * row + 1]!, targets);
    const low = (column.words[2 * row]! >>> 0) % targets;
    return (high * (4294967296 % targets) + low) % targets;
  };
}

/** The remainder that is never negative. */
function modulo(value: number, by: number): number {
  const rest = value % by;
  return rest < 0 ? rest + by : rest;
}

const COLON = 0x3a;
const encoder = new TextEncoder();

/**
 * The low 32 bits of 64-bit FNV-1 over the text of the key, modulo the number of targets, as Yahoo! S4
 * partitions (its DefaultHasher and DefaultPartitioner, version 0.3): texts of several columns are
 * joined by `:`. The prime is 2^40 + 435, of which only 435 reaches the low bits. Text is UTF-8; a null
 * is the empty text.
 */
function byFnv1(keyColumns: readonly number[], targets: number): Rule {
  return ({ columns }, row) => {
    let hash = FNV_OFFSET;
    for (let k = 0; k < keyColumns.length; k++) {
      if (k > 0) hash = Math.imul(hash, FNV_PRIME) ^ COLON;
      hash = hashText(columns[keyColumns[k]!]!, row, hash);
    }
    return (hash >>> 0) % targets;
  };
}

const FNV_OFFSET = 0x84222325 | 0;
const FNV_PRIME = 435;

function hashText(column: Column, row: number, from: number): number {
  if (column.isNull(row)) return from;
  if (column.type.kind === 'string' || column.type.kind === 'bytes') {
    const start = column.viewStart(row);
    return fnv1(column.viewSource(row), start, start + column.viewLength(row), from);
  }
  const text = encoder.encode(String(readValue(column, row, { int64: 'bigint' })));
  return fnv1(text, 0, text.length, from);
}

/** The low 32 bits of 64-bit FNV-1 of bytes, going on from a hash. @hot */
export function fnv1(bytes: Uint8Array, from: number, to: number, hash = FNV_OFFSET): number {
  let h = hash;
  for (let i = from; i < to; i++) h = Math.imul(h, FNV_PRIME) ^ bytes[i]!;
  return h;
}
