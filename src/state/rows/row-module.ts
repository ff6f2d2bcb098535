/** The module of a row kernel. @module */

import { ENGINE, Import, ModuleBuilder } from '../../wasm/index.ts';
import { addEqualBytes } from '../kernel/key-code.ts';
import { COLUMNS, STATE } from '../kernel/shape.ts';
import { addGathers } from './gather-code.ts';
import { addDue } from './due-code.ts';
import { addFind, addProbe } from './probe-code.ts';
import { addSame } from './same-code.ts';
import type { RowShape } from './shape.ts';
import { addCopyBytes, addStore } from './store-code.ts';

/** The functions of a row kernel; addresses are in bytes. See the files that write them. */
export interface RowFunctions {
  store(block: number, rows: number, ids: number, from: number, to: number): number;
  find(block: number, rows: number, count: number): void;
  probe(block: number, found: number, records: number, from: number, most: number): number;
  same(block: number, rows: number, records: number, count: number): number;
  due(
    block: number,
    record: number,
    count: number,
    boundUs: number,
    records: number,
    from: number,
  ): number;
  gatherRecords(
    block: number,
    records: number,
    count: number,
    start: number,
    heap: number,
    used: number,
  ): number;
  gatherRows(
    block: number,
    rows: number,
    count: number,
    start: number,
    heap: number,
    used: number,
  ): number;
  longOfRecords(block: number, records: number, count: number, sums: number): void;
  longOfRows(block: number, rows: number, count: number, sums: number): void;
}

/** What two shapes have in common that have the same code. */
export function rowModuleKey(shape: RowShape): string {
  return `rows ${JSON.stringify(shape)}`;
}

/** The bytes of the module. */
export function buildRowModule(shape: RowShape): Uint8Array<ArrayBuffer> {
  const module = new ModuleBuilder();
  // Numbered STATE, COLUMNS.
  module.importMemory(ENGINE, Import.STATE);
  module.importMemory(ENGINE, Import.COLUMNS);
  addStore(module, shape, addCopyBytes(module, STATE, COLUMNS));
  addFind(module, shape);
  const equalBytes = addEqualBytes(module, COLUMNS);
  addProbe(module, shape, equalBytes);
  addSame(module, shape, equalBytes);
  addDue(module, shape);
  addGathers(module, shape);
  return module.build();
}
