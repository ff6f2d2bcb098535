/**
 * Code that takes blocks of memory and gives them back: lists of free blocks by size, and memory that
 * was never used. A block begins with its size in bytes; a free one has the next of its list behind it.
 *
 * @module
 */

import type { FunctionBuilder, FunctionRef, I32, Local, ModuleBuilder } from '../../wasm/index.ts';
import { i32 } from '../../wasm/index.ts';
import { COLUMNS, STATE } from '../kernel/shape.ts';
import { BestNeed, BestWord, SIZE_AT, SIZES_PER_POWER } from './shape.ts';

const { add, and, shl, shrU, sub } = i32;
const c = i32.const;
const NEXT_FREE_AT = 4;
const EIGHTH = Math.log2(SIZES_PER_POWER);

function blockWord(block: I32, word: number): I32 {
  return i32.load(block, { memory: COLUMNS, offset: 4 * word });
}

/** Rounds a size up so that there are few of them: to an eighth of its power of two, and to 8 bytes. */
function rounded(f: FunctionBuilder, bytes: I32): Local<'i32'> {
  const size = f.let(bytes);
  const step = f.let(sub(c(31 - EIGHTH), i32.clz(size)));
  f.if(i32.ltS(step, c(3)), () => f.set(step, c(3)));
  const mask = f.let(sub(shl(c(1), step), c(1)));
  f.set(size, and(add(size, mask), i32.xor(mask, c(-1))));
  return size;
}

/** Address of the head of the list of free blocks of a rounded size. */
function freeListOf(f: FunctionBuilder, block: I32, size: I32): Local<'i32'> {
  const power = f.let(sub(c(31), i32.clz(size)));
  const part = and(shrU(size, sub(power, c(EIGHTH))), c(SIZES_PER_POWER - 1));
  const list = add(shl(power, c(EIGHTH)), part);
  return f.let(add(blockWord(block, BestWord.FREE), shl(list, c(2))));
}

/** What {@link addBlocks} adds. */
export interface BlockFunctions {
  /** `(block, bytes)`: takes a block of at least 16 bytes; 0, and the need in the block, if there is no memory. */
  readonly take: FunctionRef<'i32'>;
  /** `(block, address)`: gives one back. */
  readonly give: FunctionRef<undefined>;
  /** `(bytes)`: the size of a block for so many. */
  readonly sizeFor: FunctionRef<'i32'>;
}

/** Adds functions over blocks. */
export function addBlocks(module: ModuleBuilder): BlockFunctions {
  const take = module.function(
    { params: ['i32', 'i32'], result: 'i32' },
    (f) => {
      const block = f.param(0, 'i32');
      const size = rounded(f, f.param(1, 'i32'));
      const list = freeListOf(f, block, size);
      const free = f.let(i32.load(list, { memory: STATE }));
      const put = (word: number, value: I32): void =>
        f.do(i32.store(block, value, { memory: COLUMNS, offset: 4 * word }));
      f.if(free, () => {
        f.do(
          i32.store(list, i32.load(free, { memory: STATE, offset: NEXT_FREE_AT }), {
            memory: STATE,
          }),
        );
        f.return(free);
      });
      const next = f.let(blockWord(block, BestWord.NEXT_BYTE));
      f.if(i32.gtU(size, sub(blockWord(block, BestWord.END_BYTE), next)), () => {
        put(BestWord.NEED, c(BestNeed.MEMORY));
        put(BestWord.BYTES_NEEDED, size);
        f.return(c(0));
      });
      put(BestWord.NEXT_BYTE, add(next, size));
      f.do(i32.store(next, size, { memory: STATE, offset: SIZE_AT }));
      f.return(next);
    },
    'take',
  );
  const give = module.function(
    { params: ['i32', 'i32'], result: undefined },
    (f) => {
      const address = f.param(1, 'i32');
      const size = f.let(i32.load(address, { memory: STATE, offset: SIZE_AT }));
      const list = freeListOf(f, f.param(0, 'i32'), size);
      const next = i32.load(list, { memory: STATE });
      f.do(i32.store(address, next, { memory: STATE, offset: NEXT_FREE_AT }));
      f.do(i32.store(list, address, { memory: STATE }));
    },
    'give',
  );
  const sizeFor = module.function({ params: ['i32'], result: 'i32' }, (f) => {
    f.return(rounded(f, f.param(0, 'i32')));
  });
  return { take, give, sizeFor };
}
