/**
 * How what is remembered is written down and read back: by one walk that serves both.
 *
 * Who remembers something has a method that hands each value to a {@link StateIo} and takes what comes
 * back: `this.#count = io.int(this.#count)`. When state is written the value comes back as it is; when
 * it is read, what was written comes. So the two cannot differ in order or type.
 *
 * The walk is a generator, so that it can stop at every `yield`: see {@link Steps}.
 *
 * @module
 */

/**
 * Work in pieces of well below a millisecond each: `next()` does one. Nothing else may happen to what
 * is written or read until it has ended.
 */
export type Steps<Result = void> = Generator<undefined, Result, undefined>;

/** Where state is written to, or read from. */
export interface StateIo {
  readonly isReading: boolean;
  /** Whether this piece has done enough: then `yield`. Arrays do so by themselves. */
  readonly isDue: boolean;
  /**
   * Begins a part.
   *
   * @param version - of its form, as this code writes it
   * @returns the version of what follows: when reading, that with which it was written
   * @throws MillraceError `ERR_STATE` when another part, or a later version of it, is there
   */
  section(name: string, version: number): number;
  /** An int32. */
  int(value: number): number;
  /** A float64: times, and counts beyond an int32. */
  float(value: number): number;
  flag(value: boolean): boolean;
  /** A short text; long ones as bytes. */
  text(value: string): string;
  /** Memory that is there, of the same size in both. */
  memory(target: Uint8Array): Steps;
  /** Arrays of any length; when reading, a new one. */
  bytes(value: Uint8Array<ArrayBuffer>): Steps<Uint8Array<ArrayBuffer>>;
  ints(value: Int32Array<ArrayBuffer>): Steps<Int32Array<ArrayBuffer>>;
  floats(value: Float64Array<ArrayBuffer>): Steps<Float64Array<ArrayBuffer>>;
  /**
   * Says that what was written does not fit here.
   *
   * @throws MillraceError `ERR_STATE`
   */
  fail(message: string): never;
}

/** What has state: written when it is asked to, read into one that was just made. */
export interface Stateful {
  state(io: StateIo): Steps;
}

/** The bytes of an array. */
export function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/** A list of items, each by a walk of its own. */
export function* stateOfList<Item>(
  io: StateIo,
  items: readonly Item[],
  walk: (item: Item | undefined, index: number) => Steps<Item>,
): Steps<Item[]> {
  const count = io.int(items.length);
  const result: Item[] = [];
  for (let i = 0; i < count; i++) {
    result.push(yield* walk(items[i], i));
    if (io.isDue) yield;
  }
  return result;
}

/** A list of items, each by itself at once. */
export function* stateOfItems<Item>(
  io: StateIo,
  items: readonly Item[],
  walk: (item: Item | undefined, index: number) => Item,
): Steps<Item[]> {
  const count = io.int(items.length);
  const result: Item[] = [];
  for (let i = 0; i < count; i++) {
    result.push(walk(items[i], i));
    if (io.isDue) yield;
  }
  return result;
}

/** A list of int32. */
export function* stateOfNumbers(io: StateIo, items: readonly number[]): Steps<number[]> {
  return Array.from(yield* io.ints(Int32Array.from(items)));
}

/** A map from int32 to int32. */
export function* stateOfMap(io: StateIo, map: Map<number, number>): Steps {
  const keys = yield* stateOfNumbers(io, [...map.keys()]);
  const values = yield* stateOfNumbers(io, [...map.values()]);
  if (!io.isReading) return;
  map.clear();
  keys.forEach((key, i) => map.set(key, values[i]!));
}

/** A map from int32 to lists of them. */
export function* stateOfLists(io: StateIo, map: Map<number, number[]>): Steps {
  const keys = yield* stateOfNumbers(io, [...map.keys()]);
  const lists = io.isReading ? keys.map((): number[] => []) : [...map.values()];
  if (io.isReading) map.clear();
  for (const [k, key] of keys.entries()) {
    const list = yield* stateOfNumbers(io, lists[k]!);
    if (io.isReading) map.set(key, list);
    if (io.isDue) yield;
  }
}
