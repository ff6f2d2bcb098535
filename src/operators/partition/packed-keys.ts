/** The keys of a row as bytes, taken from where its values lie. @module */

import type { Batch } from '../../core/batch.ts';
import type { Column } from '../../core/column.ts';
import {
  isPackedNull,
  listStart,
  objectStart,
  packedBool,
  packedCount,
  packedEnd,
  packedNumber,
  packedNumberEnd,
  textStart,
  UNSURE,
} from '../../rows/packed/packed-value.ts';
import { isSafeRow } from '../../rows/values/int64.ts';
import { KeyBytes } from './key-bytes.ts';
import type { KeyPath } from './spec.ts';

const COLON = 0x3a;
const encoder = new TextEncoder();

interface BytePath {
  readonly column: number;
  readonly members: readonly Uint8Array[];
}

/** Finds the keys of one row after the other. */
export class PackedKeys {
  readonly #paths: readonly BytePath[];
  #keys = new KeyBytes();
  #part = new KeyBytes();
  #joined = new KeyBytes();

  constructor(paths: readonly KeyPath[]) {
    this.#paths = paths.map(({ column, members }) => ({
      column,
      members: members.map((member) => encoder.encode(member)),
    }));
  }

  /** What {@link read} found; valid until the next call. */
  get keys(): KeyBytes {
    return this.#keys;
  }

  /**
   * Reads the keys of a row, which may be there more than once.
   *
   * @returns false where it takes more care: a row in error, too many keys, values of other kinds
   *
   * @hot
   */
  read(batch: Batch, row: number): boolean {
    for (let p = 0; p < this.#paths.length; p++) {
      const { column, members } = this.#paths[p]!;
      const target = p === 0 ? this.#keys : this.#part;
      target.clear();
      if (!readColumn(batch.columns[column]!, row, members, target)) return false;
      if (p > 0 && !this.#join()) return false;
    }
    return true;
  }

  /** Each of the parts so far with each of the last one. @hot */
  #join(): boolean {
    const keys = this.#keys;
    const part = this.#part;
    const joined = this.#joined;
    joined.clear();
    for (let k = 0; k < keys.count; k++) {
      for (let p = 0; p < part.count; p++) {
        if (!joined.addJoined(keys, k, COLON, part, p)) return false;
      }
    }
    this.#joined = keys;
    this.#keys = joined;
    return true;
  }
}

/** @hot */
function readColumn(
  column: Column,
  row: number,
  members: readonly Uint8Array[],
  target: KeyBytes,
): boolean {
  if (column.isNull(row)) return true;
  switch (column.type.kind) {
    case 'string':
      return target.add(column.viewSource(row), column.viewStart(row), column.viewLength(row));
    case 'int32':
      return target.addNumber(column.words[row]!);
    case 'int64':
      return isSafeRow(column, row) && target.addNumber(column.getI64AsNumber(row));
    case 'json':
      return collect(column.viewSource(row), column.viewStart(row), members, 0, target) !== UNSURE;
    default:
      return false;
  }
}

/** Adds the keys of the value at `at`, to which `members` from `depth` lead on; its end, or `UNSURE`. @hot */
function collect(
  bytes: Uint8Array,
  at: number,
  members: readonly Uint8Array[],
  depth: number,
  target: KeyBytes,
): number {
  if (isPackedNull(bytes, at)) return at + 1;
  let place = listStart(bytes, at);
  if (place !== UNSURE) {
    for (let left = packedCount(); left > 0 && place !== UNSURE; left--) {
      place = collect(bytes, place, members, depth, target);
    }
    return place;
  }
  if (depth < members.length) return collectMember(bytes, at, members, depth, target);
  place = textStart(bytes, at);
  if (place !== UNSURE) {
    const length = packedCount();
    return target.add(bytes, place, length) ? place + length : UNSURE;
  }
  const truth = packedBool(bytes, at);
  if (truth !== UNSURE) return target.addBool(truth === 1) ? at + 1 : UNSURE;
  place = packedNumberEnd(bytes, at);
  return place !== UNSURE && target.addNumber(packedNumber()) ? place : UNSURE;
}

/** As `collect`, of the last member of that name of the object at `at`. @hot */
function collectMember(
  bytes: Uint8Array,
  at: number,
  members: readonly Uint8Array[],
  depth: number,
  target: KeyBytes,
): number {
  const name = members[depth]!;
  let place = objectStart(bytes, at);
  if (place === UNSURE) return UNSURE;
  let found = UNSURE;
  for (let left = packedCount(); left > 0; left--) {
    const start = textStart(bytes, place);
    if (start === UNSURE) return UNSURE;
    const length = packedCount();
    if (length === name.length && isEqual(bytes, start, name)) found = start + length;
    place = packedEnd(bytes, start + length);
    if (place === UNSURE) return UNSURE;
  }
  if (found === UNSURE) return place;
  return collect(bytes, found, members, depth + 1, target) === UNSURE ? UNSURE : place;
}

/** @hot */
function isEqual(bytes: Uint8Array, start: number, name: Uint8Array): boolean {
  for (let i = 0; i < name.length; i++) if (bytes[start + i] !== name[i]) return false;
  return true;
}
