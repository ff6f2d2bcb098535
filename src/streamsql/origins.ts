/** Problems of a document, told at the places of the program that it was made of. @module */

import type { TopologyIssue } from '../core/errors.ts';
import type { Span } from '../core/span.ts';
import { issueAt, plainIssueAt } from './problems.ts';

/** Problems of a document as problems of the program. */
export type TellInText = (issues: readonly TopologyIssue[]) => readonly TopologyIssue[];

/**
 * Puts problems of a translated document to where the program has what they are about, in the order of
 * its text; those of nothing in it come last.
 *
 * @param places - JSON pointer → place
 */
export function originsInText(file: string, places: ReadonlyMap<string, Span>): TellInText {
  return (issues) => {
    const placed = issues.map((issue) => ({ issue, span: placeOf(issue.pointer, places) }));
    const inOrder = placed.toSorted(
      (a, b) => (a.span?.start ?? Infinity) - (b.span?.start ?? Infinity) || 0,
    );
    return inOrder.map(({ issue, span }) => (span === undefined ? issue : told(file, issue, span)));
  };
}

/** Where the nearest part around a pointer was written. */
function placeOf(pointer: string, places: ReadonlyMap<string, Span>): Span | undefined {
  for (let at = pointer; at !== ''; at = at.slice(0, at.lastIndexOf('/'))) {
    const span = places.get(at);
    if (span !== undefined) return span;
  }
  return undefined;
}

function told(file: string, { message }: TopologyIssue, span: Span): TopologyIssue {
  // An expression's own position is that in the document's text; its picture shows it.
  const pictured = / \(line \d+, column \d+\)(?=\n)/;
  return pictured.test(message)
    ? plainIssueAt(file, span, message.replace(pictured, ''))
    : issueAt(file, span, message);
}
