/** Reading a part for one include: its text, its parameters, its shape. @module */

import { nearestName } from '../../nearest-name.ts';
import { partSchema } from '../document/part.ts';
import { IssueList, pointer, pointerSteps } from '../issues.ts';
import { parseJsonText } from '../json-text.ts';
import { entriesOf, keysOf, objectOf } from '../key-order.ts';
import type { JsonValue } from '../model.ts';
import { someOf } from '../node-report.ts';
import type { IncludeDocument } from '../operators/include.ts';
import { type JsonObject, isObject, valueAt, withValueAt } from '../place.ts';
import { checkShape } from '../shape.ts';
import { type Environment, takeDocument } from '../substitute.ts';

/** The text of a part, or why there is none. */
export type PartText =
  /** `identity` is the same for the same file, however it is spelled. */
  | { readonly ok: true; readonly text: string; readonly identity: string }
  /** A sentence such as `no such file: …`. */
  | { readonly ok: false; readonly problem: string };

/** Reads a part whose path stands in a document. */
export type ReadPart = (file: string) => PartText;

/** An include, and where problems with it go. */
export interface Including {
  readonly include: IncludeDocument & { readonly file: string };
  readonly env: Environment;
  /** Takes problems with the include, at places below it. */
  readonly onInclude: (steps: readonly string[], message: string, suggestion?: string) => void;
  /** Takes problems with the part, by their pointers into it. */
  readonly onPart: (at: string, message: string) => void;
}

/**
 * The part with its parameters replaced and mistyped names mended; `undefined` when it is so wrong that
 * nothing can be said of its operators and outputs, which was reported.
 */
export function readPart(text: string, including: Including): JsonObject | undefined {
  const { env, onPart } = including;
  const parsed = parseJsonText(text);
  if (!parsed.ok) {
    onPart('', `line ${parsed.line}, column ${parsed.column}: ${parsed.message}`);
    return undefined;
  }
  const found = new IssueList();
  found.addAll(parsed.issues);
  const parameters = parametersOf(parsed.value, including, found);
  const written = takeDocument(withoutDefaults(parsed.value), env, found, parameters);
  const untaken = new Set(found.issues.map((issue) => issue.pointer));
  const shape = checkShape(written, partSchema());
  found.addAll(shape.issues.filter((issue) => !untaken.has(issue.pointer)));
  if (parameters === undefined) return undefined; // what lacks a value is not worth a complaint
  for (const { pointer: at, message } of found.issues) onPart(at, message);
  const { document } = shape;
  const hasNodes = ['operators', 'outputs'].every((name) => isObject(valueAt(document, [name])));
  return hasNodes ? (document as JsonObject) : undefined;
}

/** Defaults have been taken, and are not to be looked at as a text with parameters in it. */
function withoutDefaults(document: JsonValue): JsonValue {
  if (!isObject(valueAt(document, ['parameters']))) return document;
  return withValueAt(document, ['parameters'], (section) =>
    objectOf(
      entriesOf(section as JsonObject).map(([name, parameter]): readonly [string, JsonValue] => {
        if (!isObject(parameter)) return [name, parameter];
        return [name, objectOf(entriesOf(parameter).filter(([key]) => key !== 'default'))];
      }),
    ),
  );
}

/** The value of each parameter that the part declares; `undefined` if one has none. */
function parametersOf(
  part: JsonValue,
  { include, env, onInclude }: Including,
  found: IssueList,
): ReadonlyMap<string, JsonValue> | undefined {
  const section = valueAt(part, ['parameters']);
  const declared = isObject(section) ? entriesOf(section) : [];
  const given = include.parameters ?? {};
  const names = declared.map(([name]) => name);
  for (const name of keysOf(given)) {
    if (names.includes(name)) continue;
    const message = `${include.file} has no parameter '${name}'${someOf(names)}`;
    onInclude(['parameters', name], message, nearestName(name, names));
  }
  const values = new Map<string, JsonValue>();
  for (const [name, parameter] of declared) {
    const value = Object.hasOwn(given, name) ? given[name] : defaultOf(name, parameter, env, found);
    if (value !== undefined) values.set(name, value);
    else onInclude([], `missing parameter '${name}' of ${include.file}`);
  }
  return values.size === declared.length ? values : undefined;
}

function defaultOf(
  name: string,
  parameter: JsonValue,
  env: Environment,
  found: IssueList,
): JsonValue | undefined {
  if (!isObject(parameter)) return null; // its shape is wrong, which will be reported
  if (!Object.hasOwn(parameter, 'default')) return undefined;
  const issues = new IssueList();
  const value = takeDocument(parameter['default'], env, issues);
  const at = pointer('parameters', name, 'default');
  for (const issue of issues.issues) found.add(at + issue.pointer, issue.message);
  return value;
}

/** Whether a pointer into a part lies in one of its operators: its name, and what is beneath. */
export function operatorOf(
  at: string,
): { readonly name: string; readonly beneath: string } | undefined {
  const [section, name, ...rest] = pointerSteps(at) ?? [];
  if (section !== 'operators' || name === undefined) return undefined;
  return { name, beneath: pointer(...rest) };
}
