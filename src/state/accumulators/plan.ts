/** Where the accumulators of a table lie in its records. @module */

import { invariant } from '../../core/invariant.ts';
import type { DataType } from '../../core/types.ts';
import { storageOf } from '../../core/types.ts';
import type { FusedInput, FusedOp } from '../kernel/shape.ts';
import { RecordLayout } from '../record-layout.ts';
import type { BagPlan } from '../bags/plan.ts';
import { bagPlanOf } from '../bags/plan.ts';
import { BAG_CELLS } from '../bags/bags.ts';
import type { Cells } from './accumulator.ts';
import type { AggregateKind, AggregateSpec, OtherInput } from './spec.ts';
import { NO_VIEW } from './extreme-view.ts';
import type { Extreme, FixedStorage } from './extreme.ts';
import { INITIAL_EXTREMES } from './extreme.ts';
import { PRODUCT_START } from './product.ts';

/** Who keeps an aggregate, and where. */
export type Placement =
  /** The kernel. */
  | { readonly kind: 'fused'; readonly cells: Cells }
  /** An accumulator of strings, in three cells. */
  | { readonly kind: 'view'; readonly cell: number }
  /** A table of pairs. */
  | { readonly kind: 'distinct'; readonly forwardCell: number; readonly cells: Cells }
  /** An accumulator of products, with cells of its own. */
  | { readonly kind: 'product'; readonly cells: Cells }
  /** An accumulator of the topology's author, whose handle is at a cell. */
  | { readonly kind: 'user'; readonly cell: number }
  /** A sketch, whose handle is at a cell. */
  | { readonly kind: 'sketch'; readonly cell: number }
  /** A bag of values, whose handle is at a cell. */
  | {
      readonly kind: 'bag';
      readonly cell: number;
      readonly bag: BagPlan;
      /** What adds the distinct values up; `undefined`: nothing does. */
      readonly inner: InnerCells | undefined;
    };

/** The cells of what adds distinct values up: those from its count to an end. */
export interface InnerCells {
  readonly cells: Cells;
  readonly end: number;
}

/** The record of a table. */
export interface RecordPlan {
  readonly layout: RecordLayout;
  /** By aggregate. */
  readonly placements: readonly Placement[];
  /** What the kernel keeps. */
  readonly inputs: readonly FusedInput[];
}

/**
 * Lays out the records of a table with these keys and aggregates. Pure.
 *
 * @param retracts - whether rows can be taken back, see {@link canRetract}
 */
export function planRecord(
  keys: readonly DataType[],
  specs: readonly AggregateSpec[],
  retracts = false,
): RecordPlan {
  const layout = new RecordLayout(keys.map(storageOf));
  const inputs = new Map<number, MutableInput>();
  // With keys, to count all rows once is a cell less to write for each row.
  const rows = keys.length === 0 ? undefined : specs.find(isRowCount);
  if (rows !== undefined) inputs.set(rows.input, newInput(layout, rows, false));
  const rowsCell = rows && inputs.get(rows.input)!.countCell;
  const placements = specs.map((spec): Placement => {
    invariant(!retracts || canRetract(spec), `${spec.kind} cannot take rows back`);
    const { kind, argument, isDistinct } = spec;
    const bag = bagPlanOf(spec, retracts);
    if (bag !== undefined) {
      const cell = layout.reserve(BAG_CELLS);
      if (!isDistinct || !ADDED.has(kind)) return { kind: 'bag', cell, bag, inner: undefined };
      const count = layout.reserve(1);
      const cells = { count, ...reserveCells(layout, spec) };
      return { kind: 'bag', cell, bag, inner: { cells, end: layout.reserve(0) } };
    }
    if (kind === 'user') return { kind, cell: layout.reserve(1) };
    if (SKETCHES.has(kind)) return { kind: 'sketch', cell: layout.reserve(BAG_CELLS) };
    if (isOrderExtreme(kind) && storageOf(argument!) === 'view') {
      return { kind: 'view', cell: layout.reserve(3, NO_VIEW) };
    }
    if (isDistinct && argument !== undefined && !IDEMPOTENT.has(kind)) {
      const forwardCell = layout.reserve(1);
      const count = layout.reserve(1);
      return { kind: 'distinct', forwardCell, cells: { count, ...reserveCells(layout, spec) } };
    }
    if (kind === 'product') {
      const count = layout.reserve(1);
      return { kind, cells: { count, ...reserveCells(layout, spec) } };
    }
    return { kind: 'fused', cells: fuse(layout, inputs, rowsCell, spec) };
  });
  specs.forEach(({ others = [] }, aggregate) => {
    if (placements[aggregate]!.kind !== 'fused') return;
    for (const other of others) bindOther(inputs, other);
  });
  return { layout, placements, inputs: [...inputs.values()] };
}

/** Aggregates of distinct values that add them up. */
const ADDED: ReadonlySet<AggregateKind> = new Set([
  'sum',
  'avg',
  'var_samp',
  'var_pop',
  'bit_xor',
  'product',
]);

const SKETCHES: ReadonlySet<AggregateKind> = new Set([
  'approx_count_distinct',
  'approx_percentile',
]);

/** Aggregates that values which were there before do not change. */
const IDEMPOTENT: ReadonlySet<AggregateKind> = new Set([
  'min',
  'max',
  'bool_and',
  'bool_or',
  'bit_and',
  'bit_or',
  'approx_count_distinct',
]);

/** Whether rows can be taken back from an aggregate, exactly or within its bound. */
export function canRetract(spec: AggregateSpec): boolean {
  if (bagPlanOf(spec, true) !== undefined) return true;
  if (spec.user !== undefined) return spec.user.retracts;
  return !IDEMPOTENT.has(spec.kind) && !spec.isDistinct;
}

function isOrderExtreme(kind: AggregateKind): boolean {
  return extremeOf(kind) !== undefined;
}

/** Which end of the order an aggregate is: all are true where the least is. */
export function extremeOf(kind: AggregateKind): Extreme | undefined {
  if (kind === 'min' || kind === 'bool_and') return 'min';
  return kind === 'max' || kind === 'bool_or' ? 'max' : undefined;
}

/** Has the kernel told where an input lies that belongs to another. */
function bindOther(inputs: Map<number, MutableInput>, { input, type }: OtherInput): void {
  if (inputs.has(input)) return;
  const storage = storageOf(type);
  const none = { countCell: undefined, countsMissing: false, ops: [] };
  inputs.set(input, { input, storage, hasFilter: false, ...none });
}

/** Cells of a record with these keys and aggregates. Pure: nothing is allocated. */
export function recordCells(
  keys: readonly DataType[],
  specs: readonly AggregateSpec[],
  retracts = false,
): number {
  return planRecord(keys, specs, retracts).layout.cells;
}

interface MutableInput extends FusedInput {
  readonly ops: FusedOp[];
}

function isRowCount({ kind, argument, isFiltered }: AggregateSpec): boolean {
  return kind === 'count' && argument === undefined && !isFiltered;
}

/**
 * Cells of an aggregate of the kernel: equal ones of an input share theirs.
 *
 * @param rowsCell - the cell that counts all rows, if one does
 */
function fuse(
  layout: RecordLayout,
  inputs: Map<number, MutableInput>,
  rowsCell: number | undefined,
  spec: AggregateSpec,
): Cells {
  const position = spec.input;
  const input =
    inputs.get(position) ?? newInput(layout, spec, rowsCell !== undefined && !spec.isFiltered);
  inputs.set(position, input);
  const counted = input.countsMissing
    ? { count: rowsCell!, missing: input.countCell! }
    : { count: input.countCell! };
  const cellOf = (kind: OpKind): number => {
    invariant(kind !== 'factors', 'the kernel keeps no products');
    const other = OVER_TWO.has(kind) ? spec.others![0]!.input : undefined;
    const known = input.ops.find((op) => op.kind === kind && op.other === other);
    if (known !== undefined) return known.cell;
    const cell = layout.reserve(...roomOf(kind, spec));
    input.ops.push({ kind, cell, ...(other === undefined ? {} : { other }) });
    return cell;
  };
  return { ...counted, ...cellsOf(spec, cellOf, counted.count) };
}

/** What is kept of values, by the kernel or by an accumulator of factors. */
type OpKind = FusedOp['kind'] | 'factors';

const OVER_TWO: ReadonlySet<OpKind> = new Set(['otherSum', 'productSum']);

/** The cells of an aggregate, of which `cellOf` makes those of an op. */
function cellsOf(
  spec: AggregateSpec,
  cellOf: (kind: OpKind) => number,
  count: number,
): Omit<Cells, 'count'> {
  const { kind, argument } = spec;
  switch (kind) {
    case 'count':
      return { value: count };
    case 'sum':
    case 'avg':
      return { value: cellOf(argument!.kind === 'float64' ? 'floatSum' : 'exactSum') };
    case 'var_samp':
    case 'var_pop':
      return { value: cellOf('floatSum'), squares: cellOf('squareSum') };
    case 'covar_samp':
    case 'covar_pop': {
      const others = cellOf('otherSum');
      return { value: cellOf('floatSum'), others, products: cellOf('productSum') };
    }
    case 'bit_and':
      return { value: cellOf('and') };
    case 'bit_or':
      return { value: cellOf('or') };
    case 'bit_xor':
      return { value: cellOf('xor') };
    case 'product':
      return { value: cellOf('factors') };
    default:
      return { value: cellOf(extremeOf(kind)!) };
  }
}

/** Cells of an op, and the words that they begin with. */
function roomOf(kind: OpKind, spec: AggregateSpec): [cells: number, initial?: readonly number[]] {
  switch (kind) {
    case 'min':
    case 'max':
      return [1, INITIAL_EXTREMES[kind][fixedStorageOf(spec)]];
    case 'and':
      return [1, [-1, -1]];
    case 'or':
    case 'xor':
      return [1];
    case 'factors':
      return [PRODUCT_START.length / 2, PRODUCT_START];
    default:
      return [2];
  }
}

function newInput(layout: RecordLayout, spec: AggregateSpec, countsMissing: boolean): MutableInput {
  const { argument, input, isFiltered } = spec;
  const storage = argument && storageOf(argument);
  return {
    input,
    storage,
    hasFilter: isFiltered,
    countCell: layout.reserve(1),
    countsMissing,
    ops: [],
  };
}

/** Cells of an aggregate that shares none. */
function reserveCells(layout: RecordLayout, spec: AggregateSpec): Omit<Cells, 'count'> {
  return cellsOf(spec, (kind) => layout.reserve(...roomOf(kind, spec)), 0);
}

function fixedStorageOf({ argument }: AggregateSpec): FixedStorage {
  const storage = storageOf(argument!);
  invariant(storage !== 'view', 'a view has no fixed width');
  return storage;
}
