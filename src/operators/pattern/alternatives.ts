/**
 * A template as alternatives without OR: which events occur, which of them come before which, and what
 * must not come when.
 *
 * @module
 */

import { MillraceError } from '../../core/errors.ts';
import type { Template } from './template.ts';
import { eventsOf } from './template.ts';

/** What must not come: behind all of some events, and before the first of others. */
export interface Guard {
  /** Neither of these. */
  readonly events: readonly number[];
  /** Empty: from the first row of the match on. */
  readonly after: readonly number[];
  /** Empty: to the end of the window. */
  readonly until: readonly number[];
}

/** A match has a row for each of the events. */
export interface Alternative {
  readonly events: readonly number[];
  /** By event: those that come before it, as far as no other of them says so. */
  readonly before: ReadonlyMap<number, readonly number[]>;
  readonly guards: readonly Guard[];
}

const MOST_ALTERNATIVES = 64;

/**
 * The alternatives of a template; no match fits two of them.
 *
 * @param template - as it is written, which is checked
 * @param names - of the events, for messages
 * @param expanded - without repetition
 * @throws MillraceError `ERR_EXPRESSION`
 */
export function alternativesOf(
  template: Template,
  names: readonly string[],
  expanded: Template = template,
): Alternative[] {
  checkNames(template, names);
  checkParts(template, names);
  return withoutOr(expanded).map((one): Alternative => {
    const before = new Map<number, readonly number[]>();
    const guards: Guard[] = [];
    walk(one, [], [], { before, guards });
    if (before.size === 0) throw mistake('a match may have no row: expected one that must come');
    return { events: [...before.keys()], before, guards };
  });
}

function mistake(message: string): MillraceError {
  return new MillraceError('ERR_EXPRESSION', message);
}

function checkNames(template: Template, names: readonly string[]): void {
  const all = [...eventsOf(template), ...eventsOf(template, true)];
  const again = all.find((event, i) => all.indexOf(event) < i);
  if (again === undefined) return;
  const name = names[again];
  const message = `'${name}' is there twice`;
  throw mistake(
    `${message}: give the input another event, and say 'where' of both what tells them apart`,
  );
}

function checkParts(template: Template, names: readonly string[]): void {
  if (template.kind === 'event' || template.kind === 'repeat') return;
  if (template.kind === 'not') {
    const { part } = template;
    const isPlain =
      part.kind === 'event' ||
      (part.kind === 'or' && part.parts.every(({ kind }) => kind === 'event'));
    if (isPlain) return;
    throw mistake('NOT takes an event, or events joined by OR in parentheses');
  }
  for (const part of template.parts) checkParts(part, names);
  if (template.kind === 'or') {
    const without = template.parts.find((part) => eventsOf(part).length === 0);
    if (without === undefined) return;
    const which = names[eventsOf(without, true)[0]!];
    throw mistake(`NOT ${which} is a branch of OR by itself: expected an event that occurs there`);
  }
}

function withoutOr(template: Template): readonly Template[] {
  if (template.kind !== 'or' && template.kind !== 'then' && template.kind !== 'and') {
    return [template];
  }
  let found: readonly Template[];
  if (template.kind === 'or') found = template.parts.flatMap(withoutOr);
  else {
    const { kind } = template;
    let lists: readonly (readonly Template[])[] = [[]];
    for (const part of template.parts) {
      const choices = withoutOr(part);
      lists = lists.flatMap((list) => choices.map((choice) => [...list, choice]));
      checkCount(lists.length);
    }
    found = lists.map((parts): Template => ({ kind, parts }));
  }
  checkCount(found.length);
  return found;
}

function checkCount(count: number): void {
  if (count <= MOST_ALTERNATIVES) return;
  throw mistake(`its ORs make more than ${MOST_ALTERNATIVES} alternatives: use several patterns`);
}

interface Found {
  readonly before: Map<number, readonly number[]>;
  readonly guards: Guard[];
}

/**
 * @param after - what is over before this part begins
 * @param until - what does not begin before this part is over
 */
function walk(
  template: Template,
  after: readonly number[],
  until: readonly number[],
  found: Found,
): void {
  switch (template.kind) {
    case 'event':
      found.before.set(template.event, after);
      return;
    case 'not':
      found.guards.push({ events: eventsOf(template.part), after, until });
      return;
    case 'repeat':
      throw mistake('repetition has not been written out');
    case 'then':
      walkInOrder(template.parts, after, until, found);
      return;
    default:
      for (const part of template.parts) walk(part, after, until, found);
  }
}

function walkInOrder(
  parts: readonly Template[],
  after: readonly number[],
  until: readonly number[],
  found: Found,
): void {
  const events = parts.map((part) => eventsOf(part));
  parts.forEach((part, i) => {
    const last = events.slice(0, i).findLast((list) => list.length > 0);
    const next = events.slice(i + 1).find((list) => list.length > 0);
    walk(part, last ?? after, next ?? until, found);
  });
}
