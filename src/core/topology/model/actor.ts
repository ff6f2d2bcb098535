/** `actor` in its normal form. @module */

import type { Schema } from '../../schema.ts';
import type { DurationUs } from '../../units.ts';
import type { FilePath, JsonValue, OperatorCommon } from './parts.ts';

/** One object of a class of the user's for each key. */
export interface ActorOperator extends OperatorCommon {
  readonly type: 'actor';
  readonly module: FilePath;
  /** Name of the exported class. */
  readonly export: string;
  /** What instances find in their context; nothing of it is looked at. */
  readonly options: { readonly [name: string]: JsonValue };
  /** Key columns of each input; empty: one instance. All of the same length. */
  readonly keys: readonly (readonly string[])[];
  /** Output streams by name, `''` for the main one; at least one. */
  readonly outputs: readonly { readonly name: string; readonly schema: Schema }[];
  /** Its last input is a stream of requests, which ask instances for what they know. */
  readonly isAsked: boolean;
  /** Which time instances live by; `undefined`: event time if all inputs have it. */
  readonly clock: 'event' | 'processing' | undefined;
  /** An instance that got no row for so long is removed; `undefined`: it stays. */
  readonly ttlUs: DurationUs | undefined;
  /** Most instances of a task: then the one that got no row for longest is removed. */
  readonly maxInstances: number;
  /** When `onOutput` is called; `undefined`: never. */
  readonly output: OutputPolicy | undefined;
  /** When `onTrigger` is called, which is only as a row comes; `undefined`: never. */
  readonly trigger: { readonly rows: number; readonly everyUs: DurationUs } | undefined;
  /** How far apart calls of `onTime` are for an instance; `undefined`: there are none. */
  readonly timerUs: DurationUs | undefined;
}

/** When an actor gives results of its own accord. */
export type OutputPolicy =
  /** After each `rows` rows of an instance. */
  | { readonly kind: 'rows'; readonly rows: number }
  /** For all instances when time reaches a multiple of `everyUs` since 1970, plus `offsetUs`. */
  | { readonly kind: 'time'; readonly everyUs: DurationUs; readonly offsetUs: DurationUs };
