/** Loops of functions whose results are texts, by WebAssembly. @module */

import type { RowLoop } from '../../batch/nodes/loop-node.ts';
import type { BatchOptions } from '../../batch/vector-node.ts';
import type { TypedCall, TypedExpr } from '../../typed.ts';
import { extractFunction } from '../regex/extract-code.ts';
import { regexOf } from '../regex/regex-rules.ts';
import { CONCATENATE, PartWord, WORDS_PER_PART } from './concat-code.ts';
import { SHIFT_LETTERS } from './letter-code.ts';
import { REPLACE_BYTE, REPLACE_BYTES, REPLACE_TEXT } from './replace-code.ts';
import { extractMatchLoop } from './regexp-loops.ts';
import {
  LAST_CHARACTERS,
  SLICE_BY_COLUMNS,
  SLICE_CHARACTERS,
  SPLIT_AT_BYTE,
  SPLIT_AT_TEXT,
  TRIM_BYTES,
} from './slice-code.ts';
import type { TextFunction } from './text-code.ts';
import type { Planned } from './text-kernels.ts';
import { TextKernels } from './text-kernels.ts';

/** The function that does the rows of a call, and its arguments. */
interface Chosen {
  readonly fn: TextFunction;
  /** Bytes are laid into the kernels' memory; their address is the argument. */
  readonly args: readonly (number | Uint8Array)[];
  /** Whether results are parts of the texts, share their bytes, or are written anew. */
  readonly shares: boolean;
  /** Whether some may be null. */
  readonly makesNulls?: boolean;
}

/** The loop of a call; `undefined` when no function does it. */
export function textLoop(expr: TypedCall): Planned<RowLoop> | undefined {
  const [text] = expr.args;
  if (expr.fn === 'CONCAT') {
    return { functions: [CONCATENATE], make: (options) => concatenation(expr, options) };
  }
  if (text === undefined || text.type.kind !== 'string') return undefined;
  const chosen = chooseFunction(expr);
  if (chosen !== undefined) {
    return { functions: [chosen.fn], make: (options) => loopOf(chosen, options) };
  }
  if (expr.fn === 'REGEXP_EXTRACT') return extractMatchLoop(expr.args);
  return expr.fn === 'SUBSTRING' ? substringByColumns() : undefined;
}

function chooseFunction(expr: TypedCall): Chosen | undefined {
  const { fn, args } = expr;
  switch (fn) {
    case 'LEFT':
      return slice(0, integerOf(args[1]));
    case 'RIGHT':
      return lastCharacters(integerOf(args[1]));
    case 'SUBSTRING':
      return substring(args);
    case 'TRIM':
      return trim(args, true, true);
    case 'LTRIM':
      return trim(args, true, false);
    case 'RTRIM':
      return trim(args, false, true);
    case 'SPLIT_INDEX':
      return split(args, integerOf(args[2]), true);
    case 'SPLIT_PART':
      return split(args, minus(integerOf(args[2]), 1), false);
    case 'REPLACE':
      return replacement(args);
    case 'REGEXP_EXTRACT':
      return extraction(args);
    case 'UPPER':
      return { fn: SHIFT_LETTERS, args: [0x61], shares: false };
    case 'LOWER':
      return { fn: SHIFT_LETTERS, args: [0x41], shares: false };
    default:
      return undefined;
  }
}

function loopOf(chosen: Chosen, options: BatchOptions): RowLoop {
  const kernels = TextKernels.of(options);
  const { fn, shares, makesNulls = false } = chosen;
  const args = chosen.args.map((arg) => (typeof arg === 'number' ? arg : kernels.constant(arg)));
  return (rows, count, out, operands, left) => {
    const text = operands[0]!;
    kernels.begin(rows, count, out);
    kernels.read(text);
    for (let i = 0; i < args.length; i++) kernels.argument(i, args[i]!);
    if (!shares) return kernels.runWithHeap(fn, rows, count, out, left);
    out.heap = text.heap;
    if (makesNulls) kernels.allowNulls(out);
    kernels.run(fn);
    if (makesNulls) kernels.takeNulls(out);
    return 0;
  };
}

function concatenation(expr: TypedCall, options: BatchOptions): RowLoop {
  const kernels = TextKernels.of(options);
  const parts = options.memory.words(WORDS_PER_PART * expr.args.length);
  return (rows, count, out, operands, left) => {
    for (let i = 0; i < operands.length; i++) {
      const column = operands[i]!;
      parts[WORDS_PER_PART * i + PartWord.VALUES] = column.valuesAt;
      parts[WORDS_PER_PART * i + PartWord.HEAP] = column.heap.bytes.byteOffset;
    }
    kernels.begin(rows, count, out);
    kernels.argument(0, parts.byteOffset);
    kernels.argument(1, parts.byteOffset + parts.byteLength);
    return kernels.runWithHeap(CONCATENATE, rows, count, out, left);
  };
}

/** A constant integer; `undefined` for anything else. */
function integerOf(expr: TypedExpr | undefined): number | undefined {
  return expr?.op === 'literal' && expr.value !== null ? Number(expr.value) : undefined;
}

/** A constant text of which every part is one in UTF-8; `undefined` for anything else. */
function textOf(expr: TypedExpr | undefined): string | undefined {
  if (expr?.op !== 'literal' || typeof expr.value !== 'string') return undefined;
  return expr.value.isWellFormed() ? expr.value : undefined;
}

const minus = (a: number | undefined, b: number): number | undefined =>
  a === undefined ? undefined : a - b;

/** Longer than any text. */
const NO_END = 0x7fff_ffff;

/** Characters `from` to `to`, from 0. */
function slice(from: number, to: number | undefined): Chosen | undefined {
  if (to === undefined) return undefined;
  const start = Math.min(from, NO_END);
  const args = [start, Math.min(Math.max(start, to), NO_END)];
  return { fn: SLICE_CHARACTERS, args, shares: true };
}

/** `SUBSTRING` of places in columns. Rows that are left are in error, and need no heap. */
function substringByColumns(): Planned<RowLoop> {
  const make = (options: BatchOptions): RowLoop => {
    const kernels = TextKernels.of(options);
    return (rows, count, out, operands, left) => {
      const [text, starts, counts] = operands;
      kernels.begin(rows, count, out);
      kernels.read(text!);
      kernels.argument(0, starts!.valuesAt);
      kernels.argument(1, Number(starts!.storage === 'i64'));
      kernels.argument(2, counts === undefined ? 0 : counts.valuesAt);
      kernels.argument(3, Number(counts?.storage === 'i64'));
      out.heap = text!.heap;
      return kernels.runAndLeave(SLICE_BY_COLUMNS, left);
    };
  };
  return { functions: [SLICE_BY_COLUMNS], make };
}

function lastCharacters(count: number | undefined): Chosen | undefined {
  if (count === undefined) return undefined;
  const args = [Math.min(Math.max(0, count), NO_END)];
  return { fn: LAST_CHARACTERS, args, shares: true };
}

function substring([, start, length]: readonly TypedExpr[]): Chosen | undefined {
  const first = integerOf(start);
  const count = length === undefined ? Infinity : integerOf(length);
  if (first === undefined || count === undefined || count < 0) return undefined;
  return slice(Math.max(0, first - 1), Math.max(0, first + count - 1));
}

function trim(
  [, removed]: readonly TypedExpr[],
  atStart: boolean,
  atEnd: boolean,
): Chosen | undefined {
  const characters = removed === undefined ? ' ' : textOf(removed);
  if (characters === undefined) return undefined;
  const set = new Uint8Array(32);
  for (const character of characters) {
    const code = character.codePointAt(0)!;
    if (code >= 0x80) return undefined;
    set[code >> 3]! |= 1 << (code & 7);
  }
  const args = [set, Number(atStart), Number(atEnd)];
  return { fn: TRIM_BYTES, args, shares: true };
}

function replacement([, from, to]: readonly TypedExpr[]): Chosen | undefined {
  const [replaced, by] = [textOf(from), textOf(to)];
  if (replaced === undefined || replaced === '' || by === undefined) return undefined;
  const args = [replaced, by].flatMap((text) => {
    const bytes = new TextEncoder().encode(text);
    return [bytes, bytes.length];
  });
  const fn = args[1] === 1 ? REPLACE_BYTE : REPLACE_TEXT;
  return { fn, args: [...args, new Uint8Array(REPLACE_BYTES)], shares: false };
}

function extraction([, pattern, group]: readonly TypedExpr[]): Chosen | undefined {
  const text = textOf(pattern);
  const regex = text === undefined ? undefined : regexOf(pattern);
  const index = group === undefined ? 0 : integerOf(group);
  if (regex === undefined || index === undefined || index < 0 || index > regex.groups) {
    return undefined;
  }
  const name = `extract ${index} ${text}`;
  return { fn: extractFunction(name, regex, index), args: [], shares: true, makesNulls: true };
}

function split(
  [, separator]: readonly TypedExpr[],
  index: number | undefined,
  makesNulls: boolean,
): Chosen | undefined {
  const text = textOf(separator);
  if (index === undefined || !(index >= 0) || text === undefined || text === '') return undefined;
  const bytes = new TextEncoder().encode(text);
  const part = Math.min(index, NO_END);
  const isByte = bytes.length === 1;
  const args = isByte
    ? [part, bytes[0]!, Number(makesNulls)]
    : [part, bytes, Number(makesNulls), bytes.length];
  return { fn: isByte ? SPLIT_AT_BYTE : SPLIT_AT_TEXT, args, shares: true, makesNulls };
}
