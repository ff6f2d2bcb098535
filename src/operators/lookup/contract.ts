/** What a module exports for a `lookup` that asks it: a database or a service, as its author reaches it. @module */

import type { JsonValue } from '../../core/topology/model.ts';

/** A row, or the key of one, by column name; values as a `module` operator has them. */
export type LookupRow = Readonly<Record<string, unknown>>;

/** What a lookup gets when it is opened. */
export interface LookupContext {
  /** The operator's name in the topology. */
  readonly node: string;
  /** Which of the operator's tasks asks, from 0 on: each opens its own. */
  readonly instance: number;
  readonly instances: number;
  /** Names of the columns of keys. */
  readonly keys: readonly string[];
  /** Names of all columns of rows. */
  readonly columns: readonly string[];
}

/** The exported function: called once for each task, before rows flow. */
export type OpenLookup = (
  options: Readonly<Record<string, JsonValue>>,
  context: LookupContext,
) => LookupModule | Promise<LookupModule>;

/** What is asked. */
export interface LookupModule {
  /**
   * Finds rows by their keys, of which no two are alike and none has a null. It gives, in any order, the rows that
   * there are, with their key and all other columns; at most one for each key.
   *
   * Several calls may wait for their answers at the same time.
   *
   * @param signal - aborted when nobody waits for the answer any more: its time is up, or the run ends
   * @throws anything: the call is made again, or its rows are in error, as the topology says
   */
  lookup(
    keys: readonly LookupRow[],
    signal: AbortSignal,
  ): readonly LookupRow[] | Promise<readonly LookupRow[]>;
  /** Called once at the end of the run, however it ends. */
  close?(): void | Promise<void>;
}
