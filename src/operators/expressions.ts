/** Interim: expressions over batches through the interpreter, until `expr` compiles them. */

import type { Batch } from '../core/batch.ts';
import { Column } from '../core/column.ts';
import type { TypedExpr, Value } from '../expr/index.ts';
import { RowErrors } from '../expr/batch/row-errors.ts';
import { expressionColumns, interpret, RowError } from '../expr/index.ts';

export { RowErrors };

export interface CompiledExpression {
  evaluate(batch: Batch, selection: Uint32Array, selected: number, errors: RowErrors): Column;
}

const decoder = new TextDecoder();
const encoder = new TextEncoder();

function read(column: Column, row: number): Value {
  if (column.isNull(row)) return null;
  switch (column.storage) {
    case 'bits':
      return column.getBool(row);
    case 'i32':
      return column.words[row]!;
    case 'f64':
      return column.f64[row]!;
    case 'i64':
      return column.i64[row]!;
    case 'view': {
      const start = column.viewStart(row);
      const bytes = column.viewSource(row).slice(start, start + column.viewLength(row));
      return column.type.kind === 'string' ? decoder.decode(bytes) : bytes;
    }
  }
}

function write(column: Column, row: number, value: Value): void {
  if (value === null) {
    column.setNull(row);
    return;
  }
  column.setPresent(row);
  switch (column.storage) {
    case 'bits':
      column.setBool(row, value as boolean);
      break;
    case 'i32':
      column.words[row] = value as number;
      break;
    case 'f64':
      column.f64[row] = value as number;
      break;
    case 'i64':
      column.i64[row] = value as bigint;
      break;
    case 'view': {
      const bytes = typeof value === 'string' ? encoder.encode(value) : (value as Uint8Array);
      column.setView(row, bytes, 0, bytes.length);
    }
  }
}

export function compileBatch(
  expr: TypedExpr,
  { rowCapacity }: { readonly rowCapacity: number },
): CompiledExpression {
  const target = Column.allocate(expr.type, rowCapacity);
  const reads = expressionColumns(expr);
  return {
    evaluate(batch, selection, selected, errors) {
      target.nullCount = 0;
      target.heap.used = 0;
      const values: Value[] = [];
      for (let i = 0; i < selected; i++) {
        const row = selection[i]!;
        for (const c of reads) values[c] = read(batch.columns[c]!, row);
        try {
          write(target, row, interpret(expr, values));
        } catch (error) {
          if (!(error instanceof RowError)) throw error;
          errors.add(row, error);
          target.setNull(row);
        }
      }
      return target;
    },
  };
}
