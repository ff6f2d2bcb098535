/**
 * What `actor` does. Rows, moments that are due and the end are taken one instance at a time; what
 * instances emit is handed on before the next is called, so that a full output stops the task and
 * nothing else.
 *
 * @module
 */

import type { Batch } from '../../core/batch.ts';
import { MillraceError } from '../../core/errors.ts';
import type { Kernel, KernelContext, OperatorPlan, Outbox, Progress } from '../../core/operator.ts';
import type { StateIo, Steps } from '../../core/state-io.ts';
import { WatermarkMerge } from '../../core/time.ts';
import { MAIN_PORT } from '../../core/topology/ports.ts';
import type { TimeUs } from '../../core/units.ts';
import { loadFunction, textOf } from '../../modules/load-function.ts';
import { RowReader } from '../../rows/row-reader.ts';
import { RowFailures } from '../row-failures.ts';
import { nameColumns, rowText } from '../row-text.ts';
import type { ActorClass } from './contract.ts';
import { type ActorQuestion, type Answering, Questions, type TaskAnswer } from './questions.ts';
import { Requests } from './requests.ts';
import { Emissions } from './emissions.ts';
import type { Household, Instance } from './instance.ts';
import { type DueCall, Instances } from './instances.ts';
import { KeptValues } from './kept-values.ts';
import { KeyReader } from './keys.ts';
import type { ActorConfig } from './spec.ts';
import type { Walk } from './use-order.ts';

/** Calls of instances by one call of the kernel: it must return in about a millisecond. */
const MOST_CALLS = 1024;

/** Loads the user's class and makes the kernel of an `actor`. */
export async function createActorKernel(
  plan: OperatorPlan,
  context: KernelContext,
): Promise<Kernel> {
  const config = plan.config as ActorConfig;
  const { node, baseDirectory } = context;
  const found = await loadFunction(node, baseDirectory, config.module, config.export);
  return new ActorKernel(plan, context, found as unknown as ActorClass);
}

class ActorKernel implements Kernel, Answering {
  readonly #plan: OperatorPlan;
  readonly #config: ActorConfig;
  readonly #readers: readonly RowReader[];
  readonly #keys: readonly KeyReader[];
  readonly #failures: RowFailures;
  readonly #emissions: Emissions;
  readonly #values: KeptValues;
  readonly #instances: Instances;
  readonly #watermarks: WatermarkMerge;
  readonly #questions: Questions;
  /** What comes as requests, on the input behind the others; `undefined`: nothing does. */
  readonly #requests: Requests | undefined;
  readonly #goesByEvents: boolean;
  #nowUs: TimeUs = -Infinity;
  #batch: Batch | undefined;
  #port = 0;
  #next = 0;
  /** A watermark that is to be passed on behind what it sets off; `undefined`: none. */
  #watermarkUs: TimeUs | undefined;
  /** The watermark that was passed on last. */
  #passedUs: TimeUs = -Infinity;
  #openPorts: number;
  /** Instances that are still to be told of the end; `undefined`: it has not come. */
  #ending: Walk | undefined;

  constructor(plan: OperatorPlan, context: KernelContext, create: ActorClass) {
    const config = plan.config as ActorConfig;
    const { inputs, requests } = config;
    const streams = plan.inputs.slice(0, inputs.length);
    this.#plan = plan;
    this.#config = config;
    this.#goesByEvents = config.clock === 'event';
    this.#readers = streams.map(({ schema }) => new RowReader(schema, { int64: 'bigint' }));
    const keys = [...inputs, ...(requests === undefined ? [] : [requests])];
    this.#keys = keys.map((input) => new KeyReader(input.keys));
    this.#requests = requests && new Requests(requests, plan.inputs.at(-1)!, context);
    this.#failures = new RowFailures(plan, context);
    this.#watermarks = new WatermarkMerge(inputs.length);
    this.#openPorts = inputs.length;
    const ports = config.ports.length + (requests === undefined ? 0 : 1);
    this.#emissions = new Emissions(plan, ports, (message, cause) => this.#report(message, cause));
    this.#values = new KeptValues(context.node);
    this.#instances = new Instances(config, create, this.#household());
    const keySchema = inputs[0]!.keys.map((at) => streams[0]!.schema[at]!);
    this.#questions = new Questions(this.#instances, create, keySchema);
  }

  #household(): Household {
    const values = this.#values;
    const { ports, options } = this.#config;
    const mainPort = ports.indexOf(MAIN_PORT);
    return {
      options: Object.freeze(options),
      now: () => this.#nowUs / 1000,
      emit: (first: string | object, second?: object): void => {
        this.#refuseWhileAsking();
        if (typeof first === 'string') this.#emissions.add(portOf(ports, first), second!);
        else this.#emissions.add(mainPort >= 0 ? mainPort : portOf(ports, MAIN_PORT), first);
      },
      callAt: (instance, timeUs) => {
        this.#refuseWhileAsking();
        this.#instances.callAt(instance, timeUs);
      },
      persist: (key, value, ttlMs = Infinity) => {
        this.#refuseWhileAsking();
        values.set(key, value, this.#nowUs + ttlMs * 1000, this.#nowUs);
      },
      fetch: (key) => values.get(key, this.#nowUs),
    };
  }

  /** Constructors come before there is anybody to ask. */
  #refuseWhileAsking(): void {
    if (this.#questions?.isAsking) throw new Error('who is asked may look, and do nothing');
  }

  answer(question: ActorQuestion): TaskAnswer {
    return this.#questions.ask(question);
  }

  onClock(nowUs: TimeUs): void {
    if (!this.#goesByEvents) this.#nowUs = nowUs;
  }

  dueUs(): TimeUs {
    return this.#goesByEvents ? Infinity : this.#instances.dueUs;
  }

  onDue(out: Outbox): Progress {
    return this.resume(out);
  }

  onBatch(port: number, batch: Batch, out: Outbox): Progress {
    this.#batch = batch;
    this.#port = port;
    this.#next = 0;
    if (this.#isRequest) this.#requests!.begin(batch);
    return this.resume(out);
  }

  onWatermark(port: number, watermarkUs: TimeUs, out: Outbox): Progress {
    this.#port = port;
    if (this.#isRequest) return 'done';
    if (this.#watermarks.update(port, watermarkUs)) this.#watermarkUs = this.#watermarks.mergedUs;
    return this.resume(out);
  }

  onEnd(port: number, out: Outbox): Progress {
    this.#port = port;
    if (this.#isRequest) return 'done';
    if (--this.#openPorts === 0) this.#ending = this.#instances.all();
    return this.resume(out);
  }

  resume(out: Outbox): Progress {
    const emissions = this.#emissions;
    emissions.open(out);
    const progress = this.#callAll(out);
    emissions.close();
    if (progress !== 'done') return progress;
    if (this.#watermarkUs !== undefined) {
      this.#passedUs = this.#watermarkUs;
      out.watermark(this.#watermarkUs);
      this.#watermarkUs = undefined;
    }
    return 'done';
  }

  *state(io: StateIo): Steps {
    io.section('actor', 1);
    this.#nowUs = io.float(this.#nowUs);
    this.#passedUs = io.float(this.#passedUs);
    this.#openPorts = io.int(this.#openPorts);
    this.#watermarks.state(io);
    yield* this.#instances.state(io);
    yield* this.#values.state(io);
    // Constructors have emitted what the first ones did.
    if (io.isReading) this.#emissions.discard();
  }

  #callAll(out: Outbox): Progress {
    for (let calls = 0; ; calls++) {
      if (!this.#emissions.flush() || !this.#failures.flush(out)) return 'blocked';
      if (calls >= MOST_CALLS) return 'yielded';
      if (!this.#callNext()) return 'done';
    }
  }

  /** One call of an instance: for a moment that is due, for a row, for the end. False: none is left. */
  #callNext(): boolean {
    if (this.#callDue()) return true;
    const batch = this.#batch;
    if (batch !== undefined && this.#next < batch.selected) {
      const row = batch.selection[this.#next]!;
      if (this.#isRequest) {
        this.#next++;
        this.#answerRequest(batch, row);
        return true;
      }
      if (this.#goesByEvents) {
        const timeUs = batch.timeUs(row);
        if (timeUs > this.#nowUs) {
          this.#nowUs = timeUs;
          // What is due by then comes first.
          if (this.#callDue()) return true;
        }
      }
      this.#next++;
      this.#callWith(batch, row);
      return true;
    }
    this.#batch = undefined;
    const watermarkUs = this.#watermarkUs;
    // At the end of the input, time stands still: `onEnd` is what is left to be called.
    if (this.#goesByEvents && watermarkUs !== undefined && watermarkUs !== Infinity) {
      this.#nowUs = Math.max(this.#nowUs, watermarkUs);
      if (this.#callDue()) return true;
    }
    return this.#callEnding();
  }

  #callDue(): boolean {
    const due = this.#instances.takeDue(this.#nowUs);
    if (due === undefined) return false;
    // Nothing may be emitted that the watermark has passed, also if it was asked for late.
    this.#emissions.begin(Math.max(due.timeUs, this.#passedUs), 0);
    this.#attempt(due.instance, due.hook);
    return true;
  }

  #callEnding(): boolean {
    const instance = this.#instances.take(this.#ending);
    if (instance === undefined) return false;
    this.#emissions.begin(this.#nowUs, 0);
    this.#attempt(instance, 'onEnd');
    return true;
  }

  #callWith(batch: Batch, row: number): void {
    const reader = this.#keys[this.#port]!;
    if (!reader.read(batch, row)) {
      this.#fail(batch, row, 'its key is null, so it is for no instance');
      return;
    }
    this.#emissions.beginRow(batch, row);
    const nowUs = this.#nowUs;
    try {
      const instance = this.#instances.get(reader, batch, row, nowUs);
      // Nobody else has it, but a row that is changed by mistake is one that was misread.
      const event = Object.freeze(this.#readers[this.#port]!.read(batch, row));
      instance.actor.onRow(event, instance.context, this.#config.inputs[this.#port]!.name);
      this.#instances.settle(instance);
      this.#instances.callAfterRow(instance, nowUs);
    } catch (error) {
      this.#rethrowOwn(error);
      const key = reader.values(batch, row);
      this.#fail(batch, row, `${describe(key)} threw ${textOf(error)}`, error);
    }
  }

  /** The row at work is on the input of requests. */
  get #isRequest(): boolean {
    return this.#port === this.#config.inputs.length;
  }

  #answerRequest(batch: Batch, row: number): void {
    const requests = this.#requests!;
    const addressee = requests.addresseeOf(batch, row);
    if (addressee === 'nobody') return;
    this.#emissions.beginRow(batch, row);
    const { request, names } = requests.read(batch, row);
    const response = (): object => {
      if (names === undefined)
        return requests.refusal(request, 'expected a name, or a list of them');
      if (addressee === 'all') return requests.response(request, this.#questions.askAll(names));
      const reader = this.#keys[this.#port]!;
      if (!reader.read(batch, row)) return requests.refusal(request, 'a part of its key is null');
      const answer = this.#questions.askRow(reader, batch, row, names);
      return requests.response(request, answer);
    };
    this.#emissions.add(this.#config.ports.length, response(), () => requests.refusal(request));
  }

  /** Calls an instance for itself: there is no row to blame. */
  #attempt(instance: Instance, hook: DueCall['hook'] | 'onEnd'): void {
    try {
      instance.actor[hook]?.(instance.context);
      this.#instances.settle(instance);
    } catch (error) {
      this.#rethrowOwn(error);
      this.#report(`${describe(instance.context.key)} threw ${textOf(error)}`, error);
    }
  }

  /** What the engine says is no fault of a row. */
  #rethrowOwn(error: unknown): void {
    if (error instanceof MillraceError) throw error;
  }

  #fail(batch: Batch, row: number, message: string, cause?: unknown): void {
    const named = nameColumns(this.#plan.inputs[this.#port]!.schema, batch.columns);
    this.#failures.add({ code: 'ERR_USER_CODE', message, input: rowText(named, row), cause });
  }

  #report(message: string, cause?: unknown): void {
    this.#failures.add({ code: 'ERR_USER_CODE', message, input: '', cause });
  }
}

function portOf(ports: readonly string[], stream: string): number {
  const port = ports.indexOf(stream);
  if (port >= 0) return port;
  const known = ports.map((name) => (name === MAIN_PORT ? 'the main one' : `'${name}'`));
  throw new RangeError(`there is no stream '${stream}'; there is ${known.join(', ')}`);
}

/** An instance in messages. */
function describe(key: readonly unknown[]): string {
  return key.length === 0 ? 'the instance' : `the instance of ${key.map(String).join(', ')}`;
}
