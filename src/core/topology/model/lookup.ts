/** `lookup` in its normal form. @module */

import type { Schema } from '../../schema.ts';
import type { DurationUs } from '../../units.ts';
import type { FilePath, JsonValue, OperatorCommon, TableFile } from './parts.ts';

/** Adds to each row the columns of the one row of a table that has its key. */
export interface LookupOperator extends OperatorCommon {
  readonly type: 'lookup';
  readonly table: TableFile | TableModule;
  /** At least one. */
  readonly on: readonly LookupKey[];
  readonly kind: LookupKind;
}

/** Code of the user's that is asked for the rows of some keys: a database, a service. */
export interface TableModule {
  readonly module: FilePath;
  /** Name of the exported function that opens it. */
  readonly export: string;
  readonly options: { readonly [name: string]: JsonValue };
  /** At least one column. */
  readonly schema: Schema;
  /** Keys of one call, at most. */
  readonly batchKeys: number;
  /** Calls that are open at a time, at most. */
  readonly calls: number;
  /** After so long a call has failed. */
  readonly timeoutMs: number;
  readonly retry: RetrySettings;
  /** `undefined`: no answer is kept. */
  readonly cache: AnswerCache | undefined;
}

/** Which calls are made again, and when. */
export interface RetrySettings {
  readonly times: number;
  /** Before the first time; twice as long before each next one. */
  readonly delayMs: number;
  /** Codes of errors, or `TIMEOUT`; `undefined`: all. */
  readonly states: readonly string[] | undefined;
}

/** How long answers are kept. */
export interface AnswerCache {
  readonly limitBytes: number;
  /** `Infinity`: until there is no room. */
  readonly ttlUs: DurationUs;
}

/**
 * `inner` drops rows without a match, `left` keeps them with nulls; `semi` keeps rows with a match,
 * `anti` those without, as they are.
 */
export type LookupKind = 'inner' | 'left' | 'semi' | 'anti';

/** A column of the input and the one of the table that it has to equal. */
export interface LookupKey {
  readonly input: string;
  readonly table: string;
  readonly pointer: string;
}
