/** Parameters of operators in their normal form. @module */

import type { DataType } from '../../types.ts';
import type { DurationUs } from '../../units.ts';

/** A value of a parameter: null; whole numbers of 64 bits as bigints, times and durations in µs. */
export type ParameterValue = null | boolean | number | bigint | string;

/** A value that expressions of a node read under a name, and that may change while it runs. */
export interface ParameterDefinition {
  readonly name: string;
  readonly type: DataType;
  /** What it is before the first change. */
  readonly initial: ParameterValue;
  /** The column of the control stream that changes it. */
  readonly column: string;
  /** Where the document defines it. */
  readonly pointer: string;
}

/** When a change of a control stream takes effect. */
export interface Control {
  /**
   * - `event`: for rows whose event time is that of the change, or later
   * - `arrival`: for rows that come after it
   */
  readonly effect: 'event' | 'arrival';
  /** With `event`: how far behind the watermark late rows still find the value of their time. */
  readonly historyUs: DurationUs;
}
