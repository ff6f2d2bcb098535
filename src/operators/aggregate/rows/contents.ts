/** What windows hold of the rows of a group. @module */

import type { StateIo, Steps } from '../../../core/state-io.ts';
import type { Accumulator, GroupState } from '../../../state/index.ts';
import type { RowInputs } from '../row-inputs.ts';

/**
 * The rows of all groups, as far as windows are open, cut into *panes*: a pane begins where a window
 * may. Results are taken down while rows come, and computed together.
 *
 * A group is its record. 0 is no pane.
 */
export interface Contents {
  /** By aggregate: what reads the records of results. */
  readonly accumulators: readonly Accumulator[];
  /** Where results lie, of aggregates that are not in their records as a whole. */
  readonly state: GroupState | undefined;
  /** What is held, for messages. */
  describe(): string;
  /** Says which rows {@link add} means, `rows[0 .. count)`, and their inputs. */
  bind(inputs: RowInputs, rows: Uint32Array, count: number): void;
  /** Begins a pane with which a window begins; the next row of the group is its first. */
  open(group: number): number;
  /** Adds the row at a position to the group. */
  add(group: number, position: number): void;
  /** Takes down a result: the rows from the beginning of a pane on; of pane 0 none. */
  result(group: number, pane: number): void;
  /** The same of all rows there are; afterwards there are none. */
  resultOfAll(group: number): void;
  /** As `result` of a pane and `keepFrom` of a later one, which no other result begins before. */
  resultAndKeepFrom(group: number, pane: number, next: number): void;
  /** Forgets what lies before a pane, which is not 0. */
  keepFrom(group: number, pane: number): void;
  /** Forgets all rows of a group. */
  clearGroup(group: number): void;
  /** What results cost that were taken down since {@link clear}: about as much as so many rows. */
  readonly steps: number;
  /** Computes the results that were taken down. */
  settle(): void;
  /** Lists the records of results `from .. from + count`, which were settled. */
  list(from: number, count: number, records: Int32Array): void;
  /** Forgets the results. */
  clear(): void;
  /** What is held, when there are no results. */
  stateOf(io: StateIo): Steps;
}
