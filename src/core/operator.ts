/**
 * The operator contract: what the planner reads (meaning) and what a worker runs (motion).
 *
 * An operator is a folder: `spec.ts` turns its part of the topology into an {@link OperatorPlan},
 * `kernel.ts` turns the plan into a {@link Kernel}.
 *
 * @module
 */

import type { Batch } from './batch.ts';
import type { Column } from './column.ts';
import type { FrameLog } from './frame-log.ts';
import type { KernelMemory, StateMemory } from './memory.ts';
import type { StartProcess } from './process.ts';
import type { Schema, StreamType } from './schema.ts';
import type { SpillStore } from './spill-store.ts';
import type { StateIo, Steps } from './state-io.ts';
import type { WholeUnits } from './subsets.ts';
import type { TableDefinition, TableDisk, TableFile } from './topology/model.ts';
import type { ParameterValue } from './topology/model/parameters.ts';
import type { DurationUs, TimeUs } from './units.ts';

/** What a node does with a row on which an expression failed. */
export type RowErrorPolicy = 'stop' | 'skip' | 'deadLetter';

/** One output of a node. Port `out` is the stream of the node's own name. */
export interface OutputPort {
  readonly name: string;
  readonly stream: StreamType;
  /**
   * By column: that of an input which it repeats, with the same value in each row of that input that a
   * row is made of; left out, or shorter than the schema, where that is not known.
   */
  readonly repeats?: readonly (ColumnOrigin | undefined)[];
}

/** A column of an input. */
export interface ColumnOrigin {
  /** Port of the input. */
  readonly input: number;
  readonly column: number;
}

/**
 * How a node's input is spread when the node runs as several tasks:
 *
 * - `any`: the node keeps no state; each task takes what its upstream task gives it
 * - `keys`: rows that are equal in these columns must meet in one task; one list per input port
 * - `single`: one task sees everything
 * - `broadcast`: every task sees all rows of one input port; there is one behind each task of the
 *   other input, whose rows it gets
 * - `dispatch`: by the topology's own word, over instances with state of their own
 */
export type Distribution =
  | { readonly kind: 'any' }
  | { readonly kind: 'keys'; readonly columns: readonly (readonly number[])[] }
  | { readonly kind: 'single' }
  | { readonly kind: 'broadcast'; readonly port: number }
  | {
      readonly kind: 'dispatch';
      readonly style: 'fnv1' | 'number' | 'roundRobin' | 'broadcast';
      /** By input port. */
      readonly columns: readonly (readonly number[])[];
    };

/**
 * What a node does, fully resolved, as plain data that can be posted to a thread.
 *
 * `config` is the operator's own: what its `spec.ts` writes, its `kernel.ts` reads.
 */
export interface OperatorPlan {
  readonly kind: string;
  /** What `explain` says of it behind its kind: `every 1s`. */
  readonly note?: string | undefined;
  readonly config: unknown;
  /**
   * - `processing`: windows go by the worker's clock; event time and watermarks of the input are not
   *   looked at
   * - `both`: the kernel goes by event time, and is told the time besides: {@link Kernel.onClock}
   */
  readonly time?: 'event' | 'processing' | 'both';
  readonly inputs: readonly StreamType[];
  readonly outputs: readonly OutputPort[];
  readonly distribution: Distribution;
  readonly onError: RowErrorPolicy;
  /** Bound on the state of each task; `undefined`: that of the engine. */
  readonly stateLimitBytes?: number | undefined;
  /** What its expressions read as columns behind those of its only input; `undefined`: nothing. */
  readonly parameters?: ParameterPlan | undefined;
  /**
   * It takes rows while its outputs are full: it only claims batches, goes without where it gets none, and
   * is `done` all the same.
   */
  readonly queues?: boolean;
  /**
   * Its last input carries requests: every task sees all of them, and they do not count among the rows
   * that came in.
   */
  readonly isAsked?: boolean;
  /** Nodes that say the same are one task each, on one worker: they have something in common. */
  readonly shares?: string | undefined;
  /** What goes to disk where there is no room: left out: nothing. */
  readonly spill?: SpillPlan;
  /** The same in two stages; `undefined`: there is no such way. */
  readonly stages?: OperatorStages | undefined;
  /** The same as operators one after the other, of which this plan is the last; `undefined`: it is one. */
  readonly steps?: readonly PlanStep[] | undefined;
}

/**
 * How state goes to disk:
 *
 * - `rows`: the kernel puts rows there, by itself
 * - `parts`: there are several kernels, each for some of the keys, and some of them are written down as a
 *   whole. What a key gives depends on rows alone that are equal in these columns, one list per input, by the
 *   hash of which keys are parted: `table` is that by which the kernel finds its keys
 */
export type SpillPlan =
  | { readonly kind: 'rows' }
  | {
      readonly kind: 'parts';
      readonly columns: readonly (readonly number[])[];
      readonly hash: 'table' | 'spread';
    };

/** One of several operators that a node is. */
export interface PlanStep {
  readonly plan: OperatorPlan;
  /** By input port: which of the node's inputs it reads, or the step before. */
  readonly inputs: readonly (number | 'step')[];
}

/** Parameters of an operator: values that may change while it runs. */
export interface ParameterPlan {
  /** As columns; their names begin with `$`. */
  readonly fields: Schema;
  /** By parameter: what it is at first. */
  readonly values: readonly ParameterValue[];
  /** The stream that changes them, the last of the plan's inputs, whole for each task. */
  readonly control:
    | {
        /** By parameter: its column there. */
        readonly columns: readonly number[];
        /** By event time, or as it arrives. */
        readonly effect: 'event' | 'arrival';
        /** How late a row may be to find the value of its time. */
        readonly historyUs: DurationUs;
      }
    | undefined;
}

/**
 * An operator in two stages. A *local* stage behind each upstream task, on its worker, makes less of
 * the rows; the *final* stage puts together what the local ones give on their port 0.
 *
 * Both together give what the operator gives, as long as no source is idle for a while: the local
 * stage says which rows are late, and the final one takes what comes after it has closed a window for
 * a mistake. Other ports of the local stage are those of the operator.
 */
export interface OperatorStages {
  readonly local: OperatorPlan;
  readonly final: OperatorPlan;
}

/** Which part of its node's work a task does. */
export type Stage = 'whole' | 'local' | 'final';

/**
 * What a call to a kernel achieved.
 *
 * - `done`: everything the call asked for has been handed on.
 * - `blocked`: an output was full.
 * - `yielded`: there is more to do than one call should, and room for it.
 * - `waiting`: for something outside; {@link KernelContext.asynchronous} has given what wakes it.
 *
 * Unless a call was `done`, nothing else is called before {@link Kernel.resume} says so.
 */
export type Progress = 'done' | 'blocked' | 'yielded' | 'waiting';

/**
 * Where a kernel puts its results; one per task, used inside the kernel's calls only.
 *
 * Ports are numbered as in {@link OperatorPlan.outputs}.
 */
export interface Outbox {
  /**
   * Hands on a batch as it is: rows that were selected, columns that were added. Nothing is copied
   * for a consumer on the same worker; for another worker the selected rows go into a ring's slot.
   *
   * Always accepts, but at most once per port and call: what does not fit waits in the edge, and the
   * task gets no new input meanwhile. So the batch must stay as it is until the kernel's next call.
   */
  offer(port: number, batch: Batch): void;

  /**
   * An empty or partly filled dense batch to append rows to, or `undefined` when an output is full:
   * then return `blocked` and go on in `resume`. Where the port feeds one ring, the batch is the
   * ring's own slot.
   */
  claim(port: number): Batch | undefined;

  /**
   * Hands on what was appended since {@link claim}. The batch may not be touched afterwards.
   *
   * @param isFull - true when the next row did not fit, so that the slot is passed on as it is
   */
  commit(port: number, isFull: boolean): void;

  /** Raises the watermark of all ports. It is passed on behind the rows handed on so far. */
  watermark(watermarkUs: TimeUs): void;
}

/** Counts that a kernel keeps beside rows in and out; see `stats()`. */
export interface KernelCounters {
  /** Flagged rows dropped, or sent to the `late` port, because their window had closed. */
  addLate(rows: number): void;
  /** Rows on which an expression failed and that were skipped or sent to the `errors` port. */
  addErrors(rows: number): void;
  /** Rows of state that were forgotten at its limit, where the topology allows that. */
  addEvicted?(rows: number): void;
  /** Says how many bytes of memory the kernel's state takes whenever it is asked; several add up. */
  watchState?(usedBytes: () => number): void;
  /** Rows of state that went to disk, and the bytes that were written of them. */
  addSpilled?(rows: number, bytes: number): void;
  /** Rows of state that were read back; those that are read again count again. */
  addRestored?(rows: number): void;
  /** Results that were not given since rows of theirs had been shed. */
  addWithheld?(rows: number): void;
}

/** What a kernel gets when it is made. */
export interface KernelContext {
  readonly node: string;
  /** 0 ≤ instance < instances: which of the node's tasks this is. */
  readonly instance: number;
  readonly instances: number;
  /** Most rows of any batch that comes in or is claimed. */
  readonly rowCapacity: number;
  readonly counters: KernelCounters;
  /** Folder of the topology file; user modules are loaded relative to it, and only from it. */
  readonly baseDirectory: string;
  /** Most bytes of long strings in a row that it hands on: what a slot has room for. */
  readonly slotHeapBytes: number;
  /** Bound on the state of this task. */
  readonly stateLimitBytes: number;
  /** Where the task puts columns and selections that it computes. */
  readonly memory: KernelMemory;
  /** Where it gets memory for its state from; left out: new memory of its own. */
  readonly stateMemory?: StateMemory;
  /**
   * What the tasks of this worker have in common under a name: made by the first that asks. Tasks whose
   * plans say {@link OperatorPlan.shares} the same are on one worker.
   */
  shared<Item>(name: string, create: () => Item): Item;
  /**
   * Reads a file to its end: all rows in one dense batch of their own, without event time.
   *
   * @throws MillraceError `ERR_FILE`, `ERR_BAD_ROW`, or `ERR_LIMIT_EXCEEDED` when the rows take more
   * than the state may
   */
  readTable(table: TableFile): Promise<Batch>;
  /**
   * Says that the kernel waits for callbacks of the event loop, so that its worker never blocks. What it returns is to be
   * called when a kernel that said `waiting` can go on.
   */
  asynchronous?(): () => void;
  /** Gives what starts commands that the options of the engine allow; the run ends them at its end. */
  processes?(): Promise<StartProcess>;
  /** Where rows are shed by whole groups: which of them are whole. */
  readonly wholeUnits?: WholeUnits | undefined;
  /** Has something closed at the end of the run, however it ends. */
  atEnd?(close: () => void | Promise<void>): void;
  /**
   * Opens what is kept of a table on disk; the run closes it at its end.
   *
   * @throws MillraceError `ERR_FILE`, or `ERR_USAGE` when another process has it open
   */
  openTableLog?(table: TableDefinition, disk: TableDisk): Promise<FrameLog>;
  /**
   * Opens room on disk for state of this task alone, of which nothing is left when the run has ended. No file is made
   * before the first piece. Only where the topology says where state is kept.
   */
  openSpillStore?(): Promise<SpillStore>;
}

/**
 * What an operator does: one instance per task, called by one thread in a tight loop.
 *
 * A call must return within about 1 ms for a full batch and must not wait: every task of the worker
 * stands still meanwhile (seen as stalls of the worker's other tasks, and as a lost worker after
 * some seconds). An operator never reads a clock. Calls come in this order per port: any mix of
 * `onBatch` and `onWatermark`, then `onEnd` once; each only while no call is unfinished.
 *
 * A kernel leaves out what is nothing to it; `kernel-calls.ts` calls it all the same.
 *
 * An exception ends the run and names the node.
 */
export interface Kernel {
  /** Takes the rows of one batch from input `port`. */
  onBatch(port: number, batch: Batch, out: Outbox): Progress;
  /**
   * The watermark of input `port` rose to `watermarkUs` (after the rows before it). The kernel says
   * what that means for its output by {@link Outbox.watermark}. Left out: it is passed on as it is.
   */
  onWatermark?(port: number, watermarkUs: TimeUs, out: Outbox): Progress;
  /**
   * No more rows will come on `port`; its watermark has been `Infinity` already. Left out: nothing is
   * left to do then.
   */
  onEnd?(port: number, out: Outbox): Progress;
  /**
   * Goes on with what an earlier call left unfinished. Only called after `blocked` or `yielded`. Left
   * out: every call is `done`.
   */
  resume?(out: Outbox): Progress;
  /**
   * When the clock is next of interest; `Infinity`, or left out: there is nothing to wait for. A kernel whose
   * windows may go by processing time has it, and gives the least watermark that would close a window
   * with rows: the worker stamps its rows with the time of their arrival and gives it the time as a
   * watermark, see {@link OperatorPlan.time}.
   */
  dueUs?(): TimeUs;
  /**
   * Takes note of the time, which never goes back; makes no output. With a plan whose time is `both`
   * it is called before every other call.
   */
  onClock?(nowUs: TimeUs): void;
  /** The clock has reached what {@link dueUs} says; afterwards that must lie ahead. */
  onDue?(out: Outbox): Progress;
  /**
   * Writes all that the kernel remembers, or reads it: see `state-io.ts`. Left out: what it gives does
   * not depend on what came before.
   *
   * It is written between two calls, of which the first was `done`: so nothing is ever half handed on.
   * Until its steps have ended there is no other call; the kernel then goes on as if nothing had been.
   * It is read before any other call, into a kernel made of the same plan, for the same task and with
   * the same limits. That one gives from then on what the other would have given, and counts what the
   * other would have counted.
   *
   * @returns `undefined`: that little was done at once
   * @throws MillraceError `ERR_STATE`: what is there does not fit
   */
  state?(io: StateIo): Steps | undefined;
}

/** Makes the kernel of one task. May be asynchronous to load user code. */
export type KernelFactory = (
  plan: OperatorPlan,
  context: KernelContext,
) => Kernel | Promise<Kernel>;

/** Columns of the stream that a node's `errors` port carries (`onError: "deadLetter"`). */
export const ERROR_SCHEMA: Schema = [
  { name: 'node', type: { kind: 'string' } },
  { name: 'code', type: { kind: 'string' } },
  { name: 'message', type: { kind: 'string' } },
  { name: 'file', type: { kind: 'string' } },
  { name: 'line', type: { kind: 'int64' } },
  { name: 'field', type: { kind: 'string' } },
  { name: 'input', type: { kind: 'string' } },
];

/** The error stream has no event time of its own. */
export const ERROR_STREAM: StreamType = { schema: ERROR_SCHEMA, hasTime: false };

/** A reference to a batch's columns, for code that works on columns alone. */
export type Columns = readonly Column[];

/** A node's input as its spec sees it. */
export interface InputStream {
  /** The stream's name in the topology: `impressions`, `routed.big`. */
  readonly name: string;
  readonly stream: StreamType;
  /** What expressions find behind its columns; see {@link OperatorPlan.parameters}. */
  readonly parameters?: Schema;
}

/**
 * Reports one problem of a node.
 *
 * @param path - where, below the node: `['select', 'mean']`
 */
export type ReportIssue = (
  path: readonly (string | number)[],
  message: string,
  suggestion?: string,
) => void;

/**
 * What an operator means. Pure: planner, SQL front end and editors use it without running anything.
 *
 * @typeParam Node - the operator's part of the normalised topology
 */
export interface OperatorSpec<Node> {
  readonly kind: string;
  /**
   * It may read streams of changes, see `changes.ts`. Rows that it hands on keep their change column;
   * rows of state are taken back where an input row says so.
   */
  readonly takesChanges?: boolean;
  /**
   * What its kernels give is a function of the rows that came, in order of event time, and new ones may be
   * made at any time: so a node may have `revisions`.
   */
  readonly replays?: boolean;
  /** Its expressions may read parameters: {@link InputStream.parameters}. */
  readonly takesParameters?: boolean;
  /** Properties of a node that may change while it runs, as its kernel remembers nothing. */
  readonly updates?: readonly string[];
  /**
   * It may read streams of weighted rows, see `weights.ts`. Rows that it hands on one for one keep their
   * weight; results over several rows are estimates.
   */
  readonly takesWeights?: boolean;
  /**
   * It may read streams that are shed by whole groups, see `subsets.ts`: `rows` of groups, of which results are
   * still to be made; `all`: such results too, of which some are left out.
   */
  readonly takesSubsets?: 'rows' | 'all';
  /**
   * Checks a node against its inputs and resolves names and types.
   *
   * @returns the plan, or `undefined` when something was reported
   */
  plan(
    node: Node,
    inputs: readonly InputStream[],
    report: ReportIssue,
    tables?: readonly TableDefinition[],
  ): OperatorPlan | undefined;
}
