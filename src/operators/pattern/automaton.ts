/** Alternatives as states, and what rows make of partial matches in them. Plain data. @module */

import { MillraceError } from '../../core/errors.ts';
import type { Alternative, Guard } from './alternatives.ts';

/** No partial match: the row begins one. */
export const START = -1;
/** Nothing is missing, and nothing has to be waited for. */
export const MATCHED = -1;

/** A row takes the place of an event. */
export interface Move {
  /** A state, or {@link START}. */
  readonly from: number;
  /** A state, or {@link MATCHED}. */
  readonly to: number;
  /** Events whose rows must be earlier. */
  readonly after: readonly number[];
}

/** A row ends partial matches. */
export interface Kill {
  readonly state: number;
  /** Events whose rows must be earlier for that. */
  readonly after: readonly number[];
  /** Events whose rows the partial match has. */
  readonly has: readonly number[];
}

/** States are numbered from 0. */
export interface Automaton {
  /** By state: nothing is missing but the end of the window. */
  readonly waits: readonly boolean[];
  /** By event: what a row that is one makes. */
  readonly moves: readonly (readonly Move[])[];
  readonly kills: readonly (readonly Kill[])[];
}

const MOST_STATES = 512;

/**
 * The automaton of some alternatives.
 *
 * @param names - of the events
 * @throws MillraceError `ERR_EXPRESSION`
 */
export function automatonOf(
  alternatives: readonly Alternative[],
  names: readonly string[],
): Automaton {
  const waits: boolean[] = [];
  const moves: Move[][] = names.map(() => []);
  const kills: Kill[][] = names.map(() => []);
  for (const alternative of alternatives) {
    const { events, before, guards } = alternative;
    const used = new Set<Guard>();
    const numbers = new Map<number, number>();
    const whole = maskOf(events);
    const isWaiting = guards.some(({ until }) => until.length === 0);
    const numberOf = (mask: number): number => {
      if (mask === whole && !isWaiting) return MATCHED;
      let state = numbers.get(mask);
      if (state === undefined) {
        state = waits.push(mask === whole) - 1;
        if (state >= MOST_STATES) {
          throw mistake(`it has more than ${MOST_STATES} states: join fewer events by AND`);
        }
        numbers.set(mask, state);
        for (const guard of guards) {
          if (!isActive(guard, mask)) continue;
          used.add(guard);
          const has = events.filter((event) => (mask & (1 << event)) !== 0);
          for (const event of guard.events) kills[event]!.push({ state, after: guard.after, has });
        }
        pending.push(mask);
      }
      return state;
    };
    const pending = [0];
    for (const mask of pending) {
      const from = mask === 0 ? START : numberOf(mask);
      for (const event of events) {
        const after = before.get(event)!;
        const known = maskOf(after);
        if ((mask & (1 << event)) !== 0 || (mask & known) !== known) continue;
        moves[event]!.push({ from, to: numberOf(mask | (1 << event)), after });
      }
    }
    const unused = guards.find((guard) => !used.has(guard));
    if (unused !== undefined) {
      const name = names[unused.events[0]!];
      throw mistake(
        `NOT ${name} stands before the first event, with which the window begins: put it behind one, or beside one with AND`,
      );
    }
  }
  return { waits, moves, kills };
}

function mistake(message: string): MillraceError {
  return new MillraceError('ERR_EXPRESSION', message);
}

function maskOf(events: readonly number[]): number {
  return events.reduce((mask, event) => mask | (1 << event), 0);
}

function isActive({ after, until }: Guard, mask: number): boolean {
  const over = maskOf(after);
  return (mask & over) === over && (mask & maskOf(until)) === 0;
}
