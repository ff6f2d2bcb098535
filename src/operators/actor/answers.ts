/** What instances say of themselves when they are asked. @module */

import { textOf } from '../../modules/load-function.ts';

/** What a task says to a question: by name a value, or why there is none. */
export interface Answer {
  readonly values: Readonly<Record<string, unknown>>;
  readonly errors: Readonly<Record<string, string>>;
}

/** Names of one question. */
const MOST_NAMES = 100;
/** Longest text of an error. */
const MOST_TEXT = 1000;
/** Static properties that every class has. */
const OWN_OF_CLASSES = new Set(['length', 'name', 'prototype']);

/**
 * What is asked for, as it is written: a text, or a list of them. A `$` in front of a name is left out.
 *
 * @returns `undefined` when it is neither, or too long
 */
export function namesOf(query: unknown): readonly string[] | undefined {
  const names: readonly unknown[] = Array.isArray(query) ? query : [query];
  if (names.length > MOST_NAMES || !names.every((name) => typeof name === 'string'))
    return undefined;
  return names.map((name) => name.replace(/^\$/, ''));
}

/** Asks for each name, and takes down what is thrown. */
export function answerTo(names: readonly string[], read: (name: string) => unknown): Answer {
  const values: [string, unknown][] = [];
  const errors: [string, string][] = [];
  for (const name of names) {
    try {
      values.push([name, read(name)]);
    } catch (error) {
      errors.push([name, textOf(error).slice(0, MOST_TEXT)]);
    }
  }
  return { values: Object.fromEntries(values), errors: Object.fromEntries(errors) };
}

/**
 * A property or getter of an object or its classes. Nothing is called but a getter, and nothing is found
 * that all objects have.
 *
 * @throws Error when there is none, or it is a method; what the getter throws
 */
export function readProperty(owner: object, name: string): unknown {
  for (let at: object | null = owner; at !== null && !isRoot(at); at = Object.getPrototypeOf(at)) {
    if (!Object.hasOwn(at, name) || (typeof at === 'function' && OWN_OF_CLASSES.has(name)))
      continue;
    const value = (owner as Readonly<Record<string, unknown>>)[name];
    if (typeof value !== 'function') return value;
    throw new Error(`'${name}' is a method; a property or a getter can be asked for`);
  }
  throw new Error(`there is no property or getter '${name}'`);
}

function isRoot(at: object): boolean {
  return at === Object.prototype || at === Function.prototype;
}
