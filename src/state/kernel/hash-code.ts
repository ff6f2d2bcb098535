/** Code of the hash of tables: the same numbers as `hash.ts`. @module */

import type { FunctionBuilder, FunctionRef, I32, Local, ModuleBuilder } from '../../wasm/index.ts';
import { call, i32, i32x4, lanes, tee, v128 } from '../../wasm/index.ts';
import { INLINE_BYTES } from '../../core/column.ts';
import { LANE_BYTES, LANE_FACTOR, LANE_ROTATIONS, LANE_SEEDS, NULL_HASH } from '../hash.ts';
import type { KeyField } from '../record-layout.ts';
import { hashMost, tableScheme } from './hash-four-code.ts';
import type { ColumnCode, RowLoop } from './loop-code.ts';
import { blockWord, isPresent, keyColumns, rowLoop } from './loop-code.ts';
import { BlockWord, COLUMNS } from './shape.ts';

const { add, and, mul, shl, shrU, xor } = i32;
const c = i32.const;

/** Murmur3's finaliser. */
export function mix(f: FunctionBuilder, value: I32): I32 {
  const h = f.let(value);
  f.set(h, mul(xor(h, shrU(h, c(16))), c(0x85eb_ca6b)));
  f.set(h, mul(xor(h, shrU(h, c(13))), c(0xc2b2_ae35)));
  return xor(h, shrU(h, c(16)));
}

/** One round of Murmur3. */
function round(seed: I32, word: I32): I32 {
  const k = mul(i32.rotl(mul(word, c(0xcc9e_2d51)), c(15)), c(0x1b87_3593));
  return add(mul(i32.rotl(xor(seed, k), c(13)), c(5)), c(0xe654_6b64));
}

/** Adds `bytes(start, length)`, the hash of a string that is longer than its view. */
export function addHashBytes(module: ModuleBuilder): FunctionRef<'i32'> {
  return module.function({ params: ['i32', 'i32'], result: 'i32' }, (f) => {
    const at = f.param(0, 'i32');
    const length = f.param(1, 'i32');
    f.if(i32.geU(length, c(LANE_BYTES)), () => hashLanes(f, at, length));
    const last = f.let(i32.sub(add(at, length), c(4)));
    const h = f.let(length);
    f.while(i32.ltS(at, last), () => {
      f.set(h, round(h, i32.load(at, { memory: COLUMNS })));
      f.increase(at, 4);
    });
    // The last word overlaps the one before it.
    f.set(h, round(h, i32.load(last, { memory: COLUMNS })));
    f.return(mix(f, h));
  });
}

/** Returns the hash of at least sixteen bytes from the function. */
function hashLanes(f: FunctionBuilder, at: Local<'i32'>, length: I32): void {
  const h = f.let(v128.xor(i32x4.splat(length), lanes.i32x4(...LANE_SEEDS)));
  const factor = f.let(i32x4.splat(c(LANE_FACTOR)));
  const last = f.let(i32.sub(add(at, length), c(LANE_BYTES)));
  const step = (address: I32): void => {
    f.set(h, i32x4.mul(v128.xor(h, v128.load(address, { memory: COLUMNS })), factor));
    f.set(h, v128.xor(h, i32x4.shrU(h, c(16))));
  };
  f.while(i32.ltS(at, last), () => {
    step(at);
    f.increase(at, LANE_BYTES);
  });
  // The last sixteen overlap those before them.
  step(last);
  const word = LANE_ROTATIONS.map((by, lane) => i32.rotl(i32x4.extractLane(h, lane), c(by)));
  f.return(mix(f, word.reduce(xor)));
}

/** The hash of a view that is not null, in a local. */
export function viewHash(
  f: FunctionBuilder,
  { values, heap }: ColumnCode,
  row: I32,
  hashBytes: FunctionRef<'i32'>,
): Local<'i32'> {
  const result = f.local('i32');
  const at = f.let(add(values, shl(row, c(4))));
  const length = f.let(i32.load(at, { memory: COLUMNS }));
  const word = (index: number): I32 => i32.load(at, { memory: COLUMNS, offset: 4 * index });
  f.if(
    i32.leU(length, c(INLINE_BYTES)),
    () => f.set(result, mix(f, round(round(round(length, word(1)), word(2)), word(3)))),
    () => f.set(result, call(hashBytes, add(heap, word(3)), length)),
  );
  return result;
}

/** The hash of a value that is not null, in a local. */
function hashOf(
  f: FunctionBuilder,
  { storage }: KeyField,
  column: ColumnCode,
  row: I32,
  hashBytes: FunctionRef<'i32'>,
): Local<'i32'> {
  const { values } = column;
  const result = f.local('i32');
  switch (storage) {
    case 'i32':
      f.set(result, mix(f, i32.load(add(values, shl(row, c(2))), { memory: COLUMNS })));
      break;
    case 'bits': {
      const byte = i32.load8U(add(values, shrU(row, c(3))), { memory: COLUMNS });
      f.set(result, mix(f, and(shrU(byte, and(row, c(7))), c(1))));
      break;
    }
    case 'view':
      f.set(result, viewHash(f, column, row, hashBytes));
      break;
    default: {
      const at = f.local('i32');
      const low = i32.load(tee(at, add(values, shl(row, c(3)))), { memory: COLUMNS });
      f.set(result, mix(f, xor(low, round(c(0), i32.load(at, { memory: COLUMNS, offset: 4 })))));
    }
  }
  return result;
}

/** `hash(block, from, to)`: hashes of the keys of all rows, by position. */
export function addHash(module: ModuleBuilder, keys: readonly KeyField[]): FunctionRef<undefined> {
  const hashBytes = addHashBytes(module);
  return module.function(
    { params: ['i32', 'i32', 'i32'], result: undefined },
    (f) => {
      const block = f.param(0, 'i32');
      const hashes = f.let(i32.load(block, { memory: COLUMNS, offset: 4 * BlockWord.HASHES }));
      const columns = keyColumns(f, block, keys.length);
      const rows = blockWord(f, block, BlockWord.ROWS);
      hashMost(f, tableScheme, keys, columns, rows, hashes, f.param(1, 'i32'), f.param(2, 'i32'));
      rowLoop(f, block, f.param(1, 'i32'), f.param(2, 'i32'), ({ position, row }: RowLoop) => {
        const hash = f.local('i32');
        keys.forEach((key, k) => {
          const column = columns[k]!;
          const one = f.let(c(NULL_HASH));
          f.if(isPresent(column.validity, row), () => {
            f.set(one, hashOf(f, key, column, row, hashBytes));
          });
          f.set(hash, k === 0 ? one : mix(f, round(hash, one)));
        });
        f.do(i32.store(add(hashes, shl(position, c(2))), hash, { memory: COLUMNS }));
      });
    },
    'hash',
  );
}
