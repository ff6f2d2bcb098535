/** The document of a topology with one of its operators changed. Pure. @module */

import { MillraceError, type TopologyIssue } from '../../core/errors.ts';
import { formatIssue, pointer } from '../../core/topology/index.ts';
import type { JsonValue } from '../../core/topology/model.ts';

type JsonObject = { readonly [key: string]: JsonValue };

/** An operator's document before and after a change. */
export interface PatchedDocument {
  readonly document: JsonValue;
  /** Properties that differ. */
  readonly changed: readonly string[];
}

/**
 * Merges a patch into an operator, as RFC 7396 says: objects member by member, null takes a member away,
 * anything else takes the place of what was there. The value of a parameter may stand by itself.
 *
 * @throws MillraceError `ERR_USAGE` when there is no such operator, or the patch is no object
 */
export function patchDocument(document: JsonValue, name: string, patch: unknown): PatchedDocument {
  const operators = membersOf(membersOf(document)['operators']);
  const operator = Object.hasOwn(operators, name) ? operators[name] : undefined;
  if (operator === undefined) {
    const known = Object.keys(operators).map((other) => `'${other}'`);
    const message = `no operator '${name}'; there are ${known.join(', ')}`;
    throw new MillraceError('ERR_USAGE', message);
  }
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) {
    throw new MillraceError('ERR_USAGE', 'expected properties of an operator to change');
  }
  const before = membersOf(operator);
  const after = membersOf(merge(before, withDefinitions(before, patch as JsonObject)));
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  const changed = names.filter((key) => !isSame(before[key], after[key]));
  const patched = { ...operators, [name]: after };
  return { document: { ...membersOf(document), operators: patched }, changed };
}

/** A patch in which values of parameters are those at first. */
function withDefinitions(before: JsonObject, patch: JsonObject): JsonObject {
  const { parameters } = patch;
  if (!isObject(parameters)) return patch;
  const known = membersOf(before['parameters']);
  const definitions = Object.entries(parameters).map(([name, value]) => {
    const isValue = Object.hasOwn(known, name) && !isObject(value);
    return [name, isValue ? { ...membersOf(known[name]), initial: value } : value] as const;
  });
  return { ...patch, parameters: Object.fromEntries(definitions) };
}

function merge(before: JsonValue | undefined, patch: JsonValue): JsonValue {
  if (!isObject(patch)) return patch;
  const merged: Record<string, JsonValue> = { ...membersOf(before) };
  for (const [key, value] of Object.entries(patch)) {
    // The value of a parameter may be null; elsewhere null means nothing in a document.
    if (value === null && key !== 'initial') delete merged[key];
    else if (value !== undefined) merged[key] = merge(merged[key], value);
  }
  return merged;
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function membersOf(value: JsonValue | undefined): JsonObject {
  return isObject(value) ? value : {};
}

function isSame(a: JsonValue | undefined, b: JsonValue | undefined): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}

/** A document in which nothing stands for a variable. */
export function asLiteral(value: JsonValue): JsonValue {
  if (typeof value === 'string') return value.replaceAll('${', () => '$${');
  if (Array.isArray(value)) return (value as readonly JsonValue[]).map(asLiteral);
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, asLiteral(member)]));
}

/** An error about a property of an operator. */
export function updateError(
  name: string,
  property: readonly string[],
  message: string,
): MillraceError {
  const issue: TopologyIssue = { pointer: pointer('operators', name, ...property), message };
  const text = `the update of '${name}' is not valid: one problem\n  ${formatIssue(issue)}`;
  return new MillraceError('ERR_TOPOLOGY_INVALID', text, { node: name, issues: [issue] });
}
