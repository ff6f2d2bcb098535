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
import { InstanceFacts, PAGE } from './instance-facts.ts';
import type { KeyReader, StoredKey } from './keys.ts';
import type { ActorConfig } from './spec.ts';
import { Timers } from './timers.ts';
import { NOBODY, UseOrder, type Walk } from './use-order.ts';

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
const STALE: Partial<Instance> = { timerUs: NaN };

/** Multiples of an output's interval that one step of time may pass; of more, only the last count. */
const MOST_ROUNDS = 10_000;

/** Instances by key, and in the order of their last rows. */
export class Instances {
  readonly #config: ActorConfig;
  readonly #create: ActorClass;
  readonly #household: Household;
  readonly #index = new InstanceIndex();
  readonly #order = new UseOrder();
  /** By number; `undefined`: the number is free. */
  readonly #members: (Instance | undefined)[] = [];
  readonly #facts: InstanceFacts[] = [];
  /** Numbers that instances have had which are gone. */
  readonly #free: number[] = [];
  readonly #timers = new Timers<Instance>();
  /** The next moment for which all instances are called; `undefined` before time is known. */
  #roundUs: TimeUs | undefined;
  /** Instances that are still to be called for `#callingUs`; no row comes in between. */
  #calling: Walk | undefined;
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
  all(): Walk {
    return this.#order.walk();
  }

  /** The next of a walk; `undefined`: it has ended. */
  take(walk: Walk | undefined): Instance | undefined {
    const number = walk === undefined ? NOBODY : walk.take();
    return number === NOBODY ? undefined : this.#members[number];
  }

  /** The instance for the row that `reader` has read last, made if it is not there; it counts as just used. */
  get(reader: KeyReader, batch: Batch, row: number, nowUs: TimeUs): Instance {
    const known = this.find(reader, batch, row);
    if (known === undefined) return this.#make(reader, batch, row, nowUs);
    if (this.#isExpired(known, nowUs)) {
      this.#leave(known);
      return this.#make(reader, batch, row, nowUs);
    }
    known.lastUs = nowUs;
    this.#order.touch(known.number);
    return known;
  }

  /** How many there are. */
  get count(): number {
    return this.#order.size;
  }

  /** The instance for the row that `reader` has read last, if it is there; it does not count as used. */
  find(reader: KeyReader, batch: Batch, row: number): Instance | undefined {
    const number = this.#index.find(reader, batch, row);
    return number === NOBODY ? undefined : this.#members[number];
  }

  #make(reader: KeyReader, batch: Batch, row: number, nowUs: TimeUs): Instance {
    if (this.#order.size >= this.#config.maxInstances)
      this.#leave(this.#members[this.#order.oldest]!);
    this.#startRounds(nowUs);
    const values = reader.values(batch, row);
    const instance = this.#begin(values, nowUs);
    this.#index.add(instance.number, reader, batch, row);
    this.#order.add(instance.number);
    const { timerUs } = this.#config;
    if (timerUs !== undefined) this.#timers.add(instance, nowUs + timerUs);
    instance.actor.onCreate?.(instance.context);
    this.settle(instance);
    return instance;
  }

  /** An instance with a number of its own. */
  #begin(values: readonly unknown[], nowUs: TimeUs): Instance {
    const number = this.#free.pop() ?? this.#members.length;
    const page = Math.floor(number / PAGE);
    const facts = (this.#facts[page] ??= new InstanceFacts(page * PAGE));
    const instance = new Instance(facts, number % PAGE, values, this.#household, nowUs);
    this.#members[number] = instance;
    let isMade = false;
    try {
      instance.create(this.#create);
      isMade = true;
    } finally {
      if (!isMade) this.#release(instance);
    }
    return instance;
  }

  /** An instance is called by its number no more. */
  #release(instance: Instance): void {
    const { number } = instance;
    this.#timers.add(instance, Infinity);
    instance.leave();
    this.#members[number] = undefined;
    this.#free.push(number);
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
      const leaving = this.#leaving.length > 0 ? this.#leaving.shift() : undefined;
      if (leaving !== undefined) return this.#dueCall(leaving, nowUs, 'onRemove');
      const called = this.take(this.#calling);
      if (called !== undefined) return this.#dueCall(called, this.#callingUs, 'onOutput');
      this.#calling = undefined;
      const timerUs = this.#timers.dueUs;
      const roundUs = this.#roundUs ?? Infinity;
      const firstUs = Math.min(timerUs, this.#expiryUs(), roundUs);
      if (firstUs > nowUs || firstUs === Infinity) return undefined;
      if (timerUs === firstUs) return this.#takeTimer(timerUs);
      if (roundUs === firstUs) this.#startRound(nowUs);
      else this.#leave(this.#members[this.#order.oldest]!);
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
    const places = new Map(all.map((instance, place) => [instance, place]));
    yield* this.#timers.state(
      io,
      (instance) => places.get(instance) ?? -1,
      (place) => all[place] ?? io.fail(`a time of instance ${place}`),
      STALE as Instance,
    );
  }

  /** All, those without a row for longest first. */
  #list(): Instance[] {
    const all: Instance[] = [];
    const walk = this.#order.walk();
    for (let next = this.take(walk); next !== undefined; next = this.take(walk)) all.push(next);
    return all;
  }

  *#stateOf(io: StateIo, known: Instance | undefined): Steps<Instance> {
    const stored = known && {
      key: this.#index.keyOf(known.number),
      values: known.context.key,
    };
    const { key, values } = (yield* stateOfValue(io, stored, 'a key', '')) as StoredInstance;
    const instance = known ?? this.#begin(values, 0);
    yield* stateOfInstance(io, instance, this.#create);
    if (io.isReading) {
      this.#index.addStored(instance.number, key);
      this.#order.add(instance.number);
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
    const oldest = ttlUs === undefined ? NOBODY : this.#order.oldest;
    return oldest === NOBODY ? Infinity : this.#members[oldest]!.lastUs + ttlUs!;
  }

  #isExpired({ lastUs }: Instance, nowUs: TimeUs): boolean {
    const { ttlUs } = this.#config;
    return ttlUs !== undefined && nowUs >= lastUs + ttlUs;
  }

  /** Forgets an instance; it is told when its turn comes. */
  #leave(instance: Instance): void {
    const { number } = instance;
    this.#index.remove(number);
    this.#order.remove(number);
    this.#release(instance);
    this.#leaving.push(instance);
  }
}
