/** Functions of JSON values: paths, kinds, building. Lists are in `list.ts`. @module */

import { BOOL, INT32, JSON_TYPE, STRING } from '../../core/types.ts';
import { badArgument, badCast, shownText } from '../row-error.ts';
import type { JsonPath } from '../scalar/json-path.ts';
import {
  isList,
  isObject,
  jsonAll,
  jsonAt,
  jsonChanged,
  parseJsonPath,
} from '../scalar/json-path.ts';
import { jsonText, parseJsonText } from '../scalar/json-text.ts';
import { jsonKind, toJson } from '../scalar/json-value.ts';
import type { TypedCall } from '../typed.ts';
import type { JsonValue, Value } from '../value.ts';
import type { FunctionSpec } from './function-spec.ts';
import { always, remembering } from './function-spec.ts';

const jsonPath = remembering(parseJsonPath);
const ROOT: JsonPath = { steps: [], isMany: false };

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
    apply: ([json, path]) => scalarText(jsonAt(json as JsonValue, jsonPath(path as string))),
  },
  {
    names: ['JSON_QUERY'],
    usage: "JSON_QUERY(j, '$.path')",
    summary:
      'The JSON value at a path; null when there is none. A path with a * gives a list of all it leads to.',
    parameters: ['json', 'string'],
    required: 2,
    result: always(JSON_TYPE),
    checkConstant: checkPath,
    apply: ([json, text]): Value => {
      const path = jsonPath(text as string);
      if (path.isMany) return jsonAll(json as JsonValue, path);
      return jsonAt(json as JsonValue, path) ?? null;
    },
  },
  {
    names: ['JSON_EXISTS'],
    usage: "JSON_EXISTS(j, '$.path')",
    summary: 'Whether there is a value at a path.',
    parameters: ['json', 'string'],
    required: 2,
    result: always(BOOL),
    checkConstant: checkPath,
    apply: ([json, path]) => jsonAll(json as JsonValue, jsonPath(path as string)).length > 0,
  },
  {
    names: ['JSON_TYPE'],
    usage: "JSON_TYPE(j[, '$.path'])",
    summary:
      "The kind of the value: 'object', 'array', 'string', 'number', 'boolean' or 'null'; null when there is none at the path.",
    parameters: ['json', 'string'],
    required: 1,
    result: always(STRING),
    checkConstant: checkPath,
    apply: ([json, path]) => {
      const value = jsonAt(json as JsonValue, pathOf(path));
      return value === undefined ? null : jsonKind(value);
    },
  },
  {
    names: ['JSON_LENGTH'],
    usage: "JSON_LENGTH(j[, '$.path'])",
    summary: 'How many elements or members the value has; 1 for other values.',
    parameters: ['json', 'string'],
    required: 1,
    result: always(INT32),
    checkConstant: checkPath,
    apply: ([json, path]) => {
      const value = jsonAt(json as JsonValue, pathOf(path));
      return value === undefined ? null : jsonLength(value);
    },
  },
  {
    names: ['JSON_KEYS'],
    usage: "JSON_KEYS(j[, '$.path'])",
    summary: 'A list of the names of the members of an object; null for other values.',
    parameters: ['json', 'string'],
    required: 1,
    result: always(JSON_TYPE),
    checkConstant: checkPath,
    apply: ([json, path]) => {
      const value = jsonAt(json as JsonValue, pathOf(path));
      return value !== undefined && isObject(value) ? Object.keys(value) : null;
    },
  },
  {
    names: ['JSON_SET'],
    usage: "JSON_SET(j, '$.path', x)",
    summary:
      'The same value with x at a path; all but the last step must exist, otherwise nothing changes.',
    parameters: ['json', 'string', 'any'],
    required: 3,
    result: always(JSON_TYPE),
    checkConstant: checkPath,
    apply: ([json, path, x], { args }) =>
      changed(json as JsonValue, path as string, toJson(x!, args[2]!.type)),
  },
  {
    names: ['JSON_REMOVE'],
    usage: "JSON_REMOVE(j, '$.path')",
    summary: 'The same value without what is at a path.',
    parameters: ['json', 'string'],
    required: 2,
    result: always(JSON_TYPE),
    checkConstant: checkPath,
    apply: ([json, path]) => changed(json as JsonValue, path as string, undefined),
  },
  {
    names: ['JSON_MERGE'],
    usage: 'JSON_MERGE(j, patch)',
    summary:
      'Objects merged member by member, as RFC 7396 has it: a null in the patch removes, and what is no object replaces.',
    parameters: ['json', 'json'],
    required: 2,
    isTotal: true,
    result: always(JSON_TYPE),
    apply: ([json, patch]) => merged(json as JsonValue, patch as JsonValue),
  },
  {
    names: ['JSON_OBJECT'],
    usage: "JSON_OBJECT('name', x, …)",
    summary: 'An object of names and values, nulls among them; the last of equal names counts.',
    parameters: ['any'],
    required: 0,
    isVariadic: true,
    takesNulls: true,
    result: (args) => {
      if (args.length % 2 !== 0) throw badArgument('JSON_OBJECT takes pairs of names and values');
      for (const [i, { type }] of args.entries()) {
        if (i % 2 === 0 && type.kind !== 'string') {
          throw badArgument(`the names of JSON_OBJECT are strings, not ${type.kind}`);
        }
      }
      return JSON_TYPE;
    },
    apply: jsonObject,
  },
  {
    names: ['JSON_ARRAY'],
    usage: 'JSON_ARRAY(x, …)',
    summary: 'A list of the arguments, nulls among them.',
    parameters: ['any'],
    required: 0,
    isVariadic: true,
    takesNulls: true,
    result: always(JSON_TYPE),
    apply: (args, call) => args.map((value, i) => toJson(value, call.args[i]!.type)),
  },
  {
    names: ['TO_JSON'],
    usage: 'TO_JSON(x)',
    summary:
      'A value as JSON: a string as a JSON string, a timestamp or duration in ISO 8601, bytes in base64; NaN and infinities give null.',
    parameters: ['any'],
    required: 1,
    isTotal: true,
    result: always(JSON_TYPE),
    apply: ([x], { args }) => toJson(x!, args[0]!.type),
  },
  {
    names: ['JSON_TEXT', 'TO_JSON_STRING'],
    usage: 'JSON_TEXT(x)',
    summary: 'A value as JSON text: TO_JSON, then without blanks.',
    parameters: ['any'],
    required: 1,
    isTotal: true,
    result: always(STRING),
    apply: ([x], { args }) => jsonText(toJson(x!, args[0]!.type)),
  },
  {
    names: ['PARSE_JSON'],
    usage: 'PARSE_JSON(s)',
    summary: 'The value that a JSON text writes, as CAST(s AS JSON).',
    parameters: ['string'],
    required: 1,
    result: always(JSON_TYPE),
    apply: ([s]) => {
      const parsed = parseJsonText(s as string);
      if (parsed === undefined) throw badCast(shownText(s as string), 'json');
      return parsed.value;
    },
  },
  {
    names: ['TRY_PARSE_JSON'],
    usage: 'TRY_PARSE_JSON(s)',
    summary: 'The value that a JSON text writes; null when it is none.',
    parameters: ['string'],
    required: 1,
    isTotal: true,
    result: always(JSON_TYPE),
    apply: ([s]) => parseJsonText(s as string)?.value ?? null,
  },
  {
    names: ['IS_JSON'],
    usage: 'IS_JSON(s)',
    summary: 'Whether a string is JSON text.',
    parameters: ['string'],
    required: 1,
    isTotal: true,
    result: always(BOOL),
    apply: ([s]) => parseJsonText(s as string) !== undefined,
  },
];

function checkPath(position: number, text: string): void {
  if (position === 1) jsonPath(text);
}

function pathOf(path: Value | undefined): JsonPath {
  return path === undefined ? ROOT : jsonPath(path as string);
}

function scalarText(value: JsonValue | undefined): string | null {
  if (value === undefined || value === null || typeof value === 'object') return null;
  return String(value).toWellFormed();
}

function jsonLength(value: JsonValue): number {
  if (isList(value)) return value.length;
  return isObject(value) ? Object.keys(value).length : 1;
}

function changed(json: JsonValue, text: string, to: JsonValue | undefined): JsonValue {
  const path = jsonPath(text);
  if (path.isMany) throw badArgument(`a path that changes a value has no *, found '${text}'`);
  return jsonChanged(json, path.steps, () => to) ?? null;
}

function merged(target: JsonValue, patch: JsonValue): JsonValue {
  if (!isObject(patch)) return patch;
  const result = new Map(isObject(target) ? Object.entries(target) : []);
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) result.delete(key);
    else result.set(key, merged(result.get(key) ?? null, value));
  }
  return Object.fromEntries(result);
}

function jsonObject(args: readonly Value[], { args: typed }: TypedCall): JsonValue {
  const members = new Map<string, JsonValue>();
  for (let i = 0; i < args.length; i += 2) {
    const key = args[i]!;
    if (key === null) throw badArgument('a name of JSON_OBJECT is null');
    if (key === '__proto__') throw badArgument("a member cannot be called '__proto__'");
    members.set(key as string, toJson(args[i + 1]!, typed[i + 1]!.type));
  }
  return Object.fromEntries(members);
}
