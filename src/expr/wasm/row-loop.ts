/** The loop over the rows that blocks leave, and over lists of rows. @module */

import type { FunctionBuilder, Local } from '../../wasm/index.ts';
import { i32 } from '../../wasm/index.ts';

/** What the loop goes over. */
export interface RowRange {
  /** Where it begins; `rows` when it ends. */
  readonly at: Local<'i32'>;
  readonly rows: Local<'i32'>;
  /** Address of a list of rows; 0: rows are their positions. */
  readonly selection: Local<'i32'>;
}

/** Runs `body` with each row of a range in `row`. */
export function eachRow(
  f: FunctionBuilder,
  { at, rows, selection }: RowRange,
  row: Local<'i32'>,
  body: () => void,
): void {
  f.while(i32.ltU(at, rows), () => {
    f.set(row, at);
    f.if(selection, () => {
      f.set(row, i32.load(i32.add(selection, i32.shl(at, i32.const(2)))));
    });
    body();
    f.increase(at, 1);
  });
}
