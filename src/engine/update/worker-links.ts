/** Asks workers to make updates, and waits for their answers. @module */

import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { deserializeError, MillraceError } from '../../core/errors.ts';
import type { HostControl } from '../../ringbuf/index.ts';
import type {
  OperatorAnswer,
  OperatorQuestion,
  TakenUpdate,
  UpdateAnswer,
  UpdateRequest,
} from '../../workers/protocol.ts';
import type { PlannedUpdate } from './plan-update.ts';

/** Takes the answer of a worker; `undefined`: it has ended. */
type Answered = (answer: UpdateAnswer | undefined) => void;

/** A question, and the answers to it. */
class Asked {
  readonly answers: Promise<readonly OperatorAnswer[]>;
  readonly #waitsFor: Set<number>;
  readonly #given: OperatorAnswer[] = [];
  #settle!: (answers: readonly OperatorAnswer[]) => void;

  constructor(workers: readonly number[]) {
    this.#waitsFor = new Set(workers);
    this.answers = new Promise((resolve) => {
      this.#settle = resolve;
    });
    if (workers.length === 0) this.#settle(this.#given);
  }

  /** @param answer - `undefined`: the worker has ended */
  take(worker: number, answer: OperatorAnswer | undefined): void {
    if (!this.#waitsFor.delete(worker)) return;
    if (answer !== undefined) this.#given.push(answer);
    if (this.#waitsFor.size === 0) this.#settle(this.#given);
  }
}

/** The links to all workers of an engine. */
export class WorkerLinks {
  /** The workers' ends, to be posted with their jobs. */
  readonly workerPorts: readonly MessagePort[];
  readonly #ports: readonly MessagePort[];
  readonly #waiting: (Answered | undefined)[];
  readonly #hasEnded: boolean[];
  readonly #control: HostControl;
  #updates = 0;
  #questions = 0;
  /** By question: who waits for its answers. */
  readonly #asked = new Map<number, Asked>();

  constructor(workers: number, control: HostControl) {
    const channels = Array.from({ length: workers }, () => new MessageChannel());
    this.workerPorts = channels.map(({ port2 }) => port2);
    this.#ports = channels.map(({ port1 }) => port1);
    this.#waiting = channels.map(() => undefined);
    this.#hasEnded = channels.map(() => false);
    this.#control = control;
    this.#ports.forEach((port, worker) => this.#listen(port, worker));
  }

  #listen(port: MessagePort, worker: number): void {
    const settle = (answer: UpdateAnswer | undefined): void => {
      this.#waiting[worker]?.(answer);
      this.#waiting[worker] = undefined;
    };
    port.on('message', (message: UpdateAnswer | OperatorAnswer) => {
      if (message.kind !== 'answered' && message.kind !== 'unanswered') settle(message);
      else this.#asked.get(message.id)?.take(worker, message);
    });
    port.on('close', () => {
      this.#hasEnded[worker] = true;
      settle(undefined);
      for (const asked of this.#asked.values()) asked.take(worker, undefined);
    });
    // It is the workers that keep the process running.
    port.unref();
  }

  /**
   * Has an update made on all workers, or on none.
   *
   * @returns where its tasks stood; those that had ended are left out
   * @throws MillraceError what kept a worker from it; no task has changed then
   */
  async update(
    { tasks, modules, plan }: PlannedUpdate,
    isStopped: () => boolean,
  ): Promise<readonly TakenUpdate[]> {
    const id = ++this.#updates;
    const workerOf = (task: number): number => plan.tasks[task]!.worker;
    const workers = [...new Set(tasks.map(({ task }) => workerOf(task)))];
    const prepared = await this.#askAll(workers, (worker) => ({
      kind: 'prepare',
      id,
      tasks: tasks.filter(({ task }) => workerOf(task) === worker),
      modules,
    }));
    const refusal = prepared.find((answer) => answer?.kind === 'refused');
    const ready = workers.filter((_, i) => prepared[i]?.kind === 'prepared');
    if (refusal !== undefined || isStopped() || ready.length === 0) {
      this.#post(ready, () => ({ kind: 'cancel', id }));
      if (refusal !== undefined) throw deserializeError(refusal.error);
      throw new MillraceError('ERR_USAGE', 'the engine has stopped, or the operator has ended');
    }
    const taken = await this.#askAll(ready, () => ({ kind: 'commit', id }));
    return taken.flatMap((answer) => (answer?.kind === 'taken' ? answer.tasks : []));
  }

  /**
   * Asks operators what they know. Any number of questions may wait for their answers.
   *
   * @returns the answers of the workers that have not ended meanwhile; `forget` must be called in the end
   */
  ask(
    tasks: readonly { readonly task: number; readonly worker: number }[],
    question: OperatorQuestion['question'],
  ): { readonly answers: Promise<readonly OperatorAnswer[]>; readonly forget: () => void } {
    const id = ++this.#questions;
    const workers = [...new Set(tasks.map(({ worker }) => worker))];
    const open = workers.filter((worker) => !this.#hasEnded[worker]);
    const asked = new Asked(open);
    for (const worker of open) {
      const own = tasks.filter((task) => task.worker === worker).map(({ task }) => task);
      this.#postQuestion(worker, { kind: 'ask', id, tasks: own, question });
    }
    this.#asked.set(id, asked);
    this.#control.announceNews();
    return { answers: asked.answers, forget: () => void this.#asked.delete(id) };
  }

  #postQuestion(worker: number, question: OperatorQuestion): void {
    try {
      this.#ports[worker]!.postMessage(question);
    } catch (error) {
      throw new MillraceError('ERR_USAGE', `this cannot be a key: ${String(error)}`);
    }
  }

  #askAll(
    workers: readonly number[],
    requestOf: (worker: number) => UpdateRequest,
  ): Promise<readonly (UpdateAnswer | undefined)[]> {
    const answers = workers.map((worker) => this.#answerOf(worker));
    this.#post(workers, requestOf);
    return Promise.all(answers);
  }

  #post(workers: readonly number[], requestOf: (worker: number) => UpdateRequest): void {
    for (const worker of workers) this.#ports[worker]!.postMessage(requestOf(worker));
    this.#control.announceNews();
  }

  #answerOf(worker: number): Promise<UpdateAnswer | undefined> {
    if (this.#hasEnded[worker]) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      this.#waiting[worker] = resolve;
    });
  }

  /** No more updates: nobody waits for an answer any longer. */
  close(): void {
    for (const port of this.#ports) port.close();
  }
}
