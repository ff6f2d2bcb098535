/** Regular expressions, which JavaScript matches, over columns of texts. @module */

import type { Column } from '../../../core/column.ts';
import type { RowLoop, TestLoop } from '../../batch/nodes/loop-node.ts';
import { TextScratch } from '../../batch/text-bytes.ts';
import type { BatchOptions } from '../../batch/vector-node.ts';
import { regularExpression } from '../../functions/pattern.ts';
import type { TypedExpr } from '../../typed.ts';
import { CUT_TEXTS, GATHER_TEXTS } from './gather-code.ts';
import type { Planned } from './text-kernels.ts';
import { TextKernels } from './text-kernels.ts';
import { TextReader } from './text-reader.ts';

const scratch = new TextScratch();

/** Bytes of a text. */
const utf8Length = (text: string): number => scratch.encode(text);

function constantPattern(expr: TypedExpr | undefined): RegExp | undefined {
  if (expr?.op !== 'literal' || typeof expr.value !== 'string') return undefined;
  return regularExpression(expr.value);
}

/** The test of `REGEXP_LIKE` with a constant pattern. */
export function matchTest([, pattern]: readonly TypedExpr[]): Planned<TestLoop> | undefined {
  const regexp = constantPattern(pattern);
  if (regexp === undefined) return undefined;
  return { functions: [GATHER_TEXTS], make: (options) => testOf(regexp, options) };
}

function testOf(regexp: RegExp, options: BatchOptions): TestLoop {
  const reader = TextReader.of(options);
  return (rows, count, out, [text]) => {
    let kept = 0;
    reader.read(text!, rows, count, (row, value) => {
      out[kept] = row;
      kept += +regexp.test(value);
    });
    return kept;
  };
}

/**
 * The loop of `REGEXP_EXTRACT` with constants. What a group matched stands in the text: the result is that
 * part of it, whose bytes are not copied.
 */
export function extractMatchLoop([, pattern, group]: readonly TypedExpr[]):
  | Planned<RowLoop>
  | undefined {
  const regexp = constantPattern(pattern);
  if (regexp === undefined) return undefined;
  if (group !== undefined && (group.op !== 'literal' || group.value === null)) return undefined;
  const number = group === undefined ? 0 : Number(group.value);
  const make = (options: BatchOptions): RowLoop => extractOf(regexp, number, options);
  return { functions: [GATHER_TEXTS, CUT_TEXTS], make };
}

function extractOf(regexp: RegExp, number: number, options: BatchOptions): RowLoop {
  const kernels = TextKernels.of(options);
  const reader = TextReader.of(options);
  /** Where the result of each row begins and ends in its text, in bytes. */
  const cuts = options.memory.words(2 * options.rowCapacity);
  const put = (row: number, start: number, end: number): void => {
    cuts[2 * row] = start;
    cuts[2 * row + 1] = end;
  };
  const cut = (out: Column, row: number, text: string, isPlain: boolean): void => {
    const match = regexp.exec(text);
    const found = match?.[number];
    if (found === undefined) {
      out.setNull(row);
      put(row, 0, 0);
      return;
    }
    const near = number === 0 ? match!.index : text.indexOf(found, match!.index);
    // By looking behind, a group may match in front of the match.
    const at = near >= 0 ? near : text.indexOf(found);
    const end = at + found.length;
    if (isPlain) put(row, at, end);
    else put(row, utf8Length(text.slice(0, at)), utf8Length(text.slice(0, end)));
  };
  return (rows, count, out, [operand]) => {
    const text = operand!;
    reader.read(text, rows, count, (row, value, isPlain) => cut(out, row, value, isPlain));
    kernels.begin(rows, count, out);
    kernels.read(text);
    kernels.argument(0, cuts.byteOffset);
    out.heap = text.heap;
    kernels.run(CUT_TEXTS);
    return 0;
  };
}
