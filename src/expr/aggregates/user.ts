/** Aggregates of the topology's author, as the type checker knows them. @module */

import type { DataType } from '../../core/types.ts';

/** What an aggregate takes and gives. */
export interface UserAggregateType {
  readonly arguments: readonly DataType[];
  readonly returns: DataType;
}

/** By upper-case name. */
export type UserAggregateTypes = ReadonlyMap<string, UserAggregateType>;
