/**
 * Code that compares keys with those of a record, and writes them to a new one.
 *
 * @module
 */

import type {
  FunctionBuilder,
  FunctionRef,
  I32,
  I64,
  Label,
  Local,
  ModuleBuilder,
  V128,
} from '../../wasm/index.ts';
import { call, choose, i32, i64, memory, select, v128 } from '../../wasm/index.ts';
import { INLINE_BYTES } from '../../core/column.ts';
import type { KeyField } from '../record-layout.ts';
import type { ColumnCode } from './loop-code.ts';
import { bitAt, isPresent } from './loop-code.ts';
import { COLUMNS, STATE } from './shape.ts';

const { add, and, shl } = i32;
const c = i32.const;

/** Byte of a record with its null bits. */
export const NULLS_AT = 4;

/** Keys that are looked for. */
export interface KeySource {
  /** Branches to `differs` unless the record at an address has these keys, whose hash this is. */
  compare(f: FunctionBuilder, record: I32, hash: I32, differs: Label): void;
  /** Bytes of long strings that {@link write} will copy; `undefined`: never any. */
  longBytes(f: FunctionBuilder): Local<'i32'> | undefined;
  /** Writes the keys to a record that holds its template; long strings to `nextByte` on. */
  write(f: FunctionBuilder, record: I32, nextByte: Local<'i32'>): void;
}

/**
 * Adds `equal(a, b, length)`: whether `length` bytes, more than 8, are the same.
 *
 * @param ofA - the memory of `a`; `b` is in the state's
 */
export function addEqualBytes(module: ModuleBuilder, ofA: number): FunctionRef<'i32'> {
  return module.function({ params: ['i32', 'i32', 'i32'], result: 'i32' }, (f) => {
    const [a, b, length] = [f.param(0, 'i32'), f.param(1, 'i32'), f.param(2, 'i32')];
    f.if(i32.ltU(length, c(16)), () => {
      const last = f.let(i32.sub(length, c(8)));
      const differ = (offset: I32): I64 =>
        i64.xor(
          i64.load(add(a, offset), { memory: ofA }),
          i64.load(add(b, offset), { memory: STATE }),
        );
      // The last eight bytes overlap the first.
      f.return(i64.eqz(i64.or(differ(c(0)), differ(last))));
    });
    const last = f.let(i32.sub(length, c(16)));
    const at = f.local('i32');
    const differ = (offset: I32): V128 =>
      v128.xor(
        v128.load(add(a, offset), { memory: ofA }),
        v128.load(add(b, offset), { memory: STATE }),
      );
    f.while(i32.ltS(at, last), () => {
      f.if(v128.anyTrue(differ(at)), () => f.return(c(0)));
      f.increase(at, 16);
    });
    // The last sixteen bytes overlap those before them.
    f.return(i32.eqz(v128.anyTrue(differ(last))));
  });
}

/** The keys of a row of key columns. */
export class ColumnKeys implements KeySource {
  readonly #keys: readonly KeyField[];
  readonly #columns: readonly ColumnCode[];
  readonly #row: I32;
  readonly #mayBeNull: boolean;
  readonly #equalBytes: FunctionRef<'i32'>;

  /** @param mayBeNull - whether the columns or the table may have null keys */
  constructor(
    keys: readonly KeyField[],
    columns: readonly ColumnCode[],
    row: I32,
    mayBeNull: boolean,
    equalBytes: FunctionRef<'i32'>,
  ) {
    this.#keys = keys;
    this.#columns = columns;
    this.#row = row;
    this.#mayBeNull = mayBeNull;
    this.#equalBytes = equalBytes;
  }

  compare(f: FunctionBuilder, record: I32, hash: I32, differs: Label): void {
    const [first] = this.#keys;
    const isPermuted = !this.#mayBeNull && this.#keys.length === 1 && first!.storage === 'i32';
    const isLong = this.#keys.some(({ storage }) => storage === 'view');
    if (isPermuted || isLong)
      f.branchIf(differs, i32.ne(i32.load(record, { memory: STATE }), hash));
    // The hash of a lone int32 is a permutation: equal hashes mean equal keys.
    if (isPermuted) return;
    this.#keys.forEach((key, k) => {
      const column = this.#columns[k]!;
      if (!this.#mayBeNull) {
        this.#compareValue(f, key, column, record, differs);
        return;
      }
      const isPresentHere = f.let(isPresent(column.validity, this.#row));
      const nulls = i32.load(record, { memory: STATE, offset: NULLS_AT });
      f.branchIf(differs, i32.eq(isPresentHere, i32.ne(and(nulls, c(key.nullBit)), c(0))));
      f.if(isPresentHere, () => this.#compareValue(f, key, column, record, differs));
    });
  }

  #compareValue(
    f: FunctionBuilder,
    { storage, cell }: KeyField,
    { values, heap }: ColumnCode,
    record: I32,
    differs: Label,
  ): void {
    const at = { memory: STATE, offset: 8 * cell };
    const row = this.#row;
    switch (storage) {
      case 'i32':
        f.branchIf(
          differs,
          i32.ne(i32.load(add(values, shl(row, c(2))), { memory: COLUMNS }), i32.load(record, at)),
        );
        break;
      case 'bits':
        f.branchIf(differs, i32.ne(bitAt(values, row), i32.load(record, at)));
        break;
      case 'view':
        compareViews(f, f.let(add(values, shl(row, c(4)))), COLUMNS, heap, record, cell, {
          differs,
          equalBytes: this.#equalBytes,
        });
        break;
      default:
        f.branchIf(
          differs,
          i64.ne(i64.load(add(values, shl(row, c(3))), { memory: COLUMNS }), i64.load(record, at)),
        );
    }
  }

  longBytes(f: FunctionBuilder): Local<'i32'> | undefined {
    if (this.#keys.every(({ storage }) => storage !== 'view')) return undefined;
    const total = f.let(c(0));
    this.#keys.forEach(({ storage }, k) => {
      if (storage !== 'view') return;
      const { values, validity } = this.#columns[k]!;
      f.if(isPresent(validity, this.#row), () => {
        const length = f.let(i32.load(add(values, shl(this.#row, c(4))), { memory: COLUMNS }));
        f.if(i32.gtU(length, c(INLINE_BYTES)), () => f.set(total, add(total, length)));
      });
    });
    return total;
  }

  write(f: FunctionBuilder, record: I32, nextByte: Local<'i32'>): void {
    const at = { memory: STATE, offset: NULLS_AT };
    this.#keys.forEach((key, k) => {
      const column = this.#columns[k]!;
      f.if(
        isPresent(column.validity, this.#row),
        () => this.#writeValue(f, key, column, record, nextByte),
        () => f.do(i32.store(record, i32.or(i32.load(record, at), c(key.nullBit)), at)),
      );
    });
  }

  #writeValue(
    f: FunctionBuilder,
    { storage, cell }: KeyField,
    { values, heap }: ColumnCode,
    record: I32,
    nextByte: Local<'i32'>,
  ): void {
    const at = { memory: STATE, offset: 8 * cell };
    const row = this.#row;
    switch (storage) {
      case 'i32':
        f.do(i32.store(record, i32.load(add(values, shl(row, c(2))), { memory: COLUMNS }), at));
        break;
      case 'bits':
        f.do(i32.store(record, bitAt(values, row), at));
        break;
      case 'view': {
        const view = f.let(add(values, shl(row, c(4))));
        const length = f.let(i32.load(view, { memory: COLUMNS }));
        const second = { memory: STATE, offset: 8 * cell + 8 };
        f.do(i64.store(record, i64.load(view, { memory: COLUMNS }), at));
        f.if(
          i32.leU(length, c(INLINE_BYTES)),
          () => f.do(i64.store(record, i64.load(view, { memory: COLUMNS, offset: 8 }), second)),
          () => {
            const bytes = add(heap, i32.load(view, { memory: COLUMNS, offset: 12 }));
            f.do(
              memory.copy(nextByte, bytes, length, { targetMemory: STATE, sourceMemory: COLUMNS }),
            );
            // The buffer's index, 0, and the offset in it.
            f.do(i64.store(record, i64.shl(i64.extendI32U(nextByte), i64.const(32n)), second));
            f.set(nextByte, add(nextByte, length));
          },
        );
        break;
      }
      default:
        f.do(i64.store(record, i64.load(add(values, shl(row, c(3))), { memory: COLUMNS }), at));
    }
  }
}

/** Where the bytes of a record's string lie: those of a short one are in the record itself. */
export function longBytesOf(record: I32, cell: number): I32 {
  const length = i32.load(record, { memory: STATE, offset: 8 * cell });
  const bytes = i32.load(record, { memory: STATE, offset: 8 * cell + 12 });
  return select(i32.gtU(length, c(INLINE_BYTES)), bytes, record);
}

/** Branches to `differs` unless the views at two addresses have the same bytes. */
function compareViews(
  f: FunctionBuilder,
  view: I32,
  ofView: number,
  heap: I32,
  record: I32,
  cell: number,
  { differs, equalBytes }: { differs: Label; equalBytes: FunctionRef<'i32'> },
): void {
  const here = (offset: number) => ({ memory: ofView, offset });
  const there = (offset: number) => ({ memory: STATE, offset: 8 * cell + offset });
  f.branchIf(differs, i64.ne(i64.load(view, here(0)), i64.load(record, there(0))));
  const length = f.let(i32.load(view, here(0)));
  const isSame = choose(
    i32.leU(length, c(INLINE_BYTES)),
    i64.eq(i64.load(view, here(8)), i64.load(record, there(8))),
    call(equalBytes, add(heap, i32.load(view, here(12))), i32.load(record, there(12)), length),
  );
  f.branchIf(differs, i32.eqz(isSame));
}

/** The keys of a record of another table in the same memory. */
export class RecordKeys implements KeySource {
  readonly #keys: readonly KeyField[];
  readonly #source: I32;
  readonly #copies: I32;
  readonly #equalBytes: FunctionRef<'i32'>;

  /**
   * @param source - address of the record
   * @param copies - whether long strings are copied, not borrowed
   */
  constructor(keys: readonly KeyField[], source: I32, copies: I32, equalBytes: FunctionRef<'i32'>) {
    this.#keys = keys;
    this.#source = source;
    this.#copies = copies;
    this.#equalBytes = equalBytes;
  }

  /** Cells of a null key are zero, so they are equal where the null bits are. */
  compare(f: FunctionBuilder, record: I32, _hash: I32, differs: Label): void {
    const nulls = { memory: STATE, offset: NULLS_AT };
    f.branchIf(differs, i32.ne(i32.load(this.#source, nulls), i32.load(record, nulls)));
    for (const { storage, cell } of this.#keys) {
      const at = { memory: STATE, offset: 8 * cell };
      if (storage === 'view') {
        const view = f.let(add(this.#source, c(8 * cell)));
        compareViews(f, view, STATE, c(0), record, cell, {
          differs,
          equalBytes: this.#equalBytes,
        });
      } else {
        f.branchIf(differs, i64.ne(i64.load(this.#source, at), i64.load(record, at)));
      }
    }
  }

  longBytes(f: FunctionBuilder): Local<'i32'> | undefined {
    const views = this.#keys.filter(({ storage }) => storage === 'view');
    if (views.length === 0) return undefined;
    const total = f.let(c(0));
    f.if(this.#copies, () => {
      for (const { cell } of views) {
        const length = f.let(i32.load(this.#source, { memory: STATE, offset: 8 * cell }));
        f.if(i32.gtU(length, c(INLINE_BYTES)), () => f.set(total, add(total, length)));
      }
    });
    return total;
  }

  write(f: FunctionBuilder, record: I32, nextByte: Local<'i32'>): void {
    const nulls = { memory: STATE, offset: NULLS_AT };
    f.do(i32.store(record, i32.load(this.#source, nulls), nulls));
    for (const { storage, cell } of this.#keys) {
      const first = { memory: STATE, offset: 8 * cell };
      const second = { memory: STATE, offset: 8 * cell + 8 };
      f.do(i64.store(record, i64.load(this.#source, first), first));
      if (storage !== 'view') continue;
      f.do(i64.store(record, i64.load(this.#source, second), second));
      const length = f.let(i32.load(record, first));
      f.if(and(this.#copies, i32.gtU(length, c(INLINE_BYTES))), () => {
        const bytes = i32.load(record, { memory: STATE, offset: 8 * cell + 12 });
        const memories = { targetMemory: STATE, sourceMemory: STATE };
        f.do(memory.copy(nextByte, bytes, length, memories));
        f.do(i32.store(record, nextByte, { memory: STATE, offset: 8 * cell + 12 }));
        f.set(nextByte, add(nextByte, length));
      });
    }
  }
}
