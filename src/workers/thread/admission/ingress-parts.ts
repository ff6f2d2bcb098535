/** What the gate of a source is made of. @module */

import type { IngressGate } from '../../../admission/index.ts';
import type { BatchLayout } from '../../../core/batch-layout.ts';
import type { KernelMemory } from '../../../core/memory.ts';
import type { RingEdge } from '../edges/ring-edge.ts';
import type { RowSplit } from '../edges/spread-edge.ts';
import type { Edge } from '../flow.ts';
import type { TaskOutbox } from '../outbox.ts';
import type { TaskMetrics } from '../task-metrics.ts';
import type { DeadLetters } from '../tasks/dead-letters.ts';
import type { BlindGate } from './blind-gate.ts';
import type { GateSteering } from './gate-steering.ts';
import type { LaneSettings } from './lane-settings.ts';
import type { RowWorth } from './row-worth.ts';
import type { IngressUnits, UnitShedding } from './units/group-shedding.ts';
import type { SpillGate } from './spill/spill-gate.ts';
import type { WorkerAdmission } from './worker-admission.ts';

/** What is behind a gate, for rows that go the same way. */
export interface IngressBranch {
  readonly gate: IngressGate;
  /** `undefined`: the gate looks at values. */
  readonly blind: BlindGate | undefined;
  readonly steering: GateSteering;
  /** Where rows go: one ring, or all edges of the source. */
  readonly edges: readonly Edge[];
  /** The rings behind those edges. */
  readonly rings: readonly RingEdge[];
  /** Groups that are shed here; `undefined`: rows are, one by one. */
  readonly units: UnitShedding | undefined;
}

/** What an {@link Ingress} is made of. */
export interface IngressParts {
  /** Of the stream, without hidden columns. */
  readonly layout: BatchLayout;
  readonly memory: KernelMemory;
  readonly outbox: TaskOutbox;
  readonly metrics: TaskMetrics;
  readonly worth: RowWorth;
  readonly admission: WorkerAdmission;
  readonly branches: readonly IngressBranch[];
  /** Which branch a row goes to; `undefined`: there is only one. */
  readonly split: RowSplit | undefined;
  readonly letters: DeadLetters;
  readonly lanes: LaneSettings;
  /** Rows get a column that says how many each stands for. */
  readonly isWeighted: boolean;
  /** Rows get a column that says which group each is of; `undefined`: they are shed one by one. */
  readonly units: IngressUnits | undefined;
  /** `undefined`: what there is no room for is shed. */
  readonly spill: SpillGate | undefined;
  /** Milliseconds of work that wait when rows come back from disk. */
  readonly replayMs: number;
}
