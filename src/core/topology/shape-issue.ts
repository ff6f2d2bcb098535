/**
 * Turns one zod issue into a sentence of the house style, and, where a name was mistyped, says how
 * to mend it.
 *
 * @module
 */

import type * as z from 'zod';
import { TYPE_NAMES } from '../types.ts';
import { nearestName } from '../nearest-name.ts';
import { type Hint, decodeHint } from './document/hints.ts';
import { list, show } from './issues.ts';
import type { JsonValue } from './model.ts';
import { type JsonObject, type Path, isObject, valueAt } from './place.ts';

/** A problem with the shape of a document. */
export interface ShapeIssue {
  readonly path: Path;
  readonly message: string;
  readonly suggestion?: string | undefined;
  /** What to change so that what lies beneath can be checked too. */
  readonly repair?: Repair | undefined;
}

/** A change that makes up for a mistyped name. */
export type Repair =
  | { readonly kind: 'rename'; readonly at: Path; readonly from: string; readonly to: string }
  | { readonly kind: 'remove'; readonly at: Path; readonly key: string }
  | { readonly kind: 'replace'; readonly at: Path; readonly value: string };

type ZodIssue = z.core.$ZodIssue;

/** The sentences for one zod issue. */
export function shapeIssues(issue: ZodIssue, document: JsonValue): ShapeIssue[] {
  if (issue.code === 'unrecognized_keys') {
    const object = valueAt(document, issue.path);
    const hint = decodeHint(issue.message);
    if (!isObject(object) || hint.kind !== 'keys') return [];
    return issue.keys.map((key) => unknownProperty(issue.path, key, object, hint));
  }
  if (issue.code === 'invalid_union' && issue.errors.length > 0) {
    return unionIssues(issue, document);
  }
  return [valueIssue(issue, document)];
}

/** The issues of the one alternative that the value was meant to be, if that can be told. */
function unionIssues(
  issue: Extract<ZodIssue, { code: 'invalid_union' }>,
  document: JsonValue,
): ShapeIssue[] {
  const meant = issue.errors.find((errors) => errors.every((error) => !isOtherKind(error)));
  if (meant === undefined) return [valueIssue(issue, document)];
  return meant.flatMap((inner) =>
    shapeIssues({ ...inner, path: [...issue.path, ...inner.path] }, document),
  );
}

/** Whether an alternative failed because the value is of another kind altogether. */
function isOtherKind(error: ZodIssue): boolean {
  return error.path.length === 0 && ['invalid_type', 'invalid_value'].includes(error.code);
}

function unknownProperty(
  path: Path,
  key: string,
  object: JsonObject,
  hint: Extract<Hint, { kind: 'keys' }>,
): ShapeIssue {
  const at = [...path, key];
  const remove = { kind: 'remove', at: path, key } as const;
  if (hint.planned.includes(key)) {
    return { path: at, message: `'${key}' is not supported in this version`, repair: remove };
  }
  const free = hint.known.filter((name) => !Object.hasOwn(object, name));
  const suggestion = nearestName(key, free);
  const message = `unknown property '${key}'`;
  if (suggestion === undefined) {
    const expected = `expected one of ${hint.known.join(', ')}`;
    return { path: at, message: `${message}; ${expected}`, repair: remove };
  }
  const repair = { kind: 'rename', at: path, from: key, to: suggestion } as const;
  return { path: at, message, suggestion, repair };
}

function valueIssue(issue: ZodIssue, document: JsonValue): ShapeIssue {
  const found = valueAt(document, issue.path);
  const hint = decodeHint(issue.message);
  const names = namesOf(issue);
  if (found === undefined) {
    const expected = expectation(hint, names);
    // Beside a name that chooses a kind others are not known yet; elsewhere a typo is unrecognised.
    if (issue.code === 'invalid_union') return missingName(issue.path, expected, document);
    return missingProperty(issue.path, expected);
  }
  if (hint.kind === 'type' && typeof found === 'string') {
    if (/^decimal\s*\(/.test(found)) {
      const expected = 'decimal(p,s) with 1 ≤ p ≤ 18 and 0 ≤ s ≤ p';
      return { path: issue.path, message: `expected ${expected}, found ${show(found)}` };
    }
    return unknownName(issue.path, found, { noun: 'type', names: TYPE_NAMES, planned: [] });
  }
  if (hint.kind === 'option' && (typeof found === 'string' || names.length === 1)) {
    return unknownName(issue.path, found, { noun: hint.noun, names, planned: hint.planned });
  }
  return {
    path: issue.path,
    message: `expected ${expectation(hint, names)}, found ${show(found)}`,
  };
}

/** The names an option may have, as the issue lists them. */
function namesOf(issue: ZodIssue): string[] {
  if (issue.code === 'invalid_value') return issue.values.map(String);
  if (issue.code !== 'invalid_union') return [];
  // A discriminated union lists the names it knows; other unions have no such list.
  const options = 'options' in issue && Array.isArray(issue.options) ? issue.options : [];
  return options.map(String);
}

function expectation(hint: Hint, names: readonly string[]): string {
  switch (hint.kind) {
    case 'value':
      return hint.expected;
    case 'option':
      return oneOf(names);
    case 'type':
      return `a type such as "int64", one of ${TYPE_NAMES.join(', ')}`;
    case 'keys':
      return `the properties ${list(hint.known)}`;
  }
}

function oneOf(names: readonly string[]): string {
  return names.length === 1 ? String(names[0]) : `one of ${names.join(', ')}`;
}

/** What people call types in SQL and in other languages, and our names for them. */
const TYPE_ALIASES: ReadonlyMap<string, string> = new Map([
  ['int', 'int32'],
  ['integer', 'int32'],
  ['bigint', 'int64'],
  ['long', 'int64'],
  ['float', 'float64'],
  ['double', 'float64'],
  ['number', 'float64'],
  ['varchar', 'string'],
  ['text', 'string'],
  ['boolean', 'bool'],
  ['datetime', 'timestamp'],
  ['date', 'timestamp'],
  ['interval', 'duration'],
  ['binary', 'bytes'],
  ['object', 'json'],
  ['decimal', 'decimal(p,s)'],
]);

function unknownName(
  path: Path,
  found: JsonValue,
  option: { noun: string; names: readonly string[]; planned: readonly string[] },
): ShapeIssue {
  const { noun, names, planned } = option;
  const expected = `expected ${oneOf(names)}`;
  if (typeof found !== 'string') {
    return { path, message: `unknown ${noun} ${show(found)}; ${expected}` };
  }
  if (planned.includes(found)) {
    return { path, message: `${noun} '${found}' is not supported in this version; ${expected}` };
  }
  const alias = noun === 'type' ? TYPE_ALIASES.get(found.toLowerCase()) : undefined;
  const suggestion = alias ?? nearestName(found, names);
  const message = `unknown ${noun} ${show(found).replaceAll(/^"|"$/g, "'")}; ${expected}`;
  if (suggestion === undefined) return { path, message };
  const isUsable = !suggestion.includes('('); // 'decimal(p,s)' shows a form and is no type itself
  const repair = isUsable ? ({ kind: 'replace', at: path, value: suggestion } as const) : undefined;
  return { path, message, suggestion, repair };
}

function missingProperty(path: Path, expected: string): ShapeIssue {
  const name = String(path[path.length - 1] ?? '');
  return { path: path.slice(0, -1), message: `missing property '${name}'; expected ${expected}` };
}

/** A name of a kind that is not there, unless it is there under a mistyped property. */
function missingName(path: Path, expected: string, document: JsonValue): ShapeIssue {
  const parent = path.slice(0, -1);
  const name = String(path[path.length - 1] ?? '');
  const object = valueAt(document, parent);
  const keys = isObject(object) ? Object.keys(object) : [];
  const typed = keys.find((key) => nearestName(key, [name]) !== undefined);
  if (typed === undefined || typeof valueAt(document, [...parent, typed]) !== 'string') {
    return missingProperty(path, expected);
  }
  const repair = { kind: 'rename', at: parent, from: typed, to: name } as const;
  const message = `unknown property '${typed}'`;
  return { path: [...parent, typed], message, suggestion: name, repair };
}
