/**
 * All that host and worker threads share beside rings: the physical plan, the job of a worker, and
 * its answer. Plain data; data rows never travel this way.
 *
 * @module
 */

import type { MessagePort } from 'node:worker_threads';
import type { BatchLayout } from '../core/batch-layout.ts';
import type { PendingFile } from '../core/connector.ts';
import type { SerializedError } from '../core/errors.ts';
import type { CompiledModules, WasmMemory } from '../core/memory.ts';
import type { OperatorPlan, RowErrorPolicy, Stage } from '../core/operator.ts';
import type { StreamType } from '../core/schema.ts';
import type { DurationUs } from '../core/units.ts';
import type {
  ControlAddress,
  CounterAddress,
  RingAddress,
  SeqlockAddress,
} from '../ringbuf/index.ts';
import type { AdmissionLayout, AdmissionPlan } from './protocol-admission.ts';

/** "Worker" number of the thread that embeds the engine. */
export const HOST = -1;

/** What a task is. */
export type TaskRole = SourceRole | OperatorRole | SinkRole;

/** A task that brings rows in. */
export interface SourceRole {
  readonly type: 'source';
  readonly connector: string;
  readonly config: unknown;
  readonly stream: StreamType;
  /** Column that carries event time, or -1. */
  readonly timeColumn: number;
  readonly latenessUs: DurationUs;
  /** `undefined`: never idle. */
  readonly idleAfterUs: DurationUs | undefined;
  readonly onError: RowErrorPolicy;
  /** Ring that the host fills, for the connector `embedded`. */
  readonly inlet: number | undefined;
  /** Sources whose rows meet this one's in a join, as positions in {@link PhysicalPlan.sources}. */
  readonly pacedWith: readonly number[];
  readonly driftUs: DurationUs;
  /** This source's own position in {@link PhysicalPlan.sources}. */
  readonly sourceIndex: number;
}

/** A task that transforms rows. */
export interface OperatorRole {
  readonly type: 'operator';
  /** Of the task's own part of the work. */
  readonly plan: OperatorPlan;
  readonly stage: Stage;
}

/** A task that takes rows out. */
export interface SinkRole {
  readonly type: 'sink';
  readonly connector: string;
  readonly config: unknown;
  readonly stream: StreamType;
  /** Ring that the host empties, for the connector `embedded`. */
  readonly outlet: number | undefined;
}

/** Whether a task makes the stream of what was shed. */
export function isShedStream(role: TaskRole): boolean {
  return role.type === 'source' && role.connector === 'shed';
}

/** Whether a task runs code of the topology's author. */
export function runsUserCode(role: TaskRole): boolean {
  if (role.type === 'source') return role.connector === 'module';
  return role.type === 'operator' && role.plan.kind === 'module';
}

/** One place where rows can go. */
export type TargetPlan =
  /** A task on the same worker: a function call. */
  | { readonly kind: 'local'; readonly task: number; readonly channel: number }
  /** A ring, by its number in {@link PhysicalPlan.rings}; all its consumers get every row. */
  | { readonly kind: 'ring'; readonly ring: number };

/** Which of several targets a row goes to. */
export interface SpreadPlan {
  /**
   * - `hash`: that of the engine, over the columns
   * - `fnv1`: that of Yahoo! S4, over the columns
   * - `number`: the value of the only column, modulo the number of targets; null to the first
   * - `roundRobin`: in turns
   */
  readonly style: 'hash' | 'fnv1' | 'number' | 'roundRobin';
  readonly columns: readonly number[];
}

/** An edge group of an output port. */
export type EdgePlan =
  | { readonly kind: 'forward'; readonly target: TargetPlan }
  /** Each row goes to one of the targets. */
  | ({ readonly kind: 'spread'; readonly targets: readonly TargetPlan[] } & SpreadPlan);

/** One input of a task: rows of one upstream task. */
export interface ChannelPlan {
  /** Input port of the operator. */
  readonly port: number;
  /** The ring the rows come from; `undefined`: they come by function calls. */
  readonly ring: { readonly ring: number; readonly cursor: number } | undefined;
}

/** One kernel, source or sink placed on a worker. */
export interface TaskPlan {
  /** Position in {@link PhysicalPlan.tasks}. */
  readonly id: number;
  readonly node: string;
  readonly instance: number;
  readonly instances: number;
  readonly worker: number;
  readonly role: TaskRole;
  readonly channels: readonly ChannelPlan[];
  /** Per output port, in the order of the operator's ports; the streams' layouts beside them. */
  readonly outputs: readonly OutputPlan[];
}

/** One output port of a task. */
export interface OutputPlan {
  readonly port: string;
  /** Layout of batches claimed on this port. */
  readonly layout: BatchLayout;
  readonly edges: readonly EdgePlan[];
}

/** A ring between two workers. */
export interface RingPlan {
  readonly id: number;
  readonly layout: BatchLayout;
  readonly slots: number;
  /** Task that writes, or -1 for the host. */
  readonly producer: { readonly worker: number; readonly task: number };
  /** One cursor each. */
  readonly consumers: readonly { readonly worker: number; readonly task: number }[];
  /** It lies behind a gate: its layout has hidden columns at the end, see `protocol-admission.ts`. */
  readonly isGated?: true;
}

/** Tasks of a worker that are one kernel. */
export interface ChainPlan {
  /** Their numbers, upstream first. */
  readonly tasks: readonly number[];
  /** What they compute together: for the kernel. */
  readonly program: unknown;
}

/** What a topology compiles to. */
export interface PhysicalPlan {
  readonly name: string;
  readonly workers: number;
  /** Most rows of a batch anywhere in this engine. */
  readonly rowCapacity: number;
  /** Upstream before downstream. */
  readonly tasks: readonly TaskPlan[];
  readonly rings: readonly RingPlan[];
  readonly chains: readonly ChainPlan[];
  /** Task ids of the sources; the position is the source's number. */
  readonly sources: readonly number[];
  readonly waitPolicy: 'auto' | 'park' | 'spin';
  readonly stateLimitBytes: number;
  /** Where tasks keep state that has no room, relative to the topology's folder, and how much of it each. */
  readonly stateSpill?: { readonly dir: string; readonly limitBytes: number };
  /** Left out where no source sheds or spills. */
  readonly admission?: AdmissionPlan;
}

/** The workers that have tasks. */
export function busyWorkers({ tasks }: Pick<PhysicalPlan, 'tasks'>): readonly number[] {
  return [...new Set(tasks.map(({ worker }) => worker))];
}

/** Where things lie in shared memory. */
export interface SharedLayout {
  readonly memory: WasmMemory;
  /** The region of each worker for what its tasks compute. */
  readonly workerRegions: readonly { readonly byteOffset: number; readonly bytes: number }[];
  readonly rings: readonly RingAddress[];
  /** Stop word, signs of life and bells; the host is thread number `plan.workers`. */
  readonly control: ControlAddress;
  /** One snapshot of {@link TaskMetric} values per task. */
  readonly metrics: readonly SeqlockAddress[];
  /** By task: how long rows took to get there; sinks only. */
  readonly latencies: readonly (CounterAddress | undefined)[];
  /** The watermark of each source, for pacing. */
  readonly watermarks: readonly SeqlockAddress[];
  /** By source, of its node: a cell with the number of the next part. */
  readonly parts: readonly number[];
  /** Of plans with admission only. */
  readonly admission?: AdmissionLayout;
}

/** A command outside of the engine that operators may start. */
export interface AllowedCommand {
  /** An absolute path, or a name that is looked for in `PATH`. */
  readonly file: string;
  /** Its first arguments. */
  readonly args?: readonly string[];
  /** Variables of its environment, beside a few that every process gets. */
  readonly env?: Readonly<Record<string, string>>;
  /** The topology may give it more arguments; false by default. */
  readonly takesArgs?: boolean;
}

/** The one long-running job of a worker. */
export interface WorkerJob {
  readonly worker: number;
  readonly plan: PhysicalPlan;
  readonly shared: SharedLayout;
  /** Folder that relative paths and user modules are relative to. */
  readonly baseDirectory: string;
  /** Unique to this run. */
  readonly runId: string;
  /** Earlier runs of this process of which no thread is left. */
  readonly failedRuns: readonly string[];
  /** Compiled on the host, by the keys that kernels look for. */
  readonly modules: CompiledModules;
  /** Cores that this process may use. */
  readonly cores: number;
  /** By name: what operators may start. */
  readonly commands: Readonly<Record<string, AllowedCommand>>;
  /** Where {@link UpdateRequest}s come from, and answers go to. */
  readonly updates: MessagePort;
}

/** An operator that is to go on by another plan. */
export interface UpdatedTask {
  readonly task: number;
  /** Of the task's own part of the work: the same streams, the same spreading of rows. */
  readonly plan: OperatorPlan;
  /** False: its kernel stays, and only values of parameters differ. */
  readonly isNew: boolean;
  /** Of a task in a chain: what the chain then computes; `undefined`: its operators go one by one. */
  readonly program: unknown;
}

/** What the host asks of a worker: to make ready for an update, then to make it or to forget it. */
export type UpdateRequest =
  | {
      readonly kind: 'prepare';
      readonly id: number;
      readonly tasks: readonly UpdatedTask[];
      readonly modules: CompiledModules;
    }
  | { readonly kind: 'commit' | 'cancel'; readonly id: number };

/** Where a task stood when it took an update. */
export interface TakenUpdate {
  readonly task: number;
  /** Rows that it had taken by its old plan. */
  readonly rowsIn: number;
}

/** What a worker answers. */
export type UpdateAnswer =
  | { readonly kind: 'prepared'; readonly id: number }
  | { readonly kind: 'refused'; readonly id: number; readonly error: SerializedError }
  | { readonly kind: 'taken'; readonly id: number; readonly tasks: readonly TakenUpdate[] };

/** What the host asks operators of a worker. */
export interface OperatorQuestion {
  readonly kind: 'ask';
  /** Of questions, not of updates. */
  readonly id: number;
  readonly tasks: readonly number[];
  readonly question: {
    /** Of an instance; `undefined`: all of a task are asked. */
    readonly key: readonly unknown[] | undefined;
    readonly names: readonly string[];
  };
}

/** What one task says. */
export interface TaskAnswer {
  readonly task: number;
  readonly found: boolean;
  /** By name, see `structured.ts`. */
  readonly values: readonly (readonly [name: string, value: Uint8Array])[];
  readonly errors: readonly (readonly [name: string, message: string])[];
}

/** What a worker says to a question. */
export type OperatorAnswer =
  | { readonly kind: 'answered'; readonly id: number; readonly answers: readonly TaskAnswer[] }
  | { readonly kind: 'unanswered'; readonly id: number; readonly error: SerializedError };

/** What a thread is told when it starts, before it has a job: the code that its tasks may need. */
export interface ThreadPreload {
  /** Connectors of sources and sinks, kinds of operators. */
  readonly sources: readonly string[];
  readonly sinks: readonly string[];
  readonly operators: readonly string[];
  /** There seem to be operators in a row that one kernel computes. */
  readonly chains: boolean;
}

/** A thread's first message: which worker it is. */
export interface ThreadHello {
  readonly worker: number;
  readonly threadId: number;
  /** The thread's number in the system, where it tells. */
  readonly systemId: number | undefined;
}

/** How a worker's job ended. It never rejects; a thread that dies is the supervisor's to see. */
export type WorkerResult =
  | { readonly status: 'finished'; readonly pendingFiles: readonly PendingFile[] }
  | { readonly status: 'failed'; readonly error: SerializedError }
  /** Another worker failed, or the host asked to stop at once. */
  | { readonly status: 'aborted' };

/** Positions in a task's snapshot. Counts of rows since the start, unless said otherwise. */
export const TaskMetric = {
  /** Rows that came in; for a source: rows offered, refused ones included. */
  ROWS_IN: 0,
  /** Rows handed on; for a source: rows admitted; for a sink: rows taken. */
  ROWS_OUT: 1,
  /** Late rows dropped or sent to the `late` port. */
  LATE: 2,
  /** Rows on which an expression failed. */
  ERRORS: 3,
  /** Rows that a source refused. */
  REJECTED: 4,
  BATCHES: 5,
  /** Microseconds; the input's watermark, for a source its own. */
  WATERMARK: 6,
  /** Of a source with a gate: rows that were shed there. */
  SHED: 7,
  /** Rows of state that were forgotten at its limit. */
  EVICTED: 8,
  /** Of sources: a {@link TaskState}. */
  STATE: 9,
  /** Of a source with a gate: rows that lie on disk now. */
  SPILLED: 10,
  /** Results that an aggregate did not give since rows of theirs had been shed. */
  WITHHELD: 11,
  /** Rows of state that went to disk, bytes that were written of them, and rows that were read back. */
  STATE_SPILLED_ROWS: 12,
  STATE_SPILLED_BYTES: 13,
  STATE_RESTORED_ROWS: 14,
  /** Bytes of memory that the state takes now. */
  STATE_BYTES: 15,
  /** Of a source with a gate: rows that came from disk though an earlier run had begun to hand them on. */
  REPLAYED_TWICE: 16,
} as const;
const METRICS_PER_TASK = 17;

/** What a source is up to. */
export const TaskState = {
  ACTIVE: 0,
  /** Silent for its `idleAfter`: nobody waits for it. */
  IDLE: 1,
  ENDED: 2,
} as const;

/** Figures of one channel, behind those of the task if it has several. */
export const CHANNEL_ROWS = 0;
export const CHANNEL_WATERMARK = 1;
const METRICS_PER_CHANNEL = 2;

/** Position of a channel's figure in the snapshot of a task with several. */
export function channelMetric(channel: number, figure: number): number {
  return METRICS_PER_TASK + channel * METRICS_PER_CHANNEL + figure;
}

/** Values in a task's snapshot; of an only channel there is nothing to say beside the task. */
export function metricsOf(channels: number): number {
  return channels > 1 ? channelMetric(channels, 0) : METRICS_PER_TASK;
}
