/**
 * A thread of a model test: runs the script on the real code, one `Atomics` operation per turn.
 *
 * Every operation is followed by a stop, so that what the code does after it is in a turn of its
 * own: another thread may run between a release and a read that wrongly comes later.
 * `wait` and `notify` are modelled: a waiting thread has no turn until somebody notifies it.
 *
 * @module
 */

import { parentPort, workerData } from 'node:worker_threads';
import { awaitChange, Command, Gate, GATE_WORDS, GateState, real, WaitResult } from './gate.ts';

/** What the driver hands to each thread. */
export interface ThreadData {
  readonly script: string;
  readonly subject: string;
  readonly data: unknown;
  readonly thread: number;
  readonly threads: number;
  readonly gates: SharedArrayBuffer;
  readonly shared: SharedArrayBuffer;
  readonly message: SharedArrayBuffer;
}

/**
 * A script: called before each run with untouched `Atomics`, to open its ends of the rings; what it
 * returns is then run in steps. `subject` is the module under test, `data` the scenario's.
 */
export type Script<Subject, Data> = (
  subject: Subject,
  shared: SharedArrayBuffer,
  thread: number,
  data: Data,
) => () => void;

const data = workerData as ThreadData;
const gates = new Int32Array(data.gates);
const own = data.thread * GATE_WORDS;
/** Thrown into a script whose run is abandoned. */
const ABANDONED = new Error('abandoned');
let isStepping = false;

/** Gives the turn back, and sleeps until the next. */
function stop(state: number): void {
  const granted = real.load(gates, own + Gate.GRANT);
  real.store(gates, own + Gate.STATE, state);
  real.notify(gates, own + Gate.STATE);
  awaitChange(gates, own + Gate.GRANT, granted, 600_000);
  const command = real.load(gates, own + Gate.COMMAND);
  if (command === Command.ABANDON) throw ABANDONED;
}

function stepped<A extends unknown[]>(operation: (...args: A) => number): (...args: A) => number {
  return (...args) => {
    const result = operation(...args);
    if (isStepping) {
      real.store(gates, own + Gate.RESULT, result);
      stop(GateState.READY);
    }
    return result;
  };
}

type Words = Int32Array<SharedArrayBuffer>;

const addressOf = (words: Words, index: number): number => words.byteOffset + index * 4;

function modelWait(words: Words, index: number, value: number): 'ok' | 'not-equal' | 'timed-out' {
  if (real.load(words, index) !== value) {
    real.store(gates, own + Gate.RESULT, WaitResult.NOT_EQUAL);
    stop(GateState.READY);
    return 'not-equal';
  }
  real.store(gates, own + Gate.WAITS_FOR, addressOf(words, index));
  real.store(gates, own + Gate.RESULT, WaitResult.TIMED_OUT);
  stop(GateState.BLOCKED);
  return real.load(gates, own + Gate.RESULT) === WaitResult.OK ? 'ok' : 'timed-out';
}

function modelNotify(words: Words, index: number, count = Infinity): number {
  let woken = 0;
  for (let gate = 0; gate < data.threads * GATE_WORDS && woken < count; gate += GATE_WORDS) {
    if (real.load(gates, gate + Gate.STATE) !== GateState.BLOCKED) continue;
    if (real.load(gates, gate + Gate.WAITS_FOR) !== addressOf(words, index)) continue;
    real.store(gates, gate + Gate.RESULT, WaitResult.OK);
    real.store(gates, gate + Gate.STATE, GateState.READY);
    woken++;
  }
  return woken;
}

Object.assign(Atomics, {
  load: stepped(Atomics.load as (...args: unknown[]) => number),
  store: stepped(Atomics.store as (...args: unknown[]) => number),
  add: stepped(Atomics.add as (...args: unknown[]) => number),
  sub: stepped(Atomics.sub as (...args: unknown[]) => number),
  exchange: stepped(Atomics.exchange as (...args: unknown[]) => number),
  compareExchange: stepped(Atomics.compareExchange as (...args: unknown[]) => number),
  wait: modelWait,
  notify: stepped(modelNotify as (...args: unknown[]) => number),
});

function fail(error: unknown): void {
  const text = new TextEncoder().encode(error instanceof Error ? error.message : String(error));
  new Uint8Array(data.message).set(text.subarray(0, data.message.byteLength));
}

const { script } = (await import(data.script)) as { script: Script<unknown, unknown> };
const subject: unknown = await import(data.subject);
parentPort!.postMessage('ready');
let state: number = GateState.DONE;
for (;;) {
  isStepping = false;
  try {
    stop(state);
    const run = script(subject, data.shared, data.thread, data.data);
    stop(GateState.READY);
    isStepping = true;
    run();
    state = GateState.DONE;
  } catch (error) {
    state = error === ABANDONED ? GateState.DONE : GateState.FAILED;
    if (error !== ABANDONED) fail(error);
  }
}
