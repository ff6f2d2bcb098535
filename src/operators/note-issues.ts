/** Problems of a node: all are reported, and then there is no plan. @module */

import type { ReportIssue } from '../core/operator.ts';

/** Reports problems like `report`, and remembers that there were some. */
export interface NotedIssues {
  readonly issue: ReportIssue;
  /** Nothing has been reported so far. */
  readonly isSound: () => boolean;
}

/** Begins without problems. */
export function noteIssues(report: ReportIssue): NotedIssues {
  let isSound = true;
  return {
    issue: (path, message, suggestion) => {
      isSound = false;
      report(path, message, suggestion);
    },
    isSound: () => isSound,
  };
}
