/**
 * An include with several files, whose parts have the same inputs and outputs: rows go to all of them, or
 * each row to one; what they give comes together. It is a part itself, which is made up here.
 *
 * @module
 */

import { parseJsonText } from '../json-text.ts';
import { keysOf, objectOf } from '../key-order.ts';
import type { JsonValue } from '../model.ts';
import type { IncludeDocument } from '../operators/include.ts';
import { type JsonObject, isObject, valueAt } from '../place.ts';
import type { ReadPart } from './read-part.ts';

/** Takes a problem with the include, at a place below it. */
type OnProblem = (steps: readonly (string | number)[], message: string) => void;

/** The part that has a part for each of `files`. */
export function partOfChoice(
  include: IncludeDocument,
  files: readonly string[],
  readPart: ReadPart,
  onProblem: OnProblem,
): JsonObject {
  const { inputs = {}, parameters = {}, by } = include;
  const column = by?.dispatch === 'number' ? by.columns?.[0] : undefined;
  if (by?.dispatch === 'number' && by.columns?.length !== 1) {
    onProblem(['by'], `'number' looks at one column: expected "columns" with its name`);
  } else if (by?.dispatch === 'broadcast' && by.columns !== undefined) {
    onProblem(['by', 'columns'], `'broadcast' looks at no columns`);
  }
  const names = keysOf(inputs);
  const outputs = commonOutputs(files, readPart, onProblem);
  const operators: [string, JsonValue][] = names.flatMap((name): [string, JsonValue][] =>
    column === undefined ? [] : [[`split-${name}`, splitter(name, column, files.length)]],
  );
  for (const [i, file] of files.entries()) {
    const given = names.map(
      (name) => [name, column === undefined ? name : `split-${name}.${i}`] as const,
    );
    operators.push([String(i), { type: 'include', file, inputs: objectOf(given), parameters }]);
  }
  for (const output of outputs) {
    const streams = files.map((_, i) => `${i}.${output}`);
    operators.push([`merged-${output}`, { type: 'union', inputs: streams }]);
  }
  return {
    inputs: objectOf(names.map((name) => [name, {}] as const)),
    outputs: objectOf(outputs.map((name) => [name, `merged-${name}`] as const)),
    operators: objectOf(operators),
  };
}

/** Sends each row to the output with the number of a column's value, modulo their number. */
function splitter(input: string, column: string, count: number): JsonValue {
  const name = `"${column.replaceAll('"', '""')}"`;
  const routes = Array.from({ length: count }, (_, i): readonly [string, JsonValue] => [
    String(i),
    i === count - 1 ? true : `COALESCE((${name} % ${count} + ${count}) % ${count}, 0) = ${i}`,
  ]);
  return { type: 'filter', input, routes: objectOf(routes) };
}

/** Outputs of all parts, which should be those of each; a part that cannot be read is reported later. */
function commonOutputs(
  files: readonly string[],
  readPart: ReadPart,
  onProblem: OnProblem,
): readonly string[] {
  const outputs = files.map((file) => outputsOf(readPart(file)));
  const first = outputs[0] ?? [];
  for (const [i, names] of outputs.entries()) {
    if (names === undefined || outputs[0] === undefined) continue;
    const difference = [...new Set(first).symmetricDifference(new Set(names))];
    if (difference.length === 0) continue;
    const lacking = names.includes(difference[0]!) ? files[0] : files[i];
    const message = `expected files with the same outputs; ${lacking} has no '${difference[0]}'`;
    onProblem(['file', i], message);
  }
  return first.filter((name) => outputs.every((names) => names?.includes(name) ?? true));
}

function outputsOf(read: ReturnType<ReadPart>): readonly string[] | undefined {
  const parsed = read.ok ? parseJsonText(read.text) : undefined;
  const outputs = parsed?.ok === true ? valueAt(parsed.value, ['outputs']) : undefined;
  return isObject(outputs) ? keysOf(outputs) : undefined;
}
