/** The bound on what an operator remembers, and what happens there: the same words for every operator. @module */

import { option, size } from '../document/parts.ts';
import type { Limit } from '../model/parts.ts';
import type { NodeReport } from '../node-report.ts';
import { parseSizeBytes } from '../../units.ts';

/** Properties of an operator that remembers more with each new key or row. */
export const limited = {
  stateLimit: size('64MiB')
    .describe('Most bytes that each task remembers; that of "/engine/state/limit" if left out.')
    .optional(),
  onLimit: option('way to act at a limit', ['error', 'evict', 'spill'])
    .describe(
      'What happens at the limit: the run fails ("error", the default), what is oldest is forgotten and ' +
        'counted ("evict"), or more is kept on disk, in the folder of "/engine/state/dir" ("spill").',
    )
    .optional(),
};

/** A node that may have them. */
interface MayBeLimited {
  readonly type?: string | undefined;
  readonly stateLimit?: string | undefined;
  readonly onLimit?: string | undefined;
}

/** Why an operator forgets nothing at its limit; those that are not here say it themselves. */
const FORGETS_NOTHING: Readonly<Record<string, string>> = {
  bsort: 'rows that wait for their place would be lost',
  delay: 'rows that wait for their time would be lost',
  gather: 'rows that wait for others would be lost',
  lock: 'rows that wait for a lock would be lost',
  materialize: 'groups of the window would be missing in its table',
  merge: 'rows that wait for their turn would be lost',
  resample: 'values to interpolate between would be missing',
  sunion: 'rows that wait for their bucket would be lost',
  top: 'a row that has left the best would take the place of one that was forgotten',
  update_queue: 'rows that wait to be asked for would be lost',
  waitfor: 'rows that wait for others would be lost',
  wsort: 'rows that wait for their place would be lost',
};

/** Operators that keep on disk what has no room. */
const SPILLS: ReadonlySet<string> = new Set(['aggregate', 'dedup', 'join', 'top']);

/**
 * Reports a way that would give wrong answers without a word, or that an operator does not have.
 *
 * @param hasStateDir - the document says where state is kept
 */
export function checkStateLimit(
  node: MayBeLimited,
  hasStateDir: boolean,
  report: NodeReport,
): void {
  const { type = '', onLimit } = node;
  if (onLimit === undefined || !report.isSound('onLimit')) return;
  const reason = FORGETS_NOTHING[type];
  if (onLimit === 'evict' && reason !== undefined) {
    report.add(['onLimit'], `${reason}: expected "error"`);
  }
  if (onLimit !== 'spill') return;
  if (!SPILLS.has(type)) {
    const message = 'only aggregates, dedups, joins and tops keep state on disk';
    report.add(
      ['onLimit'],
      `${message}: expected "error"${reason === undefined ? ' or "evict"' : ''}`,
    );
  } else if (!hasStateDir) {
    const message = 'state on disk needs a folder: say where state is kept, /engine/state/dir';
    report.add(['onLimit'], message);
  }
}

/** The normal form. */
export function normalizeLimit({ stateLimit, onLimit }: MayBeLimited): Limit {
  return {
    ...(stateLimit === undefined ? {} : { stateLimitBytes: parseSizeBytes(stateLimit)! }),
    ...(onLimit === undefined ? {} : { onLimit: onLimit as NonNullable<Limit['onLimit']> }),
  };
}
