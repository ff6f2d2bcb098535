/** Runs a source that the topology's author wrote, and judges what it does. @module */

import type { Batch } from '../../core/batch.ts';
import { Column } from '../../core/column.ts';
import type {
  BadRow,
  Source,
  SourceConnector,
  SourceContext,
  SourceProgress,
} from '../../core/connector.ts';
import { MillraceError } from '../../core/errors.ts';
import type { ModuleSource as ModuleSourceConfig } from '../../core/topology/model.ts';
import { loadFunction, textOf } from '../../modules/load-function.ts';
import type { OpenSourceModule, SourceModule, SourceModuleContext } from './contract.ts';
import { RowIterableSource } from './rows.ts';

/** The parts of a source's configuration that opening it needs. */
export type ModuleSourceSettings = Pick<ModuleSourceConfig, 'module' | 'export' | 'options'>;

/** `connector: "module"`. */
export const moduleSource: SourceConnector = {
  name: 'module',
  // Known when it is open: the source says so itself.
  needsEventLoop: () => false,
  async open(config: unknown, context: SourceContext): Promise<Source> {
    const { module, export: name, options } = config as ModuleSourceSettings;
    const { node, baseDirectory } = context;
    const open = (await loadFunction(node, baseDirectory, module, name)) as OpenSourceModule;
    const calls = new ContextCalls(context);
    let opened: unknown;
    try {
      opened = await open(options, calls.given);
    } catch (error) {
      throw userError(node, `'${name}' threw ${textOf(error)}`, error);
    }
    if (isSource(opened)) return new UserSource(opened, context, calls);
    if (isIterable(opened))
      return new UserSource(new RowIterableSource(opened, context), context, calls);
    const expected = 'an object with a function read(batch), or an iterable of rows';
    throw userError(node, `'${name}' returned ${kindOf(opened)}; expected ${expected}`);
  },
};

function userError(node: string, message: string, cause?: unknown): MillraceError {
  return new MillraceError('ERR_USER_CODE', message, { node, cause });
}

function isSource(value: unknown): value is SourceModule {
  return (
    typeof value === 'object' && value !== null && typeof Reflect.get(value, 'read') === 'function'
  );
}

function isIterable(value: unknown): value is Iterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.iterator in value;
}

function kindOf(value: unknown): string {
  if (typeof value !== 'object') return typeof value === 'function' ? 'a function' : textOf(value);
  return value === null ? 'null' : 'an object without them';
}

/** The context as the user's code has it, and a note of what was called. */
class ContextCalls {
  readonly given: SourceModuleContext;
  /** Whether the read that is going on asked to be called again by itself. */
  hasAsked = false;
  /** What `reject` threw, which the user's code may have caught. */
  refusal: unknown;

  constructor(context: SourceContext) {
    const { node, instance, instances, stream, timeColumn, baseDirectory, clock } = context;
    const { rowCapacity, memory } = context;
    this.given = {
      node,
      instance,
      instances,
      nextPart: () => context.nextPart(),
      schema: stream.schema,
      timeColumn,
      baseDirectory,
      rowCapacity,
      clock,
      memory,
      createColumn: (position: number) =>
        Column.allocate(stream.schema[position]!.type, rowCapacity, memory),
      wake: () => {
        this.hasAsked = true;
        context.wake();
      },
      wakeAfter: (delayMs: number) => {
        this.hasAsked = true;
        context.wakeAfter(delayMs);
      },
      reject: (row: BadRow) => {
        try {
          context.reject(row);
        } catch (error) {
          this.refusal = error;
          throw error;
        }
      },
      canReject: () => context.canReject(),
    };
  }
}

class UserSource implements Source {
  readonly needsEventLoop: boolean;
  readonly #source: SourceModule;
  readonly #context: SourceContext;
  readonly #calls: ContextCalls;

  constructor(source: SourceModule, context: SourceContext, calls: ContextCalls) {
    this.needsEventLoop = source.needsEventLoop === true;
    this.#source = source;
    this.#context = context;
    this.#calls = calls;
  }

  read(batch: Batch): SourceProgress {
    const before = batch.rowCount;
    this.#calls.hasAsked = false;
    let progress: unknown;
    try {
      progress = this.#source.read(batch);
    } catch (error) {
      if (error instanceof MillraceError) throw error;
      throw this.#error(`'read' threw ${textOf(error)}`, error);
    }
    if (this.#calls.refusal !== undefined) throw this.#calls.refusal;
    this.#checkRows(batch, before);
    return this.#checkProgress(progress);
  }

  async close(): Promise<void> {
    try {
      await this.#source.close?.();
    } catch (error) {
      throw this.#error(`'close' threw ${textOf(error)}`, error);
    }
  }

  /** What the rest of the engine relies on. */
  #checkRows(batch: Batch, before: number): void {
    const { rowCount, rowCapacity, selected } = batch;
    if (!Number.isInteger(rowCount) || rowCount < before || rowCount > rowCapacity) {
      const range = `expected ${before} (before the call) to ${rowCapacity}`;
      throw this.#error(`'read' left a batch of ${rowCount} rows; ${range}`);
    }
    if (selected !== rowCount) throw this.#error(`'read' must set rows by batch.setRowCount`);
    batch.forgetNullsBehind();
    const time = batch.columns[this.#context.timeColumn];
    if (time === undefined || time.nullCount === 0) return;
    const { name } = this.#context.stream.schema[this.#context.timeColumn]!;
    throw this.#error(`'read' gave a row without event time, in column '${name}'`);
  }

  #checkProgress(progress: unknown): SourceProgress {
    if (progress === 'more' || progress === 'end') return progress;
    if (progress === 'wait') {
      if (this.needsEventLoop || this.#calls.hasAsked) return progress;
      const remedy = `call context.wakeAfter before, or set 'needsEventLoop' and call context.wake`;
      throw this.#error(`'read' returned "wait", and nothing will wake it: ${remedy}`);
    }
    if (progress instanceof Promise) {
      // Nobody will wait for it; its failure must not end the worker.
      progress.catch(() => undefined);
      throw this.#error(`'read' is asynchronous; it must return "wait" instead`);
    }
    throw this.#error(`'read' returned ${show(progress)}; expected "more", "wait" or "end"`);
  }

  #error(message: string, cause?: unknown): MillraceError {
    return userError(this.#context.node, message, cause);
  }
}

function show(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value.slice(0, 100)) : textOf(value);
}
