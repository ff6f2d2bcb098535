/** The instances of one task: made as their keys come, called when they are due, removed in time. @module */

import type { TimeUs } from '../../core/units.ts';
import type { ActorClass } from './contract.ts';
import { type Household, Instance } from './instance.ts';
import type { ActorConfig } from './spec.ts';
import { Timers } from './timers.ts';

/** A call that is due. */
export interface DueCall {
  readonly instance: Instance;
  /** The moment that it is for. */
  readonly timeUs: TimeUs;
  readonly call: (instance: Instance) => void;
}

/** Multiples of an output's interval that one step of time may pass; of more, only the last count. */
const MOST_ROUNDS = 10_000;

/**
 * Instances by key. The map is in the order of their last rows, so that what has been without one for
 * longest comes first.
 */
export class Instances {
  readonly #config: ActorConfig;
  readonly #create: ActorClass;
  readonly #household: Household;
  readonly #byId = new Map<string, Instance>();
  readonly #timers = new Timers<Instance>();
  /** The next moment for which all instances are called; `undefined` before time is known. */
  #roundUs: TimeUs | undefined;
  /** Instances that are still to be called for `#callingUs`; no row comes in between. */
  #calling: Iterator<Instance> | undefined;
  #callingUs: TimeUs = 0;
  /** Instances that are to be removed, and have not been told. */
  readonly #leaving: Instance[] = [];

  constructor(config: ActorConfig, create: ActorClass, household: Household) {
    this.#config = config;
    this.#create = create;
    this.#household = household;
  }

  /** When something is due next. */
  get dueUs(): TimeUs {
    if (this.#calling !== undefined || this.#leaving.length > 0) return -Infinity;
    const round = this.#byId.size > 0 ? (this.#roundUs ?? Infinity) : Infinity;
    return Math.min(round, this.#timers.dueUs, this.#expiryUs());
  }

  /** All, for the end of the input. */
  all(): Iterator<Instance> {
    return this.#byId.values();
  }

  /** The instance of a key, made if it is not there; it counts as just used. */
  get(id: string, key: readonly unknown[]): Instance {
    const nowUs = this.#household.nowUs();
    const known = this.#byId.get(id);
    if (known !== undefined && !this.#isExpired(known, nowUs)) {
      this.#use(known, nowUs);
      return known;
    }
    if (known !== undefined) this.#leave(known);
    if (this.#byId.size >= this.#config.maxInstances) this.#leave(this.#oldest()!);
    this.#startRounds(nowUs);
    const instance = new Instance(id, key, this.#create, this.#household);
    this.#byId.set(id, instance);
    const { timerUs } = this.#config;
    if (timerUs !== undefined) this.#timers.add(instance, nowUs + timerUs);
    this.call(instance, () => instance.actor.onCreate?.(instance.context));
    return instance;
  }

  /** Calls an instance, and lets it go if it asked for that. */
  call(instance: Instance, call: () => void): void {
    call();
    if (instance.hasExpired && !instance.isGone) this.#leave(instance);
  }

  /** What is called because a row has come. */
  callAfterRow(instance: Instance): void {
    const { output, trigger } = this.#config;
    const { actor, context } = instance;
    const nowUs = this.#household.nowUs();
    if (output?.kind === 'rows' && ++instance.rowsSinceOutput >= output.rows && !instance.isGone) {
      instance.rowsSinceOutput = 0;
      this.call(instance, () => actor.onOutput?.(context));
    }
    if (trigger === undefined || instance.isGone) return;
    const isDue =
      ++instance.rowsSinceTrigger >= trigger.rows ||
      nowUs - instance.triggeredUs >= trigger.everyUs;
    if (!isDue) return;
    instance.rowsSinceTrigger = 0;
    instance.triggeredUs = nowUs;
    this.call(instance, () => actor.onTrigger?.(context));
  }

  callAt(instance: Instance, timeUs: TimeUs): void {
    if (!instance.isGone) this.#timers.add(instance, Math.round(timeUs));
  }

  /** The earliest call that is due by now, in the order of time; `undefined`: there is none. */
  takeDue(nowUs: TimeUs): DueCall | undefined {
    const leaving = this.#leaving.shift();
    if (leaving !== undefined) {
      const { actor, context } = leaving;
      return { instance: leaving, timeUs: nowUs, call: () => actor.onRemove?.(context) };
    }
    for (;;) {
      const called = this.#takeCalling();
      if (called !== undefined) return called;
      const timerUs = this.#timers.dueUs;
      const expiryUs = this.#expiryUs();
      const roundUs = this.#roundUs ?? Infinity;
      const firstUs = Math.min(timerUs, expiryUs, roundUs);
      if (firstUs > nowUs || firstUs === Infinity) return undefined;
      if (timerUs === firstUs) return this.#takeTimer(timerUs);
      if (roundUs === firstUs) this.#startRound(nowUs);
      else {
        this.#leave(this.#oldest()!);
        return this.takeDue(nowUs);
      }
    }
  }

  #takeTimer(timeUs: TimeUs): DueCall {
    const instance = this.#timers.take()!;
    const { timerUs } = this.#config;
    if (timerUs !== undefined) this.#timers.add(instance, timeUs + timerUs);
    return { instance, timeUs, call: () => instance.actor.onTime?.(instance.context) };
  }

  #takeCalling(): DueCall | undefined {
    const next = this.#calling?.next();
    if (next === undefined || next.done === true) {
      this.#calling = undefined;
      return undefined;
    }
    const instance = next.value;
    const call = (): void => instance.actor.onOutput?.(instance.context);
    return { instance, timeUs: this.#callingUs, call };
  }

  /** Time begins: the first moment for all instances is the first multiple behind it. */
  #startRounds(nowUs: TimeUs): void {
    const { output } = this.#config;
    if (output?.kind !== 'time' || this.#byId.size > 0) return;
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
    this.#calling = this.#byId.values();
    // Without instances nothing is due; the first that comes starts anew.
    this.#roundUs = this.#byId.size === 0 ? undefined : roundUs + everyUs;
  }

  #use(instance: Instance, nowUs: TimeUs): void {
    instance.lastUs = nowUs;
    this.#byId.delete(instance.id);
    this.#byId.set(instance.id, instance);
  }

  #oldest(): Instance | undefined {
    return this.#byId.values().next().value;
  }

  #expiryUs(): TimeUs {
    const { ttlUs } = this.#config;
    const oldest = ttlUs === undefined ? undefined : this.#oldest();
    return oldest === undefined ? Infinity : oldest.lastUs + ttlUs!;
  }

  #isExpired({ lastUs }: Instance, nowUs: TimeUs): boolean {
    const { ttlUs } = this.#config;
    return ttlUs !== undefined && nowUs >= lastUs + ttlUs;
  }

  /** Forgets an instance; it is told when its turn comes. */
  #leave(instance: Instance): void {
    if (this.#byId.get(instance.id) === instance) this.#byId.delete(instance.id);
    this.#timers.add(instance, Infinity);
    instance.isGone = true;
    this.#leaving.push(instance);
  }
}
