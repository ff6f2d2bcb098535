/** Finds the name that was probably meant by a mistyped one. @module */

/**
 * The candidate nearest to `name`, or `undefined` when none is near enough to be worth a guess.
 *
 * Near means: equal but for case, or a few slips away (a letter missing, added, changed, or two
 * neighbours swapped; more slips are allowed in longer names), or begun with `name`. Of several
 * equally near candidates the first wins. `name` itself is no answer.
 */
export function nearestName(name: string, candidates: Iterable<string>): string | undefined {
  const typed = name.toLowerCase();
  let best: string | undefined;
  let bestDistance = Infinity;
  for (const candidate of candidates) {
    if (candidate === name) continue;
    const distance = distanceWithin(typed, candidate.toLowerCase());
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** Slips between two lower-case names; `Infinity` when they have nothing to do with each other. */
function distanceWithin(typed: string, candidate: string): number {
  const limit = slipsAllowed(Math.max(typed.length, candidate.length));
  if (Math.abs(typed.length - candidate.length) <= limit) {
    const distance = editDistance(typed, candidate);
    if (distance <= limit) return distance;
  }
  // An unfinished word is a worse guess than any near one, and a longer rest is a worse one still.
  const isUnfinished = typed.length >= MIN_PREFIX && candidate.startsWith(typed);
  return isUnfinished ? PREFIX_DISTANCE + candidate.length : Infinity;
}

const MIN_PREFIX = 3;
const PREFIX_DISTANCE = 4;

/** In two letters any slip makes another word; in long names three still leave no doubt. */
function slipsAllowed(length: number): number {
  if (length <= 2) return 0;
  if (length <= 5) return 1;
  return length <= 8 ? 2 : 3;
}

/**
 * The Damerau–Levenshtein distance of two texts, in UTF-16 units: insertions, deletions,
 * replacements and swaps of neighbours, no unit edited twice ("optimal string alignment").
 */
export function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = last[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      let cost = Math.min(replaced, last[j]! + 1, row[j - 1]! + 1);
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (isSwap) cost = Math.min(cost, beforeLast[j - 2]! + 1);
      row.push(cost);
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length]!;
}
