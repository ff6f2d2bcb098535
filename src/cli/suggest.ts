/** The name that was probably meant. Pure. @module */

/** The candidate that takes the fewest changes, if they are few: a third of its letters. */
export function suggestName(name: string, candidates: readonly string[]): string | undefined {
  const near = candidates
    .map((candidate) => ({ candidate, changes: changesBetween(name.toLowerCase(), candidate) }))
    .filter(({ candidate, changes }) => changes <= Math.max(1, Math.floor(candidate.length / 3)))
    .toSorted((a, b) => a.changes - b.changes);
  return near[0]?.candidate ?? candidates.find((candidate) => isBeginning(name, candidate));
}

function isBeginning(name: string, candidate: string): boolean {
  return name.length >= 2 && candidate.startsWith(name);
}

/** Letters added, left out, or changed, from one word to the other. */
function changesBetween(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, at) => at);
  for (let i = 0; i < from.length; i++) {
    const next = [i + 1];
    for (let j = 0; j < to.length; j++) {
      const changed = row[j]! + (from[i] === to[j] ? 0 : 1);
      next.push(Math.min(changed, row[j + 1]! + 1, next[j]! + 1));
    }
    row = next;
  }
  return row[to.length]!;
}
