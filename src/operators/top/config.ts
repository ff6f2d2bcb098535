/** What the plan of a top says. @module */

import type { RecordOrderKey } from '../../state/index.ts';
import type { WindowConfig } from '../window-scheme.ts';

/** Ports of the node; `errors` is behind them where there is one. */
export const Port = { OUT: 0, LATE: 1 } as const;

/** Plain data. */
export interface TopConfig {
  /** Rows per group, at least 1. */
  readonly n: number;
  /** Rows that are equal to the last by `orderBy` are kept too. */
  readonly ties: boolean;
  readonly orderBy: readonly RecordOrderKey[];
  /** Positions of the columns that groups have in common. */
  readonly groupBy: readonly number[];
  /** `undefined`: over the whole input. */
  readonly window: WindowConfig | undefined;
  /** The output begins with the edges of the window, which is one of these. */
  readonly showsWindow: boolean;
  readonly shown: WindowConfig | undefined;
  /** The output ends with the rank in the group. */
  readonly showsRank: boolean;
}
