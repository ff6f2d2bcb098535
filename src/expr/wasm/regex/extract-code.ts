/** `REGEXP_EXTRACT` as a function over a column of texts. @module */

import { i32 } from '../../../wasm/index.ts';
import { NullWriter, Slices } from '../texts/slice-code.ts';
import type { TextFunction } from '../texts/text-code.ts';
import { textFunction } from '../texts/text-code.ts';
import type { Regex } from './parse-regex.ts';
import { searchRegex } from './regex-code.ts';

/** The function that gives what a group of a pattern matches, or null. */
export function extractFunction(name: string, regex: Regex, group: number): TextFunction {
  return textFunction(name, (w) => {
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
}
