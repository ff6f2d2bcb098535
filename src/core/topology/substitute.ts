/**
 * Takes a document over from outside: copies it as plain JSON and replaces `${NAME}` and
 * `${NAME:-default}` inside its strings by environment variables.
 *
 * Keys are left alone. The default stands in for a variable that is not set or is empty, and runs
 * to the first `}`. What a variable contains is not looked at again. `$${` stands for `${`.
 *
 * @module
 */

import { entriesOf, objectOf } from './key-order.ts';
import type { JsonValue } from './model.ts';
import { type IssueList, pointer, show } from './issues.ts';
import { nearestName } from '../nearest-name.ts';

/** Environment variables; one that is not there, or is `undefined`, is not set. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Values that come before environment variables, by name. */
export type Parameters = ReadonlyMap<string, JsonValue>;

const NO_PARAMETERS: Parameters = new Map();

/**
 * A copy of `value` with variables replaced.
 *
 * A string that is `${NAME}` and nothing else becomes the parameter's value, of any kind; inside a
 * longer one, text, a number or a boolean becomes part of the text.
 *
 * Adds an issue for each undefined variable and for whatever JSON cannot express (a function, a
 * bigint, a Date); properties that are `undefined` count as left out.
 */
export function takeDocument(
  value: unknown,
  env: Environment,
  issues: IssueList,
  parameters: Parameters = NO_PARAMETERS,
): JsonValue {
  return new Copier(env, issues, parameters).copy(value);
}

const MAX_DEPTH = 500;
const VARIABLE = /\$(\$?)\{([^}]*)(\}?)/g;
/** A string that a parameter's value takes the place of. */
const WHOLE_NAME = /^\$\{([A-Za-z_][A-Za-z0-9_]*)\}$/;
const NAME = /^([A-Za-z_][A-Za-z0-9_]*)(?::-(.*))?$/s;

class Copier {
  readonly #env: Environment;
  readonly #issues: IssueList;
  readonly #parameters: Parameters;
  readonly #steps: (string | number)[] = [];

  constructor(env: Environment, issues: IssueList, parameters: Parameters) {
    this.#parameters = parameters;
    this.#env = env;
    this.#issues = issues;
  }

  copy(value: unknown): JsonValue {
    if (value === null || typeof value === 'boolean') return value;
    if (typeof value === 'number' && Number.isFinite(value)) return value;
    if (typeof value === 'string') return this.#substitute(value);
    if (this.#steps.length >= MAX_DEPTH) return this.#refuse('less nesting', 'more');
    if (Array.isArray(value)) {
      return value.map((member: unknown, i) => this.#under(i, () => this.copy(member)));
    }
    if (typeof value === 'object' && isPlain(value)) return this.#copyObject(value);
    return this.#refuse('a JSON value', describe(value));
  }

  #copyObject(value: { readonly [key: string]: unknown }): JsonValue {
    const entries: [string, JsonValue][] = [];
    for (const [key, member] of entriesOf(value)) {
      if (member === undefined) continue;
      this.#under(key, () => {
        // Libraries, and JavaScript itself, treat this key unlike others; no name is worth that.
        if (key === '__proto__') this.#refuse('another name', show(key));
        else entries.push([key, this.copy(member)]);
      });
    }
    return objectOf(entries);
  }

  #substitute(text: string): JsonValue {
    const [, whole] = WHOLE_NAME.exec(text) ?? [];
    const value = whole === undefined ? undefined : this.#parameters.get(whole);
    return value === undefined ? this.#replaceVariables(text) : value;
  }

  #replaceVariables(text: string): string {
    return text.replace(VARIABLE, (whole, escape: string, inner: string, end: string) => {
      if (escape !== '') return whole.slice(1);
      const [, name, fallback] = (end === '' ? null : NAME.exec(inner)) ?? [];
      if (name === undefined) {
        this.#refuse('${NAME} or ${NAME:-default} (a literal ${ is written $${)', show(whole));
        return whole;
      }
      const parameter = this.#parameters.get(name);
      if (parameter !== undefined) return this.#textOf(name, parameter);
      const value = Object.hasOwn(this.#env, name) ? this.#env[name] : undefined;
      if (fallback !== undefined) return value === undefined || value === '' ? fallback : value;
      if (value !== undefined) return value;
      this.#refuseName(name);
      return whole;
    });
  }

  #textOf(name: string, value: JsonValue): string {
    if (typeof value === 'object') {
      const expected = `a text, number or boolean as parameter '${name}' inside a longer text`;
      this.#refuse(expected, show(value));
    }
    return String(value);
  }

  #refuseName(name: string): void {
    const message = `environment variable '${name}' is not set and has no default`;
    const known = [...this.#parameters.keys()];
    const near = nearestName(name, [...known, ...Object.keys(this.#env)]);
    const what = known.length === 0 ? message : `'${name}' is no parameter, and ${message}`;
    this.#issues.add(pointer(...this.#steps), what, near);
  }

  #under<Result>(step: string | number, act: () => Result): Result {
    this.#steps.push(step);
    const result = act();
    this.#steps.pop();
    return result;
  }

  #refuse(expected: string, found: string): null {
    this.#issues.add(pointer(...this.#steps), `expected ${expected}, found ${found}`);
    return null;
  }
}

function isPlain(value: object): value is { readonly [key: string]: unknown } {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function describe(value: unknown): string {
  if (typeof value === 'number') return String(value);
  return typeof value === 'object' && value !== null
    ? `an instance of ${value.constructor.name}`
    : show(value);
}
