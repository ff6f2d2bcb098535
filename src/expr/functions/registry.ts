/** Every scalar function by name. @module */

import { CALENDAR_FUNCTIONS } from './calendar.ts';
import { ENCODING_FUNCTIONS } from './encoding.ts';
import { FLOAT_FUNCTIONS } from './float.ts';
import type { FunctionSpec } from './function-spec.ts';
import { HASHING_FUNCTIONS } from './hashing.ts';
import { GEO_FUNCTIONS } from './geo.ts';
import { INTEGER_FUNCTIONS } from './integer.ts';
import { LIST_FUNCTIONS } from './list.ts';
import { JSON_FUNCTIONS } from './json.ts';
import { NUMERIC_FUNCTIONS } from './numeric.ts';
import { PATTERN_FUNCTIONS } from './pattern.ts';
import { TEXT_EDIT_FUNCTIONS } from './text-edit.ts';
import { TEXT_FIND_FUNCTIONS } from './text-find.ts';
import { TEXT_FORMAT_FUNCTIONS } from './text-format.ts';
import { TEXT_FUNCTIONS } from './text.ts';
import { TIME_FUNCTIONS } from './time.ts';

/** All functions that have a table entry; the manual lists them from here. */
export const SCALAR_FUNCTIONS: readonly FunctionSpec[] = [
  ...NUMERIC_FUNCTIONS,
  ...FLOAT_FUNCTIONS,
  ...INTEGER_FUNCTIONS,
  ...TEXT_FUNCTIONS,
  ...TEXT_EDIT_FUNCTIONS,
  ...TEXT_FIND_FUNCTIONS,
  ...TEXT_FORMAT_FUNCTIONS,
  ...PATTERN_FUNCTIONS,
  ...TIME_FUNCTIONS,
  ...CALENDAR_FUNCTIONS,
  ...JSON_FUNCTIONS,
  ...LIST_FUNCTIONS,
  ...ENCODING_FUNCTIONS,
  ...HASHING_FUNCTIONS,
  ...GEO_FUNCTIONS,
];

const BY_NAME: ReadonlyMap<string, FunctionSpec> = new Map(
  SCALAR_FUNCTIONS.flatMap((spec) => spec.names.map((name) => [name, spec])),
);

/** The function of an upper-case name. */
export function findFunction(name: string): FunctionSpec | undefined {
  return BY_NAME.get(name);
}

/** All upper-case names, aliases included. */
export function functionNames(): readonly string[] {
  return [...BY_NAME.keys()];
}
