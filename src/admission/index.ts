/** Admission: which rows are worked on when there are more than can be. @module */

export { CapacityMeter } from './capacity-meter.ts';
export { CostModel } from './cost-model.ts';
export {
  IngressGate,
  type IngressGateOptions,
  type PricedPath,
  type ValuedRows,
} from './ingress-gate.ts';
export { LateGate } from './late-gate.ts';
export { type AdmissionLimits, admissionLimits } from './limits.ts';
export { QueueContents } from './queue-contents.ts';
export { BINS, NEVER_DROPPED, binOf, positionOf, thresholdAt } from './value-bins.ts';
export { type PricedSource, WorkerPrice, type WorkerPriceOptions } from './worker-price.ts';
