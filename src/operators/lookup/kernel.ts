/** What `lookup` does: a batch that refers to the input's columns beside those of the table. @module */

import { Batch } from '../../core/batch.ts';
import { Column } from '../../core/column.ts';
import { MillraceError } from '../../core/errors.ts';
import type { KernelMemory } from '../../core/memory.ts';
import type { Kernel, KernelContext, OperatorPlan, Outbox, Progress } from '../../core/operator.ts';
import type { TableFile } from '../../core/topology/model.ts';
import { hashRows } from '../../state/index.ts';
import { LargeRows } from '../large-rows.ts';
import { RowFailures } from '../row-failures.ts';
import { nameColumns, rowText } from '../row-text.ts';
import { KeyTable, NO_ROW } from './key-table.ts';
import { areIn, NumberIndex, suitsNumberIndex } from './number-index.ts';
import type { LookupConfig } from './spec.ts';
import { ValueCopier } from './value-copier.ts';

/** Reads the table, or opens what is asked, and makes the kernel of a `lookup`. */
export async function createLookupKernel(
  plan: OperatorPlan,
  context: KernelContext,
): Promise<Kernel> {
  const { table } = plan.config as LookupConfig;
  if ('module' in table) {
    const { createModuleLookup } = await import('./module-kernel.ts');
    return await createModuleLookup(plan, context);
  }
  return new LookupKernel(plan, context, await context.readTable(table));
}

class LookupKernel implements Kernel {
  readonly #config: LookupConfig;
  readonly #table: Batch;
  #index: KeyTable | undefined;
  /** The faster one, where the key allows it. */
  readonly #numbers: NumberIndex | undefined;
  readonly #memory: KernelMemory;
  readonly #node: string;
  /** Columns that are added, with a value in each row that has a match. */
  readonly #values: readonly Column[];
  readonly #keys: Column[] = [];
  /** Rows without a null in their key, and then those with a match. */
  readonly #rows: Uint32Array;
  readonly #hashes: Int32Array;
  /** By row, in an anti lookup: 1 where there is a match. */
  readonly #matched: Uint8Array;
  /** By position in `#rows`: the row of the table. */
  readonly #matches: Int32Array;
  readonly #copier: ValueCopier;
  readonly #output: Batch;
  readonly #failures: RowFailures;
  readonly #largeRows: LargeRows;

  constructor(plan: OperatorPlan, context: KernelContext, table: Batch) {
    const config = plan.config as LookupConfig;
    const { rowCapacity, memory } = context;
    const { schema } = config.table;
    this.#config = config;
    this.#table = table;
    this.#memory = memory;
    this.#node = context.node;
    const keys = this.#tableKeys();
    if (suitsNumberIndex(keys, table.rowCount, memory)) {
      const refuse = (row: number): never => this.#refuseTwice(row);
      this.#numbers = new NumberIndex(keys, table.rowCount, memory, refuse);
    } else {
      this.#slowIndex();
    }
    this.#values = config.values.map((c) => Column.allocate(schema[c]!.type, rowCapacity, memory));
    // Long strings stay where they are: the views are copied, and refer to the table's heap.
    for (const column of this.#values) column.heap = table.heap;
    this.#copier = new ValueCopier(memory);
    this.#rows = memory.rows(rowCapacity);
    this.#hashes = memory.words(rowCapacity);
    this.#matches = memory.words(rowCapacity);
    this.#matched = new Uint8Array(config.kind === 'anti' ? rowCapacity : 0);
    this.#output = Batch.view(rowCapacity, plan.inputs[0]!.hasTime);
    this.#failures = new RowFailures(plan, context);
    this.#largeRows = new LargeRows(plan.outputs[0]!.stream.schema, this.#failures, context);
  }

  onBatch(_port: number, batch: Batch, out: Outbox): Progress {
    const { inputKeys, kind, values } = this.#config;
    const output = this.#output;
    const keys = this.#keys;
    for (let k = 0; k < inputKeys.length; k++) keys[k] = batch.columns[inputKeys[k]!]!;
    const found = this.#find(batch, keys);
    output.shareColumns(batch);
    const width = batch.columns.length;
    for (let v = 0; v < values.length; v++) output.columns[width + v] = this.#values[v]!;
    for (const column of this.#values) column.clearNulls();
    if (kind === 'left' && found < batch.selected) this.#markUnmatched(batch);
    for (let v = 0; v < values.length; v++) {
      this.#copy(this.#values[v]!, this.#table.columns[values[v]!]!, found);
    }
    if (kind !== 'left') {
      output.selection = this.#rows;
      output.selected = kind === 'anti' ? this.#keepOthers(batch, found) : found;
    }
    this.#largeRows.drop(output);
    out.offer(0, output);
    return this.resume(out);
  }

  resume(out: Outbox): Progress {
    return this.#failures.flush(out) ? 'done' : 'blocked';
  }

  /** Puts the rows that have a match into `#rows`, and what they match into `#matches`. */
  #find(batch: Batch, keys: readonly Column[]): number {
    const { rows, count } = this.#withKey(batch);
    const numbers = this.#numbers;
    if (numbers !== undefined && areIn(this.#memory, keys)) {
      const isShared = rows.buffer === this.#memory.buffer;
      if (!isShared) this.#rows.set(count === rows.length ? rows : rows.subarray(0, count));
      const shared = isShared ? rows : this.#rows;
      return numbers.find(keys, shared, count, this.#rows, this.#matches);
    }
    hashRows(keys, rows, 0, count, this.#hashes);
    this.#slowIndex().find(keys, rows, count, this.#hashes, this.#matches);
    return keepMatches(rows, this.#matches, count, this.#rows);
  }

  /** Also for columns that lie where no kernel finds them: then it is made when it is needed. */
  #slowIndex(): KeyTable {
    this.#index ??= new KeyTable(this.#tableKeys(), this.#table.rowCount, (row) =>
      this.#refuseTwice(row),
    );
    return this.#index;
  }

  #tableKeys(): readonly Column[] {
    return this.#config.tableKeys.map((c) => this.#table.columns[c]!);
  }

  #refuseTwice(row: number): never {
    const { tableKeys, table } = this.#config;
    const all = nameColumns(table.schema, this.#table.columns);
    const key = rowText(
      tableKeys.map((c) => all[c]!),
      row,
    );
    const message = `${(table as TableFile).path}: the key ${key} is there twice, the second time in row ${row + 1}`;
    throw new MillraceError('ERR_BAD_ROW', message, { node: this.#node });
  }

  /** The selected rows whose key has no null. */
  #withKey(batch: Batch): { rows: Uint32Array; count: number } {
    let rows = batch.selection;
    let count = batch.selected;
    for (const key of this.#keys) {
      if (key.nullCount === 0) continue;
      let kept = 0;
      for (let i = 0; i < count; i++) {
        const row = rows[i]!;
        if (!key.isNull(row)) this.#rows[kept++] = row;
      }
      rows = this.#rows;
      count = kept;
    }
    return { rows, count };
  }

  /** Puts the rows of a batch into `#rows` that are not among the first `found` of them. */
  #keepOthers({ selection, selected }: Batch, found: number): number {
    const matched = this.#matched.fill(0);
    for (let i = 0; i < found; i++) matched[this.#rows[i]!] = 1;
    let kept = 0;
    for (let i = 0; i < selected; i++) {
      const row = selection[i]!;
      this.#rows[kept] = row;
      kept += 1 - matched[row]!;
    }
    return kept;
  }

  /** Null for all rows; those that have a match are present again once it is copied. */
  #markUnmatched(batch: Batch): void {
    for (const column of this.#values) {
      for (let i = 0; i < batch.selected; i++) column.setNull(batch.selection[i]!);
    }
  }

  /** Writes the values of the first `count` matches. */
  #copy(target: Column, source: Column, count: number): void {
    if (this.#copier.suits(source)) {
      this.#copier.copy(target, source, this.#rows, this.#matches, count);
    } else {
      copyValues(target, source, this.#rows, this.#matches, count);
    }
    if (source.nullCount === 0 && target.nullCount === 0) return;
    for (let i = 0; i < count; i++) {
      const row = this.#rows[i]!;
      if (source.isNull(this.#matches[i]!)) target.setNull(row);
      else target.setPresent(row);
    }
  }
}

/**
 * Moves the positions with a match to the front of `kept` and `matches`.
 *
 * @param rows - may be `kept`
 * @returns how many there are
 * @hot
 */
function keepMatches(
  rows: Uint32Array,
  matches: Int32Array,
  count: number,
  kept: Uint32Array,
): number {
  let found = 0;
  for (let i = 0; i < count; i++) {
    const match = matches[i]!;
    kept[found] = rows[i]!;
    matches[found] = match;
    found += match === NO_ROW ? 0 : 1;
  }
  return found;
}

function copyValues(
  target: Column,
  source: Column,
  rows: Uint32Array,
  matches: Int32Array,
  count: number,
): void {
  switch (target.storage) {
    case 'i32':
      return copyWords(target.words, source.words, rows, matches, count);
    case 'bits':
      for (let i = 0; i < count; i++) target.setBool(rows[i]!, source.getBool(matches[i]!));
      return;
    case 'view':
      return copyViews(target.words, source.words, rows, matches, count);
    default:
      return copyPairs(target.words, source.words, rows, matches, count);
  }
}

/** @hot */
function copyWords(
  target: Int32Array,
  source: Int32Array,
  rows: Uint32Array,
  matches: Int32Array,
  count: number,
): void {
  for (let i = 0; i < count; i++) target[rows[i]!] = source[matches[i]!]!;
}

/** @hot */
function copyPairs(
  target: Int32Array,
  source: Int32Array,
  rows: Uint32Array,
  matches: Int32Array,
  count: number,
): void {
  for (let i = 0; i < count; i++) {
    const to = 2 * rows[i]!;
    const from = 2 * matches[i]!;
    target[to] = source[from]!;
    target[to + 1] = source[from + 1]!;
  }
}

/** @hot */
function copyViews(
  target: Int32Array,
  source: Int32Array,
  rows: Uint32Array,
  matches: Int32Array,
  count: number,
): void {
  for (let i = 0; i < count; i++) {
    const to = 4 * rows[i]!;
    const from = 4 * matches[i]!;
    target[to] = source[from]!;
    target[to + 1] = source[from + 1]!;
    target[to + 2] = source[from + 2]!;
    target[to + 3] = source[from + 3]!;
  }
}
