/** Nodes without operands: columns of the batch, and constants. @module */

import { Column } from '../../../core/column.ts';
import type { DataType } from '../../../core/types.ts';
import type { TypedColumn, TypedLiteral } from '../../typed.ts';
import type { Value } from '../../value.ts';
import { ValueWriter } from '../values.ts';
import type { Frame, NodeOptions, VectorNode } from '../vector-node.ts';

/** Gives an input column as it is. */
export class ColumnNode implements VectorNode {
  readonly type: DataType;
  readonly #index: number;

  constructor({ type, index }: TypedColumn) {
    this.type = type;
    this.#index = index;
  }

  evaluate({ columns }: Frame): Column {
    return columns[this.#index]!;
  }
}

/** Gives a column that holds one value in every row, written once. */
export class LiteralNode implements VectorNode {
  readonly type: DataType;
  /** The constant, for nodes that have a loop for it. */
  readonly value: Value;
  readonly #column: Column;

  constructor({ type, value }: TypedLiteral, options: NodeOptions) {
    this.type = type;
    this.value = value;
    this.#column = constantColumn(type, value, options);
  }

  evaluate(): Column {
    return this.#column;
  }
}

function constantColumn(
  type: DataType,
  value: Value,
  { rowCapacity, memory }: NodeOptions,
): Column {
  const column = Column.allocate(type, rowCapacity, memory);
  if (rowCapacity === 0) return column;
  if (value === null) {
    column.validity.fill(0);
    column.nullCount = rowCapacity;
    return column;
  }
  new ValueWriter().write(column, 0, value);
  switch (column.storage) {
    case 'bits':
      column.bytes.fill(value === true ? 0xff : 0);
      break;
    case 'f64':
      column.f64.fill(value as number);
      break;
    default: {
      // Rows of a view may share their bytes in the heap.
      const words = column.words.length / rowCapacity;
      for (let i = words; i < column.words.length; i++) column.words[i] = column.words[i - words]!;
    }
  }
  return column;
}
