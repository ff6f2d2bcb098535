/** Admission: which rows are worked on when there are more than can be. @module */

export { Codel, DropTail, RandomDrop, Throttle } from './blind-policies.ts';
export { CapacityMeter } from './capacity-meter.ts';
export { CoreValue } from './core-value.ts';
export { IngressGate, type IngressGateOptions, type PricedPath } from './ingress-gate.ts';
export type { ValuedRows } from './valued-rows.ts';
export { LateGate } from './late-gate.ts';
export { type AdmissionLimits, admissionLimits } from './limits.ts';
export { ClassUtility, type GraphPoints, LOOK_MS, QosGraph } from './qos.ts';
export { QueueContents } from './queue-contents.ts';
export { NO_TENANT } from './tenant-parts.ts';
export { fillShares, jainIndex } from './tenants.ts';
export { type RowUnits, UnitGate } from './unit-gate.ts';
export { BINS, NEVER_DROPPED, binOf, positionOf, thresholdAt } from './value-bins.ts';
export { WorkerPrice, type WorkerPriceOptions } from './worker-price.ts';
export type { Fairness, PricedSource } from './priced-source.ts';
