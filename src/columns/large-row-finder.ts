/** Whether long values of a row may be too much for a slot. @module */

import type { Column } from '../core/column.ts';
import { longestView, mayOverflow } from '../core/gather.ts';
import type { KernelMemory } from '../core/memory.ts';
import type { V128 } from '../wasm/index.ts';
import {
  compileModule,
  ENGINE,
  i32,
  i32x4,
  Import,
  instantiate,
  ModuleBuilder,
  select,
  v128,
} from '../wasm/index.ts';

const c = i32.const;

/** Rows looked at in one turn where a batch is dense. */
const UNROLL = 4;
const VIEW_BYTES = 16;

type Longest = (values: number, rows: number, count: number) => number;

/** One instance for all operators of a worker. */
const instances = new WeakMap<KernelMemory, Longest>();

function longestOver(memory: KernelMemory): Longest {
  let longest = instances.get(memory);
  if (longest === undefined) {
    longest = instantiate(compileModule('longest view', build), memory)['longest'] as Longest;
    instances.set(memory, longest);
  }
  return longest;
}

/** Looks for rows that may be too large: cheaper than to add up each, and seldom wrong. */
export class LargeRowFinder {
  readonly #memory: KernelMemory;

  constructor(memory: KernelMemory) {
    this.#memory = memory;
  }

  /**
   * Whether the long values of one of the rows could exceed `limitBytes`.
   *
   * @param selection - `selection[0 .. selected)`, ascending
   */
  mayExceed(
    columns: readonly Column[],
    selection: Uint32Array,
    selected: number,
    limitBytes: number,
  ): boolean {
    if (selected === 0 || !mayOverflow(columns, limitBytes)) return false;
    const isDense = selection[selected - 1] === selected - 1;
    const memory = this.#memory;
    const isHere = isDense || selection.buffer === memory.buffer;
    const longest = longestOver(memory);
    let bytes = 0;
    for (let c = 0; c < columns.length; c++) {
      const { storage, heap, buffer, valuesAt, words } = columns[c]!;
      if (storage !== 'view' || heap.used === 0) continue;
      bytes +=
        isHere && buffer === memory.buffer
          ? longest(valuesAt, isDense ? 0 : selection.byteOffset, selected)
          : longestView(words, selection, selected);
    }
    return bytes > limitBytes;
  }
}

/**
 * `longest(values, rows, count)`: the greatest length among the listed views; among the first ones if `rows`
 * is 0.
 */
function build(): Uint8Array<ArrayBuffer> {
  const module = new ModuleBuilder();
  module.importMemory(ENGINE, Import.COLUMNS);
  module.function(
    { params: ['i32', 'i32', 'i32'], result: 'i32' },
    (f) => {
      const values = f.param(0, 'i32');
      const rows = f.param(1, 'i32');
      const count = f.param(2, 'i32');
      const at = f.local('i32');
      const longest = f.local('i32');
      const greatest = f.local('v128');
      f.if(i32.eqz(rows), () => {
        f.while(i32.geU(i32.sub(count, at), c(UNROLL)), () => {
          const view = i32.add(values, i32.shl(at, c(4)));
          const views = Array.from({ length: UNROLL }, (_, i) =>
            v128.load(view, { offset: VIEW_BYTES * i }),
          );
          const most = views.reduce((a: V128, b) => i32x4.maxS(a, b));
          f.set(greatest, i32x4.maxS(greatest, most));
          f.increase(at, UNROLL);
        });
        f.set(longest, i32x4.extractLane(greatest, 0));
      });
      const row = f.local('i32');
      const length = f.local('i32');
      f.while(i32.ltU(at, count), () => {
        f.set(row, at);
        f.if(rows, () => f.set(row, i32.load(i32.add(rows, i32.shl(at, c(2))))));
        f.set(length, i32.load(i32.add(values, i32.shl(row, c(4)))));
        f.set(longest, select(i32.gtS(length, longest), length, longest));
        f.increase(at, 1);
      });
      f.return(longest);
    },
    'longest',
  );
  return module.build();
}
