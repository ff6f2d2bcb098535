/**
 * What the host and its threads tell each other without messages: stop, and signs of life.
 *
 * A worker in a long kernel call answers no message, so everything here is a shared word: the host
 * reads at any time what a worker last said, even one that loops for ever.
 *
 * ## Order
 *
 * - (T) The host stores `stop`, then rings every bell; (K) a worker loads `stop` in the `hasWork` with
 *   which it parks. This is (P) and (K) of `bell.ts`: no worker sleeps through a stop.
 * - (N) The host posts a message to a worker, adds to `news`, then rings its bell; (K) the worker loads
 *   `news` in the `hasWork` with which it parks. What it then finds changed was posted before, so the
 *   message is in its port. Looking once more than there are messages does no harm.
 * - (G) A worker stores a `state` other than `STARTING`, then rings the other workers; (K) they load the
 *   states in the `hasWork` with which they wait for all to have started. `state` never goes back to
 *   `STARTING` while its thread lives, so what was true of all of them stays true.
 * - (D) For the rest `heartbeat`, `state` and `task` are diagnostics with one writer each; nothing is inferred from
 *   their order. They are stored by `Atomics` all the same (7 ns): a compiler may move a plain
 *   store out of a loop, and then the host would see a worker that is stuck in the wrong task.
 *
 * @module
 */

import { invariant } from '../core/invariant.ts';
import { type Allocator, wordsAt } from './arena.ts';
import { Bell } from './bell.ts';
import { CONTROL_MAGIC, ControlWord, LINE_BYTES, LINE_WORDS } from './layout.ts';

/** What the workers are asked to do. It only ever grows. */
export const StopMode = {
  /** Go on. */
  RUN: 0,
  /** Finish what is in flight, then exit. */
  DRAIN: 1,
  /** Exit at the end of this turn. */
  ABORT: 2,
} as const;
export type StopMode = (typeof StopMode)[keyof typeof StopMode];

/** What a thread says it is doing. */
export const ThreadState = { STARTING: 0, RUNNING: 1, PARKED: 2, EXITED: 3 } as const;
export type ThreadState = (typeof ThreadState)[keyof typeof ThreadState];

/** The task id of a thread that is in no task. */
export const NO_TASK = -1;

/** Where an engine's control block lies: plain data, fit for posting. */
export interface ControlAddress {
  readonly byteOffset: number;
  readonly threads: number;
}

/** A thread's signs of life, as the host reads them. */
export interface ThreadSign {
  /** Grows with every turn, modulo 2^32. Standing still while `RUNNING`: stuck in `task`. */
  readonly heartbeat: number;
  readonly state: ThreadState;
  /** The task it is in, or {@link NO_TASK}. */
  readonly task: number;
}

/** Bytes that {@link allocateControl} takes. */
export function controlBytes(threads: number): number {
  return (1 + 2 * threads) * LINE_BYTES;
}

/** Reserves the control block of an engine of `threads` threads, the host counted if it waits for rings. */
export function allocateControl(arena: Allocator, threads: number): ControlAddress {
  invariant(Number.isInteger(threads) && threads > 0, `not a number: threads=${threads}`);
  const byteOffset = arena.allocate(controlBytes(threads));
  const words = wordsAt(arena.buffer, byteOffset, controlBytes(threads));
  // Plain stores: no other thread knows the address yet.
  words[ControlWord.THREADS] = threads;
  for (let thread = 0; thread < threads; thread++) {
    words[ofThread(ControlWord.TASK, thread)] = NO_TASK;
  }
  words[ControlWord.MAGIC] = CONTROL_MAGIC;
  return { byteOffset, threads };
}

/** The bell of one thread of an engine: for its own waiting, and for whoever gives it work. */
export function threadBell(
  buffer: SharedArrayBuffer,
  address: ControlAddress,
  thread: number,
): Bell {
  invariant(
    thread >= 0 && thread < address.threads,
    `no such thread: thread=${thread}, threads=${address.threads}`,
  );
  return new Bell(buffer, address.byteOffset + (2 + 2 * thread) * LINE_BYTES);
}

/** The host's side. */
export class HostControl {
  readonly address: ControlAddress;
  readonly #words: Int32Array;
  readonly #bells: readonly Bell[];

  constructor(buffer: SharedArrayBuffer, address: ControlAddress) {
    this.address = address;
    this.#words = openControl(buffer, address);
    this.#bells = Array.from({ length: address.threads }, (_, thread) =>
      threadBell(buffer, address, thread),
    );
  }

  /** Asks every thread to stop and wakes those that sleep. A drain may become an abort, not the reverse. */
  requestStop(mode: StopMode): void {
    // (T) The host is the only writer.
    if (mode > this.stopMode()) Atomics.store(this.#words, ControlWord.STOP, mode);
    this.ringAll();
  }

  /** What has been asked for so far. */
  stopMode(): StopMode {
    // (K)
    return Atomics.load(this.#words, ControlWord.STOP) as StopMode;
  }

  /** Says that messages have been posted to threads, and wakes them all. */
  announceNews(): void {
    // (N) The host is the only writer.
    Atomics.add(this.#words, ControlWord.NEWS, 1);
    this.ringAll();
  }

  /** Wakes every thread that sleeps, to look around. */
  ringAll(): void {
    for (const bell of this.#bells) bell.ring();
  }

  /** The bell of `thread`, for whoever on the host has work for it. */
  bell(thread: number): Bell {
    const bell = this.#bells[thread];
    invariant(bell !== undefined, `no such thread: thread=${thread}`);
    return bell;
  }

  /** What `thread` last said. Three loads that need not belong to one moment. */
  sign(thread: number): ThreadSign {
    // (D)
    return {
      heartbeat: Atomics.load(this.#words, ofThread(ControlWord.HEARTBEAT, thread)),
      state: Atomics.load(this.#words, ofThread(ControlWord.STATE, thread)) as ThreadState,
      task: Atomics.load(this.#words, ofThread(ControlWord.TASK, thread)),
    };
  }

  /** Before a lost thread is replaced: its line reads as if it had never run, its bell as awake. */
  resetThread(thread: number): void {
    // (D) The former writer is dead, so the host may write its line.
    Atomics.store(this.#words, ofThread(ControlWord.STATE, thread), ThreadState.STARTING);
    Atomics.store(this.#words, ofThread(ControlWord.TASK, thread), NO_TASK);
    this.bell(thread).ring();
  }
}

/** A worker's side: used by thread `thread` only. */
export class ThreadControl {
  readonly thread: number;
  /** This thread's own bell. */
  readonly bell: Bell;
  readonly #buffer: SharedArrayBuffer;
  readonly #address: ControlAddress;
  readonly #words: Int32Array;
  readonly #heartbeatWord: number;
  readonly #stateWord: number;
  readonly #taskWord: number;
  #heartbeat: number;

  constructor(buffer: SharedArrayBuffer, address: ControlAddress, thread: number) {
    this.thread = thread;
    this.#buffer = buffer;
    this.#address = address;
    this.bell = threadBell(buffer, address, thread);
    this.#words = openControl(buffer, address);
    this.#heartbeatWord = ofThread(ControlWord.HEARTBEAT, thread);
    this.#stateWord = ofThread(ControlWord.STATE, thread);
    this.#taskWord = ofThread(ControlWord.TASK, thread);
    // (D) After a replacement, where the lost thread stopped.
    this.#heartbeat = Atomics.load(this.#words, this.#heartbeatWord);
  }

  /** What the host asks for. Look once a turn, and in the `hasWork` of every wait: (K). @hot */
  stopMode(): StopMode {
    // (K)
    return Atomics.load(this.#words, ControlWord.STOP) as StopMode;
  }

  /** Changes when the host has posted a message. Look once a turn, and in the `hasWork` of waits: (K). @hot */
  news(): number {
    // (K)
    return Atomics.load(this.#words, ControlWord.NEWS);
  }

  /** Says "still here". Once a turn. @hot */
  beat(): void {
    this.#heartbeat = (this.#heartbeat + 1) | 0;
    // (D)
    Atomics.store(this.#words, this.#heartbeatWord, this.#heartbeat);
  }

  /** Says which task runs from now on, {@link NO_TASK} for none. Once per kernel call. @hot */
  enter(task: number): void {
    // (D)
    Atomics.store(this.#words, this.#taskWord, task);
  }

  /**
   * Says that it has started, and wakes those of the threads `0 .. threads` that wait until all have;
   * see {@link haveStarted}.
   */
  start(threads: number): void {
    // (G) Before the bells.
    this.setState(ThreadState.RUNNING);
    for (let thread = 0; thread < threads; thread++) {
      if (thread !== this.thread) threadBell(this.#buffer, this.#address, thread).ring();
    }
  }

  /** Whether all of these threads have started. */
  haveStarted(threads: readonly number[]): boolean {
    for (const thread of threads) {
      // (K)
      const state = Atomics.load(this.#words, ofThread(ControlWord.STATE, thread));
      if (state === ThreadState.STARTING) return false;
    }
    return true;
  }

  /** Says what it is doing, for display and for the supervisor. @hot */
  setState(state: ThreadState): void {
    // (D)
    Atomics.store(this.#words, this.#stateWord, state);
  }
}

function openControl(buffer: SharedArrayBuffer, address: ControlAddress): Int32Array {
  const words = wordsAt(buffer, address.byteOffset, controlBytes(address.threads));
  const isControl =
    words[ControlWord.MAGIC] === CONTROL_MAGIC && words[ControlWord.THREADS] === address.threads;
  invariant(isControl, `no control block there: byteOffset=${address.byteOffset}`);
  return words;
}

function ofThread(word: number, thread: number): number {
  return word + 2 * thread * LINE_WORDS;
}
