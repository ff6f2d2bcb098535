/**
 * Logical plan → physical plan: tasks on workers, function calls inside a worker, rings between.
 *
 * @module
 */

import { layoutBatch, type BatchLayout } from '../../core/batch-layout.ts';
import type { Distribution, OperatorPlan, Stage } from '../../core/operator.ts';
import { fieldIndex, type StreamType } from '../../core/schema.ts';
import type { EngineSettings } from '../../core/topology/model.ts';
import type {
  ChannelPlan,
  EdgePlan,
  OutputPlan,
  PhysicalPlan,
  RingPlan,
  SpreadPlan,
  TargetPlan,
  TaskPlan,
  TaskRole,
} from '../../workers/protocol.ts';
import { HOST } from '../../workers/protocol.ts';
import { gatedSlots, gateOf, planAdmission, withHiddenColumns } from './admission-plan.ts';
import { planChains } from './chains.ts';
import { pacedSources } from './pacing-groups.ts';
import { isControl } from './logical-plan.ts';
import type { LogicalInput, LogicalNode, LogicalPlan } from './logical-plan.ts';
import { type NodePlacement, placeNodes } from './placement.ts';
import type { PortRoute } from './routes.ts';

/** Rows of a batch: 256 and more are within 10 % of the best; 1024 keeps columns in the cache. */
const DEFAULT_ROWS = 1024;
/** Slots of a ring: enough to keep both sides busy, little enough to stay near the cores. */
const DEFAULT_SLOTS = 16;
/** Room for long strings in a slot; pages that are never touched cost nothing. */
const DEFAULT_HEAP_BYTES = 256 * 1024;
/** All rings share one memory of 4 GiB; with many of them each gets fewer slots. */
const RING_BUDGET_BYTES = 1024 ** 3;
const FEWEST_SLOTS = 2;

/** Compiles a logical plan for a number of workers. */
export function planPhysically(logical: LogicalPlan, workers: number): PhysicalPlan {
  return new PhysicalPlanner(logical, workers).build();
}

interface MutableTask extends TaskPlan {
  readonly channels: ChannelPlan[];
  readonly outputs: MutableOutput[];
}

interface MutableOutput extends OutputPlan {
  readonly edges: EdgePlan[];
  /** The ring that carries this port to tasks that want all its rows, once there is one. */
  broadcast?: number;
}

interface MutableRing extends Omit<RingPlan, 'slots' | 'isGated'> {
  slots: number;
  isGated?: true;
  readonly consumers: { worker: number; task: number }[];
}

/** Tasks that give rows on one of their ports. */
interface Producers {
  readonly tasks: readonly MutableTask[];
  readonly port: number;
  readonly stream: StreamType;
}

class PhysicalPlanner {
  readonly #logical: LogicalPlan;
  readonly #workers: number;
  readonly #rows: number;
  readonly #tasks: MutableTask[] = [];
  readonly #rings: MutableRing[] = [];
  readonly #tasksOf = new Map<string, readonly MutableTask[]>();
  /** By name of a node in two stages. */
  readonly #localsOf = new Map<string, readonly MutableTask[]>();
  readonly #sources: number[] = [];
  /** By name: the numbers of its tasks among all sources'. */
  readonly #sourcesOf = new Map<string, readonly number[]>();

  constructor(logical: LogicalPlan, workers: number) {
    this.#logical = logical;
    this.#workers = workers;
    const rows = logical.topology.engine.ring.rows ?? DEFAULT_ROWS;
    // Whole words of the bitmaps.
    this.#rows = Math.ceil(rows / 64) * 64;
  }

  build(): PhysicalPlan {
    const placements = placeNodes(this.#logical, this.#workers);
    let sources = 0;
    for (const { node, workerOf } of placements) {
      if (node.type !== 'source') continue;
      this.#sourcesOf.set(
        node.name,
        workerOf.map(() => sources++),
      );
    }
    for (const placement of placements) this.#addNode(placement);
    for (const placement of placements) this.#connect(placement);
    if (this.#logical.topology.engine.ring.slots === undefined) this.#fitRings();
    const { topology } = this.#logical;
    const admission = planAdmission(this.#logical, this.#tasks, this.#rings);
    return {
      name: topology.name,
      workers: this.#workers,
      rowCapacity: this.#rows,
      tasks: this.#tasks,
      rings: this.#rings,
      chains: planChains(this.#tasks),
      sources: this.#sources,
      waitPolicy: topology.engine.waitPolicy,
      stateLimitBytes: topology.engine.stateLimitBytes,
      ...stateSpillOf(topology.engine),
      ...(admission === undefined ? {} : { admission }),
    };
  }

  /** n workers exchange rows over n² rings: slots are halved until all rings fit the budget. */
  #fitRings(): void {
    const bytes = (): number =>
      this.#rings.reduce((sum, { slots, layout }) => sum + slots * layout.slotBytes, 0);
    while (bytes() > RING_BUDGET_BYTES && this.#rings.some(({ slots }) => slots > FEWEST_SLOTS)) {
      for (const ring of this.#rings) ring.slots = Math.max(FEWEST_SLOTS, ring.slots / 2);
    }
  }

  #addNode({ node, workerOf, localOn }: NodePlacement): void {
    if (localOn !== undefined) {
      this.#localsOf.set(node.name, this.#addTasks(node, localOn, 'local'));
    }
    const stage = localOn === undefined ? 'whole' : 'final';
    this.#tasksOf.set(node.name, this.#addTasks(node, workerOf, stage));
  }

  #addTasks(node: LogicalNode, workerOf: readonly number[], stage: Stage): MutableTask[] {
    // One for all instances: their workers get it once.
    const plan = node.type === 'operator' ? planOf(node, stage) : undefined;
    const ports = plan?.outputs ?? node.outputs;
    return workerOf.map((worker, instance): MutableTask => {
      const id = this.#tasks.length;
      const outputs = ports.map((output) => this.#output(output.name, output.stream));
      if (node.type === 'source') this.#sources.push(id);
      const task: MutableTask = {
        id,
        node: node.name,
        instance,
        instances: workerOf.length,
        worker,
        role:
          node.type === 'operator'
            ? { type: 'operator', plan: plan!, stage }
            : this.#role(node, id, worker, outputs),
        channels: [],
        outputs,
      };
      this.#tasks.push(task);
      return task;
    });
  }

  #role(
    node: Exclude<LogicalNode, { type: 'operator' }>,
    task: number,
    worker: number,
    outputs: MutableOutput[],
  ): TaskRole {
    if (node.type === 'sink') {
      const { stream } = node.inputs[0]!;
      let outlet: number | undefined;
      if (node.node.connector === 'embedded') {
        outlet = this.#addRing(stream, { worker, task }, [{ worker: HOST, task: HOST }]);
        const forward: EdgePlan = { kind: 'forward', target: { kind: 'ring', ring: outlet } };
        outputs.push({ ...this.#output('out', stream), edges: [forward] });
      }
      return { type: 'sink', connector: node.node.connector, config: node.node, stream, outlet };
    }
    const { time, schema } = node.node;
    const { hasTime, change } = node.outputs[0]!.stream;
    // What it writes itself: rows get their weights at its gate.
    const stream: StreamType = { schema, hasTime, change };
    const sourceIndex = this.#sources.length - 1;
    const inlet =
      node.node.connector === 'embedded'
        ? this.#addRing(stream, { worker: HOST, task: HOST }, [{ worker, task }])
        : undefined;
    return {
      type: 'source',
      connector: node.node.connector,
      config: node.node,
      stream,
      timeColumn: time === undefined ? -1 : fieldIndex(schema, time.field),
      latenessUs: time?.latenessUs ?? 0,
      idleAfterUs: time?.idleAfterUs,
      onError: node.node.onError,
      inlet,
      pacedWith: [...pacedSources(this.#logical, node.name)]
        .flatMap((name) => this.#sourcesOf.get(name)!)
        .filter((source) => source !== sourceIndex),
      driftUs: this.#logical.topology.engine.driftUs,
      sourceIndex,
    };
  }

  /** Connects a node's tasks to those of its inputs. */
  #connect({ node, routes }: NodePlacement): void {
    if (node.type === 'source') return;
    const consumers = this.#tasksOf.get(node.name)!;
    const locals = this.#localsOf.get(node.name);
    node.inputs.forEach((input, port) => {
      const from = { tasks: this.#producersOf(input), port: input.port, stream: input.stream };
      if (isControl(node, port)) {
        const toAll: Distribution = { kind: 'broadcast', port };
        this.#connectTasks(from, locals ?? consumers, port, toAll);
        return;
      }
      if (node.type !== 'operator' || locals === undefined) {
        const distribution = node.type === 'operator' ? node.plan.distribution : undefined;
        this.#connectTasks(from, consumers, port, distribution, routes?.[port]);
        return;
      }
      this.#connectTasks(from, locals, port, undefined);
      const { outputs } = planOf(node, 'local');
      const { distribution } = planOf(node, 'final');
      const between = { tasks: locals, port: 0, stream: outputs[0]!.stream };
      this.#connectTasks(between, consumers, port, distribution, routes?.[port]);
    });
  }

  /** The tasks that give an input: of a node in two stages, the local ones give the other ports. */
  #producersOf({ node, port }: LogicalInput): readonly MutableTask[] {
    const locals = port === 0 ? undefined : this.#localsOf.get(node);
    return locals ?? this.#tasksOf.get(node)!;
  }

  #connectTasks(
    from: Producers,
    consumers: readonly MutableTask[],
    port: number,
    distribution: Distribution | undefined,
    route?: PortRoute,
  ): void {
    const spread = distribution === undefined ? undefined : spreadOf(distribution, port, route);
    const isForAll = distribution !== undefined && isBroadcast(distribution, port);
    from.tasks.forEach((producer, i) => {
      if (isForAll) {
        for (const consumer of consumers) this.#connectAll(producer, from, consumer, port);
      } else if (spread !== undefined && consumers.length > 1 && route?.isKept !== true) {
        this.#connectEach(producer, from, consumers, port, spread);
      } else {
        const consumer = consumers.length === 1 ? consumers[0]! : consumers[i]!;
        this.#connectAll(producer, from, consumer, port);
      }
    });
  }

  #connectEach(
    producer: MutableTask,
    from: Producers,
    consumers: readonly MutableTask[],
    port: number,
    { style, columns }: SpreadPlan,
  ): void {
    const targets = consumers.map((consumer): TargetPlan => {
      const channel = consumer.channels.length;
      if (isCalled(producer, from.port, consumer)) {
        consumer.channels.push({ port, ring: undefined });
        return { kind: 'local', task: consumer.id, channel };
      }
      const ring = this.#addRingBehind(producer, from, [endOf(consumer)]);
      consumer.channels.push({ port, ring: { ring, cursor: 0 } });
      return { kind: 'ring', ring };
    });
    producer.outputs[from.port]!.edges.push({ kind: 'spread', style, columns, targets });
  }

  #connectAll(producer: MutableTask, from: Producers, consumer: MutableTask, port: number): void {
    const output = producer.outputs[from.port]!;
    const channel = consumer.channels.length;
    if (isCalled(producer, from.port, consumer)) {
      consumer.channels.push({ port, ring: undefined });
      const target: TargetPlan = { kind: 'local', task: consumer.id, channel };
      output.edges.push({ kind: 'forward', target });
      return;
    }
    if (output.broadcast === undefined) {
      output.broadcast = this.#addRingBehind(producer, from, []);
      output.edges.push({ kind: 'forward', target: { kind: 'ring', ring: output.broadcast } });
    }
    const { consumers } = this.#rings[output.broadcast]!;
    consumer.channels.push({ port, ring: { ring: output.broadcast, cursor: consumers.length } });
    consumers.push(endOf(consumer));
  }

  /** A ring for a port of a task; one that has a gate puts hidden columns behind the stream's. */
  #addRingBehind(
    producer: MutableTask,
    { stream, port }: Producers,
    consumers: MutableRing['consumers'],
  ): number {
    const gate = port === 0 ? gateOf(producer) : undefined;
    if (gate === undefined) return this.#addRing(stream, endOf(producer), consumers);
    const id = this.#addRing(withHiddenColumns(stream), endOf(producer), consumers);
    const ring = this.#rings[id]!;
    ring.isGated = true;
    const { slots } = this.#logical.topology.engine.ring;
    ring.slots = slots ?? gatedSlots(ring.layout, gate);
    return id;
  }

  #addRing(
    stream: StreamType,
    producer: RingPlan['producer'],
    consumers: { worker: number; task: number }[],
  ): number {
    const id = this.#rings.length;
    const slots = this.#logical.topology.engine.ring.slots ?? DEFAULT_SLOTS;
    this.#rings.push({ id, layout: this.#layout(stream), slots, producer, consumers });
    return id;
  }

  #output(port: string, stream: StreamType): MutableOutput {
    return { port, layout: this.#layout(stream), edges: [] };
  }

  #layout(stream: StreamType): BatchLayout {
    const heapBytes = this.#logical.topology.engine.ring.heapBytes ?? DEFAULT_HEAP_BYTES;
    return layoutBatch(stream, this.#rows, heapBytes);
  }
}

/** How rows of an input port are dealt out to tasks; `undefined`: they are not. */
function spreadOf(
  distribution: Distribution,
  port: number,
  route: PortRoute | undefined,
): SpreadPlan | undefined {
  if (distribution.kind === 'keys') {
    return { style: 'hash', columns: route?.columns ?? distribution.columns[port]! };
  }
  if (distribution.kind !== 'dispatch' || distribution.style === 'broadcast') return undefined;
  return { style: distribution.style, columns: distribution.columns[port]! };
}

/** Whether every task gets all rows of an input port. */
function isBroadcast(distribution: Distribution, port: number): boolean {
  if (distribution.kind === 'dispatch') return distribution.style === 'broadcast';
  return distribution.kind === 'broadcast' && distribution.port === port;
}

/** Whether rows reach a task by function calls: behind a gate they always wait in a ring. */
function isCalled(producer: TaskPlan, port: number, consumer: TaskPlan): boolean {
  if (consumer.worker !== producer.worker) return false;
  return port !== 0 || gateOf(producer) === undefined;
}

function endOf(task: TaskPlan): { worker: number; task: number } {
  return { worker: task.worker, task: task.id };
}

/** The plan of one of a node's stages. */
function planOf(
  { plan, node }: Extract<LogicalNode, { type: 'operator' }>,
  stage: Stage,
): OperatorPlan {
  const staged = stage === 'whole' ? { ...plan, stages: undefined } : plan.stages![stage];
  const { stateLimitBytes } = node;
  return stateLimitBytes === undefined ? staged : { ...staged, stateLimitBytes };
}

/** Where state goes that has no room, if the document says where state is kept. */
function stateSpillOf({
  stateDir,
  spillLimitBytes,
}: EngineSettings): Pick<PhysicalPlan, 'stateSpill'> {
  if (stateDir === undefined) return {};
  return { stateSpill: { dir: stateDir, limitBytes: spillLimitBytes } };
}
