/** The instances of one task: made as their keys come, called when they are due, removed in time. @module */

import type { Batch } from '../../core/batch.ts';
import { invariant } from '../../core/invariant.ts';
import type { StateIo, Steps } from '../../core/state-io.ts';
import { stateOfList } from '../../core/state-io.ts';
import type { TimeUs } from '../../core/units.ts';
import { stateOfValue } from '../user-state.ts';
import type { ActorClass } from './contract.ts';
import { type Household, Instance, stateOfInstance } from './instance.ts';
import { InstanceIndex } from './instance-index.ts';
import type { KeyReader, StoredKey } from './keys.ts';
import type { ActorConfig } from './spec.ts';
import { Timers } from './timers.ts';
import { UseOrder, type Walk } from './use-order.ts';

/** A call that is due: valid until the next one is asked for. */
export interface DueCall {
  instance: Instance;
  /** The moment that it is for. */
  timeUs: TimeUs;
  hook: 'onOutput' | 'onTime' | 'onRemove';
}

/** The key of an instance that is written down. */
interface StoredInstance {
  readonly key: StoredKey;
  readonly values: readonly unknown[];
}

/** Stands for instances that are gone in the place of which others are called. */
const GONE: Partial<Instance> = { timerUs: NaN };

/** Multiples of an output's interval that one step of time may pass; of more, only the last count. */
const MOST_ROUNDS = 10_000;

/** Instances by key, and in the order of their last rows. */
export class Instances {
  readonly #config: ActorConfig;
  readonly #create: ActorClass;
  readonly #household: Household;
  readonly #index = new InstanceIndex();
  readonly #order = new UseOrder<Instance>();
  readonly #timers = new Timers<Instance>();
  /** The next moment for which all instances are called; `undefined` before time is known. */
  #roundUs: TimeUs | undefined;
  /** Instances that are still to be called for `#callingUs`; no row comes in between. */
  #calling: Walk<Instance> | undefined;
  #callingUs: TimeUs = 0;
  /** Instances that are to be removed, and have not been told. */
  readonly #leaving: Instance[] = [];
  #due: DueCall | undefined;

  constructor(config: ActorConfig, create: ActorClass, household: Household) {
    this.#config = config;
    this.#create = create;
    this.#household = household;
  }

  /** When something is due next. */
  get dueUs(): TimeUs {
    if (this.#calling !== undefined || this.#leaving.length > 0) return -Infinity;
    const round = this.#order.size > 0 ? (this.#roundUs ?? Infinity) : Infinity;
    return Math.min(round, this.#timers.dueUs, this.#expiryUs());
  }

  /** All, for the end of the input. */
  all(): Walk<Instance> {
    return this.#order.walk();
  }

  /** The instance for the row that `reader` has read last, made if it is not there; it counts as just used. */
  get(reader: KeyReader, batch: Batch, row: number, nowUs: TimeUs): Instance {
    const known = this.#index.find(reader, batch, row);
    if (known === undefined) return this.#make(reader, batch, row, nowUs);
    if (this.#isExpired(known, nowUs)) {
      this.#leave(known);
      return this.#make(reader, batch, row, nowUs);
    }
    known.lastUs = nowUs;
    this.#order.touch(known);
    return known;
  }

  /** How many there are. */
  get count(): number {
    return this.#order.size;
  }

  /** The instance for the row that `reader` has read last, if it is there; it does not count as used. */
  find(reader: KeyReader, batch: Batch, row: number): Instance | undefined {
    return this.#index.find(reader, batch, row);
  }

  #make(reader: KeyReader, batch: Batch, row: number, nowUs: TimeUs): Instance {
    if (this.#order.size >= this.#config.maxInstances) this.#leave(this.#order.oldest!);
    this.#startRounds(nowUs);
    const values = reader.values(batch, row);
    const key = reader.keep(batch, row);
    const instance = new Instance(key, values, this.#create, this.#household, nowUs);
    this.#index.add(instance);
    this.#order.add(instance);
    const { timerUs } = this.#config;
    if (timerUs !== undefined) this.#timers.add(instance, nowUs + timerUs);
    instance.actor.onCreate?.(instance.context);
    this.settle(instance);
    return instance;
  }

  /** An instance was called: lets it go if it asked for that. */
  settle(instance: Instance): void {
    if (instance.hasExpired && !instance.isGone) this.#leave(instance);
  }

  /** What is called because a row has come. */
  callAfterRow(instance: Instance, nowUs: TimeUs): void {
    const { output, trigger } = this.#config;
    const { actor, context } = instance;
    if (output?.kind === 'rows' && ++instance.rowsSinceOutput >= output.rows && !instance.isGone) {
      instance.rowsSinceOutput = 0;
      actor.onOutput?.(context);
      this.settle(instance);
    }
    if (trigger === undefined || instance.isGone) return;
    const isDue =
      ++instance.rowsSinceTrigger >= trigger.rows ||
      nowUs - instance.triggeredUs >= trigger.everyUs;
    if (!isDue) return;
    instance.rowsSinceTrigger = 0;
    instance.triggeredUs = nowUs;
    actor.onTrigger?.(context);
    this.settle(instance);
  }

  callAt(instance: Instance, timeUs: TimeUs): void {
    if (!instance.isGone) this.#timers.add(instance, Math.round(timeUs));
  }

  /** The earliest call that is due by now, in the order of time; `undefined`: there is none. */
  takeDue(nowUs: TimeUs): DueCall | undefined {
    for (;;) {
      const leaving = this.#leaving.shift();
      if (leaving !== undefined) return this.#dueCall(leaving, nowUs, 'onRemove');
      const called = this.#calling?.take();
      if (called !== undefined) return this.#dueCall(called, this.#callingUs, 'onOutput');
      this.#calling = undefined;
      const timerUs = this.#timers.dueUs;
      const roundUs = this.#roundUs ?? Infinity;
      const firstUs = Math.min(timerUs, this.#expiryUs(), roundUs);
      if (firstUs > nowUs || firstUs === Infinity) return undefined;
      if (timerUs === firstUs) return this.#takeTimer(timerUs);
      if (roundUs === firstUs) this.#startRound(nowUs);
      else this.#leave(this.#order.oldest!);
    }
  }

  /** With nothing that is due: the instances, in their order, and when they are to be called. */
  *state(io: StateIo): Steps {
    invariant(this.#calling === undefined && this.#leaving.length === 0, 'calls are due');
    const hasRound = io.flag(this.#roundUs !== undefined);
    const roundUs = io.float(this.#roundUs ?? 0);
    const walk = (known: Instance | undefined): Steps<Instance> => this.#stateOf(io, known);
    const all = yield* stateOfList(io, this.#list(), walk);
    this.#roundUs = hasRound ? roundUs : undefined;
    const numbers = new Map(all.map((instance, number) => [instance, number]));
    yield* this.#timers.state(
      io,
      (instance) => numbers.get(instance) ?? -1,
      (number) => all[number] ?? io.fail(`a time of instance ${number}`),
      GONE as Instance,
    );
  }

  /** All, those without a row for longest first. */
  #list(): Instance[] {
    const all: Instance[] = [];
    const walk = this.#order.walk();
    for (let instance = walk.take(); instance !== undefined; instance = walk.take()) {
      all.push(instance);
    }
    return all;
  }

  *#stateOf(io: StateIo, known: Instance | undefined): Steps<Instance> {
    const stored = known && { key: known.key, values: known.context.key };
    const { key, values } = (yield* stateOfValue(io, stored, 'a key', '')) as StoredInstance;
    const instance = known ?? new Instance(key, values, this.#create, this.#household, 0);
    yield* stateOfInstance(io, instance, this.#create);
    if (io.isReading) {
      this.#index.add(instance);
      this.#order.add(instance);
    }
    return instance;
  }

  #dueCall(instance: Instance, timeUs: TimeUs, hook: DueCall['hook']): DueCall {
    this.#due ??= { instance, timeUs, hook };
    this.#due.instance = instance;
    this.#due.timeUs = timeUs;
    this.#due.hook = hook;
    return this.#due;
  }

  #takeTimer(timeUs: TimeUs): DueCall {
    const instance = this.#timers.take()!;
    const { timerUs } = this.#config;
    if (timerUs !== undefined) this.#timers.add(instance, timeUs + timerUs);
    return this.#dueCall(instance, timeUs, 'onTime');
  }

  /** Time begins: the first moment for all instances is the first multiple behind it. */
  #startRounds(nowUs: TimeUs): void {
    const { output } = this.#config;
    if (output?.kind !== 'time' || this.#order.size > 0) return;
    const { everyUs, offsetUs } = output;
    const nextUs = (Math.floor((nowUs - offsetUs) / everyUs) + 1) * everyUs + offsetUs;
    this.#roundUs = Math.max(this.#roundUs ?? -Infinity, nextUs);
  }

  #startRound(nowUs: TimeUs): void {
    const { output } = this.#config;
    if (output?.kind !== 'time') return;
    const { everyUs, offsetUs } = output;
    const lastUs = Math.floor((nowUs - offsetUs) / everyUs) * everyUs + offsetUs;
    const roundUs = Math.max(this.#roundUs!, lastUs - MOST_ROUNDS * everyUs);
    this.#callingUs = roundUs;
    this.#calling = this.#order.walk();
    // Without instances nothing is due; the first that comes starts anew.
    this.#roundUs = this.#order.size === 0 ? undefined : roundUs + everyUs;
  }

  #expiryUs(): TimeUs {
    const { ttlUs } = this.#config;
    const oldest = ttlUs === undefined ? undefined : this.#order.oldest;
    return oldest === undefined ? Infinity : oldest.lastUs + ttlUs!;
  }

  #isExpired({ lastUs }: Instance, nowUs: TimeUs): boolean {
    const { ttlUs } = this.#config;
    return ttlUs !== undefined && nowUs >= lastUs + ttlUs;
  }

  /** Forgets an instance; it is told when its turn comes. */
  #leave(instance: Instance): void {
    this.#index.remove(instance);
    this.#order.remove(instance);
    this.#timers.add(instance, Infinity);
    instance.isGone = true;
    this.#leaving.push(instance);
  }
}
