/** The conductor: starts a topology, watches it, stops it. @module */

import { failedRuns } from '../workers/host/failed-runs.ts';
import { randomUUID } from 'node:crypto';
import { renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { temporaryPath } from '../connectors/file/output.ts';
import { Batch } from '../core/batch.ts';
import type { PendingFile } from '../core/connector.ts';
import { MillraceError, type TopologyIssue } from '../core/errors.ts';
import { HostControl, RingConsumer, RingProducer, StopMode, threadBell } from '../ringbuf/index.ts';
import { ThreadPool } from '../workers/host/thread-pool.ts';
import { type RunOutcome, WorkerRun } from '../workers/host/worker-run.ts';
import {
  busyWorkers,
  type PhysicalPlan,
  type RingPlan,
  type SharedLayout,
  type TaskPlan,
  type ThreadPreload,
} from '../workers/protocol.ts';
import { type ActorAnswer, type ActorQuery, Asker } from './asker.ts';
import { type AllowedCommands, neededCommands } from './commands.ts';
import { availableCores } from './cpus.ts';
import { tellEnd, tellError, tellStart } from './diagnostics.ts';
import { HostWaiter } from './embedded/host-waiter.ts';
import { Input } from './embedded/input.ts';
import { type OutputOpener, outputOpener, type OutputOptions } from './embedded/open-output.ts';
import type { Output } from './embedded/output.ts';
import { describePlan, type PlanDescription } from './explain.ts';
import {
  compileTopology,
  type LoadedTopology,
  type LoadOptions,
  readTopology,
  resolveTopology,
} from './load.ts';
import { type EngineStats, MetricsReader, type RunSummary } from './metrics.ts';
import { compileModules } from './plan/modules.ts';
import { reserveSharedMemory } from './plan/shared-memory.ts';
import { type OperatorUpdate, Updater } from './update/updater.ts';
import { WorkerLinks } from './update/worker-links.ts';

/** How an engine is started. */
export interface StartOptions extends LoadOptions {
  /** Stops the engine at once when aborted. */
  readonly signal?: AbortSignal | undefined;
  /** Bound on the JavaScript heap of each worker, in MiB; 1024 by default. */
  readonly maxHeapMiB?: number | undefined;
  /** By name: commands outside of the engine that operators may start (`exec`); none by default. */
  readonly commands?: AllowedCommands | undefined;
  /** Called for what is odd but not wrong about the topology. */
  readonly onWarning?: ((warning: TopologyIssue) => void) | undefined;
}

const DEFAULT_HEAP_MIB = 1024;
/** Threads that are started for a topology which may yet be refused. */
const MOST_EARLY_THREADS = 8;

/**
 * A running topology.
 *
 * ```ts
 * await using engine = await Millrace.start('topology.json', { workers: 2 });
 * await engine.input('clicks').push(rows);
 * await engine.drain();
 * ```
 */
export class Millrace {
  /**
   * Settles when the run has ended and its output files are in place: with the summary, or with the
   * error that ended it. Nobody has to wait for it.
   */
  readonly completed: Promise<RunSummary>;
  readonly #plan: PhysicalPlan;
  readonly #shared: SharedLayout;
  readonly #loaded: LoadedTopology;
  readonly #updater: Updater;
  readonly #links: WorkerLinks;
  readonly #asker: Asker;
  readonly #control: HostControl;
  readonly #run: WorkerRun;
  readonly #metrics: MetricsReader;
  readonly #inputs = new Map<string, Input>();
  readonly #outputs = new Map<string, OutputOpener>();
  readonly #runId = `${process.pid}-${randomUUID().slice(0, 8)}`;
  readonly #startedMs = performance.now();
  #status: RunSummary['status'] = 'running';
  #failure: MillraceError | undefined;
  #wasAsked = false;

  private constructor(
    loaded: LoadedTopology,
    plan: PhysicalPlan,
    pool: ThreadPool,
    commands: AllowedCommands,
    signal: AbortSignal | undefined,
  ) {
    this.#loaded = loaded;
    this.#plan = plan;
    this.#shared = reserveSharedMemory(plan);
    this.#control = new HostControl(this.#buffer, this.#shared.control);
    const rejections = (source: string): number => this.#inputs.get(source)?.rejected ?? 0;
    this.#metrics = new MetricsReader(plan, this.#shared, rejections, this.#startedMs);
    this.#openEmbedded();
    this.#links = new WorkerLinks(plan.workers, this.#control);
    this.#updater = new Updater(loaded, plan, this.#links, () => this.#endedError());
    this.#asker = new Asker(plan, this.#links, () => this.#endedError());
    const cores = availableCores();
    const modules = compileModules(plan);
    this.#run = new WorkerRun({
      plan,
      jobs: busyWorkers(plan).map((worker) => ({
        worker,
        plan,
        shared: this.#shared,
        baseDirectory: loaded.baseDirectory,
        runId: this.#runId,
        failedRuns: failedRuns(),
        modules,
        cores,
        commands,
        updates: this.#links.workerPorts[worker]!,
      })),
      control: this.#control,
      pool,
    });
    this.#metrics.startSampling();
    tellStart(plan.name, plan.workers);
    this.completed = this.#complete();
    // An error that nobody waits for is not lost: `stats`, inputs and outputs tell it as well.
    this.completed.catch(() => undefined);
    this.#listen(signal);
  }

  /**
   * Checks a topology and starts its worker threads.
   *
   * @param topology - path of a topology file, or a document
   * @throws MillraceError `ERR_TOPOLOGY_INVALID` before anything has started
   */
  static async start(topology: string | object, options: StartOptions = {}): Promise<Millrace> {
    options.signal?.throwIfAborted();
    const { maxHeapMiB = DEFAULT_HEAP_MIB } = options;
    let pool: ThreadPool | undefined;
    try {
      // Threads load their code while this one checks and plans.
      let preload: ThreadPreload = { sources: [], operators: [], sinks: [], chains: false };
      const read = readTopology(topology, options, (foresight) => {
        ({ preload } = foresight);
        const { threads, early } = foresight;
        if (threads <= MOST_EARLY_THREADS)
          pool = new ThreadPool({ threads, early, maxHeapMiB, preload });
      });
      const { workers: threads } = read;
      pool ??= new ThreadPool({ threads, early: threads, maxHeapMiB, preload });
      const loaded = resolveTopology(read);
      for (const warning of loaded.warnings) options.onWarning?.(warning);
      const commands = neededCommands(loaded.topology, options.commands ?? {});
      const plan = compileTopology(loaded, { files: true });
      return new Millrace(loaded, plan, pool, commands, options.signal);
    } catch (error) {
      await pool?.destroy();
      throw error;
    }
  }

  /** The topology's name. */
  get name(): string {
    return this.#plan.name;
  }

  /**
   * The pushing end of a source with connector `embedded`.
   *
   * @throws MillraceError `ERR_USAGE` when there is none of that name
   */
  input(name: string): Input {
    return find(this.#inputs, name, 'input');
  }

  /**
   * The reading end of a sink with connector `embedded`; of one with `keep`, each is a reader of its own.
   *
   * @throws MillraceError `ERR_USAGE` when there is none of that name, or it cannot begin there
   */
  output(name: string, options: OutputOptions = {}): Output {
    return find(this.#outputs, name, 'output')(options);
  }

  /** A snapshot: counts, rates since the last call, watermarks, how full the rings are. */
  stats(): EngineStats {
    return this.#metrics.stats(performance.now(), this.#startedMs, Date.now());
  }

  /** How the run stands, or how it ended. */
  summary(): RunSummary {
    const seconds = ((this.#run.endedMs ?? performance.now()) - this.#startedMs) / 1000;
    return { name: this.name, status: this.#status, seconds, ...this.#metrics.counts() };
  }

  /** The plan: tasks, workers, rings. */
  explain(): PlanDescription {
    return describePlan(this.#updater.loaded, this.#updater.plan);
  }

  /**
   * Changes an operator while it runs: values of its parameters, and what else of it needs no other
   * streams and no other state. Every task takes the change between two batches; no row is lost, held up
   * or seen twice. Changes of one engine are made one after the other.
   *
   * @param operator - its name in the topology
   * @param patch - properties of the operator as the document has them, merged into what is there
   * @returns where each task stood when it took the change
   * @throws MillraceError `ERR_TOPOLOGY_INVALID` for what is wrong or cannot change while it runs, an
   * error of a file that is to be read anew; `ERR_USAGE` when there is no such operator, or the run has
   * ended. Nothing has changed then
   */
  update(operator: string, patch: object): Promise<OperatorUpdate> {
    return this.#updater.update(operator, patch);
  }

  /**
   * Asks an actor what it knows: the instance of a key, or all instances together, a task at a time.
   * Tasks answer between two batches, also where they wait for room behind them; nobody else sees an answer.
   *
   * @param actor - its name in the topology
   * @returns with a key the answer of the task that has the instance, else one of each task
   * @throws MillraceError `ERR_USAGE` when there is no such actor, it has ended, or the key cannot be one;
   * `ERR_TIMEOUT` after `timeoutMs`. The reason of the signal when it is aborted
   */
  query(actor: string, query: ActorQuery): Promise<readonly ActorAnswer[]> {
    return this.#asker.query(actor, query);
  }

  /**
   * Ends the inputs and sources, processes everything that is in, delivers all results, and stops.
   *
   * Outputs must be read meanwhile: a result that nobody takes holds the drain up.
   *
   * @throws MillraceError `ERR_TIMEOUT` when that takes longer than `timeoutMs`; the engine then
   * still drains, and `stop` ends it. The engine's own error after a failure
   */
  async drain(options: { readonly timeoutMs?: number } = {}): Promise<RunSummary> {
    this.#wasAsked = this.#status === 'running';
    this.#control.requestStop(StopMode.DRAIN);
    const closing = Promise.all([...this.#inputs.values()].map((input) => input.close()));
    const drained = closing.then(() => this.completed);
    const { timeoutMs } = options;
    if (timeoutMs === undefined) return await drained;
    drained.catch(() => undefined);
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      const error = new MillraceError('ERR_TIMEOUT', `not drained within ${timeoutMs} ms`);
      timer = setTimeout(() => reject(error), timeoutMs);
    });
    try {
      return await Promise.race([drained, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  /**
   * Stops at once: what is in flight is dropped, output files stay as they were. After the run has
   * ended it does nothing.
   */
  async stop(): Promise<RunSummary> {
    if (this.#status === 'running') {
      this.#wasAsked = true;
      this.#control.requestStop(StopMode.ABORT);
    }
    await this.#run.outcome;
    await this.completed.catch(() => undefined);
    return this.summary();
  }

  /** {@link stop}. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  get #buffer(): SharedArrayBuffer {
    return this.#shared.memory.buffer as unknown as SharedArrayBuffer;
  }

  async #complete(): Promise<RunSummary> {
    const outcome = await this.#run.outcome;
    this.#metrics.endSampling();
    try {
      this.#finish(outcome);
    } catch (error) {
      this.#status = 'failed';
      this.#failure = error as MillraceError;
    }
    this.#links.close();
    // Inputs and outputs that wait look again, and find that the run has ended.
    this.#control.ringAll();
    if (this.#failure !== undefined) {
      this.#clearUp();
      tellError(this.name, this.#failure);
      throw this.#failure;
    }
    const summary = this.summary();
    tellEnd(this.name, summary);
    return summary;
  }

  /** A worker that was lost could not remove what it was writing. */
  #clearUp(): void {
    for (const sink of this.#loaded.topology.sinks) {
      if (sink.connector !== 'file') continue;
      const target = path.resolve(this.#loaded.baseDirectory, sink.path);
      rmSync(temporaryPath(target, this.#runId), { force: true });
    }
  }

  #finish(outcome: RunOutcome): void {
    switch (outcome.status) {
      case 'failed':
        throw outcome.error;
      case 'aborted':
        this.#status = 'stopped';
        return;
      case 'finished':
        for (const file of outcome.pendingFiles) putInPlace(file);
        this.#status = this.#wasAsked ? 'stopped' : 'completed';
    }
  }

  /** Opens the host's ends of rings to and from embedded connectors. */
  #openEmbedded(): void {
    const bell = threadBell(this.#buffer, this.#shared.control, this.#plan.workers);
    const waiter = new HostWaiter(bell);
    for (const task of this.#plan.tasks) {
      if (task.role.type === 'source' && task.role.inlet !== undefined) {
        this.#inputs.set(task.node, this.#openInput(task, task.role.inlet, waiter));
      }
      if (task.role.type === 'sink' && task.role.outlet !== undefined) {
        this.#outputs.set(task.node, this.#openOutput(task, task.role.outlet, waiter));
      }
    }
  }

  #openInput(task: TaskPlan, ring: number, waiter: HostWaiter): Input {
    const { role } = task;
    if (role.type !== 'source') throw new MillraceError('ERR_INTERNAL', 'an inlet is a source');
    const bell = this.#control.bell(task.worker);
    const producer = new RingProducer(this.#buffer, this.#shared.rings[ring]!, [bell]);
    return new Input({
      name: task.node,
      schema: role.stream.schema,
      timeColumn: role.timeColumn,
      onError: role.onError,
      producer,
      slots: this.#slots(this.#plan.rings[ring]!, (slot) => producer.slotOffset(slot)),
      waiter,
      ended: () => this.#endedError(),
    });
  }

  #openOutput(task: TaskPlan, ring: number, waiter: HostWaiter): OutputOpener {
    const { layout } = this.#plan.rings[ring]!;
    const { sinks, engine } = this.#loaded.topology;
    const sink = sinks.find(({ name }) => name === task.node);
    const bell = this.#control.bell(task.worker);
    const consumer = new RingConsumer(this.#buffer, this.#shared.rings[ring]!, 0, bell);
    const parts = {
      name: task.node,
      consumer,
      slots: this.#slots(this.#plan.rings[ring]!, (slot) => consumer.slotOffset(slot)),
      waiter,
      failure: () => this.#endedError(),
    };
    const keep = sink?.connector === 'embedded' ? sink.keep : undefined;
    return outputOpener(parts, layout, engine.int64, keep);
  }

  #slots(ring: RingPlan, offsetOf: (slot: number) => number): Batch[] {
    return Array.from({ length: ring.slots }, (_, slot) =>
      Batch.over(ring.layout, this.#buffer, offsetOf(slot)),
    );
  }

  /** Why nothing more can be pushed or read. */
  #endedError(): MillraceError | undefined {
    if (this.#status === 'running') return undefined;
    if (this.#failure !== undefined) return this.#failure;
    return new MillraceError('ERR_USAGE', `engine '${this.name}' has stopped`);
  }

  #listen(signal: AbortSignal | undefined): void {
    if (signal === undefined) return;
    const onAbort = (): void => void this.stop();
    signal.addEventListener('abort', onAbort, { once: true });
    const forget = (): void => signal.removeEventListener('abort', onAbort);
    this.completed.then(forget, forget);
  }
}

function find<T>(map: ReadonlyMap<string, T>, name: string, what: string): T {
  const found = map.get(name);
  if (found !== undefined) return found;
  const names = [...map.keys()].map((key) => `'${key}'`).join(', ');
  const known = names === '' ? `this topology has no embedded ${what}s` : `there are ${names}`;
  throw new MillraceError('ERR_USAGE', `no embedded ${what} '${name}'; ${known}`);
}

/** The moment at which an output becomes visible: the whole run has succeeded. */
function putInPlace({ temporaryPath, path }: PendingFile): void {
  try {
    renameSync(temporaryPath, path);
  } catch (error) {
    throw new MillraceError('ERR_FILE', `cannot put ${path} in place: ${String(error)}`, {
      cause: error,
    });
  }
}
