/**
 * JSON paths: `$`, then any number of `.name`, `."a name"`, `['a name']`, `[0]`, `[-1]` from the end,
 * and `.*` or `[*]` for all members or elements.
 *
 * @module
 */

import { badArgument } from '../row-error.ts';
import type { JsonValue } from '../value.ts';

/** A name, a number (negative from the end), or all of a list or an object. */
export type PathStep = string | number | { readonly allOf: 'list' | 'object' };

/** A path that has been read. */
export interface JsonPath {
  readonly steps: readonly PathStep[];
  /** It may lead to several places. */
  readonly isMany: boolean;
}

const STEP =
  /\.([\p{L}_$][\p{L}\p{N}_$]*)|\.("(?:[^"\\]|\\.)*")|\[\s*(-?\d{1,10})\s*\]|\['([^']*)'\]|(\.\*)|(\[\s*\*\s*\])/uy;

/** Reads a path. @throws RowError `badArgument` */
export function parseJsonPath(text: string): JsonPath {
  const trimmed = text.trim();
  const steps: PathStep[] = [];
  let at = 1;
  if (!trimmed.startsWith('$')) throw badPath(text);
  while (at < trimmed.length) {
    STEP.lastIndex = at;
    const match = STEP.exec(trimmed);
    if (match === null) throw badPath(text);
    at += match[0].length;
    steps.push(stepOf(match, text));
  }
  return { steps, isMany: steps.some((step) => typeof step === 'object') };
}

function stepOf(match: RegExpExecArray, text: string): PathStep {
  const [, name, quoted, index, bracketed, members, elements] = match;
  if (members !== undefined) return { allOf: 'object' };
  if (elements !== undefined) return { allOf: 'list' };
  if (index !== undefined) return Number(index);
  return name ?? bracketed ?? unquoted(quoted!, text);
}

function unquoted(quoted: string, text: string): string {
  try {
    return JSON.parse(quoted) as string;
  } catch {
    throw badPath(text);
  }
}

function badPath(text: string): Error {
  return badArgument(
    `'${text}' is no JSON path; write '$.name', '$."a name"', '$.list[0]' or '$.list[*]'`,
  );
}

/** The one value at a path that is not {@link JsonPath.isMany}; `undefined` when there is none. */
export function jsonAt(json: JsonValue, path: JsonPath): JsonValue | undefined {
  return path.isMany ? only(jsonAll(json, path)) : oneAt(json, path.steps);
}

function oneAt(json: JsonValue, steps: readonly PathStep[]): JsonValue | undefined {
  let value: JsonValue | undefined = json;
  for (const step of steps) {
    if (value === undefined) return undefined;
    value = memberOf(value, step as string | number);
  }
  return value;
}

/** Every value at a path, in the order of the document. */
export function jsonAll(json: JsonValue, { steps }: JsonPath): readonly JsonValue[] {
  let values: readonly JsonValue[] = [json];
  for (const step of steps) {
    values = values.flatMap((value) => {
      if (typeof step === 'object') return allOf(value, step.allOf);
      const member = memberOf(value, step);
      return member === undefined ? [] : [member];
    });
  }
  return values;
}

function only(values: readonly JsonValue[]): JsonValue | undefined {
  return values.length === 1 ? values[0] : undefined;
}

function memberOf(value: JsonValue, step: string | number): JsonValue | undefined {
  if (value === null || typeof value !== 'object') return undefined;
  if (isList(value)) {
    return typeof step === 'number' ? value[step < 0 ? value.length + step : step] : undefined;
  }
  return typeof step === 'string' && Object.hasOwn(value, step) ? value[step] : undefined;
}

function allOf(value: JsonValue, kind: 'list' | 'object'): readonly JsonValue[] {
  if (isList(value)) return kind === 'list' ? value : [];
  return isObject(value) && kind === 'object' ? Object.values(value) : [];
}

/** Whether a JSON value is a list. */
export function isList(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}

/** Whether a JSON value has members. */
export function isObject(value: JsonValue): value is { readonly [key: string]: JsonValue } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A change of a value at a place: what was there, `undefined` for nothing; `undefined` removes it. */
export type JsonChange = (old: JsonValue | undefined) => JsonValue | undefined;

/**
 * The same value with one place changed. What lies on the way there must exist; a member or the
 * element behind the last may be new. Otherwise nothing changes.
 */
export function jsonChanged(
  json: JsonValue,
  steps: readonly PathStep[],
  change: JsonChange,
): JsonValue | undefined {
  const [step, ...rest] = steps;
  if (step === undefined) return change(json);
  if (isList(json) && typeof step === 'number') {
    const at = step < 0 ? json.length + step : step;
    if (at < 0 || at > json.length) return json;
    const next = changedMember(json[at], rest, change);
    if (next === undefined) return json.filter((_, i) => i !== at);
    return at === json.length ? [...json, next] : json.map((old, i) => (i === at ? next : old));
  }
  if (!isObject(json) || typeof step !== 'string' || step === '__proto__') return json;
  const old = Object.hasOwn(json, step) ? json[step] : undefined;
  const next = changedMember(old, rest, change);
  if (next !== undefined) return { ...json, [step]: next };
  return Object.fromEntries(Object.entries(json).filter(([key]) => key !== step));
}

function changedMember(
  old: JsonValue | undefined,
  rest: readonly PathStep[],
  change: JsonChange,
): JsonValue | undefined {
  if (rest.length === 0) return change(old);
  return old === undefined ? undefined : jsonChanged(old, rest, change);
}
