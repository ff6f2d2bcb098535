/**
 * Events that repeat: `a{2,3}` is `a THEN a#2` or `a THEN a#2 THEN a#3`, where each copy is an event of its
 * own, with the rows that the event has.
 *
 * @module
 */

import type { PatternEvent } from '../../core/topology/model/pattern.ts';
import type { Template } from './template.ts';

/** A template without repetition. */
export interface Expanded {
  readonly template: Template;
  /** Those of the node, then the copies. */
  readonly events: readonly PatternEvent[];
  /** By event of the node: those that it is, itself first; one where it does not repeat. */
  readonly copies: readonly (readonly number[])[];
}

/** Writes repetition out. */
export function expandRepeats(template: Template, events: readonly PatternEvent[]): Expanded {
  const all = [...events];
  const copies = events.map((_, event): number[] => [event]);
  const expand = (part: Template): Template => {
    switch (part.kind) {
      case 'event':
      case 'not':
        return part;
      case 'repeat': {
        const { event, least, most } = part;
        const own = copies[event]!;
        while (own.length < most) {
          const of = events[event]!;
          own.push(all.push({ ...of, name: `${of.name}#${own.length + 1}` }) - 1);
        }
        return orOf(Array.from({ length: most - least + 1 }, (_, i) => chainOf(own, least + i)));
      }
      default:
        return { kind: part.kind, parts: part.parts.map(expand) };
    }
  };
  return { template: expand(template), events: all, copies };
}

function chainOf(events: readonly number[], count: number): Template {
  const parts = events.slice(0, count).map((event): Template => ({ kind: 'event', event }));
  return { kind: 'then', parts };
}

function orOf(parts: readonly Template[]): Template {
  return parts.length === 1 ? parts[0]! : { kind: 'or', parts };
}
