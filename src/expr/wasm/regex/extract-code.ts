/** `REGEXP_EXTRACT` as a function over a column of texts. @module */

import { ENGINE, i32, Import, ModuleBuilder } from '../../../wasm/index.ts';
import { NullWriter, Slices } from '../texts/slice-code.ts';
import { addTextFunction } from '../texts/text-code.ts';
import type { Regex } from './parse-regex.ts';
import { searchRegex } from './regex-code.ts';

/** The bytes of a module with one function, which gives what a group of a pattern matches, or null. */
export function buildExtract(name: string, regex: Regex, group: number): Uint8Array<ArrayBuffer> {
  const module = new ModuleBuilder();
  module.importMemory(ENGINE, Import.COLUMNS);
  addTextFunction(module, name, (w) => {
    const { f } = w;
    const slices = new Slices(w);
    const nulls = new NullWriter(w);
    const { start, end } = slices.bytes;
    slices.eachRow((row) => {
      const { from, to } = searchRegex(f, regex, start, end, group);
      f.if(from, () => {
        f.set(start, from);
        f.set(end, to);
      });
      nulls.nullIf(i32.eqz(from), row);
    });
    nulls.tell();
  });
  return module.build();
}
