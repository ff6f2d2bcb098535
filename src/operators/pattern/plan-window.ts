/** Windows over a field. @module */

import type { InputStream, ReportIssue } from '../../core/operator.ts';
import type { PatternWindow } from '../../core/topology/model/pattern.ts';
import { sameType, typeName } from '../../core/types.ts';
import type { DataType } from '../../core/types.ts';
import { findColumn } from '../named-columns.ts';

/** The columns by input, and the size in units in which their values are kept; `undefined` for a window of time. */
export function planWindow(
  within: PatternWindow,
  inputs: readonly InputStream[],
  issue: ReportIssue,
): { readonly columns: readonly number[]; readonly size: number } | undefined {
  if (within.kind === 'time') return undefined;
  const { field, size, isDuration } = within;
  const path = ['within', 'field'];
  const columns = inputs.map((input) => findColumn(field, input, path, issue));
  const types = inputs.map(({ stream }, i) => stream.schema[columns[i]!]?.type);
  const [type] = types;
  if (type === undefined) return { columns, size };
  const other = types.findIndex((one) => one !== undefined && !sameType(one, type));
  if (other >= 0) {
    const is = `'${field}' is ${typeName(type)} in '${inputs[0]!.name}'`;
    issue(
      path,
      `${is} and ${typeName(types[other]!)} in '${inputs[other]!.name}'; cast one before`,
    );
  }
  const scale = scaleOf(type);
  const wantsDuration = type.kind === 'timestamp' || type.kind === 'duration';
  if (scale === undefined) {
    issue(path, `expected a column of numbers or times, '${field}' is ${typeName(type)}`);
  } else if (wantsDuration !== isDuration) {
    const expected = wantsDuration ? 'a duration such as "10s"' : 'a number';
    issue(['within', 'size'], `'${field}' is ${typeName(type)}: expected ${expected}`);
  }
  return { columns, size: size * (scale ?? 1) };
}

/** What a distance of 1 is in the units in which values are kept; `undefined`: there are no distances. */
function scaleOf(type: DataType): number | undefined {
  switch (type.kind) {
    case 'decimal':
      return 10 ** type.scale;
    case 'int32':
    case 'int64':
    case 'float64':
    case 'timestamp':
    case 'duration':
      return 1;
    default:
      return undefined;
  }
}
