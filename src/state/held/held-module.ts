/** Code that keeps rows which are let go one by one, in any order. @module */

import { call, ENGINE, i32, Import, ModuleBuilder, perform } from '../../wasm/index.ts';
import { addBlocks } from '../best/block-code.ts';
import { COLUMNS, STATE } from '../kernel/shape.ts';
import type { RowShape } from '../rows/shape.ts';
import { columnWord } from '../rows/shape.ts';
import { addCopyBytes, columnsAt, recordBytes, writeColumns } from '../rows/store-code.ts';

const { add, shl } = i32;
const c = i32.const;

/** What the module exports; addresses are in bytes. The memory block's words are those of `best/shape.ts`. */
export interface HeldFunctions {
  /** Keeps rows at positions `from .. to`; the position it came to, before `to` where memory is needed. */
  hold(
    columns: number,
    block: number,
    rows: number,
    records: number,
    from: number,
    to: number,
  ): number;
  /** Gives back the records listed at positions `from .. to`. */
  giveListed(block: number, records: number, from: number, to: number): void;
  take(block: number, bytes: number): number;
  give(block: number, address: number): void;
}

/** What two shapes have in common that have the same code. */
export function heldModuleKey({ layout }: RowShape): string {
  return `held ${JSON.stringify(layout)}`;
}

/** The bytes of the module. */
export function buildHeldModule({ layout }: RowShape): Uint8Array<ArrayBuffer> {
  const module = new ModuleBuilder();
  // Numbered STATE, COLUMNS.
  module.importMemory(ENGINE, Import.STATE);
  module.importMemory(ENGINE, Import.COLUMNS);
  const blocks = addBlocks(module);
  const copyBytes = addCopyBytes(module, STATE, COLUMNS);
  module.function(
    { params: ['i32', 'i32', 'i32', 'i32', 'i32', 'i32'], result: 'i32' },
    (f) => {
      const words = layout.fields.map((_, k) => columnWord(k));
      const columns = columnsAt(f, f.param(0, 'i32'), words);
      const [rows, records] = [f.param(2, 'i32'), f.param(3, 'i32')];
      const [position, to] = [f.param(4, 'i32'), f.param(5, 'i32')];
      const row = f.local('i32');
      const record = f.local('i32');
      const source = { row, columns, copyBytes };
      f.while(i32.ltS(position, to), () => {
        f.set(row, i32.load(add(rows, shl(position, c(2))), { memory: COLUMNS }));
        f.set(record, call(blocks.take, f.param(1, 'i32'), recordBytes(f, layout, source)));
        f.if(i32.eqz(record), () => f.return(position));
        writeColumns(f, layout, source, record);
        f.do(i32.store(add(records, shl(position, c(2))), record, { memory: COLUMNS }));
        f.increase(position, 1);
      });
      f.return(position);
    },
    'hold',
  );
  module.function(
    { params: ['i32', 'i32', 'i32', 'i32'], result: undefined },
    (f) => {
      const [block, records] = [f.param(0, 'i32'), f.param(1, 'i32')];
      const [position, to] = [f.param(2, 'i32'), f.param(3, 'i32')];
      f.while(i32.ltS(position, to), () => {
        const record = i32.load(add(records, shl(position, c(2))), { memory: COLUMNS });
        f.do(perform(blocks.give, block, record));
        f.increase(position, 1);
      });
    },
    'giveListed',
  );
  return module.build();
}
