/**
 * Logical plan → physical plan: tasks on workers, function calls inside a worker, rings between.
 *
 * @module
 */

import { layoutBatch, type BatchLayout } from '../../core/batch-layout.ts';
import { fieldIndex, type StreamType } from '../../core/schema.ts';
import type {
  ChannelPlan,
  EdgePlan,
  OutputPlan,
  PhysicalPlan,
  RingPlan,
  TargetPlan,
  TaskPlan,
  TaskRole,
} from '../../workers/protocol.ts';
import { HOST } from '../../workers/protocol.ts';
import { pacedSources } from './pacing-groups.ts';
import type { LogicalInput, LogicalNode, LogicalPlan } from './logical-plan.ts';
import { type NodePlacement, placeNodes } from './placement.ts';

/** Rows of a batch: 256 and more are within 10 % of the best; 1024 keeps columns in the cache. */
const DEFAULT_ROWS = 1024;
/** Slots of a ring: enough to keep both sides busy, little enough to stay near the cores. */
const DEFAULT_SLOTS = 16;
/** Room for long strings in a slot; pages that are never touched cost nothing. */
const DEFAULT_HEAP_BYTES = 256 * 1024;
/** All rings share one memory of 4 GiB; with many of them each gets fewer slots. */
const RING_BUDGET_BYTES = 1024 ** 3;
const FEWEST_SLOTS = 2;
const DEFAULT_STATE_LIMIT_BYTES = 1024 ** 3;

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

interface MutableRing extends Omit<RingPlan, 'slots'> {
  slots: number;
  readonly consumers: { worker: number; task: number }[];
}

class PhysicalPlanner {
  readonly #logical: LogicalPlan;
  readonly #workers: number;
  readonly #rows: number;
  readonly #tasks: MutableTask[] = [];
  readonly #rings: MutableRing[] = [];
  readonly #tasksOf = new Map<string, readonly MutableTask[]>();
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
    for (const node of this.#logical.nodes) {
      if (node.type !== 'source') this.#connect(node);
    }
    if (this.#logical.topology.engine.ring.slots === undefined) this.#fitRings();
    const { topology } = this.#logical;
    return {
      name: topology.name,
      workers: this.#workers,
      rowCapacity: this.#rows,
      tasks: this.#tasks,
      rings: this.#rings,
      sources: this.#sources,
      waitPolicy: topology.engine.waitPolicy,
      stateLimitBytes: DEFAULT_STATE_LIMIT_BYTES,
    };
  }

  /** n workers exchange rows over n² rings: slots are halved until all rings fit the budget. */
  #fitRings(): void {
    const bytes = (): number =>
      this.#rings.reduce((sum, { slots, layout }) => sum + slots * layout.slotBytes, 0);
    let slots = DEFAULT_SLOTS;
    while (bytes() > RING_BUDGET_BYTES && slots > FEWEST_SLOTS) {
      slots /= 2;
      for (const ring of this.#rings) ring.slots = slots;
    }
  }

  #addNode({ node, workerOf }: NodePlacement): void {
    const tasks = workerOf.map((worker, instance): MutableTask => {
      const id = this.#tasks.length;
      const outputs = node.outputs.map((output) => this.#output(output.name, output.stream));
      if (node.type === 'source') this.#sources.push(id);
      const task: MutableTask = {
        id,
        node: node.name,
        instance,
        instances: workerOf.length,
        worker,
        role: this.#role(node, id, worker, outputs),
        channels: [],
        outputs,
      };
      this.#tasks.push(task);
      return task;
    });
    this.#tasksOf.set(node.name, tasks);
  }

  #role(node: LogicalNode, task: number, worker: number, outputs: MutableOutput[]): TaskRole {
    if (node.type === 'operator') return { type: 'operator', plan: node.plan };
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
    const { stream } = node.outputs[0]!;
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
  #connect(node: Exclude<LogicalNode, { type: 'source' }>): void {
    const consumers = this.#tasksOf.get(node.name)!;
    node.inputs.forEach((input, port) => {
      const producers = this.#tasksOf.get(input.node)!;
      const keys = consumers.length > 1 ? keyColumns(node, port) : undefined;
      producers.forEach((producer, i) => {
        if (keys !== undefined) {
          this.#connectByKeys(producer, input, consumers, port, keys);
        } else {
          const consumer = consumers.length === 1 ? consumers[0]! : consumers[i]!;
          this.#connectAll(producer, input, consumer, port);
        }
      });
    });
  }

  #connectByKeys(
    producer: MutableTask,
    input: LogicalInput,
    consumers: readonly MutableTask[],
    port: number,
    keyColumns: readonly number[],
  ): void {
    const targets = consumers.map((consumer): TargetPlan => {
      const channel = consumer.channels.length;
      if (consumer.worker === producer.worker) {
        consumer.channels.push({ port, ring: undefined });
        return { kind: 'local', task: consumer.id, channel };
      }
      const ring = this.#addRing(input.stream, endOf(producer), [endOf(consumer)]);
      consumer.channels.push({ port, ring: { ring, cursor: 0 } });
      return { kind: 'ring', ring };
    });
    producer.outputs[input.port]!.edges.push({ kind: 'hash', keyColumns, targets });
  }

  #connectAll(
    producer: MutableTask,
    input: LogicalInput,
    consumer: MutableTask,
    port: number,
  ): void {
    const output = producer.outputs[input.port]!;
    const channel = consumer.channels.length;
    if (consumer.worker === producer.worker) {
      consumer.channels.push({ port, ring: undefined });
      const target: TargetPlan = { kind: 'local', task: consumer.id, channel };
      output.edges.push({ kind: 'forward', target });
      return;
    }
    if (output.broadcast === undefined) {
      output.broadcast = this.#addRing(input.stream, endOf(producer), []);
      output.edges.push({ kind: 'forward', target: { kind: 'ring', ring: output.broadcast } });
    }
    const { consumers } = this.#rings[output.broadcast]!;
    consumer.channels.push({ port, ring: { ring: output.broadcast, cursor: consumers.length } });
    consumers.push(endOf(consumer));
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

function endOf(task: TaskPlan): { worker: number; task: number } {
  return { worker: task.worker, task: task.id };
}

/** The columns by which a node's input is spread; `undefined` when it follows its producer. */
function keyColumns(
  node: Exclude<LogicalNode, { type: 'source' }>,
  port: number,
): readonly number[] | undefined {
  if (node.type !== 'operator' || node.plan.distribution.kind !== 'keys') return undefined;
  return node.plan.distribution.columns[port];
}
