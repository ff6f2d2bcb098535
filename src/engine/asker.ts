/** Asks actors of a running engine what they know. @module */

import { deserializeError, MillraceError } from '../core/errors.ts';
import { nearestName } from '../core/nearest-name.ts';
import { decodeStructured } from '../rows/values/structured.ts';
import type { OperatorAnswer, PhysicalPlan, TaskAnswer } from '../workers/protocol.ts';
import type { WorkerLinks } from './update/worker-links.ts';

/** What an actor is asked; see {@link Millrace.query}. */
export interface ActorQuery {
  /** The key of an instance, a value for each column; left out: all instances together are asked. */
  readonly key?: readonly unknown[];
  /** Names of properties or getters; without a key `count`, or static ones of the class. */
  readonly get: readonly string[];
  /** How long to wait for answers; for ever if left out. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/** What a task of an actor answers. */
export interface ActorAnswer {
  /** Which of the actor's tasks this is. */
  readonly instance: number;
  /** Whether there is an instance with the key; true where none was given. */
  readonly found: boolean;
  /** By name. Copies. */
  readonly values: Readonly<Record<string, unknown>>;
  /** By name: why there is no value. */
  readonly errors: Readonly<Record<string, string>>;
}

/** The questions of one engine's program. */
export class Asker {
  readonly #plan: PhysicalPlan;
  readonly #links: WorkerLinks;
  readonly #ended: () => MillraceError | undefined;

  /** @param ended - why nobody answers any more; `undefined`: they do */
  constructor(plan: PhysicalPlan, links: WorkerLinks, ended: () => MillraceError | undefined) {
    this.#plan = plan;
    this.#links = links;
    this.#ended = ended;
  }

  /** See `Millrace.query`. */
  async query(actor: string, query: ActorQuery): Promise<readonly ActorAnswer[]> {
    const { key, get, timeoutMs, signal } = query;
    signal?.throwIfAborted();
    const ended = this.#ended();
    if (ended !== undefined) throw ended;
    checkNames(get);
    const tasks = this.#tasksOf(actor);
    const asked = this.#links.ask(tasks, { key, names: get });
    let answers: readonly OperatorAnswer[];
    try {
      answers = await within(asked.answers, timeoutMs, signal);
    } finally {
      asked.forget();
    }
    const given = answers.flatMap((answer): readonly TaskAnswer[] => {
      if (answer.kind === 'unanswered') throw deserializeError(answer.error);
      return answer.answers;
    });
    return this.#sorted(actor, key !== undefined, given);
  }

  #tasksOf(actor: string): readonly { readonly task: number; readonly worker: number }[] {
    const isActor = (task: PhysicalPlan['tasks'][number]): boolean =>
      task.role.type === 'operator' && task.role.plan.kind === 'actor';
    const actors = this.#plan.tasks.filter(isActor);
    const own = actors.filter(({ node }) => node === actor);
    if (own.length > 0) return own.map(({ id, worker }) => ({ task: id, worker }));
    const names = [...new Set(actors.map(({ node }) => node))];
    const known = names.length === 0 ? 'there are none' : `there are ${names.join(', ')}`;
    const near = nearestName(actor, names);
    const hint = near === undefined ? '' : `; did you mean '${near}'?`;
    throw new MillraceError('ERR_USAGE', `no actor '${actor}'; ${known}${hint}`);
  }

  /** Of an instance that is asked, the answers of those who have it: one, or all who have it not. */
  #sorted(actor: string, hasKey: boolean, given: readonly TaskAnswer[]): readonly ActorAnswer[] {
    if (given.length === 0) throw this.#ended() ?? hasEnded(actor);
    const answers = given.map(({ task, found, values, errors }): ActorAnswer => ({
      instance: this.#plan.tasks[task]!.instance,
      found,
      values: Object.fromEntries(values.map(([name, bytes]) => [name, decodeStructured(bytes)])),
      errors: Object.fromEntries(errors),
    }));
    answers.sort((a, b) => a.instance - b.instance);
    if (!hasKey) return answers;
    const found = answers.filter((answer) => answer.found);
    return found.length > 0 ? found : answers.slice(0, 1);
  }
}

function hasEnded(actor: string): MillraceError {
  return new MillraceError('ERR_USAGE', `actor '${actor}' has ended`);
}

function checkNames(get: unknown): void {
  if (Array.isArray(get) && get.every((name) => typeof name === 'string')) return;
  throw new MillraceError('ERR_USAGE', `expected 'get' to be a list of names`);
}

/**
 * @throws MillraceError `ERR_TIMEOUT` when it takes longer; the reason of the signal when it is aborted
 */
async function within<T>(
  promise: Promise<T>,
  timeoutMs: number | undefined,
  signal: AbortSignal | undefined,
): Promise<T> {
  if (timeoutMs === undefined && signal === undefined) return await promise;
  let timer: NodeJS.Timeout | undefined;
  let onAbort: (() => void) | undefined;
  const given = new Promise<never>((_, reject) => {
    if (timeoutMs !== undefined) {
      const error = new MillraceError('ERR_TIMEOUT', `no answer within ${timeoutMs} ms`);
      timer = setTimeout(() => reject(error), timeoutMs);
    }
    onAbort = () => reject(signal!.reason as Error);
    signal?.addEventListener('abort', onAbort, { once: true });
  });
  try {
    return await Promise.race([promise, given]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort!);
  }
}
