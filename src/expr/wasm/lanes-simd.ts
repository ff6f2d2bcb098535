/**
 * Four rows at a time. A bool is a mask of four 32-bit lanes; operations on 64-bit values give masks of
 * 64-bit lanes, two vectors of them, which are narrowed where they meet others.
 *
 * @module
 */

import type {
  FunctionBuilder,
  I32,
  I64,
  F64,
  Local,
  Statement,
  V128,
  Value,
} from '../../wasm/index.ts';
import {
  drop,
  f64x2,
  i16x8,
  i32,
  i32x4,
  i64x2,
  i8x16,
  lanes,
  tee,
  v128,
} from '../../wasm/index.ts';
import type {
  ColumnPlace,
  Counter,
  Flag,
  Helpers,
  Lane,
  LaneStorage,
  Machine,
  Operation,
} from './lanes.ts';
import { LOG2_BYTES, vectorsOf } from './lanes.ts';

/** Rows of a block. */
export const BLOCK_ROWS = 4;
/** Rows of two blocks, from which rows are selected at once. */
export const PAIR_ROWS = 8;

interface BlockFlag extends Flag {
  /** What was noted so far, all rows in one: masks of any width, and the signs of integers. */
  readonly noted: Map<LaneStorage, Local<'v128'>>;
}

interface BlockCounter extends Counter {
  readonly vector: Local<'v128'>;
}

/** The even 32-bit lanes of two vectors. */
const EVEN_WORDS = [0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27];
/** The lower halves of two vectors. */
const LOW_HALVES = [0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23];
const BIT_OF_LANE = [1, 2, 4, 8];
const LANES = [0, 1, 2, 3];

/**
 * The machine for blocks. The first row of a block is a multiple of four. A step of a loop may have several blocks:
 * pairs select rows faster, and four compute little values faster. Then the variable with the row has the first row of
 * the step, a multiple of its rows.
 */
export class BlockMachine implements Machine {
  readonly f: FunctionBuilder;
  readonly helpers: Helpers;
  readonly #row: Local<'i32'>;
  readonly #table: Local<'i32'>;
  /** Puts code in front of the loop: what is the same in every block. */
  readonly #before: (statement: Statement) => void;
  readonly #constants = new Map<string, Local<'v128'>>();
  readonly #views = new Map<ColumnPlace, readonly V128[]>();
  /** Rows of a step. */
  readonly #stepRows: number;
  /** Rows between the one in the variable and the first of this block. */
  #behind = 0;
  /** Bits of the first block of a pair that wait for those of the second, in the order they came. */
  readonly #firstBits: Local<'i32'>[] = [];
  /** Constants: masks among them are of any width. */
  readonly #uniform = new WeakSet<Lane>();

  /**
   * Made in front of the loop.
   *
   * @param table - address of the rows of a pair by mask, see `scratch.ts`
   * @param blocks - how many a step has: one, or pairs
   */
  constructor(
    f: FunctionBuilder,
    row: Local<'i32'>,
    table: Local<'i32'>,
    helpers: Helpers,
    blocks = 1,
  ) {
    this.f = f;
    this.helpers = helpers;
    this.#row = row;
    this.#table = table;
    this.#stepRows = blocks * BLOCK_ROWS;
    this.#before = f.later();
  }

  /** Goes to the next block of a step; behind the last to the first. */
  turn(): void {
    this.#behind = (this.#behind + BLOCK_ROWS) % this.#stepRows;
    this.#views.clear();
  }

  apply(operation: Operation, ...args: readonly Lane[]): Lane {
    const { result, block } = operation;
    if (block === undefined) return this.#applyByRow(operation, args.map(narrowed));
    return this.#lane(result, block(this.#aligned(args)));
  }

  /** The vectors of arguments; masks stay wide where nothing else is there. */
  #aligned(args: readonly Lane[]): readonly (readonly V128[])[] {
    const isWide = (arg: Lane): boolean =>
      arg.storage === 'bits' && (arg.parts.length === 2 || this.#uniform.has(arg));
    const areWide = args.every(isWide) && args.some(({ parts }) => parts.length === 2);
    return args.map((arg) => {
      const { parts } = areWide ? arg : narrowed(arg);
      const vectors = parts as readonly V128[];
      return areWide && vectors.length === 1 ? [vectors[0]!, vectors[0]!] : vectors;
    });
  }

  select(mask: Lane, a: Lane, b: Lane): Lane {
    const [x, y] = [narrowed(a), narrowed(b)];
    const masks = masksOf(mask, vectorsOf(a.storage));
    const parts = masks.map((bits, p) =>
      v128.bitselect(x.parts[p] as V128, y.parts[p] as V128, bits),
    );
    return this.#lane(a.storage, parts);
  }

  constant(storage: LaneStorage, value: number | bigint): Lane {
    const vector = this.#constant(storage, value);
    const lane = { storage, parts: vectorsOf(storage) === 2 ? [vector, vector] : [vector] };
    this.#uniform.add(lane);
    return lane;
  }

  load(column: ColumnPlace, storage: LaneStorage): Lane {
    if (storage === 'bits') return this.bits(column.values);
    const address = this.#address(column.values, LOG2_BYTES[storage]);
    const offset = this.#behind << LOG2_BYTES[storage];
    const parts = Array.from({ length: vectorsOf(storage) }, (_, p) =>
      v128.load(address, { offset: offset + 16 * p }),
    );
    return this.#lane(storage, parts);
  }

  bits(bitmap: Local<'i32'>): Lane {
    const byte = i32.load8U(this.#byteOf(bitmap), { offset: this.#behind >> 3 });
    const first = i32.add(this.#row, i32.const(this.#behind));
    const half = i32.shrU(byte, i32.and(first, i32.const(BLOCK_ROWS)));
    const bit = this.#hoisted('bit', lanes.i32x4(...BIT_OF_LANE));
    return this.#lane('bits', [i32x4.eq(v128.and(i32x4.splat(half), bit), bit)]);
  }

  views(column: ColumnPlace): readonly V128[] {
    let views = this.#views.get(column);
    if (views === undefined) {
      const address = this.#address(column.values, LOG2_BYTES.view);
      const offset = this.#behind << LOG2_BYTES.view;
      views = LANES.map((lane) => this.f.let(v128.load(address, { offset: offset + 16 * lane })));
      this.#views.set(column, views);
    }
    return views;
  }

  vector(bytes: ArrayLike<number>): V128 {
    return this.#hoisted(`vector ${Array.from(bytes).join(' ')}`, v128.const(bytes));
  }

  /** Words become halves, then bytes: four bytes a row, of which the lanes are made. */
  allSet([a, b, c, d]: readonly V128[]): Lane {
    const bytes = i8x16.narrowI16x8S(i16x8.narrowI32x4S(a!, b!), i16x8.narrowI32x4S(c!, d!));
    return this.#lane('bits', [
      i32x4.eq(bytes, this.#hoisted('ones', lanes.i32x4(-1, -1, -1, -1))),
    ]);
  }

  pick([a, b, c, d]: readonly V128[], positions: readonly number[]): Lane {
    const both = [...positions, ...positions.map((at) => at + 16)];
    const [low, high] = [
      i8x16.shuffle(a!, b!, [...both, ...both]),
      i8x16.shuffle(c!, d!, [...both, ...both]),
    ];
    return this.#lane('i32', [i8x16.shuffle(low, high, LOW_HALVES)]);
  }

  eachRow(result: 'bits' | 'i32', rows: Lane | undefined, compute: (row: I32) => I32): Lane {
    const f = this.f;
    const vector = f.let(this.#hoisted('zero', lanes.i32x4(0, 0, 0, 0)));
    const computeRow = (lane: number): void => {
      const value = compute(i32.add(this.#row, i32.const(this.#behind + lane)));
      f.set(vector, replaced(result, vector, lane, value));
    };
    if (rows === undefined) {
      LANES.forEach(computeRow);
    } else {
      const bits = f.let(i32x4.bitmask(narrowed(rows).parts[0] as V128));
      f.if(bits, () => {
        for (const lane of LANES) {
          f.if(i32.and(bits, i32.const(1 << lane)), () => computeRow(lane));
        }
      });
    }
    return { storage: result, parts: [vector] };
  }

  flag(): BlockFlag {
    const noted = new Map<LaneStorage, Local<'v128'>>();
    return {
      noted,
      get isSet() {
        const tests = Array.from(noted, ([storage, vector]) => isNoted(storage, vector));
        return tests.reduce((a, b) => i32.or(a, b), i32.const(0));
      },
    };
  }

  note({ noted }: BlockFlag, { storage, parts }: Lane): void {
    const vector = noted.get(storage) ?? this.f.local('v128');
    noted.set(storage, vector);
    for (const part of parts) this.f.set(vector, v128.or(vector, part as V128));
  }

  store(values: Local<'i32'>, lane: Lane): void {
    const { storage, parts } = narrowed(lane);
    if (storage === 'bits') {
      this.#storeBits(values, parts[0] as V128);
      return;
    }
    const address = this.#address(values, LOG2_BYTES[storage]);
    const offset = this.#behind << LOG2_BYTES[storage];
    parts.forEach((part, p) =>
      this.f.do(v128.store(address, part as V128, { offset: offset + 16 * p })),
    );
  }

  /** Writes the rows of a pair with the second of its blocks. */
  append(out: Local<'i32'>, count: Local<'i32'>, mask: Lane): void {
    const { f } = this;
    const bits = this.#bitsSoFar(narrowed(mask).parts[0] as V128);
    if (bits === undefined) return;
    const offsets = f.let(i32.add(this.#table, i32.shl(bits, i32.const(5))));
    const row = f.let(i32x4.splat(this.#pairRow()));
    const end = f.let(i32.add(out, i32.shl(count, i32.const(2))));
    f.do(v128.store(end, i32x4.add(row, v128.load(offsets))));
    if (this.#isPaired) {
      const last = i32x4.add(row, v128.load(offsets, { offset: 16 }));
      f.do(v128.store(end, last, { offset: 16 }));
    }
    f.set(count, i32.add(count, i32.popcnt(bits)));
  }

  /** The bits of a block, or of a pair; none between the blocks of a pair. */
  #bitsSoFar(mask: V128): Local<'i32'> | undefined {
    const bits = this.f.let(i32x4.bitmask(mask));
    if (!this.#isPaired) return bits;
    if ((this.#behind & BLOCK_ROWS) !== 0) {
      return this.f.let(i32.or(this.#firstBits.shift()!, i32.shl(bits, i32.const(BLOCK_ROWS))));
    }
    this.#firstBits.push(bits);
    return undefined;
  }

  counter(): BlockCounter {
    const vector = this.f.local('v128');
    return { vector, value: sumOfLanes(vector) };
  }

  tally({ vector }: BlockCounter, mask: Lane): void {
    this.f.set(vector, i32x4.sub(vector, narrowed(mask).parts[0] as V128));
  }

  /** Two blocks that are no pair share a byte: the second writes it again, with the bits of the first. */
  #storeBits(bitmap: Local<'i32'>, mask: V128): void {
    const address = this.#byteOf(bitmap);
    const bits = this.#bitsSoFar(mask);
    if (bits === undefined) return;
    if (this.#isPaired) {
      this.f.do(i32.store8(address, bits, { offset: this.#behind >> 3 }));
      return;
    }
    const previous = this.f.local('i32');
    const isSecond = i32.shrU(i32.and(this.#row, i32.const(BLOCK_ROWS)), i32.const(2));
    const first = i32.and(previous, i32.sub(i32.const(0), isSecond));
    const second = i32.shl(bits, i32.and(this.#row, i32.const(BLOCK_ROWS)));
    this.f.do(i32.store8(address, i32.or(first, second)));
    this.f.set(previous, bits);
  }

  #applyByRow({ result, row }: Operation, args: readonly Lane[]): Lane {
    let parts: readonly V128[] = Array.from({ length: vectorsOf(result) }, () =>
      this.#hoisted('zero', lanes.i32x4(0, 0, 0, 0)),
    );
    for (let lane = 0; lane < BLOCK_ROWS; lane++) {
      const values = args.map((arg) => this.f.let(extract(arg, lane)));
      const value = this.f.let(row(values, this.f));
      parts = insert(result, parts, lane, value);
    }
    return this.#lane(result, parts);
  }

  #constant(storage: LaneStorage, value: number | bigint): Local<'v128'> {
    const key = `${storage} ${Object.is(value, -0) ? '-0' : String(value)}`;
    switch (storage) {
      case 'bits':
        return this.#hoisted(key, i32x4.splat(i32.const(-Number(value))));
      case 'i32':
        return this.#hoisted(key, i32x4.splat(i32.const(Number(value))));
      case 'i64':
        return this.#hoisted(key, lanes.i64x2(BigInt(value), BigInt(value)));
      case 'f64':
        return this.#hoisted(key, lanes.f64x2(Number(value), Number(value)));
    }
  }

  #hoisted(key: string, value: V128): Local<'v128'> {
    let local = this.#constants.get(key);
    if (local === undefined) {
      local = this.f.local('v128');
      this.#constants.set(key, local);
      this.#before(drop(tee(local, value)));
    }
    return local;
  }

  get #isPaired(): boolean {
    return this.#stepRows > BLOCK_ROWS;
  }

  /** The first row of the pair at hand; of the block, if it is in none. */
  #pairRow(): I32 {
    const before = this.#behind & -PAIR_ROWS;
    return before === 0 ? this.#row : i32.add(this.#row, i32.const(before));
  }

  /** The byte of a bitmap with the bits of the step's first rows. */
  #byteOf(bitmap: Local<'i32'>): I32 {
    return i32.add(bitmap, i32.shrU(this.#row, i32.const(3)));
  }

  #address(values: Local<'i32'>, log2: number): I32 {
    return i32.add(values, i32.shl(this.#row, i32.const(log2)));
  }

  #lane(storage: LaneStorage, parts: readonly V128[]): Lane {
    return { storage, parts: parts.map((part) => this.f.let(part)) };
  }
}

/** A lane whose masks, if it has any, are of 32-bit lanes. */
function narrowed(lane: Lane): Lane {
  const { storage, parts } = lane;
  if (storage !== 'bits' || parts.length === 1) return lane;
  return { storage, parts: [i8x16.shuffle(parts[0] as V128, parts[1] as V128, EVEN_WORDS)] };
}

/** The sum of the lanes of a vector of i32. */
export function sumOfLanes(vector: V128): I32 {
  return LANES.map((lane) => i32x4.extractLane(vector, lane)).reduce((a, b) => i32.add(a, b));
}

/** A mask as wide as the values it is for. */
export function masksOf(mask: Lane, vectors: number): readonly V128[] {
  if (vectors === 2 && mask.parts.length === 2) return mask.parts as readonly V128[];
  const bits = narrowed(mask).parts[0] as V128;
  return vectors === 1 ? [bits] : [i64x2.extendLowI32x4S(bits), i64x2.extendHighI32x4S(bits)];
}

/** 1 if there is a bit in masks, or a sign in integers. */
function isNoted(storage: LaneStorage, vector: V128): I32 {
  if (storage === 'bits') return v128.anyTrue(vector);
  const signs = storage === 'i64' ? i64x2.bitmask(vector) : i32x4.bitmask(vector);
  return i32.ne(signs, i32.const(0));
}

function extract({ storage, parts }: Lane, lane: number): Value {
  const part = parts[vectorsOf(storage) === 2 ? lane >> 1 : 0] as V128;
  switch (storage) {
    case 'bits':
      return i32.and(i32x4.extractLane(part, lane), i32.const(1));
    case 'i32':
      return i32x4.extractLane(part, lane);
    case 'i64':
      return i64x2.extractLane(part, lane & 1);
    case 'f64':
      return f64x2.extractLane(part, lane & 1);
  }
}

function insert(
  storage: LaneStorage,
  parts: readonly V128[],
  lane: number,
  value: Value,
): readonly V128[] {
  const at = vectorsOf(storage) === 2 ? lane >> 1 : 0;
  return parts.map((part, p) => (p === at ? replaced(storage, part, lane, value) : part));
}

function replaced(storage: LaneStorage, part: V128, lane: number, value: Value): V128 {
  switch (storage) {
    case 'bits':
      return i32x4.replaceLane(part, lane, i32.sub(i32.const(0), value as I32));
    case 'i32':
      return i32x4.replaceLane(part, lane, value as I32);
    case 'i64':
      return i64x2.replaceLane(part, lane & 1, value as I64);
    case 'f64':
      return f64x2.replaceLane(part, lane & 1, value as F64);
  }
}
