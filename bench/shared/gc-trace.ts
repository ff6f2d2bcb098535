/** What V8 prints with `--trace-gc`. @module */

/** One collection. */
export interface Collection {
  /** Of its isolate: a text that is the same for all collections of one thread. */
  readonly thread: string;
  /** Since its isolate began, which for a worker is later than the process. */
  readonly atMs: number;
  readonly kind: string;
  /** What is in use behind it, of what the heap has of the system. */
  readonly leftMiB: number;
  readonly heldMiB: number;
  /** For how long the thread stood still, by the clock: other work on the machine lengthens it. */
  readonly pauseMs: number;
}

const LINE =
  /^\[\d+:(?<thread>\w+)\]\s+(?<at>\d+) ms: (?<kind>[\w-]+)[^>]*-> (?<left>[\d.]+) \((?<held>[\d.]+)\) MB, pooled: [\d.]+ MB, (?<pause>[\d.]+) \//;

/** The collection that a line tells of; `undefined`: it tells of none. */
export function collectionOf(line: string): Collection | undefined {
  const { groups } = LINE.exec(line) ?? {};
  if (groups === undefined) return undefined;
  return {
    thread: groups['thread']!,
    atMs: Number(groups['at']),
    kind: groups['kind']!,
    leftMiB: Number(groups['left']),
    heldMiB: Number(groups['held']),
    pauseMs: Number(groups['pause']),
  };
}

/** All of an output. */
export function collectionsOf(out: string): Collection[] {
  return out.split('\n').flatMap((line) => collectionOf(line) ?? []);
}
