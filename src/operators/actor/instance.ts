/** One instance of an actor, and what it can do. @module */

import { MillraceError } from '../../core/errors.ts';
import type { TimeUs } from '../../core/units.ts';
import type { Actor, ActorClass, ActorContext } from './contract.ts';

/** What instances of one task share. */
export interface Household {
  readonly options: Readonly<Record<string, unknown>>;
  nowUs(): TimeUs;
  /** Takes a row that an instance emits on a port, for the moment that it is called for. */
  emit(port: number, row: object): void;
  portOf(stream: string): number;
  callAt(instance: Instance, timeUs: TimeUs): void;
  persist(key: string, value: unknown, ttlUs: number): void;
  fetch(key: string): unknown;
}

/** An instance and what the task knows of it. */
export class Instance {
  readonly id: string;
  readonly context: ActorContext;
  readonly actor: Actor;
  /** When its last row came. */
  lastUs: TimeUs;
  /** See {@link Timers}. */
  timerUs: TimeUs = Infinity;
  /** Rows since `onOutput` and `onTrigger` were called. */
  rowsSinceOutput = 0;
  rowsSinceTrigger = 0;
  triggeredUs: TimeUs;
  /** It asked to be removed. */
  hasExpired = false;
  isGone = false;

  constructor(id: string, key: readonly unknown[], create: ActorClass, household: Household) {
    this.id = id;
    this.lastUs = household.nowUs();
    this.triggeredUs = this.lastUs;
    this.context = contextOf(this, key, household);
    this.actor = isClass(create) ? new create(this.context) : create(this.context);
    const found: unknown = this.actor;
    if (typeof found !== 'object' || found === null || typeof this.actor.onRow !== 'function') {
      const message = 'the export gives no instance: an object with a method onRow is needed';
      throw new MillraceError('ERR_USER_CODE', message);
    }
  }
}

/** Arrow functions and methods cannot be constructed. */
function isClass(create: ActorClass): create is new (context: ActorContext) => Actor {
  return Object.hasOwn(create, 'prototype');
}

function contextOf(
  instance: Instance,
  key: readonly unknown[],
  household: Household,
): ActorContext {
  return Object.freeze({
    key: Object.freeze(key),
    options: household.options,
    now: () => household.nowUs() / 1000,
    emit(first: string | object, second?: object): void {
      if (typeof first === 'string') household.emit(household.portOf(first), second!);
      else household.emit(household.portOf(''), first);
    },
    callAt: (timeMs: number) => household.callAt(instance, timeMs * 1000),
    persist: (name: string, value: unknown, ttlMs = Infinity) =>
      household.persist(name, value, ttlMs * 1000),
    fetch: (name: string) => household.fetch(name),
    expire: () => void (instance.hasExpired = true),
  });
}
