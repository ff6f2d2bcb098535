/** Columns that windows and orders go by. @module */

import type { InputStream, ReportIssue } from '../../core/operator.ts';
import type { PatternWindow } from '../../core/topology/model/pattern.ts';
import { sameType, typeName, unitsInOne } from '../../core/types.ts';
import type { DataType } from '../../core/types.ts';
import { findColumn } from '../named-columns.ts';

/** A column of each input, and its type where it has one. */
interface Numbers {
  readonly columns: readonly number[];
  readonly type: DataType | undefined;
}

/** The columns by input, and the size in units in which their values are kept; `undefined` for a window of time. */
export function planWindow(
  within: PatternWindow,
  inputs: readonly InputStream[],
  issue: ReportIssue,
): { readonly columns: readonly number[]; readonly size: number } | undefined {
  if (within.kind === 'time') return undefined;
  const { field, size, isDuration } = within;
  const { columns, type } = findNumbers(field, inputs, ['within', 'field'], issue);
  const scale = type && unitsInOne(type);
  if (type === undefined || scale === undefined) return { columns, size };
  const wantsDuration = type.kind === 'timestamp' || type.kind === 'duration';
  if (wantsDuration !== isDuration) {
    const expected = wantsDuration ? 'a duration such as "10s"' : 'a number';
    issue(['within', 'size'], `'${field}' is ${typeName(type)}: expected ${expected}`);
  }
  return { columns, size: size * scale };
}

/** A column of numbers or times that all inputs have. */
export function findNumbers(
  name: string,
  inputs: readonly InputStream[],
  path: readonly string[],
  issue: ReportIssue,
): Numbers {
  const columns = inputs.map((input) => findColumn(name, input, path, issue));
  const types = inputs.map(({ stream }, i) => stream.schema[columns[i]!]?.type);
  const [type] = types;
  if (type === undefined) return { columns, type };
  const other = types.findIndex((one) => one !== undefined && !sameType(one, type));
  if (other >= 0) {
    const is = `'${name}' is ${typeName(type)} in '${inputs[0]!.name}'`;
    issue(
      path,
      `${is} and ${typeName(types[other]!)} in '${inputs[other]!.name}'; cast one before`,
    );
  } else if (unitsInOne(type) === undefined) {
    issue(path, `expected a column of numbers or times, '${name}' is ${typeName(type)}`);
  }
  return { columns, type };
}
