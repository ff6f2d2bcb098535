/** Admission: which rows are worked on when there are more than can be. @module */

export { hash32 } from './dither.ts';
export {
  IngressGate,
  type IngressGateOptions,
  type PricedPath,
  type ValuedRows,
} from './ingress-gate.ts';
export { LateGate } from './late-gate.ts';
export { type AdmissionLimits, admissionLimits } from './limits.ts';
export { MAX_LANES, QueueContents, binOfTag, laneOfTag, tagOf } from './queue-contents.ts';
export { BatchTally, Tally } from './tally.ts';
export { Thresholds } from './thresholds.ts';
export { BINS, NEVER_DROPPED, binOf, positionOf, thresholdAt } from './value-bins.ts';
export { type PricedSource, WorkerPrice, type WorkerPriceOptions } from './worker-price.ts';
