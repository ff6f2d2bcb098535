/**
 * Patterns as a slow enumerator has them: of each way through the ORs of a template all combinations of
 * rows, each of which is judged by itself.
 *
 * @module
 */

/** A template as a tree. Events are numbered. */
export type Tree =
  | { readonly kind: 'event'; readonly event: number }
  | { readonly kind: 'not'; readonly events: readonly number[] }
  | { readonly kind: 'then' | 'and' | 'or'; readonly parts: readonly Tree[] };

/** A row, and the events that it is. */
export interface ModelRow {
  readonly timeUs: number;
  /** What it is ordered by. */
  readonly rank: number;
  /** What a window over a field goes by. */
  readonly field: number;
  readonly events: readonly number[];
  readonly id: number;
}

/** A match: its time, and the rows of its events. */
export interface ModelMatch {
  readonly timeUs: number;
  readonly rows: ReadonlyMap<number, ModelRow>;
}

export interface ModelPattern {
  readonly tree: Tree;
  readonly within: { readonly sizeUs: number } | { readonly size: number };
  /** Over rows of a match. */
  readonly where: (rows: ReadonlyMap<number, ModelRow>) => boolean;
  /** Whether a row of an event that must stay out ends a match. */
  readonly against: (event: number, row: ModelRow, rows: ReadonlyMap<number, ModelRow>) => boolean;
}

/** Its text, with a name for each event. */
export function templateText(tree: Tree, nameOf: (event: number) => string): string {
  switch (tree.kind) {
    case 'event':
      return nameOf(tree.event);
    case 'not':
      return tree.events.length === 1
        ? `NOT ${nameOf(tree.events[0]!)}`
        : `NOT (${tree.events.map(nameOf).join(' OR ')})`;
    default:
      return `(${tree.parts.map((part) => templateText(part, nameOf)).join(` ${tree.kind} `)})`;
  }
}

/** Events that occur. */
export function occurring(tree: Tree): readonly number[] {
  if (tree.kind === 'event') return [tree.event];
  return tree.kind === 'not' ? [] : tree.parts.flatMap(occurring);
}

/** The matches among the rows of one key. */
export function modelMatches(pattern: ModelPattern, rows: readonly ModelRow[]): ModelMatch[] {
  return ways(pattern.tree).flatMap((tree) => {
    const events = occurring(tree);
    return combinations(events, rows).flatMap((combination) => {
      const timeUs = judge(pattern, tree, combination, rows);
      return timeUs === undefined ? [] : [{ timeUs, rows: combination }];
    });
  });
}

/** The template with one branch in the place of each OR. */
function ways(tree: Tree): Tree[] {
  if (tree.kind === 'event' || tree.kind === 'not') return [tree];
  if (tree.kind === 'or') return tree.parts.flatMap(ways);
  const { kind } = tree;
  let lists: Tree[][] = [[]];
  for (const part of tree.parts) {
    const choices = ways(part);
    lists = lists.flatMap((list) => choices.map((choice) => [...list, choice]));
  }
  return lists.map((parts) => ({ kind, parts }));
}

function combinations(
  events: readonly number[],
  rows: readonly ModelRow[],
): ReadonlyMap<number, ModelRow>[] {
  const [event, ...others] = events;
  if (event === undefined) return [new Map()];
  return combinations(others, rows).flatMap((rest) => {
    const taken = new Set(rest.values());
    const free = rows.filter((row) => row.events.includes(event) && !taken.has(row));
    return free.map((row) => new Map([...rest, [event, row]]));
  });
}

/** The time of a match; `undefined`: it is none. */
function judge(
  { within, where, against }: ModelPattern,
  tree: Tree,
  bound: ReadonlyMap<number, ModelRow>,
  all: readonly ModelRow[],
): number | undefined {
  const own = [...bound.values()];
  const times = own.map(({ timeUs }) => timeUs);
  const [startUs, endUs] = [Math.min(...times), Math.max(...times)];
  const first = own.toSorted((a, b) => a.rank - b.rank)[0]!;
  const isInside = (row: ModelRow): boolean =>
    'sizeUs' in within
      ? row.timeUs <= startUs + within.sizeUs
      : row.field <= first.field + within.size;
  if (!own.every(isInside) || !isInOrder(tree, bound)) return undefined;
  let waits = false;
  const isFree = (part: Tree, after: number, until: number): boolean => {
    if (part.kind === 'event') return true;
    if (part.kind === 'not') {
      if (until === Infinity) waits = true;
      return !all.some(
        (row) =>
          (after === -Infinity ? row.rank >= first.rank : row.rank > after) &&
          row.rank < until &&
          isInside(row) &&
          part.events.some((event) => row.events.includes(event) && against(event, row, bound)),
      );
    }
    const spans = part.parts.map((one) => spanOf(one, bound));
    return part.parts
      .map((one, i) => {
        if (part.kind === 'and') return isFree(one, after, until);
        const before = spans.slice(0, i).findLast((span) => span !== undefined);
        const behind = spans.slice(i + 1).find((span) => span !== undefined);
        return isFree(one, before?.[1] ?? after, behind?.[0] ?? until);
      })
      .every(Boolean);
  };
  if (!isFree(tree, -Infinity, Infinity) || !where(bound)) return undefined;
  if (!waits) return endUs;
  if ('sizeUs' in within) return startUs + within.sizeUs;
  const beyond = all.filter((row) => row.timeUs > startUs && !isInside(row));
  return beyond.length === 0 ? undefined : Math.min(...beyond.map(({ timeUs }) => timeUs));
}

function spanOf(
  tree: Tree,
  bound: ReadonlyMap<number, ModelRow>,
): readonly [number, number] | undefined {
  const ranks = occurring(tree).map((event) => bound.get(event)!.rank);
  return ranks.length === 0 ? undefined : [Math.min(...ranks), Math.max(...ranks)];
}

function isInOrder(tree: Tree, bound: ReadonlyMap<number, ModelRow>): boolean {
  if (tree.kind === 'event' || tree.kind === 'not') return true;
  if (!tree.parts.every((part) => isInOrder(part, bound))) return false;
  if (tree.kind === 'and') return true;
  const spans = tree.parts.map((part) => spanOf(part, bound)).filter((span) => span !== undefined);
  return spans.every((span, i) => i === 0 || spans[i - 1]![1] < span[0]);
}
