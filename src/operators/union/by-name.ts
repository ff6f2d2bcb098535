/** Unions of inputs whose columns meet by their names. @module */

import type { InputStream, ReportIssue } from '../../core/operator.ts';
import type { Field, Schema } from '../../core/schema.ts';
import { fieldIndex } from '../../core/schema.ts';
import type { DataType } from '../../core/types.ts';
import { sameType, typeName } from '../../core/types.ts';
import type { TypedExpr } from '../../expr/index.ts';
import { commonType, convert } from '../../expr/index.ts';

/** A column of the output, and what it is of an input's row. */
export interface UnionColumn {
  readonly name: string;
  readonly expr: TypedExpr;
}

/** Columns that meet by name. */
export interface UnionByName {
  readonly schema: Schema;
  /** By input: the columns of the output. */
  readonly columns: readonly (readonly UnionColumn[])[];
}

/**
 * All columns of all inputs, in the order in which they first appear.
 *
 * @param casts - types may differ that have a common one
 * @returns `undefined` when something was reported
 */
export function planByName(
  inputs: readonly InputStream[],
  casts: boolean,
  report: ReportIssue,
): UnionByName | undefined {
  const types = new Map<string, { type: DataType; owner: string }>();
  let isSound = true;
  inputs.forEach(({ name: owner, stream }, i) => {
    for (const { name, type } of stream.schema) {
      const before = types.get(name);
      const met = before === undefined ? type : meet(before.type, type, casts);
      if (met === undefined) {
        isSound = false;
        const is = `column '${name}' of '${owner}' is ${typeName(type)}`;
        const hint = casts ? 'cast one before' : 'rename one, or say "cast"';
        report(
          ['inputs', i],
          `${is}, that of '${before!.owner}' is ${typeName(before!.type)}: ${hint}`,
        );
      } else types.set(name, { type: met, owner: before?.owner ?? owner });
    }
  });
  if (!isSound) return undefined;
  const schema = [...types].map(([name, { type }]): Field => ({ name, type }));
  return { schema, columns: inputs.map(({ stream }) => columnsOf(stream.schema, schema)) };
}

function meet(a: DataType, b: DataType, casts: boolean): DataType | undefined {
  if (sameType(a, b)) return a;
  return casts ? commonType(a, b) : undefined;
}

function columnsOf(input: Schema, output: Schema): UnionColumn[] {
  return output.map(({ name, type }): UnionColumn => {
    const index = fieldIndex(input, name);
    if (index < 0) return { name, expr: { op: 'literal', type, value: null } };
    const own = input[index]!.type;
    const column: TypedExpr = { op: 'column', type: own, input: 0, index, position: index, name };
    return { name, expr: convert(column, type) };
  });
}
