/** The module that copies rows from columns to the end of others. @module */

import { INLINE_BYTES } from '../core/column.ts';
import type { FunctionBuilder, FunctionRef, I32, Local } from '../wasm/index.ts';
import { call, ENGINE, i32, Import, memory, ModuleBuilder, perform } from '../wasm/index.ts';
import { addCopyBits, addSetBits } from './bits-code.ts';
import { addCopiesOfListed, addCopyLate, addCopyRun, addCopyViews, addIsRun } from './copy-code.ts';
import { COLUMN_WORDS, CopyKind, CopyWord } from './copy-shape.ts';

const { add, shl } = i32;
const c = i32.const;

interface Parts {
  readonly copyRun: FunctionRef<undefined>;
  readonly copyListed: ReadonlyMap<number, FunctionRef<undefined>>;
  readonly copyViews: FunctionRef<'i32'>;
  readonly copyLate: FunctionRef<'i32'>;
  readonly copyBits: FunctionRef<'i32'>;
  readonly setBits: FunctionRef<'i32'>;
}

/** The bytes of the module. It is one for all kinds of rows: it goes by a table of columns. */
export function buildCopyModule(): Uint8Array<ArrayBuffer> {
  const module = new ModuleBuilder();
  module.importMemory(ENGINE, Import.COLUMNS);
  const copyRun = addCopyRun(module);
  const parts: Parts = {
    copyRun,
    copyListed: addCopiesOfListed(module),
    copyViews: addCopyViews(module, copyRun),
    copyLate: addCopyLate(module),
    copyBits: addCopyBits(module),
    setBits: addSetBits(module),
  };
  addCopyRows(module, parts, addIsRun(module));
  addFittingRows(module);
  return module.build();
}

/** What all columns of one call have in common. */
interface Call {
  readonly start: Local<'i32'>;
  readonly rows: Local<'i32'>;
  readonly first: Local<'i32'>;
  readonly count: Local<'i32'>;
  readonly heap: Local<'i32'>;
  readonly used: Local<'i32'>;
}

/**
 * `copy(columns, end, start, rows, first, count, heap, used)`: copies `count` rows, at least one, of each
 * column of the table `columns .. end` to behind `start` others. The answer is how many bytes of the
 * target's heap are used then.
 */
function addCopyRows(module: ModuleBuilder, parts: Parts, isRun: FunctionRef<'i32'>): void {
  const params = Array.from({ length: 8 }, () => 'i32' as const);
  module.function(
    { params, result: 'i32' },
    (f) => {
      const column = f.param(0, 'i32');
      const end = f.param(1, 'i32');
      const common: Call = {
        start: f.param(2, 'i32'),
        rows: f.param(3, 'i32'),
        first: f.param(4, 'i32'),
        count: f.param(5, 'i32'),
        heap: f.param(6, 'i32'),
        used: f.param(7, 'i32'),
      };
      const { rows, first, count } = common;
      f.if(rows, () => {
        f.set(rows, add(rows, shl(first, c(2))));
        f.if(call(isRun, rows, count), () => {
          f.set(first, i32.load(rows));
          f.set(rows, c(0));
        });
      });
      f.while(i32.ltU(column, end), () => {
        copyValues(f, parts, common, column);
        copyNulls(f, parts, common, column);
        f.increase(column, COLUMN_WORDS * 4);
      });
      f.return(common.used);
    },
    'copy',
  );
}

const word = (column: I32, position: number): I32 => i32.load(column, { offset: 4 * position });

function copyValues(f: FunctionBuilder, parts: Parts, common: Call, column: I32): void {
  const { start, rows, first, count } = common;
  const target = f.let(word(column, CopyWord.TARGET));
  const source = f.let(word(column, CopyWord.SOURCE));
  const behind = (log2Bytes: number): I32 => add(target, shl(start, c(log2Bytes)));
  const fixed = (log2Bytes: number) => (): void =>
    f.if(
      rows,
      () => f.do(perform(parts.copyListed.get(log2Bytes)!, behind(log2Bytes), source, rows, count)),
      () =>
        f.do(
          perform(
            parts.copyRun,
            behind(log2Bytes),
            add(source, shl(first, c(log2Bytes))),
            shl(count, c(log2Bytes)),
          ),
        ),
    );
  const cases: (() => void)[] = [];
  cases[CopyKind.BITS] = () =>
    f.set(target, call(parts.copyBits, target, start, source, rows, first, count));
  cases[CopyKind.FOUR_BYTES] = fixed(2);
  cases[CopyKind.EIGHT_BYTES] = fixed(3);
  cases[CopyKind.INLINE_VIEWS] = fixed(4);
  cases[CopyKind.VIEWS] = () => {
    const validity = word(column, CopyWord.SOURCE_VALIDITY);
    const sourceHeap = word(column, CopyWord.SOURCE_HEAP);
    const { heap, used } = common;
    const views = [behind(4), source, rows, first, count, validity, sourceHeap, heap, used];
    f.set(used, call(parts.copyViews, ...views));
  };
  cases[CopyKind.LATE] = () => {
    const late = call(parts.copyLate, behind(3), source, rows, first, count);
    const all = add(word(column, CopyWord.NULLS), late);
    f.do(i32.store(column, all, { offset: 4 * CopyWord.NULLS }));
  };
  f.switch(word(column, CopyWord.KIND), cases);
}

function copyNulls(f: FunctionBuilder, parts: Parts, common: Call, column: I32): void {
  const { start, rows, first, count } = common;
  const validity = word(column, CopyWord.TARGET_VALIDITY);
  const nulls = word(column, CopyWord.NULLS);
  const more = f.local('i32');
  f.if(
    word(column, CopyWord.SOURCE_VALIDITY),
    () => {
      // Bits mean something from the first null on.
      f.if(i32.eqz(nulls), () =>
        f.do(memory.fill(validity, c(0xff), word(column, CopyWord.VALIDITY_BYTES))),
      );
      const bits = word(column, CopyWord.SOURCE_VALIDITY);
      f.set(more, call(parts.copyBits, validity, start, bits, rows, first, count));
      f.do(i32.store(column, add(nulls, more), { offset: 4 * CopyWord.NULLS }));
    },
    () =>
      f.if(i32.and(i32.ne(validity, c(0)), i32.ne(nulls, c(0))), () => {
        f.set(more, call(parts.setBits, validity, start, count));
        f.do(i32.store(column, add(nulls, more), { offset: 4 * CopyWord.NULLS }));
      }),
  );
}

/**
 * `fitting(columns, end, rows, first, count, free)`: how many of the rows have long values that fit
 * `free` bytes together, in order.
 */
function addFittingRows(module: ModuleBuilder): void {
  const params = Array.from({ length: 6 }, () => 'i32' as const);
  module.function(
    { params, result: 'i32' },
    (f) => {
      const columns = f.param(0, 'i32');
      const end = f.param(1, 'i32');
      const rows = f.param(2, 'i32');
      const first = f.param(3, 'i32');
      const count = f.param(4, 'i32');
      const free = f.param(5, 'i32');
      const i = f.local('i32');
      const row = f.local('i32');
      const column = f.local('i32');
      const needed = f.local('i32');
      f.countUp(i, c(0), count, 1, () => {
        f.set(row, add(first, i));
        f.if(rows, () => f.set(row, i32.load(add(rows, shl(row, c(2))))));
        f.set(column, columns);
        f.while(i32.ltU(column, end), () => {
          f.if(i32.eq(word(column, CopyWord.KIND), c(CopyKind.VIEWS)), () =>
            addLongBytes(f, column, row, needed),
          );
          f.increase(column, COLUMN_WORDS * 4);
        });
        f.if(i32.gtU(needed, free), () => f.return(i));
      });
      f.return(count);
    },
    'fitting',
  );
}

function addLongBytes(f: FunctionBuilder, column: I32, row: I32, needed: Local<'i32'>): void {
  const validity = word(column, CopyWord.SOURCE_VALIDITY);
  const length = f.let(i32.load(add(word(column, CopyWord.SOURCE), shl(row, c(4)))));
  f.if(i32.gtU(length, c(INLINE_BYTES)), () => {
    f.block((isNull) => {
      f.if(validity, () => {
        const byte = i32.load8U(add(validity, i32.shrU(row, c(3))));
        const bit = i32.and(i32.shrU(byte, i32.and(row, c(7))), c(1));
        f.branchIf(isNull, i32.eqz(bit));
      });
      f.set(needed, add(needed, length));
    });
  });
}
