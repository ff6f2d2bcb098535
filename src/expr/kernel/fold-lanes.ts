/**
 * Code that keeps aggregates in the lanes of vectors.
 *
 * Each lane sums rows of its own; a row that does not count adds zero. Floats are added plainly for some turns of
 * the loop, and these sums with their errors, by Knuth's two-sum, see {@link FloatSum}; int64 in two halves,
 * which cannot overflow within a batch.
 *
 * @module
 */

import { invariant } from '../../core/invariant.ts';
import type { F64, FunctionBuilder, I32, I64, Local, V128 } from '../../wasm/index.ts';
import { f64, f64x2, i32, i32x4, i64, i64x2, lanes, select, v128 } from '../../wasm/index.ts';
import type { Lane } from '../wasm/lanes.ts';
import { masksOf, sumOfLanes } from '../wasm/lanes-simd.ts';
import type { Fold, FoldOp } from './fold.ts';

/** After so many turns of a loop, each with a block of rows or a pair, sums have to be settled. */
export const TURNS_TO_SETTLE = 8;

/** One aggregate while rows are added. */
interface Keeper {
  add(value: readonly V128[], mask: Lane): void;
  /** Puts aside what was added since the last time; only where there is something to put aside. */
  settle?(): void;
  /** Writes its cells. `at` is the address of cell 0. */
  write(at: I32): void;
}

/** The aggregates of one argument. */
export class FoldLanes {
  readonly #f: FunctionBuilder;
  readonly #countCell: number;
  /** Of rows that pass everything else and count here; none: all that pass do. */
  #count: Local<'v128'> | undefined;
  readonly #keepers: readonly Keeper[];

  /** Made in front of the loop. */
  constructor(f: FunctionBuilder, { countCell, ops, storage }: Fold) {
    this.#f = f;
    this.#countCell = countCell;
    this.#keepers = ops.map((op) => keeperOf(f, op, storage));
  }

  /**
   * @param mask - the rows that count, none of which is null
   * @param isAll - whether those are all rows that pass, in this block and all others
   */
  add(value: Lane | undefined, mask: Lane, isAll: boolean): void {
    if (!isAll) {
      const [words] = masksOf(mask, 1);
      this.#count ??= this.#f.local('v128');
      this.#f.set(this.#count, i32x4.sub(this.#count, words!));
    }
    if (value === undefined) return;
    for (const keeper of this.#keepers) keeper.add(value.parts as readonly V128[], mask);
  }

  /** Whether {@link settle} does anything. */
  get settles(): boolean {
    return this.#keepers.some((keeper) => keeper.settle !== undefined);
  }

  settle(): void {
    for (const keeper of this.#keepers) keeper.settle?.();
  }

  /** @param passed - how many rows pass */
  write(at: I32, passed: I32): void {
    const rows = this.#count === undefined ? passed : sumOfLanes(this.#count);
    const count = i64.extendI32U(rows);
    this.#f.do(i64.store(at, count, { offset: 8 * this.#countCell }));
    for (const keeper of this.#keepers) keeper.write(at);
  }
}

function keeperOf(f: FunctionBuilder, { kind, cell }: FoldOp, storage: Fold['storage']): Keeper {
  switch (storage) {
    case 'f64':
      return kind === 'floatSum'
        ? new FloatSum(f, cell)
        : new FloatExtreme(f, cell, kind === 'max');
    case 'i64':
      return kind === 'exactSum' ? new WideSum(f, cell) : new Int64Extreme(f, cell, kind === 'max');
    default:
      invariant(storage === 'i32', `no lanes for ${storage}`);
      return kind === 'exactSum'
        ? new Int32Sum(f, cell)
        : new Int32Extreme(f, cell, kind === 'max');
  }
}

const cellAt = (cell: number) => ({ offset: 8 * cell });

/**
 * A two-sum costs seven additions, so it is done for the sum of 64 rows, not for each. Until then a value goes
 * through ten plain additions at most: that of the halves of its block; eight more blocks, of as many turns
 * and what is left behind them; that of both blocks of a pair. Each loses at most u = 2^-53 of what it adds
 * up, so all of them at most 10 · u · Σ|x|.
 */
class FloatSum implements Keeper {
  readonly #f: FunctionBuilder;
  readonly #cell: number;
  /** Plain sums of the rows that were added last; the blocks of a pair need not wait for each other. */
  readonly #latest: readonly Local<'v128'>[];
  #turn = 0;
  readonly #sums: Local<'v128'>;
  readonly #errors: Local<'v128'>;

  constructor(f: FunctionBuilder, cell: number) {
    this.#f = f;
    this.#cell = cell;
    this.#latest = [f.local('v128'), f.local('v128')];
    this.#sums = f.local('v128');
    this.#errors = f.local('v128');
  }

  add([low, high]: readonly V128[], mask: Lane): void {
    const [first, second] = masksOf(mask, 2);
    const latest = this.#latest[this.#turn]!;
    this.#turn = 1 - this.#turn;
    const block = f64x2.add(v128.and(low!, first!), v128.and(high!, second!));
    this.#f.set(latest, f64x2.add(latest, block));
  }

  settle(): void {
    const f = this.#f;
    const [sum, errors] = [this.#sums, this.#errors];
    const term = f.let(f64x2.add(this.#latest[0]!, this.#latest[1]!));
    const total = f.let(f64x2.add(sum, term));
    const added = f.let(f64x2.sub(total, sum));
    const error = f64x2.add(f64x2.sub(sum, f64x2.sub(total, added)), f64x2.sub(term, added));
    f.set(errors, f64x2.add(errors, error));
    f.set(sum, total);
    for (const latest of this.#latest) f.set(latest, lanes.f64x2(0, 0));
  }

  write(at: I32): void {
    const f = this.#f;
    this.settle();
    const [a, b] = [0, 1].map((lane) => f.let(f64x2.extractLane(this.#sums, lane)));
    const sum = f.let(f64.add(a!, b!));
    const added = f.let(f64.sub(sum, a!));
    const error = f64.add(f64.sub(a!, f64.sub(sum, added)), f64.sub(b!, added));
    const before = f64.add(f64x2.extractLane(this.#errors, 0), f64x2.extractLane(this.#errors, 1));
    f.do(f64.store(at, sum, cellAt(this.#cell)));
    f.do(f64.store(at, f64.add(before, error), cellAt(this.#cell + 1)));
  }
}

class Int32Sum implements Keeper {
  readonly #f: FunctionBuilder;
  readonly #cell: number;
  readonly #sum: Local<'v128'>;

  constructor(f: FunctionBuilder, cell: number) {
    this.#f = f;
    this.#cell = cell;
    this.#sum = f.local('v128');
  }

  add([value]: readonly V128[], mask: Lane): void {
    const f = this.#f;
    const terms = f.let(v128.and(value!, masksOf(mask, 1)[0]!));
    const pair = i64x2.add(i64x2.extendLowI32x4S(terms), i64x2.extendHighI32x4S(terms));
    f.set(this.#sum, i64x2.add(this.#sum, pair));
  }

  write(at: I32): void {
    const f = this.#f;
    const sum = f.let(sumOfPair(this.#sum));
    f.do(i64.store(at, sum, cellAt(this.#cell)));
    f.do(i64.store(at, i64.shrS(sum, i64.const(63n)), cellAt(this.#cell + 1)));
  }
}

const LOW_HALF = 0xffff_ffffn;

class WideSum implements Keeper {
  readonly #f: FunctionBuilder;
  readonly #cell: number;
  readonly #low: Local<'v128'>;
  readonly #high: Local<'v128'>;

  constructor(f: FunctionBuilder, cell: number) {
    this.#f = f;
    this.#cell = cell;
    this.#low = f.local('v128');
    this.#high = f.local('v128');
  }

  add(value: readonly V128[], mask: Lane): void {
    const f = this.#f;
    const masks = masksOf(mask, 2);
    value.forEach((part, p) => {
      const term = f.let(v128.and(part, masks[p]!));
      const low = v128.and(term, lanes.i64x2(LOW_HALF, LOW_HALF));
      f.set(this.#low, i64x2.add(this.#low, low));
      f.set(this.#high, i64x2.add(this.#high, i64x2.shrS(term, i32.const(32))));
    });
  }

  /** 2^32 times the high half, plus the low half, in 128 bits. */
  write(at: I32): void {
    const f = this.#f;
    const low = f.let(sumOfPair(this.#low));
    const high = f.let(sumOfPair(this.#high));
    const sum = f.let(i64.add(i64.shl(high, i64.const(32n)), low));
    const carry = i64.extendI32U(i64.ltU(sum, low));
    f.do(i64.store(at, sum, cellAt(this.#cell)));
    const upper = i64.add(i64.shrS(high, i64.const(32n)), carry);
    f.do(i64.store(at, upper, cellAt(this.#cell + 1)));
  }
}

function sumOfPair(vector: V128): I64 {
  return i64.add(i64x2.extractLane(vector, 0), i64x2.extractLane(vector, 1));
}

class Int32Extreme implements Keeper {
  readonly #f: FunctionBuilder;
  readonly #cell: number;
  readonly #isMax: boolean;
  readonly #best: Local<'v128'>;

  constructor(f: FunctionBuilder, cell: number, isMax: boolean) {
    this.#f = f;
    this.#cell = cell;
    this.#isMax = isMax;
    this.#best = f.let(i32x4.splat(i32.const(isMax ? -0x8000_0000 : 0x7fff_ffff)));
  }

  add([value]: readonly V128[], mask: Lane): void {
    const best = this.#best;
    const counted = v128.bitselect(value!, best, masksOf(mask, 1)[0]!);
    this.#f.set(best, this.#isMax ? i32x4.maxS(best, counted) : i32x4.minS(best, counted));
  }

  write(at: I32): void {
    const f = this.#f;
    const best = f.let(i32x4.extractLane(this.#best, 0));
    for (const lane of [1, 2, 3]) {
      const other = f.let(i32x4.extractLane(this.#best, lane));
      const isBeyond = this.#isMax ? i32.gtS(other, best) : i32.ltS(other, best);
      f.set(best, select(isBeyond, other, best));
    }
    f.do(i32.store(at, best, cellAt(this.#cell)));
  }
}

class Int64Extreme implements Keeper {
  readonly #f: FunctionBuilder;
  readonly #cell: number;
  readonly #isMax: boolean;
  /** Of either half of a block, so that they need not wait for each other. */
  readonly #bests: readonly Local<'v128'>[];

  constructor(f: FunctionBuilder, cell: number, isMax: boolean) {
    const first = isMax ? -(2n ** 63n) : 2n ** 63n - 1n;
    this.#f = f;
    this.#cell = cell;
    this.#isMax = isMax;
    this.#bests = [f.let(lanes.i64x2(first, first)), f.let(lanes.i64x2(first, first))];
  }

  add(value: readonly V128[], mask: Lane): void {
    const masks = masksOf(mask, 2);
    value.forEach((part, p) => {
      const best = this.#bests[p]!;
      const isBeyond = this.#isMax ? i64x2.gtS(part, best) : i64x2.ltS(part, best);
      this.#f.set(best, v128.bitselect(part, best, v128.and(isBeyond, masks[p]!)));
    });
  }

  write(at: I32): void {
    const f = this.#f;
    const [best, ...others] = this.#bests.flatMap((vector) =>
      [0, 1].map((lane) => f.let(i64x2.extractLane(vector, lane))),
    );
    for (const other of others) {
      const isBeyond = this.#isMax ? i64.gtS(other, best!) : i64.ltS(other, best!);
      f.set(best!, select(isBeyond, other, best!));
    }
    f.do(i64.store(at, best!, cellAt(this.#cell)));
  }
}

/** NaN is above all numbers: a maximum takes it, a minimum begins with it and lets it go. */
class FloatExtreme implements Keeper {
  readonly #f: FunctionBuilder;
  readonly #cell: number;
  readonly #isMax: boolean;
  /** Of either half of a block, so that they need not wait for each other. */
  readonly #bests: readonly Local<'v128'>[];

  constructor(f: FunctionBuilder, cell: number, isMax: boolean) {
    const first = isMax ? -Infinity : NaN;
    this.#f = f;
    this.#cell = cell;
    this.#isMax = isMax;
    this.#bests = [f.let(lanes.f64x2(first, first)), f.let(lanes.f64x2(first, first))];
  }

  add(value: readonly V128[], mask: Lane): void {
    const f = this.#f;
    const masks = masksOf(mask, 2);
    value.forEach((part, p) => {
      const best = this.#bests[p]!;
      const isBeyond = this.#isMax
        ? v128.or(f64x2.gt(part, best), f64x2.ne(part, part))
        : v128.or(f64x2.lt(part, best), f64x2.ne(best, best));
      f.set(best, v128.bitselect(part, best, v128.and(isBeyond, masks[p]!)));
    });
  }

  write(at: I32): void {
    const f = this.#f;
    const [best, ...others] = this.#bests.flatMap((vector) =>
      [0, 1].map((lane) => f.let(f64x2.extractLane(vector, lane))),
    );
    for (const other of others) {
      const isBeyond = this.#isMax ? isAbove(other, best!) : isAbove(best!, other);
      f.set(best!, select(isBeyond, other, best!));
    }
    f.do(f64.store(at, best!, cellAt(this.#cell)));
  }
}

function isAbove(a: F64, b: F64): I32 {
  return i32.or(f64.gt(a, b), i32.and(f64.ne(a, a), f64.eq(b, b)));
}
