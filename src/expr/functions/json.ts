/** Functions of JSON values. @module */

import { BOOL, JSON_TYPE, STRING } from '../../core/types.ts';
import { badArgument } from '../row-error.ts';
import type { JsonValue, Value } from '../value.ts';
import type { FunctionSpec } from './function-spec.ts';
import { always, remembering } from './function-spec.ts';

type Step = string | number;

const PATH =
  /^\s*\$((?:\.[\p{L}_$][\p{L}\p{N}_$]*|\."(?:[^"\\]|\\.)*"|\[\s*\d+\s*\]|\['[^']*'\])*)\s*$/u;
const STEP = /\.([\p{L}_$][\p{L}\p{N}_$]*)|\.("(?:[^"\\]|\\.)*")|\[\s*(\d+)\s*\]|\['([^']*)'\]/gu;

const jsonPath = remembering((text): readonly Step[] => {
  const match = PATH.exec(text);
  if (match === null) {
    throw badArgument(`'${text}' is no JSON path; write '$.name', '$."a name"' or '$.list[0]'`);
  }
  return Array.from(match[1]!.matchAll(STEP), ([, name, quoted, index, bracketed]) => {
    if (index !== undefined) return Number(index);
    return name ?? bracketed ?? (JSON.parse(quoted!) as string);
  });
});

/** The functions of this file. */
export const JSON_FUNCTIONS: readonly FunctionSpec[] = [
  {
    names: ['JSON_VALUE'],
    usage: "JSON_VALUE(j, '$.path')",
    summary: 'The string, number or boolean at a path, as a string; null when there is none.',
    parameters: ['json', 'string'],
    required: 2,
    result: always(STRING),
    checkConstant: checkPath,
    apply: ([json, path]) => {
      const found = at(json as JsonValue, jsonPath(path as string));
      return found === undefined || (found !== null && typeof found === 'object')
        ? null
        : found === null
          ? null
          : String(found).toWellFormed();
    },
  },
  {
    names: ['JSON_QUERY'],
    usage: "JSON_QUERY(j, '$.path')",
    summary: 'The JSON value at a path; null when there is none.',
    parameters: ['json', 'string'],
    required: 2,
    result: always(JSON_TYPE),
    checkConstant: checkPath,
    apply: ([json, path]): Value => at(json as JsonValue, jsonPath(path as string)) ?? null,
  },
  {
    names: ['JSON_EXISTS'],
    usage: "JSON_EXISTS(j, '$.path')",
    summary: 'Whether there is a value at a path.',
    parameters: ['json', 'string'],
    required: 2,
    result: always(BOOL),
    checkConstant: checkPath,
    apply: ([json, path]) => at(json as JsonValue, jsonPath(path as string)) !== undefined,
  },
];

function checkPath(position: number, text: string): void {
  if (position === 1) jsonPath(text);
}

function at(json: JsonValue, path: readonly Step[]): JsonValue | undefined {
  let value: JsonValue | undefined = json;
  for (const step of path) {
    if (value === null || typeof value !== 'object') return undefined;
    if (Array.isArray(value) !== (typeof step === 'number')) return undefined;
    value = Object.hasOwn(value, step)
      ? (value as Readonly<Record<Step, JsonValue>>)[step]
      : undefined;
  }
  return value;
}
