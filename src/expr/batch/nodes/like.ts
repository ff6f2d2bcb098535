/** `LIKE` with a constant pattern: most patterns only say where a text must lie. @module */

import { STRING } from '../../../core/types.ts';
import type { LikePart } from '../../scalar/like.ts';
import { matchesLike, parseLike } from '../../scalar/like.ts';
import type { TypedExpr } from '../../typed.ts';
import { containing, Place } from '../loops/text.ts';
import { readValue } from '../values.ts';
import { LiteralNode, ONE_ROW } from './leaf.ts';
import type { TestLoop } from './loop-node.ts';

/** The loop of a `LIKE`; `undefined` when its pattern or escape is no constant. */
export function likeTest([, pattern, escape]: readonly TypedExpr[]): TestLoop | undefined {
  if (pattern?.op !== 'literal' || typeof pattern.value !== 'string') return undefined;
  if (escape !== undefined && (escape.op !== 'literal' || escape.value === null)) return undefined;
  const parts = parseLike(
    pattern.value,
    escape === undefined ? undefined : (escape.value as string),
  );
  return placedTest(parts) ?? generalTest(parts);
}

/** `'x'`, `'x%'`, `'%x'`, `'%x%'`: one comparison of bytes. */
function placedTest(parts: readonly LikePart[]): TestLoop | undefined {
  const isOpenStart = parts[0] === '%';
  const isOpenEnd = parts.length > 1 && parts.at(-1) === '%';
  const inner = parts.slice(isOpenStart ? 1 : 0, isOpenEnd ? -1 : undefined);
  const [only = { text: '' }] = inner;
  if (inner.length > 1 || only === '_' || only === '%') return undefined;
  const place =
    isOpenStart && (isOpenEnd || inner.length === 0)
      ? Place.ANYWHERE
      : isOpenStart
        ? Place.END
        : isOpenEnd
          ? Place.START
          : Place.WHOLE;
  const needle = new LiteralNode(
    { op: 'literal', type: STRING, value: only.text },
    ONE_ROW,
  ).evaluate();
  return (rows, count, out, [text]) => containing(rows, count, out, text!, needle, 0, place);
}

function generalTest(parts: readonly LikePart[]): TestLoop {
  return (rows, count, out, [text]) => {
    let kept = 0;
    for (let s = 0; s < count; s++) {
      const row = rows[s]!;
      out[kept] = row;
      kept += +matchesLike(readValue(text!, row) as string, parts);
    }
    return kept;
  };
}
