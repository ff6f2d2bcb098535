/** Conditions on events that must stay out. @module */

import type { ReportIssue } from '../../core/operator.ts';
import type { TypedExpr } from '../../expr/index.ts';
import { conjunction, conjuncts, expressionInputs } from '../../expr/index.ts';
import type { Automaton } from './automaton.ts';
import type { EventConfig } from './config.ts';

/** A condition in parts. */
export interface Against {
  /** What rows of a match must fulfil. */
  readonly rest: TypedExpr | undefined;
  /** By event: which rows of it end a match. */
  readonly against: readonly (TypedExpr | undefined)[];
}

/**
 * Tells parts of a condition that speak of events that must stay out from those over a match itself: the
 * former say which rows must.
 */
export function planAgainst(
  where: TypedExpr | undefined,
  events: readonly EventConfig[],
  { slots, automaton }: { readonly slots: readonly number[]; readonly automaton: Automaton },
  issue: ReportIssue,
): Against {
  const rest: TypedExpr[] = [];
  const against = events.map((): TypedExpr[] => []);
  for (const part of where === undefined ? [] : conjuncts(where)) {
    const read = expressionInputs(part);
    const out = read.filter((event) => !slots.includes(event));
    const [event] = out;
    if (event === undefined) {
      rest.push(part);
      continue;
    }
    against[event]!.push(part);
    const { name } = events[event]!;
    if (out.length > 1) {
      issue(
        ['where'],
        `'${name}' and '${events[out[1]!]!.name}' stay out each by itself: compare each with events that occur`,
      );
    }
    for (const other of read) {
      if (!slots.includes(other) || automaton.kills[event]!.every(({ has }) => has.includes(other)))
        continue;
      issue(
        ['where'],
        `'${name}' can come before '${events[other]!.name}' is known, so they cannot be compared`,
      );
    }
  }
  return { rest: conjunction(rest), against: against.map(conjunction) };
}
