/** Makes gates, and the heads of rings, of one worker of a plan with admission. @module */

import path from 'node:path';
import { Codel, IngressGate, LateGate } from '../../../admission/index.ts';
import { Tally } from '../../../admission/tally.ts';
import { type BatchLayout, layoutBatch } from '../../../core/batch-layout.ts';
import type { Clock } from '../../../core/clock.ts';
import { invariant } from '../../../core/invariant.ts';
import type { KernelMemory } from '../../../core/memory.ts';
import type { TypedExpr } from '../../../expr/index.ts';
import {
  type Bell,
  CounterBlock,
  CounterReader,
  RingConsumer,
  SeqlockWriter,
} from '../../../ringbuf/index.ts';
import { SegmentLog } from '../../../storage/index.ts';
import { TaskMetric, type TaskPlan, TaskState, type WorkerJob } from '../../protocol.ts';
import { branchesOf, type GateProgram, RowsOut } from '../../protocol-admission.ts';
import { GateLedger } from '../../protocol-ledger.ts';
import type { RingEdge, RingRows } from '../edges/ring-edge.ts';
import { createSplit } from '../edges/row-splits.ts';
import type { RowSplit } from '../edges/spread-edge.ts';
import type { Edge, Pump, Target, Timed } from '../flow.ts';
import type { TaskOutbox } from '../outbox.ts';
import type { DeadLetters } from '../tasks/dead-letters.ts';
import type { TaskMetrics } from '../task-metrics.ts';
import { BlindGate } from './blind-gate.ts';
import { GatedInput, type LateShedding } from './gated-input.ts';
import { GateSteering } from './gate-steering.ts';
import { HeadCost } from './head-cost.ts';
import { Ingress } from './ingress.ts';
import type { IngressBranch } from './ingress-parts.ts';
import type { LaneSettings } from './lane-settings.ts';
import { mayDropLate } from './late-look.ts';
import { LaneTable } from './lane-table.ts';
import { LedgerWriter } from './ledger-writer.ts';
import { LossFollower } from './loss-follower.ts';
import { GatedRows, PlainRows } from './ring-rows.ts';
import { RowWorth } from './row-worth.ts';
import { LaneReader, lanesWriter } from './shared-lanes.ts';
import { SpillGate } from './spill/spill-gate.ts';
import { Spill, spillFingerprint } from './spill/spill.ts';
import { GroupShedding } from './units/group-shedding.ts';
import { MeasuredTarget, MeasuredTimed } from './work-clock.ts';
import { WorkerAdmission } from './worker-admission.ts';

/** What the heads of rings and gates of a worker share. */
export class AdmissionWiring {
  readonly worker: WorkerAdmission;
  /** Where whole groups are shed. */
  readonly groups: GroupShedding;
  readonly #job: WorkerJob;
  readonly #buffer: SharedArrayBuffer;
  readonly #memory: KernelMemory;
  readonly #clock: Clock;
  readonly #spills = new Map<number, SpillGate>();
  /** Edges behind the gate that is being wired. */
  readonly #edges = new Map<number, RingEdge>();
  /** The only readers of rings that this worker also writes. */
  readonly #ownInputs = new Map<number, GatedInput>();

  constructor(job: WorkerJob, buffer: SharedArrayBuffer, memory: KernelMemory, clock: Clock) {
    this.#job = job;
    this.#buffer = buffer;
    this.#memory = memory;
    this.groups = new GroupShedding(job, buffer, memory);
    this.#clock = clock;
    this.worker = new WorkerAdmission(job, buffer);
  }

  /** A task whose work is timed. */
  measured(task: number, target: Target): Target {
    return new MeasuredTarget(target, task, this.worker.clock);
  }

  /** Likewise, one that goes by the clock. */
  measuredTimed(task: number, timed: Timed): Timed {
    return new MeasuredTimed(timed, task, this.worker.clock);
  }

  /** What counts the rows that go into a ring. */
  rowsOf(ring: number): RingRows {
    const { plan, shared } = this.#job;
    const counter = new CounterBlock(this.#buffer, shared.admission!.rowsIn[ring]!);
    const { isGated, layout } = plan.rings[ring]!;
    if (isGated !== true) return new PlainRows(counter);
    const heads = plan.admission!.heads.flatMap((head, h) => (head.ring === ring ? [h] : []));
    const contents = heads.map((head) => this.worker.contentsOf(head));
    return new GatedRows(counter, contents, layout.schema.length);
  }

  /** Takes note of an edge to a ring. */
  addEdge(ring: number, edge: RingEdge): void {
    this.#edges.set(ring, edge);
    if (this.#job.plan.rings[ring]!.isGated !== true) return;
    edge.gather();
    this.worker.addEdge(edge);
    const own = this.#ownInputs.get(ring);
    if (own === undefined) return;
    edge.shorten(own);
    own.follow(edge);
  }

  /** The reading end of a ring. */
  openInput(ring: number, cursor: number, { target, channel, reach, bell }: InputEnds): GatedInput {
    const { plan, shared, worker } = this.#job;
    const { heads } = plan.admission!;
    const words = shared.admission!;
    const head = heads.findIndex((other) => other.ring === ring && other.cursor === cursor);
    invariant(head >= 0, `ring ${ring} has no head at cursor ${cursor}`);
    const cost = new HeadCost(this.#buffer, words.costs[head]!);
    this.worker.addCost(cost);
    const { layout, producer, consumers } = plan.rings[ring]!;
    const late = heads[head]!.gate < 0 ? undefined : this.#lateShedding(head);
    const input = new GatedInput({
      consumer: new RingConsumer(this.#buffer, shared.rings[ring]!, cursor),
      producerBell: producer.worker === worker ? undefined : bell,
      memory: this.#memory,
      layout,
      target,
      channel,
      reach,
      clock: this.#clock,
      rowsOut: new CounterBlock(this.#buffer, words.rowsOut[head]!),
      cost,
      admission: this.worker,
      late,
    });
    if (late !== undefined) this.#addLateLedger(head, late.gate, input);
    if (producer.worker === worker && consumers.length === 1) this.#ownInputs.set(ring, input);
    return input;
  }

  #addLateLedger(head: number, { shed, expired }: LateGate, input: GatedInput): void {
    const { plan, shared } = this.#job;
    const { lateLedgers, lanes } = shared.admission!;
    const { capacity } = lanes[plan.admission!.heads[head]!.gate]!;
    const writer = new LedgerWriter(this.#buffer, lateLedgers[head]!, [shed, expired]);
    this.worker.addLedger(
      writer,
      () => capacity,
      () => input.hasEnded(),
    );
  }

  #lateShedding(head: number): LateShedding {
    const { plan, shared } = this.#job;
    const { gate: g, ring } = plan.admission!.heads[head]!;
    const { groups, settings, isWeighted } = plan.admission!.gates[g]!;
    const { lanes } = shared.admission!;
    const settingsOfLanes = this.worker.settingsOf(g);
    const units = this.groups.late(head);
    const { minShare, utility } = settingsOfLanes;
    const gate = new LateGate(this.worker.contentsOf(head), minShare, units?.gate, utility);
    const isOnlyReader = groups.length === 1 && plan.rings[ring]!.consumers.length === 1;
    const isAllowed = mayDropLate(plan, head);
    const codel = settings.policy === 'codel' && isOnlyReader ? new Codel() : undefined;
    const workMs = Array.from({ length: plan.workers }, (_, n) => this.worker.work.workMs(head, n));
    const lanesOfGate = new LaneReader(this.#buffer, lanes[g]!);
    const settled = { lanes: lanesOfGate, settings: settingsOfLanes };
    return { g, gate, workMs, ...settled, isAllowed, codel, isWeighted, units };
  }

  /** The gate of a source; `undefined`: it has none. */
  openIngress(
    task: TaskPlan,
    outbox: TaskOutbox,
    metrics: TaskMetrics,
    letters: DeadLetters,
  ): Ingress | undefined {
    const { plan, shared } = this.#job;
    const g = plan.admission!.gates.findIndex((gate) => gate.task === task.id);
    if (g < 0) return undefined;
    const { program, settings, isWeighted } = plan.admission!.gates[g]!;
    const words = shared.admission!;
    const { capacity } = words.lanes[g]!;
    const lanes = new LaneTable(capacity, lanesWriter(this.#buffer, words.lanes[g]!));
    const settingsOfLanes = this.worker.settingsOf(g);
    this.#followLosses(g);
    // What the source itself writes: rows get their weights here.
    const { rowCapacity, heapBytes } = task.outputs[0]!.layout;
    invariant(task.role.type === 'source', 'only sources have gates');
    const layout = layoutBatch(task.role.stream, rowCapacity, heapBytes);
    const spill = this.#openSpill(g, layout, metrics);
    const worth = new RowWorth({
      program: program as GateProgram<TypedExpr>,
      utility: settings.utility,
      schema: layout.schema,
      lanes,
      rowCapacity: layout.rowCapacity,
      memory: this.#memory,
      refuse: (row) => letters.refuse(row),
    });
    return new Ingress({
      layout,
      memory: this.#memory,
      outbox,
      metrics,
      worth,
      admission: this.worker,
      spill,
      branches: this.#branches(g, outbox.edgesOf(0), settingsOfLanes, {
        lanes: () => lanes.count,
        isOver: () => metrics.values[TaskMetric.STATE] === TaskState.ENDED,
      }),
      split: this.#splitOf(task),
      letters,
      lanes: settingsOfLanes,
      isWeighted,
      units: this.groups.numbersOf(g, worth, settingsOfLanes, layout.rowCapacity),
      replayMs: this.worker.limits.lowMs,
    });
  }

  /** Where classes have graphs of losses, the worker of the gate says what their value is worth. */
  #followLosses(g: number): void {
    const { plan, shared } = this.#job;
    const { settings } = plan.admission!.gates[g]!;
    const address = shared.admission!.utilities[g];
    if (address === undefined) return;
    const ledger = new GateLedger(shared, plan.admission!, g);
    const writer = new SeqlockWriter(this.#buffer, address);
    this.worker.follow(new LossFollower(ledger, settings.loss, writer));
  }

  /** @throws MillraceError `ERR_FILE` or `ERR_USAGE` when the folder cannot be had */
  #openSpill(g: number, layout: BatchLayout, metrics: TaskMetrics): SpillGate | undefined {
    const { plan, shared, baseDirectory } = this.#job;
    const { spill, groups } = plan.admission!.gates[g]!;
    if (spill === undefined) return undefined;
    const { directory, limitBytes, isHolding, mayShed } = spill;
    const fingerprint = spillFingerprint(layout);
    const folder = path.resolve(baseDirectory, directory);
    const log = new SegmentLog({
      directory: folder,
      limitBytes,
      fingerprint,
      remembersReads: true,
      run: this.#job,
    });
    const words = shared.admission!;
    const rings = groups.flat().flatMap((ring) =>
      plan.admission!.heads.flatMap((head, h) =>
        head.ring === ring
          ? [
              {
                in: new CounterReader(this.#buffer, words.rowsIn[ring]!),
                out: new CounterReader(this.#buffer, words.rowsOut[h]!),
                taken: RowsOut.TAKEN,
              },
            ]
          : [],
      ),
    );
    const lanes = words.lanes[g]!.capacity;
    const queue = new Spill(log, layout, this.#memory);
    const gate = new SpillGate({ spill: queue, metrics, rings, lanes, mayShed, isHolding });
    this.#spills.set(g, gate);
    return gate;
  }

  /** @param edges - of the source's stream */
  #branches(
    g: number,
    edges: readonly Edge[],
    { minShare, utility }: LaneSettings,
    ledger: LedgerState,
  ): readonly IngressBranch[] {
    const { plan, shared } = this.#job;
    const gatePlan = plan.admission!.gates[g]!;
    const words = shared.admission!;
    return branchesOf(gatePlan).map((numbers, branch): IngressBranch => {
      const isOnly = gatePlan.groups.length > 1;
      const groups = isOnly ? gatePlan.groups : [numbers];
      const steering = new GateSteering(this.worker, plan, g, groups);
      const { contents, paths } = steering;
      const { capacity } = words.lanes[g]!;
      const units = this.groups.at(g, branch);
      const gate = new IngressGate({
        lanes: capacity,
        paths,
        contents,
        minShare,
        utility,
        units: units?.gate,
      });
      const blind = BlindGate.of(gatePlan.settings, this.worker.limits);
      const spilled = branch === 0 ? this.#spills.get(g)?.spilled : undefined;
      const tallies = [gate.offered, gate.shed, gate.roomShed, spilled ?? new Tally(capacity)];
      const address = words.ledgers[g]![branch]!;
      const level = (lane: number): number => gate.thresholds.value(lane);
      const writer = new LedgerWriter(this.#buffer, address, tallies, level);
      this.worker.addLedger(writer, ledger.lanes, ledger.isOver);
      const rings = numbers.map((ring) => this.#edges.get(ring)!);
      return { gate, blind, steering, edges: isOnly ? edges : rings, rings, units };
    });
  }

  /** How rows are dealt out to branches. */
  #splitOf({ outputs }: TaskPlan): RowSplit | undefined {
    const { edges, layout } = outputs[0]!;
    const [edge] = edges;
    if (edges.length !== 1 || edge?.kind !== 'spread') return undefined;
    return createSplit(edge, edge.targets.length, layout, this.#memory);
  }
}

/** How a ledger stands. */
interface LedgerState {
  readonly lanes: () => number;
  /** Whether nothing will be added. */
  readonly isOver: () => boolean;
}

/** What is at the ends of a ring that this worker reads. */
export interface InputEnds {
  readonly target: Target;
  readonly channel: number;
  readonly reach: readonly Pump[];
  /** Of the worker that writes. */
  readonly bell: Bell;
}
