/** One row at a time: over lists of rows, and for what is left behind the last block. @module */

import type {
  F64,
  FunctionBuilder,
  I32,
  I64,
  Local,
  V128,
  Value,
  ValueType,
} from '../../wasm/index.ts';
import { f64, i32, i32x4, i64, i8x16, select, v128 } from '../../wasm/index.ts';
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
import { LOG2_BYTES } from './lanes.ts';

interface RowFlag extends Flag {
  readonly isSet: Local<'i32'>;
}

interface RowCounter extends Counter {
  readonly value: Local<'i32'>;
}

/** The machine for one row. Bools are 0 and 1. */
export class RowMachine implements Machine {
  readonly f: FunctionBuilder;
  readonly helpers: Helpers;
  readonly #row: Local<'i32'>;
  readonly #views = new Map<ColumnPlace, readonly V128[]>();

  constructor(f: FunctionBuilder, row: Local<'i32'>, helpers: Helpers) {
    this.f = f;
    this.helpers = helpers;
    this.#row = row;
  }

  apply(operation: Operation, ...args: readonly Lane[]): Lane {
    const value = operation.row(
      args.map(({ parts }) => parts[0]!),
      this.f,
    );
    return this.#lane(operation.result, value);
  }

  select(mask: Lane, a: Lane, b: Lane): Lane {
    return this.#lane(a.storage, select(mask.parts[0] as I32, a.parts[0]!, b.parts[0]!));
  }

  constant(storage: LaneStorage, value: number | bigint): Lane {
    return { storage, parts: [scalarConstant(storage, value)] };
  }

  load(column: ColumnPlace, storage: LaneStorage): Lane {
    if (storage === 'bits') return this.bits(column.values);
    const address = this.#address(column.values, LOG2_BYTES[storage]);
    const instruction = { i32, i64, f64 }[storage];
    return this.#lane(storage, instruction.load(address));
  }

  bits(bitmap: Local<'i32'>): Lane {
    const byte = i32.load8U(i32.add(bitmap, i32.shrU(this.#row, i32.const(3))));
    const bit = i32.and(i32.shrU(byte, i32.and(this.#row, i32.const(7))), i32.const(1));
    return this.#lane('bits', bit);
  }

  views(column: ColumnPlace): readonly V128[] {
    let views = this.#views.get(column);
    if (views === undefined) {
      const address = this.#address(column.values, LOG2_BYTES.view);
      views = [this.f.let(v128.load(address))];
      this.#views.set(column, views);
    }
    return views;
  }

  vector(bytes: ArrayLike<number>): V128 {
    return v128.const(bytes);
  }

  allSet(vectors: readonly V128[]): Lane {
    return this.#lane('bits', i32x4.allTrue(vectors[0]!));
  }

  pick([vector]: readonly V128[], positions: readonly number[]): Lane {
    const picked = i8x16.shuffle(
      vector!,
      vector!,
      [0, 1, 2, 3].flatMap(() => positions),
    );
    return this.#lane('i32', i32x4.extractLane(picked, 0));
  }

  eachRow(result: 'bits' | 'i32', rows: Lane | undefined, compute: (row: I32) => I32): Lane {
    if (rows === undefined) return this.#lane(result, compute(this.#row));
    const value = this.f.let(i32.const(0));
    this.f.if(rows.parts[0] as I32, () => this.f.set(value, compute(this.#row)));
    return { storage: result, parts: [value] };
  }

  flag(): RowFlag {
    return { isSet: this.f.let(i32.const(0)) };
  }

  note({ isSet }: RowFlag, { storage, parts: [value] }: Lane): void {
    let bit = value as I32;
    if (storage === 'i32') bit = i32.ltS(bit, i32.const(0));
    else if (storage === 'i64') bit = i64.ltS(value as I64, i64.const(0n));
    this.f.set(isSet, i32.or(isSet, bit));
  }

  counter(): RowCounter {
    return { value: this.f.local('i32') };
  }

  tally({ value }: RowCounter, mask: Lane): void {
    this.f.set(value, i32.add(value, mask.parts[0] as I32));
  }

  store(values: Local<'i32'>, { storage, parts: [value] }: Lane): void {
    if (storage === 'bits') {
      this.#storeBit(values, value as I32);
      return;
    }
    const address = this.#address(values, LOG2_BYTES[storage]);
    if (storage === 'i32') this.f.do(i32.store(address, value as I32));
    else if (storage === 'i64') this.f.do(i64.store(address, value as I64));
    else this.f.do(f64.store(address, value as F64));
  }

  append(out: Local<'i32'>, count: Local<'i32'>, { parts: [mask] }: Lane): void {
    this.f.do(i32.store(i32.add(out, i32.shl(count, i32.const(2))), this.#row));
    this.f.set(count, i32.add(count, mask as I32));
  }

  #storeBit(bitmap: Local<'i32'>, bit: I32): void {
    const address = this.f.let(i32.add(bitmap, i32.shrU(this.#row, i32.const(3))));
    const shift = this.f.let(i32.and(this.#row, i32.const(7)));
    const others = i32.and(i32.load8U(address), i32.rotl(i32.const(-2), shift));
    this.f.do(i32.store8(address, i32.or(others, i32.shl(bit, shift))));
  }

  #address(values: Local<'i32'>, log2: number): I32 {
    return i32.add(values, i32.shl(this.#row, i32.const(log2)));
  }

  #lane<T extends ValueType>(storage: LaneStorage, value: Value<T>): Lane {
    return { storage, parts: [this.f.let(value)] };
  }
}

/** A constant of one row. */
export function scalarConstant(storage: LaneStorage, value: number | bigint): Value {
  switch (storage) {
    case 'i64':
      return i64.const(BigInt(value));
    case 'f64':
      return f64.const(Number(value));
    default:
      return i32.const(Number(value));
  }
}
