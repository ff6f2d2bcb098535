/** Changes to a document from the command line: `--set /engine/workers=4`. @module */

import { entriesOf, objectOf } from './key-order.ts';
import { IssueList, pointer, pointerSteps, show } from './issues.ts';
import { parseJsonText } from './json-text.ts';
import type { JsonValue } from './model.ts';

/** One change: the place, and the value as it was typed. */
export interface Override {
  /** JSON pointer. Objects on the way are made if they are missing. */
  readonly pointer: string;
  /** JSON, or else a string without its quotes. */
  readonly valueText: string;
}

/** Splits `/json/pointer=value` at the first `=`; `undefined` when there is none. */
export function parseOverride(text: string): Override | undefined {
  const equals = text.indexOf('=');
  if (equals < 0) return undefined;
  return { pointer: text.slice(0, equals), valueText: text.slice(equals + 1) };
}

/**
 * A copy of `document` with the changes made, one after the other.
 *
 * A step into a list is an index, or `-` to append. Variables in values are replaced later, when
 * the document is parsed.
 *
 * @throws MillraceError `ERR_TOPOLOGY_INVALID` with one issue per change that has no place
 */
export function applyOverrides(document: unknown, overrides: readonly Override[]): unknown {
  const issues = new IssueList();
  const changed = overrideDocument(document, overrides, issues);
  issues.throwIfAny('the override');
  return changed;
}

/** As {@link applyOverrides}, but adds the problems to `issues` and leaves out what has no place. */
export function overrideDocument(
  document: unknown,
  overrides: readonly Override[],
  issues: IssueList,
): unknown {
  let changed = document;
  for (const override of overrides) changed = applyOne(changed, override, issues);
  return changed;
}

function applyOne(document: unknown, override: Override, issues: IssueList): unknown {
  const steps = pointerSteps(override.pointer);
  if (steps === undefined) {
    const message = `expected a JSON pointer such as /engine/workers, found ${show(override.pointer)}`;
    issues.add('', message);
    return document;
  }
  const place = { steps, value: readValue(override.valueText), issues };
  return replaceAt(document, 0, place);
}

/** The typed text as JSON, or as itself. */
function readValue(text: string): JsonValue {
  const parsed = parseJsonText(text);
  return parsed.ok && parsed.issues.length === 0 ? parsed.value : text;
}

interface Place {
  readonly steps: readonly string[];
  readonly value: JsonValue;
  readonly issues: IssueList;
}

/** `node`, which lies under the first `depth` steps, with the value put in its place. */
function replaceAt(node: unknown, depth: number, place: Place): unknown {
  const step = place.steps[depth];
  if (step === undefined) return place.value;
  if (Array.isArray(node)) return replaceInList(node, step, depth, place);
  if (node !== undefined && (node === null || typeof node !== 'object')) {
    const at = pointer(...place.steps.slice(0, depth));
    place.issues.add(at, `expected an object or a list to set '${step}' in, found ${show(node)}`);
    return node;
  }
  const entries = entriesOf((node ?? {}) as { readonly [key: string]: unknown });
  const known = entries.findIndex(([key]) => key === step);
  const old = known < 0 ? undefined : entries[known]?.[1];
  entries[known < 0 ? entries.length : known] = [step, replaceAt(old, depth + 1, place)];
  return objectOf(entries);
}

function replaceInList(
  node: readonly unknown[],
  step: string,
  depth: number,
  place: Place,
): unknown {
  const index = step === '-' ? node.length : /^(?:0|[1-9]\d*)$/.test(step) ? Number(step) : NaN;
  if (!(index <= node.length)) {
    const at = pointer(...place.steps.slice(0, depth));
    place.issues.add(at, `expected an index from 0 to ${node.length} or '-', found ${show(step)}`);
    return node;
  }
  const copy = [...node];
  copy[index] = replaceAt(copy[index], depth + 1, place);
  return copy;
}
