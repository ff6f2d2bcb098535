/** Tables in their normal form. @module */

import type { Schema } from '../../schema.ts';
import type { DurationUs } from '../../units.ts';
import type { FilePath } from './parts.ts';

/** Rows that operators share: a table with a key, or the last rows of a stream. */
export interface TableDefinition {
  readonly name: string;
  /** At least one column. */
  readonly schema: Schema;
  /** Columns that no two rows have alike; empty: rows of a stream. */
  readonly key: readonly string[];
  /** Columns with an index in order. */
  readonly indexes: readonly string[];
  readonly limitBytes: number;
  /** Which rows of a stream stay; `undefined`: it has a key, and rows stay until they are deleted. */
  readonly keep: TableKeep | undefined;
  /** With {@link keep}: each group keeps its own. */
  readonly partitionBy: readonly string[];
  /** Where it is kept beside the memory; `undefined`: nowhere. */
  readonly disk?: TableDisk | undefined;
}

/** Where a table is kept, and what its changes survive. */
export interface TableDisk {
  /** A folder for it alone. */
  readonly dir: FilePath;
  readonly durability: 'process' | 'machine';
}

/** Which rows of a stream stay. */
export type TableKeep =
  | { readonly kind: 'rows'; readonly rows: number }
  /** Those whose event time is less than so much before the latest of their group. */
  | { readonly kind: 'time'; readonly forUs: DurationUs };
