/** `partition` in its normal form. @module */

import type { OperatorCommon } from './parts.ts';

/** Says which partitions a row is for, by keys that may be lists. */
export interface PartitionOperator extends OperatorCommon {
  readonly type: 'partition';
  /** Columns, or paths into values of json columns: the parts of a key. At least one. */
  readonly keys: readonly string[];
  /** How many there are. */
  readonly partitions: number;
  /** The column with the number of the partition, and that with the keys. */
  readonly as: string;
  readonly keysAs: string;
  /** What becomes of a row without keys: it is dropped, or belongs to no partition. */
  readonly unroutable: 'drop' | 'null';
}
