/** Makes the tasks and edges of one worker from the physical plan. @module */

import type { Clock } from '../../core/clock.ts';
import type { BatchLayout } from '../../core/batch-layout.ts';
import type { SinkContext } from '../../core/connector.ts';
import { asMillraceError } from '../../core/errors.ts';
import { invariant } from '../../core/invariant.ts';
import { KernelMemory } from '../../core/memory.ts';
import type { Kernel, KernelContext } from '../../core/operator.ts';
import { loadSinkConnector } from '../../connectors/registry.ts';
import { LatencyRecorder } from '../../metrics/latency-histogram.ts';
import { createChain, createKernel, createTail } from '../../operators/kernels.ts';
import {
  Arena,
  type Bell,
  RingConsumer,
  RingProducer,
  SeqlockWriter,
  ThreadControl,
  threadBell,
} from '../../ringbuf/index.ts';
import type {
  ChainPlan,
  ChannelPlan,
  EdgePlan,
  OutputPlan,
  SinkRole,
  SourceRole,
  TargetPlan,
  TaskPlan,
  WorkerJob,
} from '../protocol.ts';
import { HOST } from '../protocol.ts';
import type { AdmissionWiring } from './admission/admission-wiring.ts';
import { createSplit } from './edges/row-splits.ts';
import { SpreadEdge } from './edges/spread-edge.ts';
import { LocalEdge } from './edges/local-edge.ts';
import { RingEdge } from './edges/ring-edge.ts';
import type { Edge, Head, Pump, Target, Timed } from './flow.ts';
import { TaskOutbox } from './outbox.ts';
import { loadDeferred } from './load-deferred.ts';
import { openSource } from './open-source.ts';
import { readTable } from './read-table.ts';
import { PortWatermarks } from './port-watermarks.ts';
import type { LoopParts } from './task-loop.ts';
import { ChainMetrics, TaskMetrics } from './task-metrics.ts';
import { DeadLetters } from './tasks/dead-letters.ts';
import { ForwardKernel } from './tasks/forward-kernel.ts';
import { InletTask } from './tasks/inlet-task.ts';
import { OperatorTask } from './tasks/operator-task.ts';
import { controlPortOf, operatorOf } from './operator-plans.ts';
import { openersOf } from './openers.ts';
import { openPacing } from './pacing-wiring.ts';
import { withClock } from './tasks/with-clock.ts';
import { RingInput } from './tasks/ring-input.ts';
import { SinkTask } from './tasks/sink-task.ts';
import type { SourceHead, SourceTaskParts } from './tasks/source-task.ts';
import type { WiredOperator } from './updates/wired-operator.ts';

/** A wired worker. */
export interface Wiring extends LoopParts {
  /** Some connector depends on event-loop callbacks: the worker must not block. */
  readonly needsEventLoop: boolean;
  /** What kernels have opened. */
  readonly opened: readonly (() => void | Promise<void>)[];
  /** What operators are made of, by task. */
  readonly operators: ReadonlyMap<number, WiredOperator>;
}

/** Wires the tasks of `job.worker`. Opens files and loads user code. */
export async function wireWorker(job: WorkerJob, clock: Clock): Promise<Wiring> {
  const wiring = new WorkerWiring(job, clock);
  await wiring.openAdmission();
  const own = job.plan.tasks.filter((task) => task.worker === job.worker);
  const chains = new Map(job.plan.chains.map((chain) => [chain.tasks[0]!, chain]));
  const followers = new Set(job.plan.chains.flatMap(({ tasks }) => tasks.slice(1)));
  // Downstream first, so that an edge finds the task behind it.
  for (const task of own.toReversed()) {
    if (followers.has(task.id)) continue;
    wiring.control.enter(task.id);
    wiring.control.beat();
    try {
      const chain = chains.get(task.id);
      if (chain === undefined) await wiring.addTask(task);
      else await wiring.addChain(chain);
    } catch (error) {
      await wiring.closeAll();
      throw asMillraceError(error, 'ERR_INTERNAL', task.node);
    }
  }
  return wiring;
}

class WorkerWiring implements Wiring {
  readonly heads: Head[] = [];
  readonly sources: SourceHead[] = [];
  readonly timed: Timed[] = [];
  readonly sinks: SinkTask[] = [];
  readonly targets: Target[] = [];
  readonly edges: Edge[] = [];
  readonly pumps: Pump[] = [];
  readonly metrics: TaskMetrics[] = [];
  readonly opened: (() => void | Promise<void>)[] = [];
  readonly operators = new Map<number, WiredOperator>();
  readonly control: ThreadControl;
  needsEventLoop = false;
  readonly #job: WorkerJob;
  readonly #clock: Clock;
  #admission: AdmissionWiring | undefined;
  readonly #buffer: SharedArrayBuffer;
  readonly #memory: KernelMemory;
  /** What tasks of this worker have in common, by name. */
  readonly #shared = new Map<string, unknown>();
  readonly #targetOf = new Map<number, Target>();
  /** Everything that rows given to a task can get stuck in: the task, its edges, those behind. */
  readonly #reachOf = new Map<number, readonly Pump[]>();

  constructor(job: WorkerJob, clock: Clock) {
    this.#job = job;
    this.#clock = clock;
    const { memory, workerRegions } = job.shared;
    const { byteOffset, bytes } = workerRegions[job.worker]!;
    this.#buffer = Arena.attach(memory).buffer;
    this.#memory = new KernelMemory(memory, byteOffset, bytes);
    this.control = new ThreadControl(this.#buffer, job.shared.control, job.worker);
  }

  /** For plans with admission, whose code few topologies need. */
  async openAdmission(): Promise<void> {
    if (this.#job.plan.admission === undefined) return;
    const { AdmissionWiring: Admission } = await import('./admission/admission-wiring.ts');
    this.#admission = new Admission(this.#job, this.#buffer, this.#memory, this.#clock);
  }

  get admission(): LoopParts['admission'] {
    return this.#admission?.worker;
  }

  /** Adds operators that are one kernel: the first one's inputs, the last one's outputs. */
  async addChain(chain: ChainPlan): Promise<void> {
    const tasks = chain.tasks.map((id) => this.#job.plan.tasks[id]!);
    const metrics = tasks.map((task) => this.#metricsOf(task));
    const [first, last] = [tasks[0]!, tasks.at(-1)!];
    const { outbox, reach } = this.#openOutputs(last, metrics.at(-1)!);
    const members = tasks.map((task, member) => ({
      plan: operatorOf(task),
      context: this.#kernelContext(task, metrics[member]!),
    }));
    const counts = new ChainMetrics(metrics);
    const tail = await createTail(members);
    const kernel = await createChain(chain.program, members, tail, counts, loadDeferred);
    const operator = { kernel, isTimed: false };
    const wired = this.#addOperatorTask(first, metrics[0]!, outbox, reach, operator);
    const plans = members.map(({ plan }) => plan);
    const parts = { ...wired, kernel, chain: { tasks: chain.tasks, plans, tail, counts } };
    for (const [member, task] of tasks.entries()) {
      this.#note(task, { ...parts, metrics: metrics[member]! });
    }
  }

  /** What an update of a task will need. */
  #note(task: TaskPlan, parts: Omit<WiredOperator, 'contextIn' | 'memory'>): void {
    const contextIn = (memory: KernelMemory): KernelContext =>
      this.#kernelContext(task, parts.metrics, memory);
    this.operators.set(task.id, { ...parts, contextIn, memory: this.#memory });
  }

  #metricsOf(task: TaskPlan): TaskMetrics {
    const address = this.#job.shared.metrics[task.id]!;
    const { role, channels } = task;
    const writer = new SeqlockWriter(this.#buffer, address);
    const controlPort = role.type === 'operator' ? controlPortOf(role.plan) : -1;
    const metrics = new TaskMetrics(
      writer,
      channels.length,
      (channel) => channels[channel]!.port === controlPort,
    );
    this.metrics.push(metrics);
    return metrics;
  }

  async addTask(task: TaskPlan): Promise<void> {
    const metrics = this.#metricsOf(task);
    const { role } = task;
    if (role.type === 'source') await this.#addSource(task, role, metrics);
    else if (role.type === 'sink' && role.outlet === undefined)
      await this.#addSink(task, role, metrics);
    else await this.#addOperator(task, metrics);
  }

  /** Gives back what was opened, after a failure. */
  async closeAll(): Promise<void> {
    for (const source of this.sources) await source.close();
    for (const sink of this.sinks) await sink.parts.sink.abandon();
    for (const close of this.opened) await close();
  }

  async #addSource(task: TaskPlan, role: SourceRole, metrics: TaskMetrics): Promise<void> {
    const { outbox } = this.#openOutputs(task, metrics);
    const letters = new DeadLetters(task.node, role.onError, outbox, metrics);
    const parts: SourceTaskParts = {
      id: task.id,
      node: task.node,
      role,
      outbox,
      metrics,
      control: this.control,
      clock: this.#clock,
      pacing: openPacing(this.#job, this.#buffer, role),
      memory: this.#memory,
      ingress: this.#admission?.openIngress(task, outbox, metrics, letters),
    };
    if (role.inlet !== undefined) {
      const { layout, consumer } = this.#openInlet(role.inlet);
      this.#addHead(new InletTask(parts, consumer, this.#buffer, layout));
      return;
    }
    const opened = await openSource(parts, task, letters, this.#job, this.#buffer);
    if (opened.needsEventLoop) this.needsEventLoop = true;
    this.#addHead(opened.head);
  }

  async #addOperator(task: TaskPlan, metrics: TaskMetrics): Promise<void> {
    const { outbox, reach } = this.#openOutputs(task, metrics);
    const made = await this.#createKernel(task, metrics);
    const { role } = task;
    const time = role.type === 'operator' ? role.plan.time : undefined;
    const isTimed = time === 'processing' || time === 'both';
    const kernel = withClock(made, time, this.#clock, this.#job.plan.rowCapacity);
    const wired = this.#addOperatorTask(task, metrics, outbox, reach, { kernel, isTimed });
    this.#note(task, { ...wired, kernel: made, chain: undefined });
  }

  #addOperatorTask(
    task: TaskPlan,
    metrics: TaskMetrics,
    outbox: TaskOutbox,
    reach: readonly Pump[],
    { kernel, isTimed }: { readonly kernel: Kernel; readonly isTimed: boolean },
  ): Pick<WiredOperator, 'task' | 'metrics'> {
    const queues = task.role.type === 'operator' && task.role.plan.queues === true;
    const operator = new OperatorTask({
      id: task.id,
      node: task.node,
      kernel,
      outbox,
      watermarks: PortWatermarks.of(task.channels),
      metrics,
      control: this.control,
      queues,
    });
    if (isTimed) this.timed.push(this.#admission?.measuredTimed(task.id, operator) ?? operator);
    // What cannot go on behind a queue holds up nothing in front of it.
    this.#addTarget(task, operator, queues ? [] : reach);
    return { task: operator, metrics };
  }

  async #addSink(task: TaskPlan, role: SinkRole, metrics: TaskMetrics): Promise<void> {
    const connector = await loadSinkConnector(role.connector);
    const context: SinkContext = {
      node: task.node,
      stream: role.stream,
      baseDirectory: this.#job.baseDirectory,
      rowCapacity: this.#job.plan.rowCapacity,
      runId: this.#job.runId,
      wake: () => this.control.bell.ring(),
    };
    const sink = await connector.open(role.config, context);
    if (connector.needsEventLoop(role.config)) this.needsEventLoop = true;
    const sinkTask = new SinkTask({
      id: task.id,
      node: task.node,
      sink,
      watermarks: PortWatermarks.of(task.channels),
      metrics,
      control: this.control,
      clock: this.#clock,
      latencies: new LatencyRecorder(this.#buffer, this.#job.shared.latencies[task.id]!),
    });
    this.sinks.push(sinkTask);
    this.#addTarget(task, sinkTask, []);
  }

  #createKernel(task: TaskPlan, metrics: TaskMetrics): Kernel | Promise<Kernel> {
    if (task.role.type !== 'operator') return new ForwardKernel();
    return createKernel(task.role.plan, this.#kernelContext(task, metrics));
  }

  #kernelContext(task: TaskPlan, metrics: TaskMetrics, memory = this.#memory): KernelContext {
    metrics.beginKernel();
    return {
      node: task.node,
      instance: task.instance,
      instances: task.instances,
      rowCapacity: this.#job.plan.rowCapacity,
      counters: metrics,
      baseDirectory: this.#job.baseDirectory,
      slotHeapBytes: Math.max(...task.outputs.map(({ layout }) => layout.heapBytes)),
      stateLimitBytes: stateLimitOf(task, this.#job),
      memory,
      shared: <Item>(name: string, create: () => Item): Item => {
        if (!this.#shared.has(name)) this.#shared.set(name, create());
        return this.#shared.get(name) as Item;
      },
      readTable: (table) =>
        readTable(table, {
          node: task.node,
          clock: this.#clock,
          baseDirectory: this.#job.baseDirectory,
          limitBytes: stateLimitOf(task, this.#job),
          memory,
          beat: () => this.control.beat(),
        }),
      wholeUnits: this.#admission?.groups.wholeUnitsOf(task),
      ...openersOf(task, this.#job, () => this.control.beat(), this.opened),
      asynchronous: () => {
        this.needsEventLoop = true;
        return () => this.control.bell.ring();
      },
    };
  }

  #addTarget(task: TaskPlan, plain: Target, behind: readonly Pump[]): void {
    const target = this.#admission?.measured(task.id, plain) ?? plain;
    const reach = [...behind, target];
    this.targets.push(target);
    this.pumps.push(target);
    this.#targetOf.set(task.id, target);
    this.#reachOf.set(task.id, reach);
    task.channels.forEach((channel, position) => this.#addInput(channel, position, target, reach));
  }

  #addInput(channel: ChannelPlan, position: number, target: Target, reach: readonly Pump[]): void {
    if (channel.ring === undefined) return;
    const { ring, cursor } = channel.ring;
    const { layout, producer } = this.#job.plan.rings[ring]!;
    if (this.#admission !== undefined) {
      const bell = this.#bellOf(producer.worker);
      const ends = { target, channel: position, reach, bell };
      this.heads.push(this.#admission.openInput(ring, cursor, ends));
      return;
    }
    const consumer = new RingConsumer(this.#buffer, this.#job.shared.rings[ring]!, cursor);
    const bell = this.#bellOf(producer.worker);
    this.heads.push(new RingInput(consumer, bell, this.#buffer, layout, target, position, reach));
  }

  #addHead(source: SourceHead): void {
    this.heads.push(source);
    this.sources.push(source);
  }

  #openOutputs(task: TaskPlan, metrics: TaskMetrics): { outbox: TaskOutbox; reach: Pump[] } {
    const reach = new Set<Pump>();
    const ports = task.outputs.map((output) => ({
      name: output.port,
      layout: output.layout,
      edges: output.edges.map((edge) => this.#openEdge(task, output, edge, reach)),
    }));
    for (const port of ports) for (const edge of port.edges) reach.add(edge);
    const outbox = new TaskOutbox(ports, metrics, this.#memory);
    const list = [...reach];
    outbox.setReach(list);
    return { outbox, reach: list };
  }

  #openEdge(task: TaskPlan, output: OutputPlan, plan: EdgePlan, reach: Set<Pump>): Edge {
    let edge: Edge;
    if (plan.kind === 'forward') {
      edge = this.#openTarget(task, plan.target, reach);
    } else {
      const targets = plan.targets.map((target) => this.#openTarget(task, target, reach));
      const split = createSplit(plan, targets.length, output.layout, this.#memory);
      edge = new SpreadEdge(targets, split, output.layout);
    }
    this.edges.push(edge);
    this.pumps.push(edge);
    return edge;
  }

  #openTarget(task: TaskPlan, plan: TargetPlan, reach: Set<Pump>): Edge {
    if (plan.kind === 'local') {
      const target = this.#targetOf.get(plan.task);
      invariant(target !== undefined, `task ${plan.task} is not wired before task ${task.id}`);
      for (const pump of this.#reachOf.get(plan.task)!) reach.add(pump);
      return new LocalEdge(target, plan.channel);
    }
    const ring = this.#job.plan.rings[plan.ring]!;
    const workers = new Set(ring.consumers.map((consumer) => consumer.worker));
    // A gate's ring may be read by its own worker, which is awake.
    workers.delete(this.#job.worker);
    const bells = [...workers].map((worker) => this.#bellOf(worker));
    const producer = new RingProducer(this.#buffer, this.#job.shared.rings[plan.ring]!, []);
    const isOutlet = ring.consumers.every(({ worker }) => worker === HOST);
    const rows = isOutlet ? undefined : this.#admission?.rowsOf(plan.ring);
    const edge = new RingEdge(
      producer,
      bells,
      this.#memory,
      ring.layout,
      task.node,
      isOutlet,
      rows,
    );
    this.#admission?.addEdge(plan.ring, edge);
    if (isOutlet && this.#admission !== undefined) edge.linger(this.#admission.worker);
    return edge;
  }

  /** The reading end of an inlet. */
  #openInlet(ring: number): { layout: BatchLayout; consumer: RingConsumer } {
    const { producer, layout } = this.#job.plan.rings[ring]!;
    const address = this.#job.shared.rings[ring]!;
    const bell = this.#bellOf(producer.worker);
    return { layout, consumer: new RingConsumer(this.#buffer, address, 0, bell) };
  }

  #bellOf(worker: number): Bell {
    const { plan, shared } = this.#job;
    return threadBell(this.#buffer, shared.control, worker === HOST ? plan.workers : worker);
  }
}

/** Bound on what a task remembers. */
function stateLimitOf({ role }: TaskPlan, { plan }: WorkerJob): number {
  const own = role.type === 'operator' ? role.plan.stateLimitBytes : undefined;
  return own ?? plan.stateLimitBytes;
}
