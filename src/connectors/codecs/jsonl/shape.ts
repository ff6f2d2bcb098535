/** What a line of JSON looks like beside its values. @module */

import type { JsonShape } from '../kernels/jsonl.ts';
import { COMMA, CLOSE_BRACE, JsonScan, OPEN_BRACE, skipSpace } from './scan.ts';

/** Lines with more members, or more text between two values, have no shape. */
const MOST_MEMBERS = 128;
const MOST_TEXT_BYTES = 256;

/**
 * The shape of the line `bytes[from, to)`, which was decoded without a fault and ends with its line
 * feed. Undefined where there is none: names with escapes, a column twice, very long names.
 *
 * @param columnOf - the column with the name at `[from, to)`, or -1
 */
export function shapeOf(
  bytes: Uint8Array,
  from: number,
  to: number,
  columnOf: (from: number, to: number) => number,
): JsonShape | undefined {
  const scan = new JsonScan();
  const targets: number[] = [];
  const texts: Uint8Array[] = [];
  let textFrom = from;
  let at = skipSpace(bytes, from);
  let opening = OPEN_BRACE;
  for (;;) {
    if (bytes[at] === CLOSE_BRACE) break;
    if (bytes[at] !== opening || targets.length >= MOST_MEMBERS) return undefined;
    opening = COMMA;
    const name = skipSpace(bytes, at + 1) + 1;
    const close = scan.stringEnd(bytes, name);
    // The object without members comes here too.
    if (close < 0 || scan.hasEscape) return undefined;
    const target = columnOf(name, close);
    if (target >= 0 && targets.includes(target)) return undefined;
    at = skipSpace(bytes, skipSpace(bytes, close + 1) + 1);
    if (at - textFrom > MOST_TEXT_BYTES) return undefined;
    targets.push(target);
    texts.push(bytes.slice(textFrom, at));
    textFrom = scan.valueEnd(bytes, at);
    if (textFrom < 0) return undefined;
    at = skipSpace(bytes, textFrom);
  }
  if (to - textFrom > MOST_TEXT_BYTES) return undefined;
  texts.push(bytes.slice(textFrom, to));
  return { targets, texts };
}
