/**
 * Updates of a worker's operators: another plan for a task, from one batch to the next.
 *
 * An update is prepared first: kernels are made, files are read. If that went well everywhere the host asks
 * for it to be made, and each task takes it between two batches, as soon as nothing refers to its old
 * kernel.
 *
 * @module
 */

import { type MessagePort, receiveMessageOnPort } from 'node:worker_threads';
import { asMillraceError, serializeError } from '../../../core/errors.ts';
import type { CompiledModules } from '../../../core/memory.ts';
import { noteModules } from '../../../wasm/index.ts';
import type {
  OperatorAnswer,
  OperatorQuestion,
  TakenUpdate,
  UpdateAnswer,
  UpdatedTask,
  UpdateRequest,
} from '../../protocol.ts';
import { TaskMetric } from '../../protocol.ts';
import type { Wiring } from '../wiring.ts';
import { UpdatableOperators } from './updatable-operators.ts';
import type { PreparedChange } from './wired-operator.ts';

/** An update that was asked for. */
interface Prepared {
  readonly id: number;
  readonly changes: readonly { readonly task: number; readonly change: PreparedChange }[];
  isAskedFor: boolean;
}

/** All updates of a worker. */
export class Updates {
  readonly #port: MessagePort;
  readonly #wiring: Wiring;
  readonly #operators: UpdatableOperators;
  readonly #prepared: Prepared[] = [];
  /** Of the last update: what is compiled is forgotten when nobody refers to it. */
  #modules: CompiledModules = new Map();

  constructor(port: MessagePort, wiring: Wiring) {
    this.#port = port;
    this.#wiring = wiring;
    this.#operators = new UpdatableOperators(wiring.operators);
  }

  /** Whether an update waits for a task to come to the end of a batch. */
  get isWaiting(): boolean {
    return this.#prepared.some(({ isAskedFor }) => isAskedFor);
  }

  /** Does what the host asks for, but for making changes. */
  async receive(): Promise<void> {
    for (;;) {
      const received = receiveMessageOnPort(this.#port);
      if (received === undefined) return;
      const request = received.message as UpdateRequest | OperatorQuestion;
      if (request.kind === 'ask') this.#port.postMessage(await this.#ask(request));
      else await this.#take(request);
    }
  }

  async #ask(question: OperatorQuestion): Promise<OperatorAnswer> {
    const { askOperators } = await import('./ask-operators.ts');
    return askOperators(question, this.#wiring.operators);
  }

  async #take(request: UpdateRequest): Promise<void> {
    const { id, kind } = request;
    const at = this.#prepared.findIndex((prepared) => prepared.id === id);
    switch (kind) {
      case 'prepare':
        this.#modules = request.modules;
        noteModules(this.#modules);
        this.#answer(await this.#prepare(id, request.tasks));
        return;
      case 'commit':
        this.#prepared[at]!.isAskedFor = true;
        return;
      case 'cancel':
        for (const prepared of at < 0 ? [] : this.#prepared.splice(at, 1)) forget(prepared.changes);
    }
  }

  async #prepare(id: number, tasks: readonly UpdatedTask[]): Promise<UpdateAnswer> {
    const changes: { task: number; change: PreparedChange }[] = [];
    try {
      for (const updated of tasks) {
        const change = await this.#operators.prepare(updated);
        changes.push({ task: updated.task, change });
        this.#wiring.control.beat();
      }
    } catch (error) {
      forget(changes);
      return { kind: 'refused', id, error: serializeError(asMillraceError(error, 'ERR_INTERNAL')) };
    }
    this.#prepared.push({ id, changes, isAskedFor: false });
    return { kind: 'prepared', id };
  }

  /** Makes the changes that are asked for, once all of an update can be made. */
  commit(): void {
    for (let p = 0; p < this.#prepared.length;) {
      const { id, changes, isAskedFor } = this.#prepared[p]!;
      if (!isAskedFor || !changes.every(({ change }) => change.canMake())) {
        p++;
        continue;
      }
      this.#prepared.splice(p, 1);
      const tasks = changes.map(({ task, change }): TakenUpdate => {
        change.make();
        const metrics = this.#wiring.operators.get(task)!.metrics.values;
        return { task, rowsIn: metrics[TaskMetric.ROWS_IN]! };
      });
      this.#answer({ kind: 'taken', id, tasks });
    }
  }

  #answer(answer: UpdateAnswer): void {
    this.#port.postMessage(answer);
  }
}

function forget(changes: readonly { readonly change: PreparedChange }[]): void {
  for (const { change } of changes) change.forget();
}
