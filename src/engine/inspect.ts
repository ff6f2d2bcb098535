/** Looking at a topology without running it. @module */

import { MillraceError, type TopologyIssue } from '../core/errors.ts';
import { describePlan, type PlanDescription } from './explain.ts';
import { compileTopology, type LoadOptions, loadTopology } from './load.ts';

/** How a topology is checked. */
export interface ValidateOptions extends LoadOptions {
  /** Look at the files it names as well: inputs exist, outputs can be written. */
  readonly files?: boolean | undefined;
}

/** What a check found. */
export interface Validation {
  readonly valid: boolean;
  /** Every problem: JSON pointer, message, suggestion. */
  readonly issues: readonly TopologyIssue[];
  /** What is odd but not wrong. */
  readonly warnings: readonly TopologyIssue[];
}

/**
 * Checks a topology: structure, names, graph, expressions and types.
 *
 * @throws MillraceError `ERR_FILE` when the topology file itself cannot be read
 */
export function validateTopology(
  topology: string | object,
  options: ValidateOptions = {},
): Validation {
  try {
    const loaded = loadTopology(topology, options);
    compileTopology(loaded, { files: options.files === true });
    return { valid: true, issues: [], warnings: loaded.warnings };
  } catch (error) {
    if (!(error instanceof MillraceError) || error.code !== 'ERR_TOPOLOGY_INVALID') throw error;
    return { valid: false, issues: error.issues, warnings: [] };
  }
}

/**
 * The plan that a run would have.
 *
 * @throws MillraceError `ERR_TOPOLOGY_INVALID`
 */
export function explainTopology(
  topology: string | object,
  options: LoadOptions = {},
): PlanDescription {
  const loaded = loadTopology(topology, options);
  return describePlan(loaded, compileTopology(loaded, { files: false }));
}
