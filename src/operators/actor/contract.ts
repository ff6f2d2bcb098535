/**
 * What a class must be like, to be an actor.
 *
 * ```ts
 * import type { ActorContext } from 'millrace';
 *
 * export class Counter {
 *   #count = 0;
 *   onRow(): void { this.#count++; }
 *   onOutput({ key, emit }: ActorContext): void { emit({ topic: key[0], count: this.#count }); }
 * }
 * ```
 *
 * @module
 */

/**
 * A row as an actor gets it: an object of its own with a property for each column, frozen: a module that
 * writes to it throws a `TypeError`.
 */
export type ActorRow = Readonly<Record<string, unknown>>;

/** What an instance knows of itself and can do; valid as long as the instance lives. */
export interface ActorContext {
  /** The values of its key columns, in their order; empty for the only instance of an actor without a key. */
  readonly key: readonly unknown[];
  /** The node's `options`. */
  readonly options: Readonly<Record<string, unknown>>;
  /**
   * Milliseconds since 1970: with a clock of events the greatest time of the task's rows and its
   * watermark so far, else the worker's clock.
   */
  now(): number;
  /**
   * Emits a row, on the main stream or on one of `outputs`. It has the event time of the row or the
   * moment that the instance is called for.
   *
   * @throws RangeError when there is no such stream
   */
  emit(row: object): void;
  emit(stream: string, row: object): void;
  /** Asks for `onTime` at a time, in milliseconds; one is kept, the last that was asked for. */
  callAt(timeMs: number): void;
  /**
   * Keeps a value under a key, for `ttlMs` or for ever: for all instances of the task, and beyond the
   * life of this one.
   */
  persist(key: string, value: unknown, ttlMs?: number): void;
  /** A value that an instance of this task has kept; `undefined` when there is none (any more). */
  fetch(key: string): unknown;
  /** Removes the instance, when the call has returned. */
  expire(): void;
}

/** An instance: all of it is optional but `onRow`. What they return is not looked at. */
export interface Actor {
  /** It was made, for the row that is to come. */
  onCreate?(context: ActorContext): void;
  /** A row of the stream `stream`. */
  onRow(row: ActorRow, context: ActorContext, stream: string): void;
  /** By `output`: it is time for a result. */
  onOutput?(context: ActorContext): void;
  /** By `trigger`: enough rows have come, or enough time has passed when one did. */
  onTrigger?(context: ActorContext): void;
  /** By `timer` or `callAt`. */
  onTime?(context: ActorContext): void;
  /** The input has ended. */
  onEnd?(context: ActorContext): void;
  /**
   * What it remembers, as a value: written down with the state of the engine, and handed to
   * {@link restore} of another instance later. Left out: its own properties are. Needed where it has
   * private fields, or properties that are instances of classes.
   */
  save?(): unknown;
  /** It was made anew, without `onCreate`, to go on with what another has saved. */
  restore?(saved: unknown, context: ActorContext): void;
  /** It is about to be forgotten: by `ttl`, by `maxInstances`, or since it asked for it. */
  onRemove?(context: ActorContext): void;
}

/** What `export` names: a class, or a function that gives an instance. */
export type ActorClass =
  | (new (context: ActorContext) => Actor)
  | ((context: ActorContext) => Actor);
