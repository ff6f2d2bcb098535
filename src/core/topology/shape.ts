/**
 * Checks the shape of a document: properties, kinds of values, names to choose from.
 *
 * A mistyped name hides what lies beneath it: nothing of `{"type": "filtr", …}` can be checked
 * before it is known what a `filtr` is. So each name with a near one is mended in a working copy,
 * which is then checked again, until nothing is left to mend. Every problem is reported at its
 * place in the document as it was written.
 *
 * @module
 */

import type * as z from 'zod';
import type { TopologyIssue } from '../errors.ts';
import { documentSchema } from './document/document.ts';
import { escapeStep, IssueList, pointer } from './issues.ts';
import { entriesOf, objectOf } from './key-order.ts';
import type { JsonValue } from './model.ts';
import { isObject, withValueAt } from './place.ts';
import { type Repair, type ShapeIssue, shapeIssues } from './shape-issue.ts';

/** A document after the check of its shape. */
export interface Shape {
  /** The document with mistyped names mended and unknown properties removed. */
  readonly document: JsonValue;
  readonly issues: readonly TopologyIssue[];
  /** Whether the value at a pointer into `document`, with all beneath it, has the right shape. */
  isSound(at: string): boolean;
  /** Whether the value itself is of the right kind, whatever lies beneath it. */
  isOfKind(at: string): boolean;
  /** Where the document as written has what `document` has at a pointer. */
  origin(at: string): string;
}

/** More rounds than any document can nest names in each other; ends a loop that should end anyway. */
const MAX_ROUNDS = 64;

/**
 * Checks a document that holds plain JSON only.
 *
 * @param schema - what it should be: a topology if left out
 */
export function checkShape(written: JsonValue, schema: z.ZodType = documentSchema): Shape {
  const renamed = new Map<string, string>();
  const issues = new IssueList();
  const seen = new Set<string>();
  const report = (issue: ShapeIssue): void => {
    const at = originOf(pointer(...issue.path.map(String)), renamed);
    if (seen.has(`${at} ${issue.message}`)) return;
    seen.add(`${at} ${issue.message}`);
    issues.add(at, issue.message, issue.suggestion);
  };

  let document = written;
  let found = findIssues(document, schema);
  for (let round = 0; round < MAX_ROUNDS && found.some((issue) => issue.repair); round++) {
    for (const issue of found) {
      if (issue.repair === undefined) continue;
      const mended = mend(document, issue.repair);
      if (mended === undefined) continue; // two names for one property: the first one took it
      report(issue);
      document = mended;
      if (issue.repair.kind === 'rename') noteRename(issue.repair, renamed);
    }
    found = findIssues(document, schema);
  }
  found.forEach(report);

  const broken = found.map((issue) => pointer(...issue.path.map(String)));
  return {
    document,
    issues: issues.issues,
    isSound: (at) => !broken.some((place) => isWithin(place, at)),
    isOfKind: (at) => !broken.includes(at),
    origin: (at) => originOf(at, renamed),
  };
}

function findIssues(document: JsonValue, schema: z.ZodType): ShapeIssue[] {
  const zodIssues = schema.safeParse(document, { jitless: true }).error?.issues ?? [];
  return zodIssues.flatMap((issue) => shapeIssues(issue, document));
}

/** The document with one repair made, or `undefined` when there is nothing to repair any more. */
function mend(document: JsonValue, repair: Repair): JsonValue | undefined {
  let isMended = false;
  const mended = withValueAt(document, repair.at, (old) => {
    const value = mendValue(old, repair);
    isMended = value !== undefined;
    return value ?? old;
  });
  return isMended ? mended : undefined;
}

function mendValue(old: JsonValue, repair: Repair): JsonValue | undefined {
  if (repair.kind === 'replace') return repair.value;
  if (!isObject(old)) return undefined;
  if (repair.kind === 'remove') {
    if (!Object.hasOwn(old, repair.key)) return undefined;
    return objectOf(entriesOf(old).filter(([key]) => key !== repair.key));
  }
  if (!Object.hasOwn(old, repair.from) || Object.hasOwn(old, repair.to)) return undefined;
  return objectOf(
    entriesOf(old).map(([key, value]) => [key === repair.from ? repair.to : key, value]),
  );
}

function noteRename(
  repair: Extract<Repair, { kind: 'rename' }>,
  renamed: Map<string, string>,
): void {
  const parent = pointer(...repair.at.map(String));
  const from = `${originOf(parent, renamed)}/${escapeStep(repair.from)}`;
  renamed.set(`${parent}/${escapeStep(repair.to)}`, from);
}

function originOf(at: string, renamed: ReadonlyMap<string, string>): string {
  for (let prefix = at; prefix !== ''; prefix = prefix.slice(0, prefix.lastIndexOf('/'))) {
    const origin = renamed.get(prefix);
    if (origin !== undefined) return origin + at.slice(prefix.length);
  }
  return at;
}

/** Whether `at` is `outer` or lies beneath it. */
function isWithin(at: string, outer: string): boolean {
  return at === outer || at.startsWith(`${outer}/`);
}
