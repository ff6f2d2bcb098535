/** One instance of an actor, and what it can do. @module */

import { MillraceError } from '../../core/errors.ts';
import type { StateIo, Steps } from '../../core/state-io.ts';
import type { TimeUs } from '../../core/units.ts';
import { stateOfValue } from '../user-state.ts';
import type { Actor, ActorClass, ActorContext } from './contract.ts';
import { GONE, type InstanceFacts } from './instance-facts.ts';

/** What instances of one task share. */
export interface Household extends Pick<
  ActorContext,
  'options' | 'now' | 'emit' | 'persist' | 'fetch'
> {
  callAt(instance: Instance, timeUs: TimeUs): void;
}

/** Stands for an actor that is still to be made. */
const UNBORN: Actor = { onRow: () => undefined };

/** An instance and what the task knows of it. */
export class Instance {
  readonly context: ActorContext;
  actor: Actor = UNBORN;
  #facts: InstanceFacts;
  #at: number;

  /** @param values - of the key */
  constructor(
    facts: InstanceFacts,
    at: number,
    values: readonly unknown[],
    household: Household,
    nowUs: TimeUs,
  ) {
    this.#facts = facts;
    this.#at = at;
    facts.begin(at, nowUs);
    this.context = new InstanceContext(this, values, household);
  }

  /** Makes the actor. */
  create(create: ActorClass): void {
    const actor: unknown = isClass(create) ? new create(this.context) : create(this.context);
    if (!isActor(actor)) {
      const message = 'the export gives no instance: an object with a method onRow is needed';
      throw new MillraceError('ERR_USER_CODE', message);
    }
    this.actor = actor;
  }

  /** Its number, while it is not gone. */
  get number(): number {
    return this.#facts.first + this.#at;
  }

  get isGone(): boolean {
    return this.#facts === GONE;
  }

  /** Another may have its number from now on. */
  leave(): void {
    this.#facts = GONE;
    this.#at = 0;
  }

  /** When its last row came. */
  get lastUs(): TimeUs {
    return this.#facts.lastUs[this.#at]!;
  }

  set lastUs(timeUs: TimeUs) {
    this.#facts.lastUs[this.#at] = timeUs;
  }

  /** See {@link Timers}. */
  get timerUs(): TimeUs {
    return this.#facts.timerUs[this.#at]!;
  }

  set timerUs(timeUs: TimeUs) {
    if (!this.isGone) this.#facts.timerUs[this.#at] = timeUs;
  }

  get triggeredUs(): TimeUs {
    return this.#facts.triggeredUs[this.#at]!;
  }

  set triggeredUs(timeUs: TimeUs) {
    this.#facts.triggeredUs[this.#at] = timeUs;
  }

  /** Rows since `onOutput` was called. */
  get rowsSinceOutput(): number {
    return this.#facts.rowsSinceOutput[this.#at]!;
  }

  set rowsSinceOutput(rows: number) {
    this.#facts.rowsSinceOutput[this.#at] = rows;
  }

  /** Rows since `onTrigger` was called. */
  get rowsSinceTrigger(): number {
    return this.#facts.rowsSinceTrigger[this.#at]!;
  }

  set rowsSinceTrigger(rows: number) {
    this.#facts.rowsSinceTrigger[this.#at] = rows;
  }

  /** It asked to be removed. */
  get hasExpired(): boolean {
    return this.#facts.hasExpired[this.#at] === 1;
  }

  set hasExpired(hasExpired: boolean) {
    this.#facts.hasExpired[this.#at] = hasExpired ? 1 : 0;
  }
}

function isActor(found: unknown): found is Actor {
  return (
    typeof found === 'object' &&
    found !== null &&
    typeof (found as Partial<Actor>).onRow === 'function'
  );
}

/** Something of a class that nobody else sees. */
const PRIVATE = /[\w$\])]\s*\??\.\s*#[\p{ID_Start}$_]/u;

const ADVICE = 'give its class save() and restore()';

/** What it remembers for itself, and what the task knows of it. */
export function* stateOfInstance(io: StateIo, instance: Instance, create: ActorClass): Steps {
  instance.lastUs = io.float(instance.lastUs);
  instance.timerUs = io.float(instance.timerUs);
  instance.rowsSinceOutput = io.int(instance.rowsSinceOutput);
  instance.rowsSinceTrigger = io.int(instance.rowsSinceTrigger);
  instance.triggeredUs = io.float(instance.triggeredUs);
  instance.hasExpired = io.flag(instance.hasExpired);
  const { actor, context } = instance;
  const isSaved = io.flag(actor.save !== undefined);
  if (isSaved !== (actor.save !== undefined)) io.fail(`an actor that has lost or got 'save'`);
  const path = `the instance of ${context.key.map(String).join(', ')}`;
  if (isSaved) {
    const value = io.isReading ? undefined : actor.save!();
    const saved = yield* stateOfValue(io, value, `what ${path} saves`, 'save plain values');
    if (io.isReading) actor.restore?.(saved, context);
    return;
  }
  if (!io.isReading) checkProperties(create, path);
  const own = yield* stateOfValue(io, io.isReading ? {} : { ...actor }, path, ADVICE);
  if (io.isReading) Object.assign(actor, own);
}

/** @throws MillraceError `ERR_USER_CODE` where its own properties may not be all */
function checkProperties(create: ActorClass, path: string): void {
  if (!isClass(create)) {
    const message = `${path} is no instance of a class, so what it remembers is not known`;
    throw new MillraceError('ERR_USER_CODE', `${message}: give it save() and restore()`);
  }
  for (let type: unknown = create; typeof type === 'function'; type = Object.getPrototypeOf(type)) {
    if (!PRIVATE.test(Function.prototype.toString.call(type))) continue;
    const message = `${path} has private fields, which only its class knows`;
    throw new MillraceError('ERR_USER_CODE', `${message}: ${ADVICE}`);
  }
}

/** Arrow functions and methods cannot be constructed. */
function isClass(create: ActorClass): create is new (context: ActorContext) => Actor {
  return Object.hasOwn(create, 'prototype');
}

/**
 * What an instance is given. There may be a million of them, and most call few of its functions: those of
 * the household are shared, the others are made as they are asked for. They may be taken off it.
 */
class InstanceContext implements ActorContext {
  readonly key: readonly unknown[];
  readonly #instance: Instance;
  readonly #household: Household;

  constructor(instance: Instance, values: readonly unknown[], household: Household) {
    this.key = Object.freeze(values);
    this.#instance = instance;
    this.#household = household;
    Object.freeze(this);
  }

  get options(): ActorContext['options'] {
    return this.#household.options;
  }

  get now(): ActorContext['now'] {
    return this.#household.now;
  }

  get emit(): ActorContext['emit'] {
    return this.#household.emit;
  }

  get persist(): ActorContext['persist'] {
    return this.#household.persist;
  }

  get fetch(): ActorContext['fetch'] {
    return this.#household.fetch;
  }

  get callAt(): ActorContext['callAt'] {
    const instance = this.#instance;
    const household = this.#household;
    return (timeMs) => household.callAt(instance, timeMs * 1000);
  }

  get expire(): ActorContext['expire'] {
    const instance = this.#instance;
    return () => void (instance.hasExpired = true);
  }
}
