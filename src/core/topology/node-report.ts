/** What checks of a node report to, and a check that several of them share. @module */

import type { IssueList } from './issues.ts';
import { list, pointer } from './issues.ts';
import { keysOf } from './key-order.ts';

/** Knows which parts of a document have the right shape, by their pointers. */
export interface SoundParts {
  isSound(pointer: string): boolean;
  isOfKind(pointer: string): boolean;
}

/** Where checks report to. */
export interface Report {
  readonly issues: IssueList;
  readonly warnings: IssueList;
}

/** A document's node of which any property, also one that is required, may be missing. */
export type Loose<Node> = Node extends unknown
  ? { readonly [Key in keyof Node]?: Node[Key] }
  : never;

/** Steps from a node to a part of it. */
type Steps = readonly (string | number)[];

/** Takes problems of one node, at places relative to it, and knows which parts are sound. */
export class NodeReport {
  /** The node's pointer. */
  readonly at: string;
  readonly #shape: SoundParts;
  readonly #report: Report;

  constructor(at: string, shape: SoundParts, report: Report) {
    this.at = at;
    this.#shape = shape;
    this.#report = report;
  }

  /** Whether a part, with all beneath it, has the right shape. A missing part has. */
  isSound(...steps: Steps): boolean {
    return this.#shape.isSound(this.at + pointer(...steps));
  }

  /** Whether a part itself is of the right kind, whatever lies beneath it. */
  isOfKind(...steps: Steps): boolean {
    return this.#shape.isOfKind(this.at + pointer(...steps));
  }

  /** A report about a part that has properties of its own. */
  below(...steps: Steps): NodeReport {
    return new NodeReport(this.at + pointer(...steps), this.#shape, this.#report);
  }

  /** Adds a problem with a part. */
  add(steps: Steps, message: string, suggestion?: string): void {
    this.#report.issues.add(this.at + pointer(...steps), message, suggestion);
  }

  /** Adds a warning about a part. */
  warn(steps: Steps, message: string): void {
    this.#report.warnings.add(this.at + pointer(...steps), message);
  }
}

/** `; expected a, b or c` when there are few enough names to list. */
export function someOf(names: readonly string[]): string {
  if (names.length === 0 || names.length > 12) return '';
  return `; expected ${list(names, 'or')}`;
}

/** Checks the names in a `select` that cannot include the columns of the input by `*`. */
export function checkOutputNames(select: object | undefined, report: NodeReport): void {
  if (select === undefined || !report.isOfKind('select')) return;
  for (const name of keysOf(select)) {
    if (name === '*') {
      report.add(['select', name], `'*' stands for the columns of an input in a map only`);
    }
    if (name === '') report.add(['select', name], 'expected a name for the column');
  }
}

/** A `-` needs a name behind it. */
export function checkSortKeys(
  keys: readonly (string | object)[] | undefined,
  report: NodeReport,
): void {
  keys?.forEach((key, i) => {
    if (key === '-') report.add(['orderBy', i], `expected the name of a column after '-'`);
  });
}
