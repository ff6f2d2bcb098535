/** What the rows of a source are worth, and whose they are. @module */

import { QosGraph } from '../../../admission/index.ts';
import type { Batch } from '../../../core/batch.ts';
import type { Column } from '../../../core/column.ts';
import { Column as Columns } from '../../../core/column.ts';
import type { BadRow } from '../../../core/connector.ts';
import type { KernelMemory } from '../../../core/memory.ts';
import type { Schema } from '../../../core/schema.ts';
import type { Graph } from '../../../core/topology/model.ts';
import { FLOAT64, INT32 } from '../../../core/types.ts';
import {
  type BatchExpression,
  compileBatch,
  RowErrors,
  type TypedExpr,
} from '../../../expr/index.ts';
import { rowText } from '../../../operators/kernels.ts';
import type { GateProgram } from '../../protocol-admission.ts';
import type { LaneTable } from './lane-table.ts';

/** What a {@link RowWorth} is made of. */
export interface RowWorthParts {
  readonly program: GateProgram<TypedExpr>;
  /** Utility by value; `undefined`: the value itself. */
  readonly utility: Graph | undefined;
  readonly schema: Schema;
  readonly lanes: LaneTable;
  readonly rowCapacity: number;
  readonly memory: KernelMemory;
  /** Called with a row on which an expression fails. */
  readonly refuse: (row: BadRow) => void;
}

type Property = 'value' | 'class' | 'droppable' | 'tenant';

/** What is said of a row: a column of its own, or an expression. */
interface Said {
  readonly property: Property;
  readonly index: number;
  readonly compiled: BatchExpression | undefined;
}

/** Evaluates what a source says of its rows, a batch at a time. */
export class RowWorth {
  /** By row: what it is worth. May be another one for each batch: that which it is computed in. */
  values: Column;
  /** By row: its lane, see `lane-table.ts`. */
  readonly tags: Column;
  /** By row: 1 if it may not be shed; `undefined`: all may be. */
  readonly kept: Uint8Array | undefined;
  /** Rows whose value was null, negative or not a number, and so taken as 0. */
  zeroed = 0;
  /** Rows on which no expression failed: `rows[0 .. count)`. */
  rows: Uint32Array;
  count = 0;
  /** Value of these rows together; not a finite number: it has to be added up. */
  total: number = Number.NaN;
  /** By row: its class and tenant; `undefined`: all are of one. */
  classes: Column | undefined;
  tenants: Column | undefined;
  readonly #parts: RowWorthParts;
  readonly #ownValues: Column;
  readonly #ownRows: Uint32Array;
  readonly #errors: RowErrors;
  readonly #said: Readonly<Record<Property, Said | undefined>>;
  /** Every row has the value 1. */
  readonly #isEven: boolean;
  readonly #isOneLane: boolean;
  readonly #utility: QosGraph | undefined;
  /** The first so many tags are zero. */
  #clearTags = 0;

  constructor(parts: RowWorthParts) {
    const { memory, rowCapacity, program } = parts;
    this.#parts = parts;
    this.#utility = parts.utility && new QosGraph(parts.utility.map(({ x, y }) => [x, y]));
    this.#ownValues = Columns.allocate(FLOAT64, rowCapacity, memory);
    this.values = this.#ownValues;
    this.tags = Columns.allocate(INT32, rowCapacity, memory);
    this.kept = program.droppable === undefined ? undefined : new Uint8Array(rowCapacity);
    this.#ownRows = memory.rows(rowCapacity);
    this.rows = this.#ownRows;
    this.#errors = new RowErrors(rowCapacity);
    const said = (property: Property): Said | undefined => {
      const expr = program[property];
      if (expr === undefined) return undefined;
      if (expr.op === 'column') return { property, index: expr.index, compiled: undefined };
      return { property, index: -1, compiled: compileBatch(expr, { rowCapacity, memory }) };
    };
    this.#said = {
      value: said('value'),
      class: said('class'),
      droppable: said('droppable'),
      tenant: said('tenant'),
    };
    this.#isEven = program.value === undefined && program.droppable === undefined;
    if (program.value === undefined) this.values.f64.fill(parts.utility === undefined ? 1 : NaN);
    this.#isOneLane = program.class === undefined && program.tenant === undefined;
    if (this.#isOneLane) parts.lanes.onlyLane();
  }

  /** Evaluates for the selected rows of a batch. */
  evaluate(batch: Batch): void {
    this.rows = batch.selection;
    this.count = batch.selected;
    const { words } = this.tags;
    const value = this.#said.value && this.#column(batch, this.#said.value);
    const droppable = this.#said.droppable && this.#column(batch, this.#said.droppable);
    const classes = this.#said.class && this.#column(batch, this.#said.class);
    const tenants = this.#said.tenant && this.#column(batch, this.#said.tenant);
    this.classes = classes;
    this.tenants = tenants;
    if (this.#errors.count > 0) this.#drop(batch);
    if (this.#isEven) this.total = this.#utility === undefined ? this.count : Number.NaN;
    else this.#fill(value, this.count === batch.rowCount);
    if (droppable !== undefined) this.#keep(droppable);
    if (!this.#isOneLane) {
      this.#parts.lanes.find(classes, tenants, this.rows, this.count, words);
    } else if (this.#clearTags < batch.rowCount) {
      words.fill(0, this.#clearTags, batch.rowCount);
      this.#clearTags = batch.rowCount;
    }
  }

  /** A gate may have written bins into tags. @hot */
  tagged(): void {
    this.#clearTags = 0;
  }

  /** Marks those of the rows that may not be shed by a value beyond all others. @hot */
  protect(rows: Uint32Array, count: number): void {
    const { kept } = this;
    if (kept === undefined) return;
    const values = this.values.f64;
    for (let i = 0; i < count; i++) if (kept[rows[i]!] === 1) values[rows[i]!] = Infinity;
  }

  #column(batch: Batch, { property, index, compiled }: Said): Column {
    if (compiled === undefined) return batch.columns[index]!;
    const before = this.#errors.count;
    const column = compiled.evaluate(batch, this.rows, this.count, this.#errors);
    if (this.#errors.count > before) this.#refuse(batch, property, before);
    return column;
  }

  #refuse(batch: Batch, property: Property, from: number): void {
    const named = this.#parts.schema.map(({ name }, c) => ({ name, column: batch.columns[c]! }));
    for (let i = from; i < this.#errors.count; i++) {
      const input = rowText(named, this.#errors.rows[i]!);
      this.#parts.refuse({ message: this.#errors.message(i), field: property, input });
    }
  }

  #drop(batch: Batch): void {
    this.count = this.#errors.dropFailed(batch.selection, batch.selected, this.#ownRows);
    this.rows = this.#ownRows;
    this.#errors.reset();
  }

  /** Copies values; what is none is 0. @hot */
  #fill(source: Column | undefined, isDense: boolean): void {
    const { rows, count } = this;
    const values = this.#ownValues.f64;
    this.values = this.#ownValues;
    this.total = Number.NaN;
    if (source === undefined) {
      for (let i = 0; i < count; i++) values[rows[i]!] = 1;
      this.total = count;
    } else if (isDense && source.nullCount === 0) {
      // One that is none shows in the sum of what is not, and is rare.
      this.total = totalOf(source.f64, count);
      if (this.total >= 0 && this.kept === undefined && this.#utility === undefined) {
        this.values = source;
        return;
      }
      values.set(source.f64.subarray(0, count));
      if (!(this.total >= 0)) this.zeroed += zeroNone(values, count);
    } else {
      this.zeroed += copyValues(source, values, rows, count);
    }
    if (this.#utility === undefined) return;
    applyGraph(this.#utility, values, rows, count);
    this.total = Number.NaN;
  }

  /** Null counts as true: what is not known may be shed. @hot */
  #keep(droppable: Column): void {
    const kept = this.kept!;
    for (let i = 0; i < this.count; i++) {
      const row = this.rows[i]!;
      kept[row] = droppable.isNull(row) || droppable.getBool(row) ? 0 : 1;
    }
  }
}

/** The sum of the first values, or not a number if any is negative or none. @hot */
function totalOf(values: Float64Array, count: number): number {
  let even = 0;
  let odd = 0;
  // Negative as soon as one is.
  let least = 0;
  let row = 0;
  for (; row + 1 < count; row += 2) {
    const a = values[row]!;
    const b = values[row + 1]!;
    even += a;
    odd += b;
    if (a < least) least = a;
    if (b < least) least = b;
  }
  if (row < count) {
    const last = values[row]!;
    even += last;
    if (last < least) least = last;
  }
  return least < 0 ? Number.NaN : even + odd;
}

/** Replaces what is no value by 0; how many were none. @hot */
function zeroNone(values: Float64Array, count: number): number {
  let zeroed = 0;
  for (let row = 0; row < count; row++) {
    if (values[row]! >= 0) continue;
    values[row] = 0;
    zeroed++;
  }
  return zeroed;
}

/** Copies values of rows; what is none is 0. How many are none. @hot */
function copyValues(
  source: Column,
  values: Float64Array,
  rows: Uint32Array,
  count: number,
): number {
  const from = source.f64;
  const hasNulls = source.nullCount !== 0;
  let zeroed = 0;
  for (let i = 0; i < count; i++) {
    const row = rows[i]!;
    const value = from[row]!;
    if (value >= 0 && !(hasNulls && source.isNull(row))) {
      values[row] = value;
    } else {
      values[row] = 0;
      zeroed++;
    }
  }
  return zeroed;
}

/** Replaces values by what they are worth. @hot */
function applyGraph(graph: QosGraph, values: Float64Array, rows: Uint32Array, count: number): void {
  for (let i = 0; i < count; i++) values[rows[i]!] = graph.at(values[rows[i]!]!);
}
