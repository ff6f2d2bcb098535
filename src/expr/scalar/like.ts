/** `LIKE` patterns: `%` any run, `_` one code point, the rest literally. @module */

import { badArgument } from '../row-error.ts';

/** A part of a pattern: literal text, one code point, or a run. */
export type LikePart = { readonly text: string } | '_' | '%';

/**
 * Splits a pattern; adjacent literals are joined, adjacent `%` are one.
 *
 * @param escape - one code point that makes the next one literal; `undefined` for none
 * @throws RowError `badArgument` when the escape is not one code point, or stands before anything
 * but `%`, `_` and itself
 */
export function parseLike(pattern: string, escape: string | undefined): readonly LikePart[] {
  if (escape !== undefined && Array.from(escape).length !== 1) {
    throw badArgument('the escape of LIKE must be one character');
  }
  const parts: LikePart[] = [];
  let text = '';
  const flush = () => {
    if (text !== '') parts.push({ text });
    text = '';
  };
  const points = Array.from(pattern);
  for (let i = 0; i < points.length; i++) {
    let point = points[i]!;
    const isEscaped = point === escape;
    if (isEscaped) {
      point = points[++i] ?? '';
      if (point !== '%' && point !== '_' && point !== escape) {
        throw badArgument('the escape of LIKE must stand before %, _ or itself');
      }
    }
    if (isEscaped || (point !== '%' && point !== '_')) {
      text += point;
      continue;
    }
    flush();
    if (point === '_' || parts.at(-1) !== '%') parts.push(point);
  }
  flush();
  return parts;
}

/** Whether `text` matches all of a pattern. */
export function matchesLike(text: string, parts: readonly LikePart[]): boolean {
  // Two cursors with one place to return to: the last run, which may take one more code point.
  let at = 0;
  let part = 0;
  let runPart = -1;
  let runAt = 0;
  for (;;) {
    if (part === parts.length && at === text.length) return true;
    const end = part < parts.length ? matchPart(text, at, parts[part]!) : -1;
    if (parts[part] === '%') {
      runPart = part++;
      runAt = at;
    } else if (end >= 0) {
      at = end;
      part++;
    } else if (runPart >= 0 && runAt < text.length) {
      runAt = nextCandidate(text, nextPoint(text, runAt), parts[runPart + 1]);
      if (runAt < 0) return false;
      at = runAt;
      part = runPart + 1;
    } else {
      return false;
    }
  }
}

/** The first place from `at` on where the part behind a run can begin, or -1. */
function nextCandidate(text: string, at: number, part: LikePart | undefined): number {
  return typeof part === 'object' ? text.indexOf(part.text, at) : at;
}

/** Where a part that begins at `at` ends, or -1. */
function matchPart(text: string, at: number, part: LikePart): number {
  if (part === '%') return at;
  if (part === '_') return at < text.length ? nextPoint(text, at) : -1;
  return text.startsWith(part.text, at) ? at + part.text.length : -1;
}

function nextPoint(text: string, at: number): number {
  return at + ((text.charCodeAt(at) & 0xfc00) === 0xd800 ? 2 : 1);
}
