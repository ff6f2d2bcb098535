/** Problems of a document, told at the places of the program that it was made of. @module */

import type { TopologyIssue } from '../core/errors.ts';
import type { Span } from '../expr/index.ts';
import { issueAt, plainIssueAt } from './problems.ts';

/**
 * Puts problems of a translated document to where the program has what they are about.
 *
 * @param places - JSON pointer → place
 */
export function originsInText(
  file: string,
  places: ReadonlyMap<string, Span>,
): (issue: TopologyIssue) => TopologyIssue {
  return (issue) => {
    for (let at = issue.pointer; at !== ''; at = at.slice(0, at.lastIndexOf('/'))) {
      const span = places.get(at);
      if (span === undefined) continue;
      const { message } = issue;
      // An expression's own position is that in the document's text; its picture shows it.
      const pictured = / \(line \d+, column \d+\)(?=\n)/;
      return pictured.test(message)
        ? plainIssueAt(file, span, message.replace(pictured, ''))
        : issueAt(file, span, message);
    }
    return issue;
  };
}
