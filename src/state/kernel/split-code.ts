/** Code that splits a segment in two. @module */

import type { I32, ModuleBuilder } from '../../wasm/index.ts';
import { i32, memory, select } from '../../wasm/index.ts';
import { blockWord } from './loop-code.ts';
import { chunkByte, chunkOf, nextChunk, putSlot } from './probe-code.ts';
import type { KernelShape } from './shape.ts';
import { BlockWord, Chunk, COLUMNS, STATE } from './shape.ts';

const { add, and, shl, shrU } = i32;
const c = i32.const;

/**
 * `split(block, segment, sibling, bit)`: the records whose hash has the bit go to the sibling, which is
 * empty, the others stay.
 *
 * The hashes are read in a loop of their own: records are far away, and so the loads do not wait for
 * each other.
 *
 * @param room - most records of a segment
 */
export function addSplit(module: ModuleBuilder, shape: KernelShape, room: number): void {
  module.function(
    { params: ['i32', 'i32', 'i32', 'i32'], result: 'i32' },
    (f) => {
      const segment = f.param(1, 'i32');
      const records = blockWord(f, f.param(0, 'i32'), BlockWord.SPLIT);
      const chunk = f.local('i32');
      const slot = f.local('i32');
      const end = f.let(records);
      f.countUp(chunk, segment, add(segment, c(shape.pageBytes)), Chunk.BYTES, () => {
        const last = f.let(add(chunk, shl(chunkByte(chunk, Chunk.TAKEN), c(2))));
        f.countUp(slot, chunk, last, 4, () => {
          const record = i32.load(slot, { memory: STATE, offset: Chunk.RECORDS });
          f.do(i32.store(end, record, { memory: COLUMNS }));
          f.increase(end, 4);
        });
      });
      f.do(memory.fill(segment, c(0), c(shape.pageBytes), STATE));
      const at = f.local('i32');
      const recordAt = (position: I32): I32 => i32.load(position, { memory: COLUMNS });
      f.countUp(at, records, end, 4, () => {
        const hash = i32.load(recordAt(at), { memory: STATE });
        f.do(i32.store(at, hash, { memory: COLUMNS, offset: 4 * room }));
      });
      const moved = f.let(c(0));
      f.countUp(at, records, end, 4, () => {
        const hash = f.let(i32.load(at, { memory: COLUMNS, offset: 4 * room }));
        const isMoved = f.let(and(shrU(hash, f.param(3, 'i32')), c(1)));
        f.set(moved, add(moved, isMoved));
        const target = f.let(select(isMoved, f.param(2, 'i32'), segment));
        f.set(chunk, add(target, chunkOf(shape, hash)));
        putSlot(f, chunk, hash, recordAt(at), () => nextChunk(f, shape, target, chunk));
      });
      f.return(moved);
    },
    'split',
  );
}
