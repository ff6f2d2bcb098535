/** `LIKE` a constant pattern. @module */

import type { FunctionBuilder, Label, Local } from '../../../wasm/index.ts';
import { call, i32 } from '../../../wasm/index.ts';
import type { LikePart } from '../../scalar/like.ts';
import { parseLike } from '../../scalar/like.ts';
import type { TypedCall } from '../../typed.ts';
import type { Lane, Machine } from '../lanes.ts';
import { Mask } from '../operations.ts';
import type { Rule, StrictRule, Texts } from '../rules/rule.ts';
import { bytesOfValue, MOST_CONSTANT_BYTES } from './constant.ts';
import { equalsConstant } from './equality.ts';
import { constantNeedle, find } from './find.ts';
import { beginsWith, contains, endsWith } from './place.ts';
import { isConstantAt, isLaterByte, openText, skipCharacter, viewAt } from './view-code.ts';
import { areAtLeast, areInView, within } from './views.ts';

/** What stands between two `%`: bytes, and places of one character. */
type Piece = readonly (Uint8Array | '_')[];

/** Longest pattern, in its parts. */
const MOST_PARTS = 32;

/** How a `LIKE` is tested; `undefined` when its pattern is no constant, or too long. */
export function likeRule({ args: [text, pattern, escape] }: TypedCall): StrictRule | undefined {
  if (text?.op === 'literal' || pattern?.op !== 'literal' || typeof pattern.value !== 'string') {
    return undefined;
  }
  if (escape !== undefined && (escape.op !== 'literal' || typeof escape.value !== 'string')) {
    return undefined;
  }
  const parts = parseLike(pattern.value, escape?.value as string | undefined);
  const pieces = piecesOf(parts);
  if (pieces === undefined) return undefined;
  const test = placedTest(pieces) ?? ((m, texts) => generalTest(m, texts, pieces));
  const rule: Rule = (m, _, texts) => ({ value: test(m, texts) });
  return { rule, operands: [text!] };
}

/** One piece more than there are `%`. */
function piecesOf(parts: readonly LikePart[]): readonly Piece[] | undefined {
  let bytesLeft = MOST_CONSTANT_BYTES;
  const pieces: (Uint8Array | '_')[][] = [[]];
  for (const part of parts) {
    if (part === '%') {
      pieces.push([]);
      continue;
    }
    const bytes = part === '_' ? part : bytesOfValue(part.text);
    if (bytes === undefined) return undefined;
    bytesLeft -= bytes.length;
    pieces.at(-1)!.push(bytes);
  }
  return parts.length > MOST_PARTS || bytesLeft < 0 ? undefined : pieces;
}

type Test = (m: Machine, texts: Texts) => Lane;

/** `'x'`, `'x%'`, `'%x'`, `'%x%'`. */
function placedTest(pieces: readonly Piece[]): Test | undefined {
  if (pieces.length > 3 || pieces.some((piece) => piece.length > 1 || piece[0] === '_')) {
    return undefined;
  }
  const [first, middle, last] = pieces.map(([bytes]) => bytes as Uint8Array | undefined);
  const none = new Uint8Array(0);
  if (pieces.length === 1) return (m, texts) => equalsConstant(m, texts, first ?? none);
  if (pieces.length === 2) {
    if (first === undefined) return (m, texts) => endsWith(m, texts, middle ?? none);
    return middle === undefined ? (m, texts) => beginsWith(m, texts, first) : undefined;
  }
  if (first !== undefined || last !== undefined) return undefined;
  return (m, texts) => contains(m, texts, middle ?? none);
}

function generalTest(m: Machine, { columns, rows }: Texts, pieces: readonly Piece[]): Lane {
  const column = columns[0]!;
  const helper = m.helpers.helper(`like ${JSON.stringify(pieces)}`, 2, (f, [view, heap]) => {
    const { at, length } = openText(f, view!, heap!);
    writeMatch(f, at, f.let(i32.add(at, length)), pieces);
  });
  const least = pieces.flat().reduce((sum, part) => sum + part.length, 0);
  let open = areAtLeast(m, column, least);
  const start = pieces[0]![0];
  if (start instanceof Uint8Array) {
    open = m.apply(Mask.and, open, areInView(m, column, start.subarray(0, 4)));
  }
  return m.eachRow('bits', within(m, open, rows), (row) =>
    call(helper, viewAt(column, row), column.heap),
  );
}

/** Returns whether the bytes from `at` to `end` match. */
function writeMatch(
  f: FunctionBuilder,
  at: Local<'i32'>,
  end: Local<'i32'>,
  pieces: readonly Piece[],
): void {
  const place = f.let(at);
  f.block((fails) => {
    matchHere(f, place, end, pieces[0]!, fails);
    if (pieces.length === 1) {
      f.branchIf(fails, i32.ne(place, end));
    } else {
      // What a run takes is as short as can be: then most is left for what follows.
      for (const piece of pieces.slice(1, -1)) matchSomewhere(f, place, end, piece, fails);
      matchAtEnd(f, place, end, pieces.at(-1)!, fails);
    }
    f.return(i32.const(1));
  });
  f.return(i32.const(0));
}

/** Moves `place` behind a piece that stands there. */
function matchHere(
  f: FunctionBuilder,
  place: Local<'i32'>,
  end: Local<'i32'>,
  piece: Piece,
  fails: Label,
): void {
  for (const part of piece) {
    if (part === '_') {
      f.branchIf(fails, i32.geU(place, end));
      skipCharacter(f, place, end);
    } else {
      f.branchIf(fails, i32.ltS(i32.sub(end, place), i32.const(part.length)));
      f.branchIf(fails, i32.eqz(isConstantAt(place, part)));
      f.increase(place, part.length);
    }
  }
}

/** Moves `place` behind the next place where a piece stands. */
function matchSomewhere(
  f: FunctionBuilder,
  place: Local<'i32'>,
  end: Local<'i32'>,
  piece: Piece,
  fails: Label,
): void {
  const [head] = piece;
  const start = f.let(place);
  f.block((done) => {
    f.loop((again) => {
      if (head instanceof Uint8Array) {
        find(f, constantNeedle(head), start, end, start);
        f.branchIf(fails, i32.eqz(start));
      }
      f.set(place, start);
      f.block((next) => {
        matchHere(f, place, end, piece, next);
        f.branch(done);
      });
      f.branchIf(fails, i32.geU(start, end));
      skipCharacter(f, start, end);
      f.branch(again);
    });
  });
}

/** Goes on if a piece stands at the end, not before `place`. */
function matchAtEnd(
  f: FunctionBuilder,
  place: Local<'i32'>,
  end: Local<'i32'>,
  piece: Piece,
  fails: Label,
): void {
  const start = f.let(end);
  for (const part of piece.toReversed()) {
    if (part === '_') {
      f.branchIf(fails, i32.leU(start, place));
      f.increase(start, -1);
      f.while(i32.and(i32.gtU(start, place), isLaterByte(start)), () => f.increase(start, -1));
    } else {
      f.branchIf(fails, i32.ltS(i32.sub(start, place), i32.const(part.length)));
      f.increase(start, -part.length);
      f.branchIf(fails, i32.eqz(isConstantAt(start, part)));
    }
  }
}
