/** Where the accumulators of a table lie in its records. @module */

import { invariant } from '../../core/invariant.ts';
import type { DataType } from '../../core/types.ts';
import { storageOf } from '../../core/types.ts';
import type { FusedInput, FusedOp } from '../kernel/shape.ts';
import { RecordLayout } from '../record-layout.ts';
import type { Cells } from './accumulator.ts';
import { NO_VIEW } from './extreme-view.ts';
import type { FixedStorage } from './extreme.ts';
import { INITIAL_EXTREMES } from './extreme.ts';

/** The aggregate functions. */
export type AggregateKind = 'count' | 'sum' | 'avg' | 'min' | 'max';

/** An aggregate, as plain data. */
export interface AggregateSpec {
  readonly kind: AggregateKind;
  /** Type of the argument; `undefined` for `COUNT(*)`. */
  readonly argument: DataType | undefined;
  /** Whether a value counts once in each group. Without effect on `min` and `max`. */
  readonly isDistinct: boolean;
  /** Which input it is fed with; several may share one. */
  readonly input: number;
  /** Whether rows have to pass a filter to get into that input. */
  readonly isFiltered: boolean;
}

/** Who keeps an aggregate, and where. */
export type Placement =
  /** The kernel. */
  | { readonly kind: 'fused'; readonly cells: Cells }
  /** An accumulator of strings, in three cells. */
  | { readonly kind: 'view'; readonly cell: number }
  /** A table of pairs. */
  | { readonly kind: 'distinct'; readonly forwardCell: number; readonly cells: Cells };

/** The record of a table. */
export interface RecordPlan {
  readonly layout: RecordLayout;
  /** By aggregate. */
  readonly placements: readonly Placement[];
  /** What the kernel keeps. */
  readonly inputs: readonly FusedInput[];
}

/** Lays out the records of a table with these keys and aggregates. Pure. */
export function planRecord(keys: readonly DataType[], specs: readonly AggregateSpec[]): RecordPlan {
  const layout = new RecordLayout(keys.map(storageOf));
  const inputs = new Map<number, MutableInput>();
  // With keys, to count all rows once is a cell less to write for each row.
  const rows = keys.length === 0 ? undefined : specs.find(isRowCount);
  if (rows !== undefined) inputs.set(rows.input, newInput(layout, rows, false));
  const rowsCell = rows && inputs.get(rows.input)!.countCell;
  const placements = specs.map((spec): Placement => {
    const { kind, argument, isDistinct } = spec;
    const isExtreme = kind === 'min' || kind === 'max';
    if (isExtreme && storageOf(argument!) === 'view') {
      return { kind: 'view', cell: layout.reserve(3, NO_VIEW) };
    }
    if (isDistinct && argument !== undefined && !isExtreme) {
      const forwardCell = layout.reserve(1);
      const count = layout.reserve(1);
      return { kind: 'distinct', forwardCell, cells: { count, value: reserveSum(layout, spec) } };
    }
    return { kind: 'fused', cells: fuse(layout, inputs, rowsCell, spec) };
  });
  return { layout, placements, inputs: [...inputs.values()] };
}

/** Cells of a record with these keys and aggregates. Pure: nothing is allocated. */
export function recordCells(keys: readonly DataType[], specs: readonly AggregateSpec[]): number {
  return planRecord(keys, specs).layout.cells;
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
  const kind = opOf(spec);
  if (kind === undefined) return { ...counted, value: counted.count };
  const known = input.ops.find((op) => op.kind === kind);
  if (known !== undefined) return { ...counted, value: known.cell };
  const value =
    kind === 'min' || kind === 'max'
      ? layout.reserve(1, INITIAL_EXTREMES[kind][fixedStorageOf(spec)])
      : reserveSum(layout, spec);
  input.ops.push({ kind, cell: value });
  return { ...counted, value };
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

function opOf({ kind, argument }: AggregateSpec): FusedOp['kind'] | undefined {
  if (kind === 'count') return undefined;
  if (kind === 'min' || kind === 'max') return kind;
  return argument!.kind === 'float64' ? 'floatSum' : 'exactSum';
}

/** The cells of a sum or mean; none for a count. */
function reserveSum(layout: RecordLayout, { kind }: AggregateSpec): number {
  return layout.reserve(kind === 'count' ? 0 : 2);
}

function fixedStorageOf({ argument }: AggregateSpec): FixedStorage {
  const storage = storageOf(argument!);
  invariant(storage !== 'view', 'a view has no fixed width');
  return storage;
}
