/**
 * The connector contract: how rows enter and leave the engine.
 *
 * A connector is a folder with `source.ts` and/or `sink.ts`. Instances live on a worker thread and
 * are called by its loop. A connector that needs an event loop (streams, sockets, timers) says so:
 * its worker then waits on the event loop instead of blocking.
 *
 * @module
 */

import type { Batch } from './batch.ts';
import type { Clock } from './clock.ts';
import type { KernelMemory } from './memory.ts';
import type { StreamType } from './schema.ts';

/** A row that could not be decoded. */
export interface BadRow {
  /** One sentence: what was found and what was expected. */
  readonly message: string;
  readonly file?: string | undefined;
  /** 1-based line in the file where the row begins. */
  readonly line?: number | undefined;
  readonly field?: string | undefined;
  /** The offending text, shortened to at most 1 KiB. */
  readonly input?: string | undefined;
}

/**
 * What a call to {@link Source.read} achieved.
 *
 * - `more`: call again as soon as there is room.
 * - `wait`: nothing to give now; the source will call `wake`, or has called `wakeAfter`.
 * - `end`: everything has been given.
 */
export type SourceProgress = 'more' | 'wait' | 'end';

/** What a source gets when it is opened. */
export interface SourceContext {
  readonly node: string;
  /** 0 ≤ instance < instances: which of the node's tasks this is, and which part of the rows it gives. */
  readonly instance: number;
  readonly instances: number;
  readonly stream: StreamType;
  /** Column that carries event time, or -1. Its value must be present and an event time in every row. */
  readonly timeColumn: number;
  readonly clock: Clock;
  readonly baseDirectory: string;
  /**
   * Numbers from 0 on, each given once among all instances, to whoever asks next: what a source can be
   * divided into is dealt out so, and no instance ends long before the others. 2^31 at most.
   */
  nextPart(): number;
  /** Most rows of a batch that is read into. */
  readonly rowCapacity: number;
  /** Where a source puts what its kernels work on. */
  readonly memory: KernelMemory;
  /**
   * Refuses a row. By the node's `onError` it throws (`stop`), or counts the row as rejected and
   * perhaps sends it to the `errors` port. The source goes on with the next row.
   */
  reject(row: BadRow): void;
  /** False when the `errors` port has no room: return `more` and go on with the next call. */
  canReject(): boolean;
  /** Asks the worker to call `read` again, from an event-loop callback after `wait`. */
  wake(): void;
  /**
   * Before `wait`: asks the worker to call `read` again once so many milliseconds, or fractions of
   * one, have passed. Needs no event loop.
   */
  wakeAfter(delayMs: number): void;
}

/** A running source. */
export interface Source {
  /** True when `read` depends on event-loop callbacks, though its connector could not know. */
  readonly needsEventLoop?: boolean;
  /**
   * Appends rows to `batch`, which may hold rows already: from `batch.rowCount` up to its capacity,
   * then `batch.setRowCount`. Event times are stamped by the engine. Returns within about 1 ms.
   *
   * A row that does not fit the batch's heap is left for the next call; one that does not fit an
   * empty heap is rejected with its size and the limit.
   */
  read(batch: Batch): SourceProgress;
  /** Releases files and timers; also after a failure. Called once. */
  close(): void | Promise<void>;
}

/** Makes a source. */
export interface SourceConnector {
  readonly name: string;
  /** True when `read` depends on event-loop callbacks. */
  needsEventLoop(config: unknown): boolean;
  open(config: unknown, context: SourceContext): Source | Promise<Source>;
}

/** What a sink gets when it is opened. */
export interface SinkContext {
  readonly node: string;
  readonly stream: StreamType;
  readonly baseDirectory: string;
  readonly rowCapacity: number;
  /** Unique to this run: part of temporary names, so that the host can clear up after a lost worker. */
  readonly runId: string;
  /** Asks the worker to go on with a blocked sink, from an event-loop callback. */
  wake(): void;
}

/** An output file that becomes visible only when the whole run has succeeded. */
export interface PendingFile {
  readonly temporaryPath: string;
  readonly path: string;
}

/** A running sink. */
export interface Sink {
  /**
   * Takes the selected rows. `blocked` means: not taken, or taken in part; call again with the same
   * batch once {@link SinkContext.wake} was called.
   */
  write(batch: Batch): 'done' | 'blocked';
  /** Called when the worker has nothing else to do: pass on what is buffered. */
  flush(): void;
  /** All rows were written. Makes them durable and says which files are to be renamed. */
  finish(): Promise<readonly PendingFile[]> | readonly PendingFile[];
  /** The run failed: removes temporary files. Called instead of, or after, `finish`. */
  abandon(): void | Promise<void>;
}

/** Makes a sink. */
export interface SinkConnector {
  readonly name: string;
  needsEventLoop(config: unknown): boolean;
  open(config: unknown, context: SinkContext): Sink | Promise<Sink>;
}
