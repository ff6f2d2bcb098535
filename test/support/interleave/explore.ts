/**
 * Runs real code on real threads in every interleaving of its `Atomics` operations.
 *
 * The search is depth-first over the choice "whose turn is it". Threads are deterministic, so
 * what lies ahead depends only on the shared bytes and on what each thread's operations have answered
 * so far. A run that comes to a state where another run has been is abandoned: the other has
 * seen, or will see, all that follows. So every reachable outcome is checked, at a fraction of
 * the runs; `interleavings` says how many schedules that covers.
 *
 * It explores sequentially consistent orders, which is what ECMAScript promises to programs free
 * of data races. A plain access that ought to be atomic is not found by it.
 *
 * @module
 */

import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { awaitChange, Command, Gate, GATE_WORDS, GateState, real } from './gate.ts';
import type { ThreadData } from './thread.ts';

/** A scenario to explore. */
export interface Scenario {
  /** Module that exports `script`, see `Script` in `thread.ts`. */
  readonly script: URL;
  /** Module under test, handed to the script. */
  readonly subject: URL;
  /** Handed to the script: where things lie in `shared`. Plain data. */
  readonly data: unknown;
  readonly threads: number;
  /** All the memory that the script may touch; it must be small. */
  readonly shared: SharedArrayBuffer;
  /** Puts `shared` into its first state. */
  readonly reset: () => void;
  /** Called at the end of a run: `stuck` threads wait, and nobody is left to wake them. */
  readonly check: (stuck: readonly number[]) => void;
  /** Whether a waiting thread may also give up: its timeout has passed. */
  readonly canTimeOut?: boolean;
}

/** How much was explored. Deterministic: assert it, lest the search shrink unnoticed. */
export interface Explored {
  readonly runs: number;
  readonly states: number;
  readonly interleavings: number;
}

const ANSWER_TIMEOUT_MS = 20_000;
const MESSAGE_BYTES = 512;
/** A run this long is a script that goes round in circles. */
const MAX_STEPS = 500;

/** Explores the whole scenario; throws what `check` throws, with the schedule that led there. */
export async function explore(scenario: Scenario): Promise<Explored> {
  const gates = new Int32Array(new SharedArrayBuffer(scenario.threads * GATE_WORDS * 4));
  const message = new SharedArrayBuffer(MESSAGE_BYTES);
  const workers = Array.from({ length: scenario.threads }, (_, thread) => {
    const workerData: ThreadData = {
      script: scenario.script.href,
      subject: scenario.subject.href,
      data: scenario.data,
      thread,
      threads: scenario.threads,
      gates: gates.buffer,
      shared: scenario.shared,
      message,
    };
    return new Worker(new URL('./thread.ts', import.meta.url), { workerData });
  });
  const ended = Promise.all(workers.map((worker) => once(worker, 'exit')));
  try {
    await Promise.all(workers.map((worker) => once(worker, 'message')));
    return new Search(scenario, gates, message).all();
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
    await ended;
  }
}

interface Choice {
  readonly enabled: readonly number[];
  taken: number;
}

class Search {
  readonly #scenario: Scenario;
  readonly #gates: Int32Array;
  readonly #message: SharedArrayBuffer;
  readonly #words: Int32Array;
  /** State → the states one step on. */
  readonly #visited = new Map<string, string[]>();
  /** What each thread's operations have answered in this run. */
  #histories: string[] = [];

  constructor(scenario: Scenario, gates: Int32Array, message: SharedArrayBuffer) {
    this.#scenario = scenario;
    this.#gates = gates;
    this.#message = message;
    this.#words = new Int32Array(scenario.shared);
  }

  all(): Explored {
    const choices: Choice[] = [];
    let runs = 0;
    do {
      this.#run(choices);
      runs++;
      while (choices.length > 0 && choices.at(-1)!.taken + 1 === choices.at(-1)!.enabled.length) {
        choices.pop();
      }
      if (choices.length > 0) choices.at(-1)!.taken++;
    } while (choices.length > 0);
    const first = this.#visited.keys().next().value!;
    return { runs, states: this.#visited.size, interleavings: this.#pathsFrom(first, new Map()) };
  }

  /** Replays `choices`, then goes on with first choices up to the end or a known state. */
  #run(choices: Choice[]): void {
    this.#scenario.reset();
    this.#histories = Array.from({ length: this.#scenario.threads }, () => '');
    for (let thread = 0; thread < this.#scenario.threads; thread++) {
      this.#turn(thread, Command.STEP);
      this.#gates[thread * GATE_WORDS + Gate.RESULT] = 0;
    }
    let key = this.#key();
    if (choices.length === 0) this.#visited.set(key, []);
    for (let step = 0; ; step++) {
      const enabled = this.#enabled();
      if (enabled.length === 0) break;
      if (step === choices.length) choices.push({ enabled, taken: 0 });
      const choice = choices[step]!;
      if (String(choice.enabled) !== String(enabled) || step > MAX_STEPS) {
        throw new Error(`the script is not deterministic, or does not end: step=${step}`);
      }
      const thread = enabled[choice.taken]!;
      // The answer to the last operation is known only now if that was a wait.
      const last = this.#gates[thread * GATE_WORDS + Gate.RESULT];
      this.#turn(thread, Command.STEP);
      const answer = this.#gates[thread * GATE_WORDS + Gate.RESULT];
      this.#histories[thread] += `${last}>${answer},`;
      // In the replayed part, only the state from which the run leaves it is of interest.
      if (step < choices.length - 2) continue;
      const before = key;
      key = this.#key();
      if (step < choices.length - 1) continue;
      this.#visited.get(before)!.push(key);
      if (this.#visited.has(key)) {
        this.#abandon();
        return;
      }
      this.#visited.set(key, []);
    }
    this.#finish(choices);
  }

  #finish(choices: readonly Choice[]): void {
    const stuck = this.#threadsIn([GateState.BLOCKED]);
    this.#abandon();
    try {
      this.#scenario.check(stuck);
    } catch (error) {
      const schedule = choices.map(({ enabled, taken }) => enabled[taken]).join('');
      throw new Error(`after schedule ${schedule}: ${(error as Error).message}`, { cause: error });
    }
  }

  /** Grants `thread` a turn and sleeps until it gives it back. */
  #turn(thread: number, command: number): void {
    const gate = thread * GATE_WORDS;
    // At the start, the thread may still be on its way to its first stop.
    awaitChange(this.#gates, gate + Gate.STATE, GateState.RUNNING, ANSWER_TIMEOUT_MS);
    real.store(this.#gates, gate + Gate.COMMAND, command);
    real.store(this.#gates, gate + Gate.STATE, GateState.RUNNING);
    real.add(this.#gates, gate + Gate.GRANT, 1);
    real.notify(this.#gates, gate + Gate.GRANT);
    awaitChange(this.#gates, gate + Gate.STATE, GateState.RUNNING, ANSWER_TIMEOUT_MS);
    if (real.load(this.#gates, gate + Gate.STATE) === GateState.FAILED) {
      const text = Buffer.from(new Uint8Array(this.#message)).toString().replaceAll('\0', '');
      throw new Error(`thread ${thread}: ${text}`);
    }
  }

  #abandon(): void {
    for (const thread of this.#threadsIn([GateState.READY, GateState.BLOCKED])) {
      this.#turn(thread, Command.ABANDON);
    }
  }

  #enabled(): number[] {
    const { canTimeOut = false } = this.#scenario;
    return this.#threadsIn(canTimeOut ? [GateState.READY, GateState.BLOCKED] : [GateState.READY]);
  }

  #threadsIn(states: readonly number[]): number[] {
    return Array.from({ length: this.#scenario.threads }, (_, thread) => thread).filter((thread) =>
      states.includes(real.load(this.#gates, thread * GATE_WORDS + Gate.STATE)),
    );
  }

  /** Everything that the rest of a run depends on. */
  #key(): string {
    let bytes = '';
    for (let word = 0; word < this.#words.length; word++) {
      if (this.#words[word] !== 0) bytes += `${word}=${this.#words[word]};`;
    }
    const gates = this.#histories.map((history, thread) => {
      const gate = thread * GATE_WORDS;
      return `${history}${this.#gates[gate + Gate.STATE]}/${this.#gates[gate + Gate.RESULT]}`;
    });
    return `${bytes}|${gates.join('|')}`;
  }

  /** The number of schedules that lead from `key` to an end. */
  #pathsFrom(key: string, known: Map<string, number>): number {
    const counted = known.get(key);
    if (counted !== undefined) return counted;
    const next = this.#visited.get(key)!;
    const paths =
      next.length === 0 ? 1 : next.reduce((sum, child) => sum + this.#pathsFrom(child, known), 0);
    known.set(key, paths);
    return paths;
  }
}
