/** Every scalar function by name. @module */

import type { FunctionSpec } from './function-spec.ts';
import { JSON_FUNCTIONS } from './json.ts';
import { NUMERIC_FUNCTIONS } from './numeric.ts';
import { PATTERN_FUNCTIONS } from './pattern.ts';
import { TEXT_FUNCTIONS } from './text.ts';
import { TIME_FUNCTIONS } from './time.ts';

/** All functions that have a table entry; the manual lists them from here. */
export const SCALAR_FUNCTIONS: readonly FunctionSpec[] = [
  ...NUMERIC_FUNCTIONS,
  ...TEXT_FUNCTIONS,
  ...PATTERN_FUNCTIONS,
  ...TIME_FUNCTIONS,
  ...JSON_FUNCTIONS,
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
