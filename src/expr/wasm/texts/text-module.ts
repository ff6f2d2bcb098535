/** The module of all functions over columns of texts. @module */

import { ENGINE, Import, ModuleBuilder } from '../../../wasm/index.ts';
import { addConcatenate } from './concat-code.ts';
import { addFind } from './find-code.ts';
import { addGathering } from './gather-code.ts';
import { addIntegers } from './integer-code.ts';
import { addLetters } from './letter-code.ts';
import { addMoves } from './move-code.ts';
import { addReplace } from './replace-code.ts';
import { addSlices } from './slice-code.ts';

/** What tells it from other modules. */
export const TEXT_MODULE = 'texts';

/** Its bytes. */
export function buildTextModule(): Uint8Array<ArrayBuffer> {
  const module = new ModuleBuilder();
  module.importMemory(ENGINE, Import.COLUMNS);
  const find = addFind(module);
  addSlices(module, find);
  addLetters(module);
  addConcatenate(module);
  addReplace(module, find);
  addMoves(module);
  addGathering(module);
  addIntegers(module);
  return module.build();
}
