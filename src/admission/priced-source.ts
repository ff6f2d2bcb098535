/** Whose rows bring work to a worker, and who has a claim on it. @module */

import type { QueueContents } from './queue-contents.ts';

/** A source whose rows bring work to a worker, at once or by way of others. */
export interface PricedSource {
  readonly contents: QueueContents;
  /** Nobody looks at rows again that wait: all of them will be worked on, whatever the price. */
  readonly isSettled?: boolean;
  /** Expected milliseconds of work on this worker of a row, by lane; may change. */
  readonly workMs: Float64Array;
  /** What a row costs at other workers at their prices, by lane; may change. */
  readonly rest?: Float64Array;
  /** Utility of a unit of value, by lane; may change. */
  readonly utility?: Float64Array;
  /** Smallest fraction of rows that are kept, by lane; may change. */
  readonly minShare?: Float64Array;
  /** The tenant of each lane, if the capacity is shared out among tenants. */
  readonly tenants?: Int32Array;
}

/** How the capacity of a worker is shared out. */
export interface Fairness {
  /** The weight of each tenant. */
  readonly weights: Float64Array;
  /** The fraction of the capacity that is shared out by weights; the rest goes to what brings most. */
  readonly fairness: number;
}
